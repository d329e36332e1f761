"""From a term to rows and numbers: the edges of a period, the unit that held a matter, what is left out."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services
from cases.models import Event, EventKind, Matter, Unit
from supervision.evaluation.counting import count, count_by_unit, fold, rows
from supervision.evaluation.models import Term
from supervision.evaluation.rules.periods import Period, read_period
from tests.cases.factories import Bureau, make_case, moment, record
from tests.supervision.evaluation.factories import term

MARCH = read_period("2026-03")
APRIL = read_period("2026-04")
END_OF_MARCH = moment("2026-04-01")
END_OF_APRIL = moment("2026-05-01")


def by_unit(asked: Term, period: Period, cutoff: datetime) -> dict[int, int]:
    return count_by_unit([asked], period, cutoff)[asked.text]


def numbers(asked: Term, unit: Unit, period: Period = MARCH, cutoff: datetime = END_OF_MARCH) -> set[str]:
    return {row.number for row in rows(asked, unit, period, cutoff)}


# -- edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filed", "counts", "why"),
    [
        ("2026-02-28 23:59:59", False, "the last second before"),
        ("2026-03-01 00:00:00", True, "the first moment"),
        ("2026-03-31 23:59:59", True, "the last second"),
        ("2026-04-01 00:00:00", False, "the first moment after"),
    ],
)
def test_a_period_holds_its_first_moment_and_not_its_last(bureau: Bureau, filed: str, counts: bool, why: str) -> None:
    make_case("A1", bureau.station, filed=filed)

    assert count(term("matters", "opened", kind=["case"]), bureau.county, MARCH, END_OF_APRIL) == counts, why


@pytest.mark.parametrize(
    ("filed", "due", "month", "why"),
    [
        ("2026-03-01", "2026-03-31", MARCH, "runs out when April begins, and is still of March"),
        ("2026-03-02", "2026-04-01", APRIL, "the next day is of April"),
    ],
)
def test_what_is_due_on_the_last_day_is_of_that_month(
    bureau: Bureau, filed: str, due: str, month: Period, why: str
) -> None:
    case = make_case("A1", bureau.station, filed=filed)
    assert f"{case.clocks.get(limit__code='decide').due_on}" == due
    missed = term("clocks", "due", outcome=["expired"], limit=["decide"])

    counted = [period for period in (MARCH, APRIL) if count(missed, bureau.station, period, END_OF_APRIL)]

    assert counted == [month], why


def test_what_runs_out_at_the_cutoff_has_run_out_by_then(bureau: Bureau) -> None:
    make_case("A1", bureau.station, filed="2026-03-01")
    missed = term("clocks", "due", outcome=["expired"], limit=["decide"])

    assert count(missed, bureau.station, MARCH, moment("2026-04-01 00:00")) == 1
    assert count(missed, bureau.station, MARCH, moment("2026-03-31 23:59:59")) == 0


def test_what_lies_before_the_cutoff_only_counts_while_the_month_runs(bureau: Bureau) -> None:
    make_case("A1", bureau.station, filed="2026-03-10 09:00")
    make_case("A2", bureau.station, filed="2026-03-20 09:00")

    assert numbers(term("matters", "opened"), bureau.station, MARCH, moment("2026-03-15")) == {"A1"}


def test_a_stock_is_what_was_there_when_the_period_began(bureau: Bureau) -> None:
    make_case("open", bureau.station, filed="2026-02-10")
    for number, closed in (("gone", "2026-02-28 23:59"), ("at midnight", "2026-03-01 00:00"), ("in", "2026-03-09")):
        record(make_case(number, bureau.station, filed="2026-02-10"), "closed", closed)
    make_case("new", bureau.station, filed="2026-03-01")

    there = numbers(term("matters", "opened", stock=True), bureau.station)

    assert there == {"open", "at midnight", "in"}


# -- hand-overs ------------------------------------------------------------------------------------------------------


def handed_over(matter: Matter, to: Unit, when: str) -> None:
    services.transfer_matter(
        matter=Matter.objects.get(pk=matter.pk),
        to_unit=to,
        to_officer=None,
        occurred_at=moment(when),
        by=None,
        at=moment(when),
    )


def test_a_matter_counts_for_the_unit_that_held_it_at_the_cutoff(bureau: Bureau) -> None:
    filed = term("matters", "opened", kind=["case"])
    case = make_case("A1", bureau.station, filed="2026-03-10")
    handed_over(case, bureau.sibling, "2026-04-05 10:00")

    # At the end of March the station had it; asked as of the end of April its neighbour has.
    assert by_unit(filed, MARCH, END_OF_MARCH) == {bureau.station.pk: 1}
    assert by_unit(filed, MARCH, END_OF_APRIL) == {bureau.sibling.pk: 1}
    assert numbers(filed, bureau.station) == {"A1"} and numbers(filed, bureau.sibling) == set()
    assert numbers(filed, bureau.county) == {"A1"}


def test_a_matter_handed_on_twice_counts_for_the_unit_it_had_in_between(bureau: Bureau) -> None:
    filed = term("matters", "opened", kind=["case"])
    case = make_case("A1", bureau.station, filed="2026-03-10")
    handed_over(case, bureau.sibling, "2026-03-20 10:00")
    handed_over(case, bureau.other_station, "2026-04-05 10:00")

    assert by_unit(filed, MARCH, END_OF_MARCH) == {bureau.sibling.pk: 1}
    assert numbers(filed, bureau.county) == {"A1"}
    # In April it was handed out of the county, and its old county does not count it any more.
    assert numbers(filed, bureau.county, MARCH, END_OF_APRIL) == set()
    assert numbers(filed, bureau.other_county, MARCH, END_OF_APRIL) == {"A1"}
    assert numbers(filed, bureau.city, MARCH, END_OF_APRIL) == {"A1"}


def test_many_that_left_since_are_still_all_found(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a few hundred they are no longer named one by one."""
    monkeypatch.setattr("supervision.evaluation.counting._NAMED", 1)
    filed = term("matters", "opened", kind=["case"])
    for number in ("A1", "A2", "A3"):
        handed_over(make_case(number, bureau.station, filed="2026-03-10"), bureau.sibling, "2026-04-05")

    assert numbers(filed, bureau.station) == {"A1", "A2", "A3"}
    assert numbers(filed, bureau.sibling) == set()


# -- what is left out ------------------------------------------------------------------------------------------------


def test_restricted_matters_and_parts_of_a_case_are_not_counted_among_the_others(bureau: Bureau) -> None:
    case = make_case("A1", bureau.station, filed="2026-03-10")
    make_case("L1", bureau.station, kind="letter", filed="2026-03-10")
    make_case("V1", bureau.station, kind="visit", filed="2026-03-10", parent=case)

    assert numbers(term("matters", "opened"), bureau.county) == {"A1"}
    assert numbers(term("parts", "opened"), bureau.county) == {"V1"}
    clocks = rows(term("clocks", "started"), bureau.county, MARCH, END_OF_MARCH)
    kept_apart = rows(term("petition_clocks", "started"), bureau.county, MARCH, END_OF_MARCH)
    assert {row.limit.code for row in clocks} == {"decide", "leave"}
    assert {row.limit.code for row in kept_apart} == {"answer"}


def test_a_case_that_was_not_filed_in_the_end_is_no_case(bureau: Bureau) -> None:
    EventKind.objects.create(code="case_not_filed", name="不予立案", closes=True)
    refused = make_case("A1", bureau.station, filed="2026-03-10")
    make_case("A2", bureau.station, filed="2026-03-10")
    record(refused, "case_not_filed", "2026-03-12")

    assert numbers(term("matters", "opened", not_filed=False), bureau.station) == {"A2"}
    assert numbers(term("matters", "opened", not_filed=True), bureau.station) == {"A1"}
    # As of the day before nobody knew.
    assert numbers(term("matters", "opened", not_filed=False), bureau.station, MARCH, moment("2026-03-12")) == {
        "A1",
        "A2",
    }

    services.void_event(
        event=Event.objects.get(kind__code="case_not_filed"), reason="误登", by=None, at=moment("2026-04-02")
    )
    assert numbers(term("matters", "opened", not_filed=False), bureau.station) == {"A1", "A2"}


def test_an_expedited_case_turned_into_an_ordinary_one_is_expedited_no_more(bureau: Bureau) -> None:
    EventKind.objects.create(code="expedited_ended", name="转为一般程序")
    for number in ("A1", "A2"):
        make_case(number, bureau.station, filed="2026-03-10", facts={"expedited": True})
    make_case("A3", bureau.station, filed="2026-03-10", facts={"expedited": False})
    make_case("A4", bureau.station, filed="2026-03-10")
    record(Matter.objects.get(number="A2"), "expedited_ended", "2026-03-11")

    assert numbers(term("matters", "opened", expedited=True), bureau.station) == {"A1"}
    assert numbers(term("matters", "opened", expedited=False), bureau.station) == {"A2", "A3", "A4"}


# -- counting --------------------------------------------------------------------------------------------------------


def test_units_are_counted_by_one_question_a_source_and_moment_whatever_their_number(bureau: Bureau) -> None:
    asked = [
        term("matters", "opened", kind=["case"]),
        term("matters", "opened", stock=True),
        term("matters", "closed"),
        term("clocks", "ended", outcome=["in_time"]),
    ]

    def questions() -> int:
        with CaptureQueriesContext(connection) as met:
            count_by_unit(asked, MARCH, END_OF_MARCH)
        return len(met)

    make_case("A1", bureau.station, filed="2026-03-10")
    one = questions()
    for number, unit in (("A2", bureau.sibling), ("A3", bureau.other_station), ("A4", bureau.legal)):
        make_case(number, unit, filed="2026-03-10")

    # What was opened, what stood, what was closed, and the clocks.
    assert (one, questions()) == (4, 4)


def test_counts_add_up_over_the_tree(bureau: Bureau) -> None:
    own = {bureau.station.pk: 2, bureau.sibling.pk: 3, bureau.county.pk: 1, bureau.other_station.pk: 4}
    paths = {unit.pk: unit.path for unit in Unit.objects.all()}

    total = fold(own, paths)

    assert total[bureau.station.path] == 2
    assert total[bureau.county.path] == 6
    assert total[bureau.city.path] == total[bureau.province.path] == 10
    assert bureau.legal.path not in total
