"""The life of an order without a database."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.statute.workdays import Calendar, SpecialDay
from supervision.rectification import rules
from supervision.rectification.rules import State, Told, Verb
from tests.cases.factories import ONE_SECOND, moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
# 1 to 5 May are off, Saturday 9 May is worked; 2027 is not announced.
CALENDAR = Calendar(
    "cn",
    [SpecialDay(date(2026, 5, day), False, "劳动节") for day in range(1, 6)]
    + [SpecialDay(date(2026, 5, 9), True, "劳动节")],
    [2026],
)


def test_every_state_is_open_or_ended() -> None:
    assert {*State.open_states(), *State.ended()} == set(State)
    assert not set(State.open_states()) & set(State.ended())


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (State.ISSUED, {Verb.REPLY, Verb.EXTEND, Verb.WITHDRAW, Verb.REASSIGN}),
        (State.RETURNED, {Verb.REPLY, Verb.EXTEND, Verb.WITHDRAW, Verb.REASSIGN}),
        (State.REPLIED, {Verb.ENDORSE, Verb.RETURN, Verb.VERIFY, Verb.EXTEND, Verb.WITHDRAW}),
        (State.VERIFIED, {Verb.REOPEN}),
        (State.WITHDRAWN, {Verb.REOPEN}),
    ],
)
def test_what_may_be_done_in_a_state(state: State, verbs: set[Verb]) -> None:
    assert set(rules.allowed(state)) == verbs


@pytest.mark.parametrize(
    ("issued", "workdays", "due", "provisional", "why"),
    [
        ("2026-05-19", 3, "2026-05-22", False, "the day of issue does not count"),
        ("2026-04-30", 4, "2026-05-09", False, "6, 7, 8 May and the worked Saturday"),
        ("2026-05-22", 1, "2026-05-25", False, "over a weekend"),
        ("2026-12-31", 1, "2027-01-01", True, "nobody has said yet that it is a holiday"),
    ],
)
def test_due_days(issued: str, workdays: int, due: str, provisional: bool, why: str) -> None:
    found = rules.due_after(date.fromisoformat(issued), workdays, CALENDAR, SHANGHAI)

    assert (found.on, found.provisional) == (date.fromisoformat(due), provisional), why
    assert found.at == moment(due) + timedelta(days=1)


@pytest.mark.parametrize("state", State.open_states())
def test_an_open_order_is_overdue_from_the_midnight_that_ends_its_day(state: State) -> None:
    due_at = moment("2026-05-23")

    assert not rules.is_overdue(state, due_at, due_at - ONE_SECOND)
    assert rules.is_overdue(state, due_at, due_at)


@pytest.mark.parametrize("state", State.ended())
def test_what_has_ended_is_never_overdue(state: State) -> None:
    assert not rules.is_overdue(state, moment("2026-05-23"), moment("2026-06-23"))


def test_on_time_is_verified_before_the_due_day_has_ended() -> None:
    due_at = moment("2026-05-23")

    assert rules.is_on_time(due_at - ONE_SECOND, due_at)
    assert not rules.is_on_time(due_at, due_at)
    assert not rules.is_on_time(None, due_at)


def test_verified_within_ten_minutes_of_the_reply_is_hasty() -> None:
    replied = moment("2026-05-21 10:00")

    assert rules.is_hasty(replied, moment("2026-05-21 10:09"))
    assert not rules.is_hasty(replied, moment("2026-05-21 10:10"))
    assert not rules.is_hasty(None, replied)
    assert not rules.is_hasty(replied, None)


def test_keys_name_a_step_or_a_day_and_can_be_read_again() -> None:
    assert rules.read_key(rules.step_key(12, "returned", 3)) == Told(12, 3, None)
    assert rules.read_key(rules.overdue_key(12, date(2026, 5, 22))) == Told(12, None, date(2026, 5, 22))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "alerts.alert:12:raised-3",
        "rectification.order:12",
        "rectification.order:12:returned",
        "rectification.order:x:returned-3",
        "rectification.order:12:overdue-20261340",
        "rectification.order:12:returned-3\n",
        "rectification.order:99999999999999999999:returned-3",
    ],
)
def test_anything_else_is_no_key(key: str) -> None:
    assert rules.read_key(key) is None
