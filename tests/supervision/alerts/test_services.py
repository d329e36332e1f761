"""The sweep: each level once, whatever was missed made good, nothing twice, and nothing left that no longer stands.

The clock of most tests: filed on 2 March 2026, due on 1 April; yellow from 25 March, orange from 29 March, red from
2 April, each 00:00.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services as cases
from cases.models import Clock, ClockState, Level, Limit, Matter
from cases.winding import wind_matters
from supervision.alerts.models import Action, Alert, AlertState, AlertStep, Withdrawal
from supervision.alerts.services import SweepFailed, SweepReport, sweep, sweeping
from tests.cases.factories import (
    ONE_SECOND,
    Bureau,
    clock_of,
    make_bureau,
    make_case,
    make_catalogue,
    moment,
    record,
)

pytestmark = pytest.mark.django_db

YELLOW, ORANGE, RED = moment("2026-03-25"), moment("2026-03-29"), moment("2026-04-02")
Steps = list[tuple[str, int, datetime]]


@pytest.fixture
def case(bureau: Bureau, catalogue: None) -> Matter:
    return make_case("A1", bureau.station, filed="2026-03-02")


def steps(matter: Matter | None = None) -> Steps:
    """(what, level, when it was due) of the ledger, in the order written."""
    rows = AlertStep.objects.all() if matter is None else AlertStep.objects.filter(clock__matter=matter)
    return list(rows.order_by("pk").values_list("action", "level", "due_moment"))


def raised(*levels: int) -> Steps:
    due = {Level.YELLOW: YELLOW, Level.ORANGE: ORANGE, Level.RED: RED}
    return [(Action.RAISED, level, due[Level(level)]) for level in levels]


def state() -> list[dict[str, Any]]:
    """Everything the sweep may write."""
    return [
        *Alert.objects.order_by("pk").values(),
        *AlertStep.objects.order_by("pk").values(),
        *Clock.objects.order_by("pk").values("id", "level", "next_level_at", "unsettled"),
    ]


# -- raising -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "reached"),
    [(Level.YELLOW, YELLOW), (Level.ORANGE, ORANGE), (Level.RED, RED)],
    ids=["yellow", "orange", "red"],
)
def test_a_level_is_raised_at_its_moment_and_not_a_second_before(case: Matter, level: Level, reached: datetime) -> None:
    sweep(at=reached - ONE_SECOND)
    assert level not in [step[1] for step in steps()]

    report = sweep(at=reached)

    assert report.raised == 1
    assert steps()[-1] == (Action.RAISED, level, reached)
    assert Alert.objects.get().level == clock_of(case).level == level


def test_a_warning_bears_the_unit_officer_and_due_moment_of_its_clock(bureau: Bureau, case: Matter) -> None:
    sweep(at=YELLOW)

    alert = Alert.objects.get()
    assert (alert.clock, alert.due_at, alert.raised_at) == (clock_of(case), RED, YELLOW)
    assert (alert.unit, alert.county, alert.city) == (bureau.station, bureau.county, bureau.city)
    assert (alert.state, alert.ended_at, alert.reason) == (AlertState.OPEN, None, "")


def test_three_levels_are_one_warning_with_three_steps(case: Matter) -> None:
    for at in (YELLOW, ORANGE, RED):
        sweep(at=at)

    assert steps() == raised(Level.YELLOW, Level.ORANGE, Level.RED)
    alert = Alert.objects.get()
    assert (alert.level, alert.raised_at) == (Level.RED, YELLOW)
    assert clock_of(case).next_level_at is None


def test_hours_are_swept_to_the_second(bureau: Bureau, catalogue: None) -> None:
    visit = make_case("V1", bureau.station, filed="2026-05-01 22:10", kind="visit")

    for at in ("2026-05-02 16:10", "2026-05-02 19:46", "2026-05-02 22:10"):
        assert sweep(at=moment(at) - ONE_SECOND).raised == 0
        assert sweep(at=moment(at)).raised == 1

    assert [level for _, level, _ in steps(visit)] == [Level.YELLOW, Level.ORANGE, Level.RED]


def test_a_clock_that_ended_in_time_is_never_warned_of(case: Matter) -> None:
    record(case, "decided", "2026-03-20")

    sweep(at=RED)

    assert steps() == []


def test_a_paused_clock_is_not_warned_of(case: Matter) -> None:
    record(case, "test_began", "2026-03-20")

    sweep(at=RED)

    assert steps() == []


def test_a_draft_limit_raises_nothing(case: Matter) -> None:
    sweep(at=moment("2026-03-20"))

    assert Limit.objects.filter(code="idea", status="draft").exists()
    assert steps() == []


def test_a_provisional_date_is_warned_of_like_any_other(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-12-02")
    assert clock_of(matter).provisional

    sweep(at=moment("2026-12-25"))

    assert Alert.objects.get().level == Level.YELLOW


# -- twice, and after a silence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [YELLOW, ORANGE, RED], ids=["yellow", "orange", "red"])
def test_a_second_sweep_changes_nothing(case: Matter, at: datetime) -> None:
    sweep(at=at)
    before = state()

    again = sweep(at=at)

    assert again == SweepReport()
    assert state() == before


def test_sweeping_each_minute_raises_no_more_than_sweeping_at_the_moments(case: Matter) -> None:
    for minute in range(-3, 4):
        sweep(at=YELLOW + timedelta(minutes=minute))

    assert steps() == raised(Level.YELLOW)


def test_after_five_days_of_silence_every_step_is_on_record_with_when_it_was_due_and_when_it_was_found(
    case: Matter,
) -> None:
    sweep(at=moment("2026-03-24"))

    returned = moment("2026-03-30 08:00")
    report = sweep(at=returned)

    assert report.raised == 2
    assert steps() == raised(Level.YELLOW, Level.ORANGE)
    assert set(AlertStep.objects.values_list("found_at", flat=True)) == {returned}
    assert Alert.objects.get().level == Level.ORANGE
    assert clock_of(case).next_level_at == RED


def test_a_silence_leaves_the_same_steps_and_warnings_as_no_silence(bureau: Bureau, catalogue: None) -> None:
    daily, silent = make_case("A1", bureau.station, filed="2026-03-02"), None
    for days in range(32):
        sweep(at=moment("2026-03-03") + timedelta(days=days))
    silent = make_case("A2", bureau.station, filed="2026-03-02")
    sweep(at=moment("2026-04-03"))

    assert steps(daily) == steps(silent)
    levels = Alert.objects.values_list("clock__matter__number", "level", "state")
    assert sorted(levels) == [("A1", Level.RED, AlertState.OPEN), ("A2", Level.RED, AlertState.OPEN)]


def test_a_clock_that_starts_in_the_past_is_found_wherever_it_stands(bureau: Bureau, catalogue: None) -> None:
    sweep(at=RED)

    late = make_case("A1", bureau.station, filed="2026-03-02")
    sweep(at=RED + timedelta(days=30))

    assert steps(late) == raised(Level.YELLOW, Level.ORANGE, Level.RED)


# -- withdrawing -------------------------------------------------------------------------------------------------------


def withdrawn() -> tuple[str, str, datetime | None]:
    alert = Alert.objects.order_by("pk")[0]
    return alert.state, alert.reason, alert.ended_at


def last_step() -> tuple[str, int, str]:
    step = AlertStep.objects.order_by("-pk")[0]
    return step.action, step.level, step.reason


def test_a_warning_is_withdrawn_when_the_due_moment_moves(case: Matter) -> None:
    sweep(at=YELLOW)
    record(case, "longer", "2026-03-26", approver="head")

    report = sweep(at=moment("2026-03-26 00:01"))

    assert (report.raised, report.withdrawn) == (0, 1)
    assert withdrawn() == (AlertState.WITHDRAWN, Withdrawal.MOVED, moment("2026-03-26 00:01"))
    assert last_step() == (Action.WITHDRAWN, Level.YELLOW, Withdrawal.MOVED)
    assert clock_of(case).level == Level.GREEN


def test_a_warning_is_withdrawn_when_the_clock_stops(case: Matter) -> None:
    sweep(at=RED)
    record(case, "decided", "2026-04-03")

    sweep(at=moment("2026-04-03"))

    assert withdrawn()[:2] == (AlertState.WITHDRAWN, Withdrawal.STOPPED)
    assert last_step() == (Action.WITHDRAWN, Level.RED, Withdrawal.STOPPED)


def test_a_warning_is_withdrawn_when_the_start_was_void(case: Matter) -> None:
    sweep(at=YELLOW)
    cases.void_event(event=case.events.get(), reason="误录", by=None, at=moment("2026-03-26"))

    sweep(at=moment("2026-03-26"))

    assert withdrawn()[:2] == (AlertState.WITHDRAWN, Withdrawal.VOIDED)


def test_a_warning_is_withdrawn_when_the_clock_is_paused(case: Matter) -> None:
    sweep(at=YELLOW)
    record(case, "test_began", "2026-03-26")

    sweep(at=moment("2026-03-26"))

    assert withdrawn()[:2] == (AlertState.WITHDRAWN, Withdrawal.PAUSED)


def test_a_warning_is_withdrawn_when_its_limit_becomes_a_draft(case: Matter) -> None:
    sweep(at=YELLOW)
    Limit.objects.filter(code="decide").update(status="draft")
    wind_matters([case.pk], at=moment("2026-03-26"), cause="时限改为草稿")

    sweep(at=moment("2026-03-26"))

    assert withdrawn()[:2] == (AlertState.WITHDRAWN, Withdrawal.VOIDED)


def test_a_warning_is_withdrawn_once(case: Matter) -> None:
    sweep(at=YELLOW)
    record(case, "decided", "2026-03-26")
    sweep(at=moment("2026-03-26"))
    before = state()

    assert sweep(at=moment("2026-03-27")) == SweepReport()
    assert state() == before


def test_a_clock_that_moved_and_stopped_between_two_sweeps_is_withdrawn_as_stopped(case: Matter) -> None:
    sweep(at=YELLOW)
    record(case, "longer", "2026-03-26", approver="head")
    record(case, "decided", "2026-03-26 12:00")

    sweep(at=moment("2026-03-27"))

    assert [step[0] for step in steps()] == [Action.RAISED, Action.WITHDRAWN]
    assert withdrawn()[1] == Withdrawal.STOPPED


def test_a_refused_extension_withdraws_nothing(case: Matter) -> None:
    sweep(at=YELLOW)
    record(case, "longer", "2026-03-26", approver="deputy")

    assert sweep(at=moment("2026-03-26")) == SweepReport()
    assert Alert.objects.get().state == AlertState.OPEN


def test_the_new_due_moment_gets_a_warning_of_its_own(case: Matter) -> None:
    sweep(at=YELLOW)
    record(case, "longer", "2026-03-26", approver="head")

    sweep(at=moment("2026-04-29"))

    old, new = Alert.objects.order_by("pk")
    assert (old.state, old.due_at) == (AlertState.WITHDRAWN, RED)
    assert (new.state, new.due_at, new.level) == (AlertState.OPEN, moment("2026-05-07"), Level.YELLOW)


def test_a_clock_that_moved_past_its_new_moments_is_raised_in_the_sweep_that_withdraws(case: Matter) -> None:
    sweep(at=YELLOW)
    wrong = case.events.get()
    record(case, "filed", "2026-02-20", at="2026-03-26", voids=wrong)

    sweep(at=moment("2026-03-26"))

    by_due = dict(Alert.objects.values_list("due_at", "state"))
    assert by_due == {RED: AlertState.WITHDRAWN, moment("2026-03-24"): AlertState.OPEN}


# -- reopening ---------------------------------------------------------------------------------------------------------


def test_a_warning_whose_withdrawal_was_in_error_is_open_again(case: Matter) -> None:
    sweep(at=YELLOW)
    decision = record(case, "decided", "2026-03-26")
    sweep(at=moment("2026-03-26"))
    cases.void_event(event=decision, reason="误录", by=None, at=moment("2026-03-27"))

    report = sweep(at=moment("2026-03-27"))

    assert (report.reopened, report.raised) == (1, 0)
    alert = Alert.objects.get()
    assert (alert.state, alert.level, alert.reason, alert.ended_at) == (AlertState.OPEN, Level.YELLOW, "", None)
    assert [step[0] for step in steps()] == [Action.RAISED, Action.WITHDRAWN, Action.REOPENED]


def test_levels_reached_while_a_warning_was_withdrawn_are_raised_when_it_is_open_again(case: Matter) -> None:
    sweep(at=YELLOW)
    decision = record(case, "decided", "2026-03-26")
    sweep(at=moment("2026-03-26"))
    cases.void_event(event=decision, reason="误录", by=None, at=RED)

    report = sweep(at=RED)

    assert (report.reopened, report.raised) == (1, 2)
    assert [step for step in steps() if step[0] == Action.RAISED] == raised(Level.YELLOW, Level.ORANGE, Level.RED)
    assert Alert.objects.get().level == Level.RED


def test_an_open_warning_is_not_opened_again(case: Matter) -> None:
    sweep(at=YELLOW)

    assert sweep(at=ORANGE).reopened == 0


# -- handing over ------------------------------------------------------------------------------------------------------


def test_a_warning_goes_where_its_clock_goes(bureau: Bureau, case: Matter) -> None:
    sweep(at=YELLOW)
    when = moment("2026-03-26")
    cases.transfer_matter(
        matter=case, to_unit=bureau.other_station, to_officer=None, occurred_at=when, by=None, at=when
    )

    report = sweep(at=when)

    assert report == SweepReport(handed=1)
    alert = Alert.objects.get()
    assert (alert.unit, alert.county, alert.state) == (bureau.other_station, bureau.other_county, AlertState.OPEN)
    assert clock_of(case).level == Level.YELLOW


def test_a_red_warning_stays_with_the_unit_that_let_the_clock_run_out(bureau: Bureau, case: Matter) -> None:
    sweep(at=RED)
    when = moment("2026-04-03")
    cases.transfer_matter(matter=case, to_unit=bureau.sibling, to_officer=None, occurred_at=when, by=None, at=when)

    sweep(at=when)

    assert Alert.objects.get().unit == bureau.station


# -- many --------------------------------------------------------------------------------------------------------------


def test_chunks_of_any_size_give_the_same_rows(bureau: Bureau, catalogue: None) -> None:
    matters = [make_case(f"A{number}", bureau.station, filed=f"2026-03-0{2 + number}") for number in range(7)]
    for matter in matters[:3]:
        record(matter, "longer", "2026-03-30", approver="head")

    sweep(at=moment("2026-04-05"), chunk=2)

    in_chunks = [steps(matter) for matter in matters]
    for matter, found in zip(matters, in_chunks, strict=True):
        clock = clock_of(matter)
        due = [clock.yellow_at, clock.orange_at, clock.due_at]
        assert found == [
            (Action.RAISED, level, reached)
            for level, reached in zip((Level.YELLOW, Level.ORANGE, Level.RED), due, strict=True)
            if reached is not None and reached <= moment("2026-04-05")
        ]


def test_fifty_crossings_take_as_many_queries_as_one(bureau: Bureau, catalogue: None) -> None:
    make_case("A0", bureau.station, filed="2026-03-02")
    with CaptureQueriesContext(connection) as for_one:
        sweep(at=YELLOW)
    for number in range(1, 51):
        make_case(f"A{number}", bureau.station, filed="2026-03-02")

    with CaptureQueriesContext(connection) as for_fifty:
        assert sweep(at=YELLOW).raised == 50

    assert len(for_fifty) == len(for_one)


def test_only_what_crosses_is_touched(bureau: Bureau, catalogue: None) -> None:
    near, far = (make_case(n, bureau.station, filed=on) for n, on in (("A1", "2026-03-02"), ("A2", "2026-03-20")))

    sweep(at=YELLOW)

    assert (clock_of(near).level, clock_of(far).level) == (Level.YELLOW, Level.GREEN)
    assert not AlertStep.objects.filter(clock__matter=far).exists()


def broken_in_the_middle(bureau: Bureau) -> tuple[Matter, Matter, Matter]:
    """Three cases that cross together; the clock of the second still has an open warning of another due moment."""
    first, broken, last = (make_case(f"A{number}", bureau.station, filed="2026-03-02") for number in range(3))
    Alert.objects.create(
        clock=clock_of(broken),
        due_at=moment("2026-01-01"),
        level=Level.RED,
        raised_at=YELLOW,
        **bureau.station.scope_ids,
    )
    return first, broken, last


def test_a_broken_row_in_the_middle_does_not_stop_the_others_and_the_sweep_fails_aloud_at_its_end(
    bureau: Bureau, catalogue: None
) -> None:
    first, broken, last = broken_in_the_middle(bureau)

    with pytest.raises(SweepFailed, match="A1") as failure:
        sweep(at=YELLOW)

    assert steps(first) == steps(last) == raised(Level.YELLOW)
    assert steps(broken) == []
    assert failure.value.report.raised == 2
    assert clock_of(broken).next_level_at == YELLOW


def test_a_row_that_was_mended_is_swept_the_next_time(bureau: Bureau, catalogue: None) -> None:
    _, broken, _ = broken_in_the_middle(bureau)
    with pytest.raises(SweepFailed):
        sweep(at=YELLOW)
    Clock.objects.filter(pk=clock_of(broken).pk).update(unsettled=True)

    sweep(at=ORANGE)

    assert [step for step in steps(broken) if step[0] == Action.RAISED] == raised(Level.YELLOW, Level.ORANGE)


# -- killed, and two at once -------------------------------------------------------------------------------------------


class Kill(BaseException):
    """What a kill looks like from inside: nothing catches it."""


def killed_in_call(number: int, plain: Callable[..., Any]) -> Callable[..., Any]:
    calls = []

    def act(*args: Any, **options: Any) -> Any:
        calls.append(args)
        done = plain(*args, **options)
        if len(calls) == number:
            raise Kill
        return done

    return act


@pytest.mark.parametrize("chunk_reached", [1, 2, 3])
def test_a_sweep_killed_in_any_chunk_and_run_again_leaves_what_an_undisturbed_one_leaves(
    bureau: Bureau, catalogue: None, monkeypatch: pytest.MonkeyPatch, chunk_reached: int
) -> None:
    matters = [make_case(f"A{number}", bureau.station, filed="2026-03-02") for number in range(6)]

    with monkeypatch.context() as patch, pytest.raises(Kill):
        patch.setattr(sweeping, "_raise", killed_in_call(chunk_reached, sweeping._raise))
        sweep(at=ORANGE, chunk=2)
    assert Alert.objects.count() == 2 * (chunk_reached - 1)
    sweep(at=ORANGE, chunk=2)

    assert all(steps(matter) == raised(Level.YELLOW, Level.ORANGE) for matter in matters)
    assert Alert.objects.filter(level=Level.ORANGE, state=AlertState.OPEN).count() == 6
    assert sweep(at=ORANGE) == SweepReport()


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_time_give_each_step_once() -> None:
    bureau = make_scene_for_threads()
    matters = [make_case(f"A{number}", bureau.station, filed="2026-03-02") for number in range(24)]
    sweep(at=YELLOW)
    for matter in matters[::3]:
        record(matter, "longer", "2026-03-26", approver="head")

    reports, errors = at_once(4, lambda: sweep(at=ORANGE, chunk=3))

    assert errors == []
    sweep(at=ORANGE, chunk=3)
    for number, matter in enumerate(matters):
        withdrawn_step = (Action.WITHDRAWN, Level.YELLOW, ORANGE)
        assert steps(matter) == [
            *raised(Level.YELLOW),
            *([withdrawn_step] if number % 3 == 0 else raised(Level.ORANGE)),
        ]
    assert sum(report.raised for report in reports) == 16
    assert sum(report.withdrawn for report in reports) == 8
    assert Alert.objects.filter(state=AlertState.OPEN, level=Level.ORANGE).count() == 16
    assert not Clock.objects.filter(unsettled=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_and_a_winding_at_the_same_time_leave_no_warning_that_does_not_stand() -> None:
    bureau = make_scene_for_threads()
    matters = [make_case(f"A{number}", bureau.station, filed="2026-03-02") for number in range(12)]
    sweep(at=YELLOW)
    shares = [matters[part::4] for part in range(4)]

    def lengthen_and_sweep() -> SweepReport:
        for matter in shares.pop():
            record(matter, "longer", "2026-03-26", approver="head")
            sweep(at=moment("2026-03-26"), chunk=2)
        return SweepReport()

    _, errors = at_once(4, lengthen_and_sweep)
    sweep(at=moment("2026-03-26"))

    assert errors == []
    assert not Alert.objects.filter(state=AlertState.OPEN).exists()
    assert AlertStep.objects.filter(action=Action.WITHDRAWN).count() == len(matters)
    assert Clock.objects.filter(state=ClockState.RUNNING, level=Level.GREEN).count() == len(matters)


def make_scene_for_threads() -> Bureau:
    """The fixtures would not commit."""
    make_catalogue()
    return make_bureau()


def at_once(count: int, act: Callable[[], SweepReport]) -> tuple[list[SweepReport], list[Exception]]:
    """Start `count` threads on the same line and collect what they return."""
    ready = threading.Barrier(count)
    reports: list[SweepReport] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            ready.wait()
            reports.append(act())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return reports, errors
