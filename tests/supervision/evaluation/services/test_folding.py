"""Stored figures: whatever changes, they are after the next fold what is counted from the rows; and so is a rebuild."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from cases import services
from cases.models import Event, Matter, Unit
from cases.services import add_unit
from cases.tree import merge_unit, move_unit
from cases.winding import wind_pending
from supervision.evaluation.counting import holder, rows
from supervision.evaluation.models import DayCount, Figure, Folding, Indicator, Part, Side, Stale
from supervision.evaluation.queries import daily, figures_of
from supervision.evaluation.queries.figures import cutoff_of
from supervision.evaluation.rules.periods import Period, month_of, previous, read_period
from supervision.evaluation.services import FiguresDiffer, fold, folding, rebuild
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.tasks import check_task, fold_task
from supervision.evaluation.watching import WATCHES
from tests.cases.factories import SHANGHAI, Bureau, make_case, moment, record
from tests.supervision.evaluation.factories import CLOSED, FILED, house_indicator

APRIL = read_period("2026-04")
MARCH = read_period("2026-03")
NOW = moment("2026-04-10 10:00")

_STOCK = {"source": "matters", "at": "opened", "stock": True, "where": {"kind": ["case"]}}
_DUE = {"source": "clocks", "at": "due", "where": {}}
_ENDED = {"source": "clocks", "at": "ended", "where": {"outcome": ["in_time", "late"]}}


@pytest.fixture
def county(bureau: Bureau) -> Bureau:
    """Four indicators over matters and clocks, and six cases of three months, folded once."""
    house_indicator(since=date(2020, 1, 1))
    house_indicator(
        "stock", name="含存案结案率", since=date(2020, 1, 1),
        denominator=[_STOCK, FILED], numerator=[{"source": "matters", "at": "closed", "where": {"kind": ["case"]}}],
    )  # fmt: skip
    house_indicator(
        "on_time", name="按期率", since=date(2020, 1, 1),
        denominator=[_DUE], numerator=[{**_DUE, "where": {"outcome": ["in_time"]}}],
    )  # fmt: skip
    house_indicator("ended", name="办结率", since=date(2020, 1, 1), denominator=[_DUE], numerator=[_ENDED])
    for number, filed in (("F1", "2026-02-03"), ("F2", "2026-02-20"), ("M1", "2026-03-02"), ("M2", "2026-03-31 23:59")):
        make_case(number, bureau.station, filed=filed)
    make_case("M3", bureau.sibling, filed="2026-03-05")
    make_case("A1", bureau.sibling, filed="2026-04-08")
    record(Matter.objects.get(number="F1"), "closed", "2026-03-10")
    fold(at=NOW)
    return bureau


def numbers(at: datetime, *, stored: bool) -> list[tuple[str, str, str, int, int, datetime]]:
    """Every figure of every unit of the months that are kept, stored or counted."""
    found, month, first = [], month_of(at.astimezone(SHANGHAI).date()), Folding.objects.all()[0].first_month
    while month.begins_on >= first:
        cutoff = None if stored else cutoff_of(month, at)
        cells = figures_of(Unit.objects.order_by("path"), month, at=at, cutoff=cutoff)
        found += [
            (month.code, cell.unit.code, cell.indicator.code, cell.numerator, cell.denominator, cell.cutoff)
            for cell in cells
        ]
        month = previous(month)
    return found


def assert_agree(at: datetime) -> None:
    with CaptureQueriesContext(connection) as met:
        stored = numbers(at, stored=True)
    assert not any('"cases_matter"' in one["sql"] for one in met), "counted from the rows, not read"
    assert stored == numbers(at, stored=False)
    assert any(one[4] for one in stored)


def figure(code: str, unit: Unit, month: Period, at: datetime) -> str:
    (cell,) = [one for one in figures_of(unit, month, at=at) if one.indicator.code == code]
    return f"{cell.numerator}/{cell.denominator}"


# -- each change -------------------------------------------------------------------------------------------------------


def case(number: str) -> Matter:
    return Matter.objects.get(number=number)


def _hand_over(number: str, to: Unit, when: str, at: datetime) -> None:
    services.transfer_matter(matter=case(number), to_unit=to, to_officer=None, occurred_at=moment(when), by=None, at=at)


def _void(number: str, kind: str, at: datetime) -> None:
    services.void_event(event=Event.objects.get(matter__number=number, kind__code=kind), reason="录错", by=None, at=at)


LATER = moment("2026-04-10 11:00")


def _merge(bureau: Bureau) -> None:
    merge_unit(unit=bureau.station, into=bureau.sibling, on=date(2026, 4, 10), ground="一号", at=LATER)
    wind_pending(at=LATER)


CHANGES: dict[str, Callable[[Bureau], object]] = {
    "a case is filed today": lambda b: make_case("N1", b.station, filed="2026-04-10 10:30"),
    "a case of March is entered late": lambda b: make_case("N1", b.station, filed="2026-03-15"),
    "a case of last year is entered late": lambda b: make_case("N1", b.station, filed="2025-12-30"),
    "a case is closed today": lambda b: record(case("M1"), "closed", "2026-04-10 10:30", at="2026-04-10 11:00"),
    "a case was closed in March": lambda b: record(case("M3"), "closed", "2026-03-20", at="2026-04-10 11:00"),
    "a case was closed in February": lambda b: record(case("F2"), "closed", "2026-02-25", at="2026-04-10 11:00"),
    "a closing is struck": lambda b: _void("F1", "closed", LATER),
    "a case is handed over today": lambda b: _hand_over("M1", b.sibling, "2026-04-10 10:30", LATER),
    "a case was handed over in March": lambda b: _hand_over("M1", b.sibling, "2026-03-20", LATER),
    "a case is withdrawn": lambda b: Matter.objects.filter(number="M2").update(withdrawn_at=LATER),
    "a case becomes a part of another": lambda b: Matter.objects.filter(number="M2").update(parent=case("M1")),
    "a hand writes into the table": lambda b: Matter.objects.filter(number="M2").update(opened_at=F("opened_at") - timedelta(days=40)),
    "a station goes under the county next door": lambda b: move_unit(unit=b.station, parent=b.other_county, at=LATER),
    "a station is merged into the one beside it": lambda b: _merge(b),
    "nothing but time": lambda b: None,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_next_fold_comes_to_what_the_rows_say(county: Bureau, change: str) -> None:
    assert_agree(NOW)

    CHANGES[change](county)
    fold(at=LATER)

    assert_agree(LATER)
    assert not Stale.objects.exists()


@pytest.mark.parametrize(
    ("later", "april", "why"),
    [
        ("2026-04-10 10:00", "0/2", "what was filed on the 2nd and 5th of March ran out in April"),
        ("2026-04-12 09:00", "0/2", "a weekend of silence"),
        ("2026-04-30 23:59", "0/2", "the day is not over"),
        ("2026-05-01 00:00", "0/3", "what was filed on the 31st of March has run out, and the month is over"),
        ("2026-08-03 08:00", "0/3", "months of silence"),
    ],
)
def test_what_runs_out_by_itself_is_counted_when_its_day_has_come(
    county: Bureau, later: str, april: str, why: str
) -> None:
    fold(at=moment(later))

    assert_agree(moment(later))
    assert figure("on_time", county.county, APRIL, moment(later)) == april, why


def test_random_changes_in_random_order_never_let_them_part(county: Bureau) -> None:
    """Each round a few random acts and a fold; in the end a rebuild, which finds nothing to change."""
    dice, at, first = random.Random(20260410), LATER, Folding.objects.all()[0].first_month
    units = [county.station, county.sibling]
    for round_ in range(12):
        for act in range(dice.randint(1, 4)):
            at += timedelta(hours=dice.randint(1, 30))
            open_now = list(Matter.objects.filter(closed_at=None, withdrawn_at=None).order_by("pk"))
            some = dice.choice(open_now)
            when = max(some.opened_at, at - timedelta(days=dice.randint(0, 60)))
            match dice.randint(0, 4):
                case 0:
                    make_case(
                        f"R{round_}-{act}",
                        dice.choice(units),
                        filed=f"{at - timedelta(days=dice.randint(0, 90)):%Y-%m-%d}",
                    )
                case 1 if len(open_now) > 2:
                    services.record_event(matter=some, kind="closed", occurred_at=when, by=None, at=at)
                case 2:
                    to = county.sibling if some.unit_id == county.station.pk else county.station
                    services.transfer_matter(matter=some, to_unit=to, to_officer=None, occurred_at=when, by=None, at=at)
                case 3 if len(open_now) > 4:
                    Matter.objects.filter(pk=some.pk).update(withdrawn_at=at)
                case _:
                    Matter.objects.filter(pk=some.pk).update(
                        opened_at=F("opened_at") - timedelta(days=dice.randint(1, 45))
                    )
        fold(at=at)
        assert_agree(at)
    # What was entered of earlier months is kept from the rebuild on.
    kept = Figure.objects.filter(month__gte=first).order_by("pk")
    figures = list(kept.values_list("pk", "numerator", "denominator"))

    rebuild(at=at)

    assert_agree(at)
    assert list(kept.values_list("pk", "numerator", "denominator")) == figures


# -- the tree ----------------------------------------------------------------------------------------------------------


def test_a_unit_with_all_below_it_is_the_sum_of_its_parts_and_the_same_row_counts_once(county: Bureau) -> None:
    parts = [figure("closing", unit, MARCH, NOW) for unit in (county.station, county.sibling)]

    assert parts == ["0/2", "0/1"] and figure("closing", county.county, MARCH, NOW) == "0/3"
    totals = DayCount.objects.filter(unit=county.county, day=date(2026, 3, 2), term__text__contains="matters:opened")
    assert {(row.own, row.total) for row in totals if row.total} == {(0, 1)}


def test_a_unit_that_is_put_under_another_takes_its_figures_along(county: Bureau) -> None:
    outside = add_unit(code="OUT", name="外县局", level=county.county.level, kind=county.county.kind, parent=None)
    path = Unit.objects.get(pk=county.sibling.pk).path

    Unit.objects.filter(pk=county.sibling.pk).update(path=outside.path + path[-4:], parent=outside)
    fold(at=LATER)

    assert figure("closing", county.county, MARCH, LATER) == "0/2"
    assert figure("closing", Unit.objects.get(pk=outside.pk), MARCH, LATER) == "0/1"


# -- what was known ----------------------------------------------------------------------------------------------------


def test_what_was_known_on_a_day_stays_on_record(county: Bureau) -> None:
    record(case("M3"), "closed", "2026-03-20", at="2026-04-12 09:00")
    fold(at=moment("2026-04-12 09:01"))
    at = moment("2026-04-12 09:30")

    def known(on: date | None) -> list[str]:
        cells = figures_of(county.county, MARCH, at=at, known_on=on)
        return [f"{one.numerator}/{one.denominator}" for one in cells if one.indicator.code == "closing"]

    assert known(date(2026, 4, 9)) == [] and known(date(2026, 4, 11)) == ["0/3"]
    assert known(date(2026, 4, 12)) == known(None) == ["1/3"]


def test_of_one_day_only_the_last_is_kept_and_what_stayed_gets_no_row(county: Bureau) -> None:
    rows = Figure.objects.filter(unit=county.station, indicator__code="closing", month=date(2026, 3, 1))
    first = rows.get()

    record(case("M1"), "closed", "2026-03-20", at="2026-04-10 11:00")
    fold(at=LATER)
    assert (rows.get().pk, rows.get().numerator, first.numerator) == (first.pk, 1, 0)
    fold(at=moment("2026-04-11 09:00"))

    assert rows.count() == 1


# -- work --------------------------------------------------------------------------------------------------------------


def test_a_second_fold_finds_nothing_to_do(county: Bureau) -> None:
    report = fold(at=NOW)

    assert (report.marks, report.counts, report.figures) == (0, 0, 0)


def test_closing_a_case_today_counts_today_again_and_no_day_of_the_months_that_are_over(county: Bureau) -> None:
    record(case("M1"), "closed", "2026-04-10 10:30", at="2026-04-10 11:00")
    today = fold(at=LATER)
    record(case("M3"), "closed", "2026-03-20", at="2026-04-10 11:30")
    back = fold(at=moment("2026-04-10 12:00"))

    # Of matters and of clocks one day each.
    assert today.days == 2
    # The days it was filed and closed on as well, of matters and of clocks.
    assert back.days == 6


def test_a_fold_that_is_killed_has_done_nothing_and_its_marks_stay(
    county: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case("N1", county.station, filed="2026-04-09")
    before, marks = list(DayCount.objects.order_by("pk").values()), Stale.objects.count()

    def killed(self: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(folding._Fold, "_figures", killed)
        with transaction.atomic():
            fold(at=LATER)

    assert list(DayCount.objects.order_by("pk").values()) == before and Stale.objects.count() == marks > 0
    fold(at=LATER)
    assert_agree(LATER)


def test_a_new_indicator_is_counted_for_all_the_months_that_are_kept(county: Bureau) -> None:
    house_indicator("sibling", name="另一率", since=date(2020, 1, 1), numerator=[FILED], denominator=[_DUE, CLOSED])

    fold(at=LATER)

    assert_agree(LATER)
    assert Folding.objects.count() == Indicator.objects.count() == 5


def test_a_month_that_is_not_counted_yet_is_read_from_the_rows(county: Bureau) -> None:
    may = moment("2026-05-02 09:00")

    (cell,) = [one for one in figures_of(county.county, APRIL, at=may) if one.indicator.code == "closing"]

    # It ran when it was last counted; now it is over.
    assert cell.cutoff == moment("2026-05-01") and cell.provisional_reason == ""


def test_the_task_folds(county: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    make_case("N1", county.station, filed="2026-04-10 10:30")

    assert fold_task() > 0
    assert_agree(LATER)


def test_at_night_what_is_stored_is_held_against_the_rows_and_counted_anew_where_it_differs(
    county: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    assert check_task() > 0
    Figure.objects.filter(unit=county.county, month=date(2026, 3, 1)).update(numerator=77)

    with pytest.raises(FiguresDiffer, match=r"从头重算；第一个：.*77"):
        check_task()

    assert_agree(LATER)
    assert check_task() > 0


# -- day by day --------------------------------------------------------------------------------------------------------


def test_a_rate_stands_day_by_day_with_one_question(county: Bureau) -> None:
    (closing,) = Indicator.objects.filter(code="closing").prefetch_related("parts__term")

    with CaptureQueriesContext(connection) as met:
        days = dict(daily(county.county, closing, date(2026, 1, 11), date(2026, 4, 10)))

    assert len(days) == 90 and len(met) == 1
    assert {f"{day:%m-%d}": rate.denominator for day, rate in days.items() if rate.denominator} == {
        "02-03": 1, "02-20": 1, "03-02": 1, "03-05": 1, "03-31": 1, "04-08": 1,
    }  # fmt: skip


def test_a_stock_has_no_days(county: Bureau) -> None:
    (stock,) = Indicator.objects.filter(code="stock").prefetch_related("parts__term")

    with pytest.raises(ValueError, match="没有逐日的"):
        daily(county.county, stock, date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize("units", [1, 3])
def test_reading_asks_as_often_for_one_unit_as_for_three(county: Bureau, units: int) -> None:
    asked = list(Unit.objects.order_by("path"))[:units]

    with CaptureQueriesContext(connection) as met:
        figures_of(asked, MARCH, at=NOW)

    assert len(met) == 4


# -- nothing is overlooked ---------------------------------------------------------------------------------------------

# Set when a row is made, and never changed after: by the table, by a trigger, or because nothing writes it again.
_NEVER_CHANGE = {
    ("cases_event", "kind_id"), ("cases_event", "matter_id"), ("cases_event", "occurred_at"), ("cases_event", "only_voids"),
    ("cases_event", "from_unit_id"), ("cases_event", "voids_id"), ("cases_eventkind", "code"), ("cases_matterkind", "code"),
    ("cases_limit", "family"), ("cases_limit", "nature"), ("rectification_problem", "code"), ("cases_unit", "path"),
    ("rectification_orderstep", "order_id"), ("rectification_orderstep", "action"), ("rectification_orderstep", "at"),
    ("rectification_orderstep", "number"), ("cases_clock", "matter_id"),
}  # fmt: skip


def columns_asked() -> set[tuple[str, str]]:
    """Every column that any question of any source looks at: its moments, its conditions, and whose a row is."""
    asked: set[tuple[str, str]] = set()
    for source in SOURCES.values():
        rows = source.standing().order_by().values_list("pk")
        questions = [rows.annotate(whose=holder(source, NOW)).values_list("whose")]
        questions += [rows.filter(one.within(MARCH, NOW)) for one in source.moments.values()]
        for condition in source.conditions.values():
            values = [True, False] if condition.choices is None else [[code] for code, _ in condition.choices()]
            questions += [rows.filter(condition.build(value, NOW)) for value in values or [["any"]]]
        for question in questions:
            asked |= columns_of(str(question.query))
    return asked


_FROM = re.compile(r'(?:FROM|JOIN) "(\w+)"(?: ((?:[A-Z]\d+)|T\d+))?')


def columns_of(sql: str) -> set[tuple[str, str]]:
    """The columns a question names, with their tables; keys that never change aside."""
    tables = {alias or table: table for table, alias in _FROM.findall(sql)}
    found = re.findall(r'"?(\w+)"?\."(\w+)"', sql)
    return {(tables[alias], column) for alias, column in found if column != "id"}


def test_every_column_that_is_counted_by_is_watched(db: None) -> None:
    watched = {(one.table, column) for one in WATCHES for column in (*one.columns, one.ending, *one.with_it)}

    keys = {(model._meta.db_table, str(model._meta.pk.column)) for model in apps.get_models()}
    assert columns_asked() - watched - keys - _NEVER_CHANGE == set()


def test_every_watch_stands_in_the_database(db: None) -> None:
    wanted = {
        f"evaluation_{one.table}_{what}"
        for one in WATCHES
        for what in (("came",) if one.only_added else ("came", "changed", "went"))
        if one.marks or what != "came"
    } | {"evaluation_cases_unit_changed"}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'evaluation_%'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'evaluation\\_%'")
        standing = {name for (name,) in cursor.fetchall()}

    assert wanted <= standing


def test_past_months_are_told_by_the_units_as_they_are_now(county: Bureau) -> None:
    assert (figure("closing", county.county, MARCH, NOW), figure("closing", county.station, MARCH, NOW)) == (
        "0/3",
        "0/2",
    )

    merge_unit(unit=county.station, into=county.sibling, on=date(2026, 4, 10), ground="一号", at=LATER)
    wind_pending(at=LATER)
    fold(at=LATER)

    # Its own months stay its own and count in the sum of the unit it is part of; the county's sum is what it was.
    told = {unit.code: figure("closing", unit, MARCH, LATER) for unit in Unit.objects.in_force() if unit.level > 2}
    assert told["X2"] == told["X"] == "0/3"
    assert figure("closing", Unit.objects.get(pk=county.station.pk), MARCH, LATER) == "0/2"
    # And each figure opens the rows it counts.
    (part,) = Part.objects.filter(indicator__code="closing", side=Side.DENOMINATOR).select_related("term")
    asked = {
        unit.code: rows(part.term, unit, MARCH, cutoff_of(MARCH, LATER)) for unit in Unit.objects.filter(level__gt=2)
    }
    assert {code: set(found.values_list("number", flat=True)) for code, found in asked.items() if found} == {
        "X1": {"M1", "M2"},
        "X2": {"M1", "M2", "M3"},
        "X": {"M1", "M2", "M3"},
    }
