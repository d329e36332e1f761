"""A case walked through: one public-order case of a station, from its filing to its closing, by moving `at`.

Each test plays the story up to a moment, with a sweep at every midnight, and looks at the rows.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from cases.models import Clock, ClockMove, ClockState, Level, Matter
from cases.statute import clocks as statute
from cases.winding import explain
from supervision.alerts.models import Action, Alert, AlertState, AlertStep, Withdrawal
from supervision.alerts.services import sweep
from tests.cases.factories import Bureau, make_bureau, make_case, make_officer, moment, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

Walk = Callable[[str], None]

FILED = "2026-03-02 10:00"
# What is entered, and when; the appraisal is entered days after it happened.
HAPPENINGS = (
    ("2026-03-27 09:00", "appraisal_commissioned", "2026-03-10", {"day_only": True}),
    ("2026-03-27 09:05", "appraisal_received", "2026-03-25", {"day_only": True}),
    ("2026-04-14 15:00", "extension_approved", "2026-04-14", {"day_only": True, "approver": "county_bureau"}),
    ("2026-05-20 11:00", "decision_made", "2026-05-20 11:00", {}),
    ("2026-06-03 16:00", "fine_paid", "2026-06-03", {"day_only": True}),
    ("2026-06-03 16:30", "case_executed", "2026-06-03 16:30", {}),
)


@pytest.fixture
def bureau(law: None, db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def case(bureau: Bureau) -> Matter:
    officer = make_officer("100001", bureau.station)
    matter = make_case("A1", bureau.station, officer, kind="public_order_case")
    record(matter, "case_filed", FILED, by=officer)
    return matter


@pytest.fixture
def walk_to(case: Matter) -> Walk:
    """Plays what happens up to and including a moment, sweeping at every midnight and at the end."""

    def walk(until: str) -> None:
        end = moment(until)
        for at, happening in sorted([*midnights(end), *entries(end)], key=lambda one: one[0]):
            if happening is None:
                sweep(at=at)
            else:
                kind, occurred, fields = happening
                record(case, kind, occurred, at=f"{at:%Y-%m-%d %H:%M}", **fields)
        sweep(at=end)

    return walk


def midnights(end: datetime) -> Iterator[tuple[datetime, None]]:
    at = moment("2026-03-03")
    while at <= end:
        yield at, None
        at += timedelta(days=1)


def entries(end: datetime) -> Iterator[tuple[datetime, tuple[str, str, dict[str, object]]]]:
    for entered, kind, occurred, fields in HAPPENINGS:
        if moment(entered) <= end:
            yield moment(entered), (kind, occurred, fields)


def the_clock(case: Matter) -> Clock:
    return Clock.objects.select_related("limit").get(matter=case)


def ledger() -> list[tuple[str, int, datetime, str]]:
    """(what, level, found, why) of every step so far."""
    return list(AlertStep.objects.order_by("pk").values_list("action", "level", "found_at", "reason"))


RAISED, WITHDRAWN, MOVED = Action.RAISED, Action.WITHDRAWN, Withdrawal.MOVED


# 1


def test_the_case_filed_on_2_march_is_due_on_1_april_under_the_law_of_2025(case: Matter) -> None:
    clock = the_clock(case)

    assert (clock.limit.family, clock.limit.law, clock.limit.article) == (
        "psa_case_30d",
        "治安管理处罚法",
        "第一百一十八条",
    )
    assert (clock.due_on, clock.due_at) == (date(2026, 4, 1), moment("2026-04-02"))


def test_nothing_is_said_before_25_march(walk_to: Walk) -> None:
    walk_to("2026-03-24 23:59")

    assert ledger() == []


def test_on_25_march_at_midnight_the_warning_is_yellow(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-03-25")

    assert ledger() == [(RAISED, Level.YELLOW, moment("2026-03-25"), "")]
    alert = Alert.objects.get()
    assert (alert.officer, alert.unit, alert.due_at) == (case.officer, case.unit, moment("2026-04-02"))


# 2


def test_the_appraisal_entered_on_27_march_moves_the_date_to_16_april_and_says_why(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-03-27 09:06")

    assert the_clock(case).due_on == date(2026, 4, 16)
    moves = ClockMove.objects.order_by("pk").values_list("old_due_at", "new_due_at", "reason")
    assert list(moves) == [
        (moment("2026-04-02"), None, "登记节点“委托鉴定”"),
        (None, moment("2026-04-17"), "登记节点“收到鉴定意见”"),
    ]


def test_the_yellow_warning_is_withdrawn_because_the_date_moved(walk_to: Walk) -> None:
    walk_to("2026-03-27 09:06")

    assert ledger()[-1] == (WITHDRAWN, Level.YELLOW, moment("2026-03-27 09:06"), MOVED)
    assert Alert.objects.get().state == AlertState.WITHDRAWN


def test_the_explanation_names_the_fifteen_days_that_do_not_count(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-03-27 09:06")

    told = explain(the_clock(case), known_at=moment("2026-03-27 09:06"))

    assert told is not None
    assert [(step.kind, step.length.days) for step in told.steps()] == [("length", 30), ("pause", 15)]


def test_as_known_on_26_march_the_date_was_still_1_april(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-03-27 09:06")

    told = explain(the_clock(case), known_at=moment("2026-03-26"))

    assert told is not None
    assert (told.due_on, told.state) == (date(2026, 4, 1), statute.State.RUNNING)


# 3


def test_the_new_date_is_warned_of_anew_and_withdrawn_again_when_the_extension_comes(
    case: Matter, walk_to: Walk
) -> None:
    walk_to("2026-04-14 15:00")

    assert ledger()[2:] == [
        (RAISED, Level.YELLOW, moment("2026-04-09"), ""),
        (RAISED, Level.ORANGE, moment("2026-04-13"), ""),
        (WITHDRAWN, Level.ORANGE, moment("2026-04-14 15:00"), MOVED),
    ]
    assert the_clock(case).due_on == date(2026, 5, 18)
    assert the_clock(case).faults == []


def test_the_extension_is_counted_from_16_april_and_rolled_past_the_weekend(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-04-14 15:00")

    assert the_clock(case).nominal_on == date(2026, 5, 16)


# 4


def test_without_a_decision_the_extended_date_turns_yellow_orange_and_red(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-05-19")

    assert ledger()[5:] == [
        (RAISED, Level.YELLOW, moment("2026-05-11"), ""),
        (RAISED, Level.ORANGE, moment("2026-05-15"), ""),
        (RAISED, Level.RED, moment("2026-05-19"), ""),
    ]
    assert Alert.objects.open().get().level == Level.RED
    assert list(Clock.objects.overdue(moment("2026-05-19"))) == [the_clock(case)]


def test_each_due_date_had_a_warning_of_its_own(walk_to: Walk) -> None:
    walk_to("2026-05-19")

    warnings = Alert.objects.order_by("due_at").values_list("due_at", "level", "state")
    assert list(warnings) == [
        (moment("2026-04-02"), Level.YELLOW, AlertState.WITHDRAWN),
        (moment("2026-04-17"), Level.ORANGE, AlertState.WITHDRAWN),
        (moment("2026-05-19"), Level.RED, AlertState.OPEN),
    ]


# 5


def test_the_decision_of_20_may_stops_the_clock_two_days_late(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-05-20 11:00")

    clock = the_clock(case)
    assert (clock.state, clock.ended_at, clock.late) == (ClockState.STOPPED, moment("2026-05-20 11:00"), True)
    assert clock.due_on == date(2026, 5, 18)
    assert clock.days_left(date(2026, 5, 20)) == -2
    assert ledger()[-1] == (WITHDRAWN, Level.RED, moment("2026-05-20 11:00"), Withdrawal.STOPPED)


# 6


def test_a_decision_is_not_a_closing(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-06-03 15:59")

    case.refresh_from_db()
    assert case.closed_at is None


def test_the_case_closes_when_the_penalty_is_carried_out(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-06-03 16:30")

    case.refresh_from_db()
    assert (case.opened_at, case.closed_at) == (moment(FILED), moment("2026-06-03 16:30"))


# 8


def test_when_nothing_was_swept_from_24_to_31_march_both_steps_are_found_with_the_moments_they_were_due(
    case: Matter,
) -> None:
    sweep(at=moment("2026-03-24"))
    returned = moment("2026-03-31 08:00")

    sweep(at=returned)

    steps = AlertStep.objects.order_by("pk").values_list("level", "due_moment", "found_at")
    assert list(steps) == [
        (Level.YELLOW, moment("2026-03-25"), returned),
        (Level.ORANGE, moment("2026-03-29"), returned),
    ]
    assert Alert.objects.get().level == Level.ORANGE
