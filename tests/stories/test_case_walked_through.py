"""A case walked through: one public-order case of a station, from its filing to its closing, by moving `at`.

Each test plays the story up to a moment, with a sweep and the orders at every midnight and the climb at every opening, and
looks at the rows.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.duty import Rung
from cases.models import Clock, ClockMove, ClockState, Level, Matter, Officer, Role
from cases.statute import clocks as statute
from cases.winding import explain
from supervision.alerts.models import Action, Alert, AlertState, AlertStep, Withdrawal
from supervision.alerts.queries import standing_list, still_stands, untold
from supervision.alerts.services import acknowledge, climb, mark_told, order_due, sweep
from supervision.rectification.models import Order, OrderState, Problem
from supervision.rectification.services import reply_order, return_order, verify_order
from tests.cases.factories import Bureau, make_bureau, make_case, make_officer, moment, record
from tests.supervision.rectification.factories import taken

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
def overrun(db: None) -> None:
    """What an overrun is called in the catalogue of problems, in case the shipped one is not loaded with the law."""
    words = {"name": "超期未办结", "fault": "overdue", "law": "治安管理处罚法", "article": "第一百一十八条"}
    Problem.objects.get_or_create(code="overrun", defaults=words)


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("100004", bureau.station, Role.UNIT_HEAD)


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def case(bureau: Bureau, overrun: None, officer: Officer, head: Officer, legal_officer: Officer) -> Matter:
    matter = make_case("A1", bureau.station, officer, kind="public_order_case")
    record(matter, "case_filed", FILED, by=officer)
    return matter


@pytest.fixture
def walk_to(case: Matter, officer: Officer) -> Walk:
    """Plays what happens up to and including a moment; whoever can be told by himself comes before whoever acts."""

    def walk(until: str) -> None:
        end = moment(until)
        happenings: list[tuple[datetime, int, Callable[[datetime], Any]]] = [
            *((at, 0, run_by_night) for at in every_day("2026-03-03 00:00", end)),
            *((at, 0, run_by_day) for at in every_day("2026-03-03 09:00", end)),
            *((at, 1, entry) for at, entry in entries(case, end)),
        ]
        if moment(ANSWERED) <= end:
            happenings.append((moment(ANSWERED), 1, answer_by(officer)))
        for at, _, happens in sorted(happenings, key=lambda one: one[:2]):
            happens(at)
        run_by_night(end)

    return walk


ANSWERED = "2026-05-11 10:00"


def run_by_night(at: datetime) -> None:
    sweep(at=at)
    order_due(at=at)


def run_by_day(at: datetime) -> None:
    climb(at=at)


def answer_by(officer: Officer) -> Callable[[datetime], Any]:
    def answer(at: datetime) -> None:
        acknowledge(
            alert=Alert.objects.open().get(),
            reason="等待被侵害人补充陈述",
            next_on=date(2026, 5, 14),
            by=officer,
            at=at,
        )

    return answer


def every_day(first: str, end: datetime) -> Iterator[datetime]:
    at = moment(first)
    while at <= end:
        yield at
        at += timedelta(days=1)


def entries(case: Matter, end: datetime) -> Iterator[tuple[datetime, Callable[[datetime], Any]]]:
    for entered, kind, occurred, fields in HAPPENINGS:
        if moment(entered) <= end:
            yield moment(entered), entry_of(case, kind, occurred, fields)


def entry_of(case: Matter, kind: str, occurred: str, fields: dict[str, Any]) -> Callable[[datetime], Any]:
    return lambda at: record(case, kind, occurred, at=f"{at:%Y-%m-%d %H:%M}", **fields)


def the_clock(case: Matter) -> Clock:
    return Clock.objects.select_related("limit").get(matter=case)


def ledger() -> list[tuple[str, int, datetime, str]]:
    """(what, level, found, why) of every step so far."""
    return list(AlertStep.objects.order_by("pk").values_list("action", "level", "found_at", "reason"))


RAISED, WITHDRAWN, MOVED = Action.RAISED, Action.WITHDRAWN, Withdrawal.MOVED
CLIMBED, SAID, ORDERED = Action.CLIMBED, Action.ACKNOWLEDGED, Action.ORDERED


def heard(at: str) -> list[tuple[int, str]]:
    """Who is to be told at a moment, and of what."""
    return [(tiding.officer_id, tiding.key) for tiding in untold(at=moment(at))]


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


def test_the_officer_is_told_once(walk_to: Walk, officer: Officer) -> None:
    walk_to("2026-03-25 09:00")
    told = heard("2026-03-25 09:00")

    mark_told([key for _, key in told], at=moment("2026-03-25 09:00"))

    assert [one for one, _ in told] == [officer.pk]
    assert heard("2026-03-26 09:00") == []


def test_after_two_working_days_of_silence_the_unit_head_has_it(walk_to: Walk, head: Officer) -> None:
    walk_to("2026-03-26 23:59")
    assert Alert.objects.get().rung == Rung.OFFICER

    walk_to("2026-03-27 09:00")

    alert = Alert.objects.get(due_at=moment("2026-04-02"))
    step = AlertStep.objects.get(action=CLIMBED)
    assert (step.rung, step.found_at, step.by) == (Rung.HEAD, moment("2026-03-27 09:00"), None)
    assert alert.rung == Rung.HEAD


def test_the_head_is_told_of_what_the_officer_left_unanswered(walk_to: Walk, head: Officer) -> None:
    walk_to("2026-03-26 23:59")
    climb(at=moment("2026-03-27 09:00"))

    assert [one for one, _ in heard("2026-03-27 09:00")] == [head.pk]


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


def test_with_it_the_climb_stops_and_the_unsent_message_is_dropped(walk_to: Walk) -> None:
    walk_to("2026-03-26 23:59")
    climb(at=moment("2026-03-27 09:00"))
    keys = [key for _, key in heard("2026-03-27 09:00")]
    assert still_stands(keys) == set(keys) != set()

    walk_to("2026-03-27 09:06")

    alert = Alert.objects.get()
    assert (alert.climbs_at, alert.tell_since, alert.rung) == (None, None, Rung.HEAD)
    assert heard("2026-03-27 09:06") == []
    assert still_stands(keys) == set()


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

    assert ledger()[3:] == [
        (RAISED, Level.YELLOW, moment("2026-04-09"), ""),
        (RAISED, Level.ORANGE, moment("2026-04-13"), ""),
        (CLIMBED, Level.ORANGE, moment("2026-04-13 09:00"), ""),
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

    assert ledger()[7:] == [
        (RAISED, Level.YELLOW, moment("2026-05-11"), ""),
        (SAID, Level.YELLOW, moment(ANSWERED), ""),
        (RAISED, Level.ORANGE, moment("2026-05-15"), ""),
        (CLIMBED, Level.ORANGE, moment("2026-05-15 09:00"), ""),
        (RAISED, Level.RED, moment("2026-05-19"), ""),
        (ORDERED, Level.RED, moment("2026-05-19"), ""),
    ]
    assert Alert.objects.standing().get().level == Level.RED
    assert list(Clock.objects.overdue(moment("2026-05-19"))) == [the_clock(case)]


def test_each_due_date_had_a_warning_of_its_own(walk_to: Walk) -> None:
    walk_to("2026-05-19")

    warnings = Alert.objects.order_by("due_at").values_list("due_at", "level", "state")
    assert list(warnings) == [
        (moment("2026-04-02"), Level.YELLOW, AlertState.WITHDRAWN),
        (moment("2026-04-17"), Level.ORANGE, AlertState.WITHDRAWN),
        (moment("2026-05-19"), Level.RED, AlertState.ORDERED),
    ]


def test_answered_by_name_with_a_reason_and_a_day_it_waits_until_that_day_is_over(
    walk_to: Walk, officer: Officer
) -> None:
    walk_to("2026-05-14 23:59")

    alert = Alert.objects.standing().get()
    assert (alert.state, alert.said_by, alert.said, alert.next_on) == (
        AlertState.ACKNOWLEDGED,
        officer,
        "等待被侵害人补充陈述",
        date(2026, 5, 14),
    )
    assert (alert.rung, alert.climbs_at) == (Rung.OFFICER, moment("2026-05-15 09:00"))


def test_the_promised_day_passed_without_a_decision_so_the_head_has_it_on_the_next_morning(walk_to: Walk) -> None:
    walk_to("2026-05-15 09:00")

    alert = Alert.objects.standing().get()
    assert (alert.state, alert.level, alert.rung) == (AlertState.OPEN, Level.ORANGE, Rung.HEAD)


def test_when_it_is_over_an_order_is_issued_by_itself_due_in_three_working_days(
    case: Matter, walk_to: Walk, officer: Officer
) -> None:
    walk_to("2026-05-19")

    order = Order.objects.get()
    assert (order.issued_at, order.due_on, order.by) == (moment("2026-05-19"), date(2026, 5, 22), None)
    assert (order.matter, order.clock, order.unit, order.officer) == (case, the_clock(case), case.unit, officer)
    alert = Alert.objects.standing().get()
    assert (alert.state, alert.order, alert.climbs_at) == (AlertState.ORDERED, order, None)


def test_running_everything_again_issues_no_second_order(walk_to: Walk) -> None:
    walk_to("2026-05-19 10:00")
    before = ledger()

    run_by_night(moment("2026-05-19 10:00"))
    run_by_day(moment("2026-05-19 10:00"))

    assert Order.objects.count() == 1
    assert ledger() == before


def test_what_is_over_stands_on_the_standing_list_whatever_was_ordered(
    case: Matter, walk_to: Walk, legal_officer: Officer
) -> None:
    walk_to("2026-05-19 10:00")

    assert list(standing_list(legal_officer, moment("2026-05-19 10:00"))) == [the_clock(case)]


# 5


def test_the_decision_of_20_may_stops_the_clock_two_days_late(case: Matter, walk_to: Walk) -> None:
    walk_to("2026-05-20 11:00")

    clock = the_clock(case)
    assert (clock.state, clock.ended_at, clock.late) == (ClockState.STOPPED, moment("2026-05-20 11:00"), True)
    assert clock.due_on == date(2026, 5, 18)
    assert clock.days_left(date(2026, 5, 20)) == -2
    assert ledger()[-1] == (WITHDRAWN, Level.RED, moment("2026-05-20 11:00"), Withdrawal.STOPPED)


def test_the_order_stays_when_the_clock_stops_and_the_warning_is_withdrawn(walk_to: Walk) -> None:
    walk_to("2026-05-20 11:00")

    alert = Alert.objects.get(due_at=moment("2026-05-19"))
    assert (alert.state, alert.reason) == (AlertState.WITHDRAWN, Withdrawal.STOPPED)
    assert (alert.order, Order.objects.get().state) == (Order.objects.get(), OrderState.ISSUED)


def test_the_order_is_replied_to_returned_replied_to_again_and_verified_in_time(
    walk_to: Walk, officer: Officer, legal_officer: Officer, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    walk_to("2026-05-20 11:00")
    order = Order.objects.get()

    first, again = (taken(name, b"%PDF-1.7\n" + name.encode() + b"\n%%EOF\n") for name in ("a.pdf", "b.pdf"))
    order = reply_order(order=order, text="已决定", evidence=(first,), by=officer, at=moment("2026-05-21 10:00"))
    order = return_order(order=order, reason="没有写明原因", by=legal_officer, at=moment("2026-05-21 15:00"))
    order = reply_order(order=order, text="已写明", evidence=(again,), by=officer, at=moment("2026-05-22 09:30"))
    order = verify_order(order=order, text="", by=legal_officer, at=moment("2026-05-22 16:00"))

    assert (order.state, order.verified_at) == (OrderState.VERIFIED, moment("2026-05-22 16:00"))
    assert order.verified_at < order.due_at


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


def test_after_that_silence_one_message_goes_out_not_two(case: Matter, officer: Officer) -> None:
    sweep(at=moment("2026-03-24"))
    sweep(at=moment("2026-03-31 08:00"))

    told = list(untold(at=moment("2026-03-31 09:00")))

    assert [(tiding.officer_id, tiding.rank) for tiding in told] == [(officer.pk, Level.ORANGE)]


def test_after_that_silence_nobody_climbs_who_was_never_told(case: Matter) -> None:
    sweep(at=moment("2026-03-24"))
    sweep(at=moment("2026-03-31 08:00"))

    assert climb(at=moment("2026-04-01 17:00")).climbed == 0
    assert climb(at=moment("2026-04-02 09:00")).climbed == 1
