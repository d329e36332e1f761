"""What holds whatever happened: properties of the core, and its agreement with the day-walker of `oracle`."""

import os
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.statute.clocks import Clock, State, wind
from cases.statute.events import Occurrence, standing
from cases.statute.limits import Limit
from cases.statute.reckoning import ApproverLevel
from cases.statute.workdays import Calendar, SpecialDay
from tests.statute.facts import CHINA, LATER, ROME, SHANGHAI, limit
from tests.statute.oracle import (
    BackCase,
    DayCase,
    Dice,
    HourCase,
    days_off_at_random,
    last_day,
    last_day_before,
    last_moment,
)

DAY = timedelta(days=1)
FIRST = date(2026, 1, 5)
LEVELS = {code: ApproverLevel(code, code, "police", rank) for rank, code in enumerate(("office", "county", "city"))}

# -- any limit, any events -------------------------------------------------------------------------------------------

KINDS = [
    "began",
    "done",
    "sent",
    "back",
    "told_hearing",
    "heard",
    "extended",
    "notified",
    "widened",
    "restarted",
    "unknown",
    "known",
]


def moving(unit: str = "day") -> dict[str, Any]:
    """Everything that can change a limit."""
    return {
        "pauses": [
            {"from": "sent", "to": "back", "name": "鉴定"},
            {"from": "told_hearing", "to": "heard", "name": "听证"},
        ],
        "extensions": [
            {"event": "extended", "length": 5, "unit": unit, "times": 2, "approvers": ["county"]},
            {"event": "extended", "length": 9, "unit": unit, "requires": "notified", "grounds": ["重大"]},
        ],
        "restarts": ["restarted"],
        "delays": [{"from": "unknown", "to": "known"}],
    }


def rules() -> list[Limit]:
    """One limit of each sort, with everything that can change it, and others that hang on it."""
    wider = [{"code": "wide", "length": 20, "by": ["widened"]}]
    workdays = [{"code": "wide", "length": 20, "unit": "workday", "by": ["widened"]}]
    hours = [{"code": "days", "length": 3, "unit": "day", "by": ["widened"]}]
    return [
        limit(code="day", length=10, rollover="forward", tiers=wider, **moving()),
        limit(code="workday", length=7, unit="workday", tiers=workdays, **moving("workday")),
        limit(code="month", length=1, unit="month", custody=True, **moving()),
        limit(code="hour", length=48, unit="hour", rollover="forward", tiers=hours, **moving()),
        limit(code="plain", length=15, rollover="forward", starts=["began", "restarted"]),
        limit(code="concurrent", length=15, concurrent=True, satisfied_before=True, **moving()),
        limit(code="fixed", length=None, set_by_event=True, rollover="forward"),
        limit(code="before", before_expiry_of="month", stops=["notified"], length=7, rollover="backward"),
        limit(code="after", after_expiry_of="day", stops=["notified"], length=3, unit="month", rollover="forward"),
    ]


RULES = rules()


@st.composite
def occurrence(draw: st.DrawFn, key: int, kinds: Sequence[str] = KINDS) -> Occurrence:
    day = FIRST + draw(st.integers(0, 60)) * DAY
    day_only = draw(st.booleans())
    moment = time() if day_only else draw(st.sampled_from([time(0), time(9, 30), time(17), time(23, 59, 59)]))
    at = datetime.combine(day, moment, tzinfo=SHANGHAI).astimezone(UTC)
    return Occurrence(
        key,
        draw(st.sampled_from(kinds)),
        at,
        day,
        at + draw(st.sampled_from([timedelta(), DAY, 20 * DAY])),
        day_only,
        draw(st.none() | st.none() | st.none() | st.integers(1, key)) if key > 1 else None,
        draw(st.sampled_from(["", "", "wide", "days"])),
        draw(st.sampled_from(["", "county", "county", "city", "office"])),
        draw(st.sampled_from(["", "重大"])),
        draw(st.none() | st.integers(1, 9)),
        None,
        day + draw(st.integers(0, 30)) * DAY if draw(st.booleans()) else None,
        draw(st.sampled_from(["", "", "甲", "乙"])),
    )


@st.composite
def stories(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> list[Occurrence]:
    number = draw(st.integers(1, 12))
    return [draw(occurrence(1, ["began"])), *(draw(occurrence(key, kinds)) for key in range(2, number + 1))]


def wound(events: Sequence[Occurrence], known: datetime = LATER) -> list[Clock]:
    return wind(events, RULES, CHINA, known, approvers=LEVELS)


def shown(clocks: Sequence[Clock]) -> list[Any]:
    return [
        (
            (c.limit.code, c.start.key, c.started_at, c.due, c.state, c.late, c.tier, c.faults),
            c.ended.key if c.ended else None,
            c.steps(),
            [(stage.start.key, stage.due) for stage in c.reckoning.stages],
        )
        for c in clocks
    ]


@given(stories(), st.randoms(use_true_random=False))
def test_permuting_the_events_changes_nothing(events: list[Occurrence], dice: random.Random) -> None:
    told = shown(wound(events))

    shuffled = list(events)
    dice.shuffle(shuffled)

    assert shown(wound(shuffled)) == told


@given(stories())
def test_an_explanation_is_contiguous_and_adds_up_to_the_due_day_or_moment(events: list[Occurrence]) -> None:
    for clock in wound(events):
        steps = clock.steps()
        if clock.reckoning.waiting:
            assert steps == []
            continue
        assert all(one.after == following.before for one, following in pairwise(steps))
        assert all(step.text and step.article for step in steps)
        end = clock.due_on if clock.due_on is not None else clock.due_at
        if end is not None:
            assert steps[-1].after == end
            assert sum((step.length for step in steps), timedelta()) == end - steps[0].before  # type: ignore[operator]
        else:
            assert clock.state is State.PAUSED
            assert any(step.kind == "paused" for step in steps)


@given(stories())
def test_no_clock_is_due_on_a_day_off_unless_in_custody_by_the_hour_or_without_rollover(
    events: list[Occurrence],
) -> None:
    for clock in wound(events):
        if clock.due_on is not None and (clock.limit.rollover != "none" or clock.reckoning.unit == "workday"):
            assert CHINA.is_working(clock.due_on, provisional=True), clock.limit.code


@given(stories())
def test_a_clock_is_late_only_after_its_due_moment_and_every_clock_has_an_end_or_is_held(
    events: list[Occurrence],
) -> None:
    for clock in wound(events):
        if clock.late:
            assert clock.ended is not None
            assert clock.due_at is not None
            assert clock.ended.at >= clock.due_at or clock.ended.day_only
        if clock.state is State.RUNNING:
            assert clock.due_at is not None
        if clock.due_on is not None:
            assert clock.due_at == datetime.combine(clock.due_on + DAY, time(), tzinfo=SHANGHAI)


@given(stories())
def test_no_two_clocks_of_a_limit_begin_with_the_same_event(events: list[Occurrence]) -> None:
    keys = [(clock.limit.code, clock.start.key) for clock in wound(events)]

    assert len(keys) == len(set(keys))


@given(stories(), st.integers(0, 90))
def test_what_was_not_yet_known_is_as_if_it_had_not_happened(events: list[Occurrence], days: int) -> None:
    known = datetime.combine(FIRST + days * DAY, time(12), tzinfo=SHANGHAI)

    assert shown(wound(events, known)) == shown(wound([e for e in events if e.known_at <= known]))


@given(stories())
def test_what_is_struck_out_is_as_if_it_had_never_been_recorded(events: list[Occurrence]) -> None:
    stood = standing(events, LATER)

    assert shown(wound(events)) == shown(wound([event._replace(voids=None) for event in stood]))


@given(stories())
def test_a_fault_names_an_event_that_stands(events: list[Occurrence]) -> None:
    keys = {event.key for event in standing(events, LATER)}

    assert {fault.event for clock in wound(events) for fault in clock.faults} <= keys


# -- pauses ----------------------------------------------------------------------------------------------------------

spans = st.tuples(st.integers(-5, 60), st.integers(0, 30))


def told(start: date, pauses: Sequence[tuple[date, date | None]], extensions: Sequence[date] = ()) -> list[Occurrence]:
    """A start, pauses and extensions, of which only the days are known."""

    def event(key: int, kind: str, day: date, reference: str = "") -> Occurrence:
        at = datetime.combine(day, time(), tzinfo=SHANGHAI).astimezone(UTC)
        return Occurrence(key, kind, at, day, at, True, reference=reference)

    events = [event(1, "began", start)]
    for number, (begin, end) in enumerate(pauses):
        events.append(event(100 + 2 * number, "sent", begin, f"第{number}次"))
        if end is not None:
            events.append(event(101 + 2 * number, "back", end, f"第{number}次"))
    events += [event(500 + number, "extended", day) for number, day in enumerate(extensions)]
    return events


PAUSING = [
    limit(
        code=unit,
        length=length,
        unit=unit,
        rollover=rollover,
        pauses=[{"from": "sent", "to": "back"}],
        extensions=extensions,
    )
    for unit, length in (("day", 20), ("workday", 9), ("month", 1), ("hour", 200))
    for rollover in (("forward", "none") if unit == "day" else ("none",))
    for extensions in ([], [{"event": "extended", "length": 6, "times": 2}])
]


@given(st.lists(spans, max_size=4), spans, st.lists(st.integers(0, 60), max_size=2))
def test_adding_a_pause_never_brings_the_date_forward(
    before: list[tuple[int, int]], added: tuple[int, int], extended: list[int]
) -> None:
    def pauses(among: list[tuple[int, int]]) -> list[tuple[date, date | None]]:
        return [(FIRST + begin * DAY, FIRST + (begin + length) * DAY) for begin, length in among]

    extensions = [FIRST + day * DAY for day in extended]
    for rule in PAUSING:
        (fewer,) = wind(told(FIRST, pauses(before), extensions), [rule], CHINA, LATER)
        (more,) = wind(told(FIRST, pauses([*before, added]), extensions), [rule], CHINA, LATER)
        assert fewer.due_at is not None
        assert more.due_at is not None
        assert more.due_at >= fewer.due_at


@given(st.lists(spans, max_size=3), st.integers(0, 40))
def test_a_pause_that_has_not_ended_leaves_no_date_and_ending_it_later_never_brings_the_date_forward(
    closed: list[tuple[int, int]], begin: int
) -> None:
    pauses: list[tuple[date, date | None]] = [(FIRST + a * DAY, FIRST + (a + n) * DAY) for a, n in closed]
    for rule in PAUSING:
        (without,) = wind(told(FIRST, pauses), [rule], CHINA, LATER)
        (held,) = wind(told(FIRST, [*pauses, (FIRST + begin * DAY, None)]), [rule], CHINA, LATER)
        dates = []
        for length in (1, 4, 20):
            ended = (FIRST + begin * DAY, FIRST + (begin + length) * DAY)
            dates.append(wind(told(FIRST, [*pauses, ended]), [rule], CHINA, LATER)[0].due_at)
        # Either it began too late, and changes nothing, or it holds the clock.
        assert held.state is State.PAUSED or held.due == without.due
        assert all(a is not None and b is not None and a <= b for a, b in pairwise(dates))


@given(st.lists(spans, max_size=3), st.integers(0, 60), st.integers(0, 20))
def test_a_later_start_is_never_due_earlier(pauses: list[tuple[int, int]], start: int, later: int) -> None:
    fixed: list[tuple[date, date | None]] = [(FIRST + a * DAY, FIRST + (a + n) * DAY) for a, n in pauses]
    for rule in PAUSING:
        # Months are not all as long, so that with days left out of them a later start may well be due earlier.
        out = [] if rule.unit == "month" else fixed
        (one,) = wind(told(FIRST + start * DAY, out), [rule], CHINA, LATER)
        (other,) = wind(told(FIRST + (start + later) * DAY, out), [rule], CHINA, LATER)
        assert one.due_at is not None
        assert other.due_at is not None
        assert one.due_at <= other.due_at


# -- versions --------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 720), min_size=1, max_size=4, unique=True), st.integers(-30, 760))
def test_the_one_version_in_force_on_the_day_of_the_start_rules(changes: list[int], start: int) -> None:
    days = [FIRST + n * DAY for n in sorted(changes)]
    texts = [
        limit(
            code=f"case_v{number}",
            in_force_from=None if number == 0 else days[number - 1],
            in_force_until=None if number == len(days) else days[number] - DAY,
        )
        for number in range(len(days) + 1)
    ]
    begun = FIRST + start * DAY

    (clock,) = wind(told(begun, []), texts[::-1], CHINA, LATER)

    assert clock.limit.code == f"case_v{sum(day <= begun for day in days)}"


# -- the oracle ------------------------------------------------------------------------------------------------------


def core_day(case: DayCase, calendar: Calendar) -> date | None:
    rule = limit(
        length=case.length,
        unit=case.unit,
        rollover="forward" if case.rolls else "none",
        start_counted=case.start_counted,
        pauses=[{"from": "sent", "to": "back"}],
        extensions=[{"event": "extended", "length": case.extension_length, "times": case.extension_times}],
    )
    (clock,) = wind(told(case.start, case.pauses, case.extensions), [rule], {"cn": calendar}, LATER)
    return clock.due_on


def core_day_before(case: BackCase, calendar: Calendar) -> date | None:
    rule = limit(length=case.length, unit=case.unit, backward=True, rollover="backward" if case.rolls else "none")
    begun = told(FIRST, [])[0]._replace(sets_on=case.before)
    (clock,) = wind([begun], [rule], {"cn": calendar}, LATER)
    return clock.due_on


def core_moment(case: HourCase) -> datetime | None:
    def event(key: int, kind: str, at: datetime, reference: str = "") -> Occurrence:
        local = at.astimezone(ROME)
        return Occurrence(key, kind, local, local.date(), local, reference=reference)

    events = [event(1, "began", case.start)]
    for number, (begin, end) in enumerate(case.pauses):
        events.append(event(100 + 2 * number, "sent", begin, f"{number}"))
        events.append(event(101 + 2 * number, "back", end, f"{number}"))
    events += [event(500 + number, "extended", moment) for number, moment in enumerate(case.extensions)]
    rule = limit(
        length=case.hours,
        unit="hour",
        pauses=[{"from": "sent", "to": "back"}],
        extensions=[{"event": "extended", "length": case.extension_hours}],
    )
    (clock,) = wind(events, [rule], {"cn": CHINA}, LATER, zone=ROME)
    return clock.due_at


def calendar_of(off: frozenset[date], years: Sequence[int]) -> Calendar:
    special = [SpecialDay(day, False, "放假") for day in off if day.weekday() < 5]
    worked = (date(year, 1, 1) + n * DAY for year in years for n in range(366))
    special += [SpecialDay(day, True, "调休") for day in worked if day.weekday() >= 5 and day not in off]
    return Calendar("cn", special, years)


YEARS = range(2024, 2032)


# How many cases are drawn. Once in a while, and before a release: ORACLE_CASES=100000 pytest -k oracle
CASES = int(os.environ.get("ORACLE_CASES", "20000"))


def differences(days: int, before: int, hours: int, seed: int) -> Iterator[tuple[object, object, object]]:
    """Cases, drawn at random, on which core and oracle do not agree: the case, the core's answer, the oracle's."""
    roll = random.Random(seed)
    for number in range(days):
        if number % 500 == 0:
            off = days_off_at_random(roll, YEARS)
            calendar, dice = calendar_of(off, YEARS), Dice(roll, off)
        case = dice.day_case()
        if (mine := core_day(case, calendar)) != (other := last_day(case)):
            yield case, mine, other
    for _ in range(before):
        back_case = dice.back_case()
        if (mine := core_day_before(back_case, calendar)) != (other := last_day_before(back_case)):
            yield back_case, mine, other
    for _ in range(hours):
        # Around the nights when Rome's clocks go forward and back.
        night = roll.choice((datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)))
        hour_case = Dice(roll, frozenset()).hour_case(night + roll.randrange(80) * timedelta(minutes=15))
        if (moment := core_moment(hour_case)) != (walked := last_moment(hour_case)):
            yield hour_case, moment, walked


def test_core_and_oracle_agree_on_many_cases_at_random() -> None:
    """Eight in ten count days, working days, months and years on; one in ten counts back; one in ten counts hours."""
    tenth = CASES // 10

    assert list(differences(days=CASES - 2 * tenth, before=tenth, hours=tenth, seed=20260302)) == []


def test_the_cases_drawn_have_everything_in_them_that_can_move_a_date() -> None:
    roll = random.Random(20260302)
    dice = Dice(roll, days_off_at_random(roll, YEARS))
    cases = [dice.day_case() for _ in range(2000)]
    pairs = [(one, other) for case in cases for one in case.pauses for other in case.pauses if one is not other]

    assert {(case.unit, case.rolls) for case in cases} == {
        ("workday", False),
        *((unit, rolls) for unit in ("day", "month", "year") for rolls in (True, False)),
    }
    assert {case.unit for case in cases if case.pauses} == {"day", "workday", "month", "year"}
    assert {case.unit for case in cases if case.extensions} == {"day", "workday", "month", "year"}
    assert any(one[0] < other[0] < one[1] < other[1] for one, other in pairs), "overlapping"
    assert any(one[0] < other[0] <= other[1] < one[1] for one, other in pairs), "nested"
    assert {(back.unit, back.rolls) for back in (dice.back_case() for _ in range(200))} == {
        (unit, rolls) for unit in ("day", "workday", "month", "year") for rolls in (True, False)
    }


@given(st.data())
def test_core_and_oracle_agree_on_whatever_can_be_thought_of(data: st.DataObject) -> None:
    off = frozenset(FIRST + n * DAY for n in data.draw(st.sets(st.integers(-40, 200))))
    unit = data.draw(st.sampled_from(["day", "workday", "month"]))
    start = FIRST + data.draw(st.integers(0, 30)) * DAY
    case = DayCase(
        start=start,
        unit=unit,
        length=data.draw(st.integers(1, 3 if unit == "month" else 20)),
        off=off,
        rolls=unit != "workday" and data.draw(st.booleans()),
        start_counted=data.draw(st.booleans()),
        pauses=tuple((start + a * DAY, start + (a + n) * DAY) for a, n in data.draw(st.lists(spans, max_size=4))),
        extensions=()
        if unit == "month"
        else tuple(start + n * DAY for n in data.draw(st.lists(st.integers(-2, 60), max_size=3))),
        extension_length=data.draw(st.integers(1, 10)),
        extension_times=data.draw(st.integers(1, 2)),
    )
    special = [SpecialDay(FIRST + n * DAY, FIRST + n * DAY not in off, "") for n in range(-400, 1500)]

    assert core_day(case, Calendar("cn", special, YEARS)) == last_day(case)


@pytest.mark.parametrize("year", [2025, 2026])
def test_plain_limits_from_every_day_of_a_year_agree_with_the_oracle_on_the_real_calendar(year: int) -> None:
    every = [date(2025, 1, 1) + n * DAY for n in range(730)]
    off = frozenset(day for day in every if not CHINA.is_working(day))
    for start in every:
        if start.year == year and start.month < 11:
            for unit, length, rolls in (("day", 30, True), ("day", 7, True), ("workday", 7, False), ("day", 3, False)):
                case = DayCase(start, unit, length, off, rolls)
                assert core_day(case, CHINA) == last_day(case), case
