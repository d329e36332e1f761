"""Figures, and that each opens the list it counts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services as cases
from cases.models import Matter
from supervision.proceedings import services
from supervision.proceedings.queries import (
    MEASURES,
    behind,
    figures,
    proceedings_of,
    row_of,
    steps_of,
)
from supervision.proceedings.rules import Period
from tests.cases.factories import day, make_case, moment
from tests.supervision.proceedings.factories import (
    AT,
    County,
    a_dispute,
    a_review,
    a_suit,
    a_transfer,
    accepted,
    ended,
    refused,
    settled,
)

MARCH = Period(day("2026-03-01"), day("2026-03-31"))


def make_march(county: County) -> None:
    """Three disputes of which one is settled; reviews: upheld, dismissed, revoked, withdrawn, one open; two suits heard,
    at one of which the head was; transfers in: taken, refused, waiting; out: taken."""
    settled(county, "JF1")
    a_dispute(county, "JF2")
    a_dispute(county, "JF3", received_on=day("2026-03-27"))
    a_dispute(county, "JF0", received_on=day("2026-02-28"))
    for number, outcome in (("FY1", "upheld"), ("FY2", "revoked"), ("FY3", "withdrawn")):
        ended(county, a_review(county, number), outcome)
    a_review(county, "FY4")
    for number, came in (("SS1", True), ("SS2", False)):
        suit = a_suit(county, number)
        services.hear_review(
            review=suit, on=day("2026-03-16"), head_appeared=came, absence_reason="" if came else "抢险",
            by=county.legal, at=AT,
        )  # fmt: skip
        if came:
            ended(county, suit, "dismissed")
    # A hearing of a reconsideration is none of a court.
    heard = a_review(county, "FY5")
    services.hear_review(
        review=heard, on=day("2026-03-16"), head_appeared=True, absence_reason="", by=county.legal, at=AT
    )
    accepted(county, "YS1")
    refused(county, "YS2")
    a_transfer(county, "YS3")
    accepted(county, "YS4", direction="out")


EXPECTED = {
    "disputes_settled": (1, 3),
    "acts_upheld": (2, 3),
    "head_appearance": (1, 2),
    "transfers_accepted": (1, 3),
    "transfers_out_accepted": (1, 1),
}


def test_figures_are_numerators_and_denominators_of_a_period(county: County) -> None:
    make_march(county)

    found = {one.measure.code: (one.counted, one.of) for one in figures(county.bureau.county, MARCH)}

    assert found == EXPECTED


def test_figures_of_the_units_add_up_to_that_of_their_county(county: County) -> None:
    make_march(county)
    a_dispute(county, "JF9", unit=county.bureau.sibling, officer=None, by=county.legal)

    whole, station, sibling, other = (
        {one.measure.code: (one.counted, one.of) for one in figures(unit, MARCH)}
        for unit in (county.bureau.county, county.bureau.station, county.bureau.sibling, county.bureau.other_county)
    )

    assert whole["disputes_settled"] == (1, 4)
    assert station["disputes_settled"] == (1, 3)
    assert sibling["disputes_settled"] == (0, 1)
    assert set(other.values()) == {(0, 0)}
    assert figures(county.bureau.other_county, MARCH)[0].rate == "—"


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("code", list(EXPECTED))
def test_behind_a_figure_are_as_many_rows_as_it_says(county: County, code: str, counted: bool) -> None:
    make_march(county)

    rows = Matter.objects.filter(pk__in=behind(code, MARCH, counted=counted))

    assert rows.count() == EXPECTED[code][0 if counted else 1]


def test_a_settlement_that_did_not_hold_is_not_counted(county: County) -> None:
    dispute = settled(county)
    services.recheck_dispute(dispute=dispute, on=day("2026-03-18"), held=False, result="又起", by=county.head, at=AT)

    assert (figures(county.bureau.county, MARCH)[0].counted, figures(county.bureau.county, MARCH)[0].of) == (0, 1)


def test_a_period_is_cut_at_local_midnight(county: County) -> None:
    a_transfer(county, "A", handed_at=moment("2026-02-28 23:59"))
    a_transfer(county, "B", handed_at=moment("2026-03-01 00:00"))

    found = {one.measure.code: one.of for one in figures(county.bureau.county, MARCH)}

    assert found["transfers_accepted"] == 1


def test_a_matter_handed_over_counts_where_it_is_now(county: County) -> None:
    dispute = a_dispute(county)
    cases.transfer_matter(
        matter=dispute.matter, to_unit=county.bureau.sibling, to_officer=None, occurred_at=AT, by=county.legal, at=AT
    )

    assert figures(county.bureau.station, MARCH)[0].of == 0
    assert figures(county.bureau.sibling, MARCH)[0].of == 1


def test_what_one_may_not_see_does_not_count_for_him(county: County) -> None:
    make_march(county)
    a_dispute(county, "JF9", officer=None)

    assert figures(county.bureau.station, MARCH, seen_by=county.officer)[0].of == 3
    assert figures(county.bureau.station, MARCH, seen_by=county.head)[0].of == 4
    assert figures(county.bureau.station, MARCH, seen_by=county.stranger)[0].of == 0


def test_figures_ask_one_question_a_table_whatever_there_is(county: County) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            figures(county.bureau.county, MARCH)
        return len(queries)

    empty = asked()
    make_march(county)

    assert (empty, asked()) == (3, 3)


def test_few_are_said_to_be_few() -> None:
    from supervision.proceedings.queries import Figure

    assert Figure(MEASURES[0], 9, 9).is_thin
    assert not Figure(MEASURES[0], 9, 10).is_thin


def test_a_figure_there_is_not_opens_nothing(county: County) -> None:
    with pytest.raises(LookupError):
        behind("nothing", MARCH, counted=True)


def test_one_finds_what_is_registered_and_visible_and_its_ledger(county: County) -> None:
    dispute = a_dispute(county)
    plain = make_case("A1", county.bureau.station, county.officer, filed="2026-03-02")

    assert [row_of(matter) for matter in proceedings_of(county.head)] == [dispute]
    assert steps_of(county.legal).count() == 1
    assert not proceedings_of(county.stranger).exists()
    assert not steps_of(county.stranger).exists()
    with pytest.raises(LookupError):
        row_of(plain)
