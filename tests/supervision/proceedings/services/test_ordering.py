"""What was lost or not taken may be ordered to be put right: by a person, never by itself."""

import pytest

from supervision.proceedings.services import ProceedingRefused, order_correction
from supervision.rectification.models import Order, Problem
from tests.supervision.proceedings.factories import (
    AT,
    County,
    a_review,
    accepted,
    actions,
    ended,
    refused,
)


@pytest.mark.parametrize("outcome", ["revoked", "changed", "unlawful"])
def test_a_lost_review_is_ordered_to_be_put_right_by_the_unit_whose_act_it_was(county: County, outcome: str) -> None:
    review = ended(county, a_review(county), outcome)
    assert not Order.objects.exists()

    order = order_correction(row=review, by=county.legal, at=AT)

    assert (order.source, order.source_number, order.problem.code) == (
        "supervisor", "reconsideration:FY1", "review_lost",
    )  # fmt: skip
    assert (order.unit, order.officer, order.matter) == (county.bureau.station, county.officer, review.matter)
    assert "重新作出处理" in order.text
    assert actions(review)[-1] == "ordered"


def test_a_transfer_that_was_not_taken_is_ordered_to_be_looked_into(county: County) -> None:
    order = order_correction(row=refused(county), by=county.legal, at=AT)

    assert order.problem.code == "transfer_refused"
    assert "没有犯罪事实" in order.text


@pytest.mark.parametrize("outcome", ["upheld", "dismissed", "withdrawn", "mediated"])
def test_what_was_not_lost_is_not_ordered(county: County, outcome: str) -> None:
    with pytest.raises(ProceedingRefused, match="才从这里下达整改"):
        order_correction(row=ended(county, a_review(county), outcome), by=county.legal, at=AT)
    with pytest.raises(ProceedingRefused, match="才从这里下达整改"):
        order_correction(row=accepted(county), by=county.legal, at=AT)


def test_one_order_is_open_at_a_time_and_nobody_orders_what_he_may_not_see(county: County) -> None:
    review = ended(county, a_review(county), "revoked")
    order_correction(row=review, by=county.legal, at=AT)

    with pytest.raises(ProceedingRefused, match="同一来源已有未结的整改"):
        order_correction(row=review, by=county.legal, at=AT)
    with pytest.raises(ProceedingRefused, match="不在您的职责范围内"):
        order_correction(row=review, by=county.stranger, at=AT)
    assert actions(review).count("ordered") == 1


def test_without_the_problem_in_the_catalogue_it_is_said_what_to_do(county: County) -> None:
    Problem.objects.all().delete()

    with pytest.raises(ProceedingRefused, match="没有“review_lost”，请先载入目录"):
        order_correction(row=ended(county, a_review(county), "revoked"), by=county.legal, at=AT)
