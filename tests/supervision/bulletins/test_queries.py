"""What a bulletin reads from rows, on a county small enough to count by hand."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Clock, ClockState, Unit
from cases.models.limit import LimitNature
from supervision.alerts.models import Alert
from supervision.alerts.services import sweep
from supervision.bulletins.counting import read_figures
from supervision.bulletins.figures import AlertCount, ClockCount, Figures, Overdue, Place
from supervision.bulletins.rules import Month, Span, period_of
from supervision.bulletins.rules.life import Kind
from tests.supervision.bulletins.factories import (
    APRIL_FIRST,
    MARCH,
    SHANGHAI,
    County,
    make_clock,
    make_kind,
    make_limit,
    make_matter,
    moment,
)


def march(unit: Unit) -> Figures:
    """March's figures of a unit, read on 1 April."""
    return read_figures(unit, period_of(Span.of_month(Month(MARCH)), zone=SHANGHAI, at=APRIL_FIRST))


def by_unit(figures: Figures) -> dict[str, tuple[int, int, int]]:
    rows = {place.code: figures.clocks_of(place) for place in figures.places}
    return {code: (row.in_time, row.late, row.expired) for code, row in rows.items()}


# -- clocks ----------------------------------------------------------------------------------------------------------


def make_clocks(place: County) -> None:
    """Every way a clock can lie to the edges of March."""
    kind = make_kind("case", "案件")
    letters = make_kind("letter", "来信", restricted=True)
    decide, leave = make_limit("decide", "作出决定"), make_limit("leave", "离区", nature=LimitNature.CEILING)
    right = make_limit("right", "申请复议", nature=LimitNature.RIGHT)

    def clock(number: str, unit: Unit, limit=decide, kind=kind, **fields) -> None:  # type: ignore[no-untyped-def]
        make_clock(make_matter(number, unit, kind), limit, **fields)

    clock("in time", place.a, due_on="2026-03-10", ended="2026-03-09")
    clock("in time on the first moment", place.a, due_on="2026-03-10", ended="2026-03-01 00:00")
    clock("ran out in February, stopped in March", place.a, due_on="2026-02-27", ended="2026-03-05", late=True)
    clock("due on the last day", place.a, due_on="2026-03-31")
    clock("due on the last day of February", place.a, due_on="2026-02-28")
    clock("ran out in March, stopped in April", place.a, due_on="2026-03-20", ended="2026-04-01 08:00", late=True)
    clock("in time on April's first moment", place.a, due_on="2026-04-10", ended="2026-04-01 00:00")
    clock("in time before March", place.a, due_on="2026-03-10", ended="2026-02-28 23:59:59")
    clock("due on the first of April", place.a, due_on="2026-04-01")
    clock("paused", place.a, state=ClockState.PAUSED)
    clock("moot", place.a, due_on="2026-03-10", ended="2026-03-09", state=ClockState.MOOT)
    clock("void", place.a, due_on="2026-03-10", state=ClockState.VOID)
    clock("restarted in time", place.a, due_on="2026-03-14", ended="2026-03-12", state=ClockState.RESTARTED)
    clock("restarted late", place.a, due_on="2026-03-08", ended="2026-03-12", state=ClockState.RESTARTED, late=True)
    clock("somebody's right", place.a, right, due_on="2026-03-10")
    clock("hours, in time", place.b, leave, due_at="2026-03-05 10:00", ended="2026-03-05 09:59")
    clock("hours, again", place.b, leave, due_at="2026-03-06 10:00", ended="2026-03-06 10:00")
    clock("hours, run out", place.b, leave, due_at="2026-03-31 23:00")
    clock("nobody's business", place.b, kind=letters, due_on="2026-03-15")
    clock("next door", place.d, due_on="2026-03-10")


def test_clocks_are_counted_where_they_stopped_or_ran_out(place: County) -> None:
    make_clocks(place)

    figures = march(place.county)

    # What runs on a restricted matter is left out of a limit that runs on others too.
    assert by_unit(figures) == {"A": (2, 1, 3), "B": (2, 0, 1), "C": (0, 0, 0)}
    assert figures.all_clocks == ClockCount(in_time=4, late=1, expired=4)
    assert figures.all_clocks.on_time.text == "44.44%"
    assert figures.clocks[("A", "decide")] == ClockCount(2, 1, 3)
    assert figures.clocks[("B", "leave")] == ClockCount(2, 0, 1)
    assert ("B", "decide") not in figures.clocks
    assert ("A", "right") not in figures.clocks


def test_a_parent_is_the_sum_of_what_lies_below_it_at_every_level(place: County) -> None:
    make_clocks(place)

    city, county, station = march(place.city), march(place.county), march(place.a)

    assert by_unit(city) == {"X": (4, 1, 4), "Y": (0, 0, 1)}
    assert city.all_clocks == ClockCount(4, 1, 5)
    assert county.all_clocks == city.clocks_of(Place("X", ""))
    assert station.all_clocks == county.clocks_of(Place("A", ""))
    assert [p.name for p in station.places] == ["城关派出所"]


def test_what_hangs_on_the_unit_itself_is_a_row_of_its_own(place: County) -> None:
    make_clock(
        make_matter("1", place.county, make_kind("case", "案件")), make_limit("decide", "作出决定"), due_on="2026-03-10"
    )

    figures = march(place.county)

    assert [(p.code, p.name) for p in figures.places][:2] == [("X", "本级"), ("A", "城关派出所")]
    assert by_unit(figures)["X"] == (0, 0, 1)


def test_a_unit_that_was_closed_down_is_shown_while_it_has_something_to_count(place: County) -> None:
    make_clocks(place)
    Unit.objects.filter(code__in=("B", "C")).update(valid_until=date(2026, 3, 20))

    assert [p.code for p in march(place.county).places] == ["A", "B"]


def test_two_versions_of_a_limit_say_of_which_text_they_are(place: County) -> None:
    kind = make_kind("case", "案件")
    for code, version in (("decide_v2012", "2012年修正"), ("decide_v2025", "2025年修订")):
        limit = make_limit(code, "作出决定", text_version=version)
        make_clock(make_matter(code, place.a, kind), limit, due_on="2026-03-10")

    names = {limit.name for limit in march(place.county).limits.values()}

    assert names == {"作出决定（2012年修正）", "作出决定（2025年修订）"}


# -- overdue ---------------------------------------------------------------------------------------------------------


def test_everything_overdue_at_the_cutoff_is_counted_and_the_longest_named_first(place: County) -> None:
    make_clocks(place)

    overdue = march(place.county).overdue

    # The fifth lies on a restricted matter: so few are not told apart.
    assert (overdue.count, overdue.restricted) == (4, 0)
    assert [(row.number, row.late_by) for row in overdue.longest] == [
        ("due on the last day of February", "超 32 天"),
        ("ran out in March, stopped in April", "超 12 天"),
        ("hours, run out", "超 1 小时"),
        ("due on the last day", "超 1 天"),
    ]


@pytest.mark.parametrize(("number", "told"), [(4, False), (5, True)])
def test_restricted_matters_are_told_for_the_whole_and_only_where_they_are_not_few(
    place: County, number: int, told: bool
) -> None:
    """Who is complained about must not learn from a small number that somebody complained."""
    kind = make_kind("petition", "信访事项", family="信访", restricted=True)
    limit = make_limit("complete", "信访事项办结")
    limit.kinds.add(kind)
    for count in range(number):
        matter = make_matter(f"信{count}", place.a, kind, opened="2026-03-02")
        make_clock(matter, limit, due_on="2026-03-10")

    figures = march(place.county)

    assert list(figures.limits) == (["complete"] if told else [])
    assert figures.overdue.restricted == (number if told else 0)
    # Whatever is told hangs on the county as a whole, never on the station that handled it.
    assert {code for code, _ in figures.clocks} == ({place.county.code} if told else set())
    assert figures.all_clocks == ClockCount()
    assert march(place.a).overdue.restricted == (number if told else 0)


@pytest.mark.parametrize(
    ("span", "at"),
    [
        pytest.param(Span(date(2026, 3, 9), date(2026, 3, 16)), APRIL_FIRST, id="a week"),
        pytest.param(Span(date(2026, 3, 10), date(2026, 3, 11)), APRIL_FIRST, id="a day"),
        pytest.param(Span.of_month(Month(MARCH)), moment("2026-03-25"), id="a month that is not over"),
    ],
)
def test_restricted_matters_are_told_of_whole_months_that_are_over_and_of_no_other_days(
    place: County, span: Span, at: datetime
) -> None:
    """A number that is greater than yesterday's would tell that somebody complained yesterday."""
    kind = make_kind("petition", "信访事项", family="信访", restricted=True)
    limit = make_limit("complete", "信访事项办结")
    limit.kinds.add(kind)
    for count in range(20):
        make_clock(make_matter(f"信{count}", place.a, kind, opened="2026-03-02"), limit, due_on="2026-03-10")
    sweep(at=moment("2026-03-11"))

    figures = read_figures(place.county, period_of(span, zone=SHANGHAI, at=at))

    assert (figures.overdue, figures.clocks, figures.all_alerts) == (Overdue(), {}, AlertCount())


@pytest.mark.parametrize(("number", "told"), [(4, False), (5, True)])
def test_warnings_on_restricted_matters_are_told_for_the_whole_and_only_where_they_are_not_few(
    place: County, number: int, told: bool
) -> None:
    kind = make_kind("petition", "信访事项", family="信访", restricted=True)
    limit = make_limit("complete", "信访事项办结")
    limit.kinds.add(kind)
    for count in range(number):
        make_clock(make_matter(f"信{count}", place.a, kind, opened="2026-03-02"), limit, due_on="2026-03-10")
    sweep(at=moment("2026-03-20"))

    figures = march(place.county)

    assert figures.all_alerts.raised == (number if told else 0)
    assert set(figures.alerts) == ({place.county.code} if told else set())


def test_a_restricted_matter_is_never_named(place: County) -> None:
    make_clocks(place)

    assert "nobody's business" not in str(march(place.county).as_json(Kind.MONTHLY))


# -- warnings --------------------------------------------------------------------------------------------------------


def pause(clock: Clock) -> None:
    """As the winding leaves a clock that has been paused: its warning is to be settled."""
    Clock.objects.filter(pk=clock.pk).update(state=ClockState.PAUSED, next_level_at=None, unsettled=True)


def resume(clock: Clock) -> None:
    """As the winding leaves it when the pause turns out to be a mistake: due again when it was."""
    Clock.objects.filter(pk=clock.pk).update(
        state=ClockState.RUNNING, level=0, next_level_at=clock.yellow_at, unsettled=True
    )


def test_warnings_are_counted_as_they_stood_at_the_cutoff_whatever_happened_since(place: County) -> None:
    kind, limit = make_kind("case", "案件"), make_limit("decide", "作出决定")

    def clock(number: str, unit: Unit, due_on: str) -> Clock:
        return make_clock(make_matter(number, unit, kind), limit, due_on=due_on)

    # Yellow begins six days before the due day, orange two days before it.
    raised_in_february = clock("1", place.a, "2026-02-20")
    withdrawn_in_march = clock("2", place.a, "2026-03-20")
    red_only_in_april = clock("3", place.a, "2026-03-31")
    withdrawn_in_april = clock("4", place.b, "2026-03-25")
    back_in_april = clock("5", place.b, "2026-03-16")
    back_in_march = clock("6", place.b, "2026-03-17")
    yellow = clock("7", place.b, "2026-04-05")
    only_in_april = clock("8", place.b, "2026-04-08")

    sweep(at=moment("2026-02-25"))
    sweep(at=moment("2026-03-14 12:00"))
    for paused in (withdrawn_in_march, back_in_april, back_in_march):
        pause(paused)
    sweep(at=moment("2026-03-16 12:00"))
    resume(back_in_march)
    sweep(at=moment("2026-03-30 12:00"))
    sweep(at=moment("2026-03-31 12:00"))
    pause(withdrawn_in_april)
    pause(back_in_march)
    sweep(at=moment("2026-04-01 07:00"))
    resume(back_in_april)
    resume(back_in_march)
    sweep(at=moment("2026-04-03 08:00"))
    figures = read_figures(
        place.county, period_of(Span.of_month(Month(MARCH)), zone=SHANGHAI, at=moment("2026-04-03 08:30"))
    )

    assert Alert.objects.filter(clock__in=(red_only_in_april, raised_in_february, yellow, only_in_april)).count() == 4
    assert {p.code: figures.alerts_of(p) for p in figures.places} == {
        "A": AlertCount(raised=2, withdrawn=1, open_orange=1, open_red=1),
        "B": AlertCount(raised=4, withdrawn=2, open_yellow=1, open_red=2),
        "C": AlertCount(),
    }
    assert figures.all_alerts == AlertCount(raised=6, withdrawn=3, open_yellow=1, open_orange=1, open_red=3)
    assert figures.all_alerts.open == 5


# -- cost ------------------------------------------------------------------------------------------------------------

QUESTIONS = 11


@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_questions_does_not_grow_with_units_limits_and_kinds(place: County, size: int) -> None:
    for number in range(size):
        kind, limit = make_kind(f"k{number}", f"种类{number}"), make_limit(f"l{number}", f"时限{number}")
        for unit in (place.a, place.b, place.c)[:size]:
            make_clock(make_matter(f"{number}-{unit.code}", unit, kind), limit, due_on="2026-03-10")
    sweep(at=moment("2026-03-20"))

    with CaptureQueriesContext(connection) as asked:
        figures = march(place.county)

    assert figures.all_clocks.expired == size * size
    assert figures.all_alerts.open == size * size
    assert len(asked) == QUESTIONS
