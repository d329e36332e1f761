"""The calendar: days off and make-up days as the notices say, and what it does where no notice is in."""

import sys
from datetime import date, timedelta

import chinese_calendar
import pytest

from cases.statute.workdays import Calendar, SpecialDay, UnannouncedYear
from tests.statute.facts import CHINA, special_days

EVERY_DAY = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]


@pytest.mark.parametrize(
    ("day", "working", "why"),
    [
        (date(2026, 3, 2), True, "周一"),
        (date(2026, 3, 7), False, "周六"),
        (date(2026, 2, 14), True, "周六，春节调休上班"),
        (date(2026, 2, 16), False, "周一，春节放假"),
        (date(2026, 2, 28), True, "周六，春节调休上班"),
        (date(2026, 5, 9), True, "周六，劳动节调休上班"),
        (date(2026, 9, 20), True, "周日，国庆节调休上班"),
        (date(2026, 9, 26), False, "周六，中秋节放假"),
        (date(2026, 10, 10), True, "周六，国庆节调休上班"),
    ],
)
def test_a_day_is_worked_or_not_as_the_notice_says_and_says_why(day: date, working: bool, why: str) -> None:
    assert CHINA.is_working(day) is working
    assert CHINA.why(day) == why


def test_every_day_of_two_years_agrees_with_a_library_that_knows_them() -> None:
    wrong = [day for day in EVERY_DAY if CHINA.is_working(day) != chinese_calendar.is_workday(day)]

    assert wrong == []


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2)),
        (date(2026, 5, 16), date(2026, 5, 18), date(2026, 5, 15)),
        (date(2026, 2, 18), date(2026, 2, 24), date(2026, 2, 14)),
        (date(2026, 9, 19), date(2026, 9, 20), date(2026, 9, 18)),
        (date(2026, 9, 26), date(2026, 9, 28), date(2026, 9, 24)),
        (date(2026, 10, 1), date(2026, 10, 8), date(2026, 9, 30)),
    ],
)
def test_the_nearest_working_day_on_either_side(day: date, first: date, last: date) -> None:
    assert CHINA.first_working_from(day) == first
    assert CHINA.last_working_until(day) == last


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 4, 30), 7, date(2026, 5, 13)),
        (date(2026, 9, 30), 5, date(2026, 10, 13)),
        (date(2026, 5, 13), -7, date(2026, 4, 30)),
        (date(2026, 10, 3), -1, date(2026, 9, 30)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
    ],
)
def test_the_nth_working_day_after_and_before(day: date, count: int, found: date) -> None:
    assert CHINA.nth_working_after(day, count) == found


def test_the_noughth_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="第零个工作日"):
        CHINA.nth_working_after(date(2026, 3, 2), 0)


def test_working_days_between_are_counted_after_the_first_day_and_including_the_last() -> None:
    assert CHINA.working_between(date(2026, 4, 30), date(2026, 5, 13)) == 7
    assert CHINA.working_between(date(2026, 5, 9), date(2026, 5, 9)) == 0
    assert CHINA.working_between(date(2026, 5, 10), date(2026, 5, 9)) == 0


def test_a_year_without_a_notice_is_refused_and_named() -> None:
    with pytest.raises(UnannouncedYear, match="2027年") as refusal:
        CHINA.is_working(date(2027, 3, 2))

    assert refusal.value.year == 2027
    assert refusal.value.calendar == "cn"


@pytest.mark.parametrize(
    "ask",
    [
        lambda **more: CHINA.first_working_from(date(2027, 1, 2), **more),
        lambda **more: CHINA.last_working_until(date(2024, 12, 28), **more),
        lambda **more: CHINA.nth_working_after(date(2026, 12, 31), 1, **more),
        lambda **more: CHINA.nth_working_after(date(2025, 1, 2), -1, **more),
        lambda **more: CHINA.nth_working_after(date(2035, 1, 1), 3, **more),
        lambda **more: CHINA.working_between(date(2026, 12, 30), date(2027, 1, 4), **more),
    ],
)
def test_whatever_reaches_into_such_a_year_raises_unless_a_provisional_answer_will_do(ask) -> None:
    with pytest.raises(UnannouncedYear):
        ask()

    assert ask(provisional=True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # Beyond the last notice a weekend is all that is known.
        (CHINA.first_working_from(date(2027, 10, 2), provisional=True), date(2027, 10, 4)),
        (CHINA.nth_working_after(date(2026, 12, 31), 1, provisional=True), date(2027, 1, 1)),
        # Outside the tables the days are walked one by one.
        (CHINA.first_working_from(date(2035, 3, 3), provisional=True), date(2035, 3, 5)),
        (CHINA.nth_working_after(date(2035, 3, 2), 2, provisional=True), date(2035, 3, 6)),
        (CHINA.nth_working_after(date(2000, 1, 10), -1, provisional=True), date(2000, 1, 7)),
        (CHINA.working_between(date(2035, 3, 2), date(2035, 3, 6), provisional=True), 2),
        (CHINA.nth_working_after(date(2029, 12, 28), 260, provisional=True), date(2030, 12, 27)),
    ],
)
def test_a_provisional_answer_knows_weekends_only(answer: object, expected: object) -> None:
    assert answer == expected


def test_the_tables_end_well_where_their_last_day_is_off() -> None:
    # They reach to 2022-12-31, a Saturday.
    old = Calendar("old", [], {2019})

    assert old.first_working_from(date(2022, 12, 31), provisional=True) == date(2023, 1, 2)


def test_knowing_a_stretch_means_knowing_every_year_of_it() -> None:
    patchy = Calendar("patchy", [], {2024, 2026})

    assert CHINA.knows(date(2025, 12, 31), date(2026, 1, 1))
    assert CHINA.knows(date(2026, 6, 1))
    assert not CHINA.knows(date(2026, 12, 31), date(2027, 1, 1))
    assert not CHINA.knows(date(2024, 12, 31), date(2025, 1, 1))
    assert not patchy.knows(date(2024, 6, 1), date(2026, 6, 1))
    with pytest.raises(UnannouncedYear, match="2025年"):
        patchy.working_between(date(2024, 6, 1), date(2026, 6, 1))


def test_a_calendar_without_any_announced_year_is_refused() -> None:
    with pytest.raises(ValueError, match="至少"):
        Calendar("empty", [], [])


def test_a_bureau_may_have_days_of_its_own() -> None:
    own = Calendar("xinjiang", [*special_days(), SpecialDay(date(2026, 3, 20), False, "肉孜节")], {2026})

    assert own.first_working_from(date(2026, 3, 20)) == date(2026, 3, 23)
    assert CHINA.first_working_from(date(2026, 3, 20)) == date(2026, 3, 20)


def test_a_question_never_walks_the_days() -> None:
    """However far the answer lies, it is looked up: the same few lines run for three working days and for two hundred."""

    def lines_run(count: int) -> int:
        run = 0

        def trace(frame, event, argument):
            nonlocal run
            run += event == "line"
            return trace

        sys.settrace(trace)
        try:
            CHINA.nth_working_after(date(2025, 1, 2), count)
            CHINA.first_working_from(date(2026, 2, 15))
        finally:
            sys.settrace(None)
        return run

    assert lines_run(3) == lines_run(200)
