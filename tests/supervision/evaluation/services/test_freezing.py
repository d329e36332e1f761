"""What an issue said stays said; what changed since is told row by row."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from cases import services
from cases.models import Event, Matter
from supervision.evaluation import refusals
from supervision.evaluation.models import FrozenFigure, FrozenRows, Side
from supervision.evaluation.queries import adjusted_since
from supervision.evaluation.rates import Rate
from supervision.evaluation.rules.packing import unpack
from supervision.evaluation.rules.periods import read_period
from supervision.evaluation.services import EvaluationRefused, freeze
from tests.cases.factories import Bureau, make_case, moment, record
from tests.supervision.evaluation.factories import house_indicator

MARCH = read_period("2026-03")
ISSUED = moment("2026-04-01 08:30")
EDITION = "X 2026-03"


@pytest.fixture
def issued(bureau: Bureau) -> dict[str, Matter]:
    """Three cases of March, one of them closed, and the issue that said so."""
    house_indicator()
    cases = {
        number: make_case(number, bureau.station, filed=f"2026-03-0{n} 10:00") for n, number in enumerate("ABC", 2)
    }
    record(cases["A"], "closed", "2026-03-20")
    freeze(edition=EDITION, units=[bureau.county, bureau.station, bureau.sibling], period=MARCH, at=ISSUED)
    return cases


def refile(matter: Matter, on: str) -> None:
    """The filing date was wrong, and is corrected on 10 June."""
    services.record_event(
        matter=matter,
        kind="filed",
        occurred_at=moment(on),
        voids=Event.objects.get(matter=matter, kind__code="filed"),
        by=None,
        at=moment("2026-06-10 09:00"),
    )


def told(edition: str = EDITION) -> dict[str, Any]:
    return {row.unit.code: row for row in adjusted_since(edition)}


def test_an_issue_keeps_numbers_and_the_keys_of_every_row(issued: dict[str, Matter], bureau: Bureau) -> None:
    assert list(FrozenFigure.objects.order_by("unit__path").values_list("unit__code", "numerator", "denominator")) == [
        ("X", 1, 3),
        ("X1", 1, 3),
        ("X2", 0, 0),
    ]
    kept = {
        (row.unit.code, row.term.where.get("closed")): row for row in FrozenRows.objects.select_related("unit", "term")
    }
    assert unpack(bytes(kept["X", None].keys)) == sorted(case.pk for case in issued.values())
    assert unpack(bytes(kept["X1", True].keys)) == [issued["A"].pk]
    assert (kept["X", None].count, kept["X2", None].count) == (3, 0)


def test_while_nothing_is_corrected_nothing_is_adjusted(issued: dict[str, Matter]) -> None:
    record(issued["B"], "closed", "2026-04-05")

    assert adjusted_since(EDITION) == []


def test_a_filing_date_corrected_within_the_month_changes_nothing(issued: dict[str, Matter]) -> None:
    refile(issued["B"], "2026-03-04")

    assert adjusted_since(EDITION) == []


def test_a_filing_date_corrected_out_of_the_month_is_told_row_by_row_and_the_issue_stands(
    issued: dict[str, Matter],
) -> None:
    refile(issued["A"], "2026-02-27")

    adjusted = told()

    assert adjusted.keys() == {"X", "X1"}
    row = adjusted["X1"]
    assert (row.said, row.now) == (Rate(1, 3), Rate(0, 2))
    assert {change.side: [shown.name for shown in change.went] for change in row.changes} == {
        Side.NUMERATOR: ["A"],
        Side.DENOMINATOR: ["A"],
    }
    assert all(not change.came for change in row.changes)
    assert FrozenFigure.objects.get(unit__code="X1").denominator == 3


def test_what_was_put_on_record_late_has_come_in(issued: dict[str, Matter], bureau: Bureau) -> None:
    late = services.open_matter(kind="case", number="late", unit=bureau.sibling, officer=None)
    record(late, "filed", "2026-03-30", at="2026-04-09")
    record(issued["B"], "closed", "2026-03-31", at="2026-04-09")

    adjusted = told()

    assert (adjusted["X2"].said, adjusted["X2"].now) == (Rate(0, 0), Rate(0, 1))
    assert [shown.name for change in adjusted["X2"].changes for shown in change.came] == ["late"]
    assert adjusted["X2"].changes[0].came[0].link == f"/matters/{late.pk}/"
    assert (adjusted["X1"].said, adjusted["X1"].now) == (Rate(1, 3), Rate(2, 3))
    assert adjusted["X"].now == Rate(2, 4)


def test_numbers_may_be_the_same_and_the_rows_not(issued: dict[str, Matter], bureau: Bureau) -> None:
    refile(issued["B"], "2026-02-27")
    late = services.open_matter(kind="case", number="late", unit=bureau.station, officer=None)
    record(late, "filed", "2026-03-30", at="2026-04-09")

    row = told()["X1"]

    assert row.said == row.now == Rate(1, 3)
    ((came, went),) = [([one.name for one in change.came], [one.name for one in change.went]) for change in row.changes]
    assert (came, went) == (["late"], ["B"])


def test_a_hand_over_after_the_issue_adjusts_nothing(issued: dict[str, Matter], bureau: Bureau) -> None:
    services.transfer_matter(
        matter=Matter.objects.get(number="B"),
        to_unit=bureau.sibling,
        to_officer=None,
        occurred_at=moment("2026-04-05 10:00"),
        by=None,
        at=moment("2026-04-05 10:00"),
    )

    assert adjusted_since(EDITION) == []


def test_an_edition_freezes_a_period_once_and_several_periods(issued: dict[str, Matter], bureau: Bureau) -> None:
    freeze(edition=EDITION, units=[bureau.county], period=read_period("2026-02"), at=ISSUED)

    with pytest.raises(EvaluationRefused, match="已经定稿"):
        freeze(edition=EDITION, units=[bureau.county], period=MARCH, at=ISSUED)
    with pytest.raises(EvaluationRefused, match=refusals.NO_EDITION):
        freeze(edition=" ", units=[bureau.county], period=MARCH, at=ISSUED)
    with pytest.raises(EvaluationRefused, match="没有名为“X”的定稿"):
        adjusted_since("X")


def test_what_is_frozen_can_be_neither_changed_nor_removed(issued: dict[str, Matter]) -> None:
    for rows in (FrozenFigure.objects.all(), FrozenRows.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(edition="another")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
