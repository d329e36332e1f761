"""Reconsideration and litigation: received, answered, heard, ended, corrected."""

import pytest

from supervision.proceedings import services
from supervision.proceedings.services import ProceedingRefused
from tests.cases.factories import day
from tests.supervision.proceedings.factories import AT, County, a_review, a_suit, actions, ended, events


def test_a_lost_reconsideration_goes_its_whole_way(county: County) -> None:
    review = a_review(county)
    services.answer_review(review=review, on=day("2026-03-10"), document_number="答1", by=county.legal, at=AT)
    review = ended(county, review, "revoked")
    services.receive_opinion(review=review, on=day("2026-03-23"), to_correct="补正告知", by=county.legal, at=AT)
    services.report_correction(review=review, on=day("2026-03-25"), correction="已补正", by=county.legal, at=AT)

    review.refresh_from_db()
    assert (review.is_lost, review.awaits_correction, review.correction) == (True, False, "已补正")
    assert actions(review) == ["registered", "answered", "ended", "opinion", "corrected"]
    assert events(review) == [
        "admin_reconsideration_copy_received",
        "admin_reconsideration_answered",
        "admin_reconsideration_decided",
        "reconsideration_opinion_received",
        "correction_reported",
    ]


def test_an_opinion_adds_to_what_is_to_be_corrected_and_asks_for_a_report_of_its_own(county: County) -> None:
    review = ended(county, a_review(county), "changed")
    services.report_correction(review=review, on=day("2026-03-21"), correction="已改", by=county.legal, at=AT)

    services.receive_opinion(review=review, on=day("2026-03-23"), to_correct="补正告知", by=county.legal, at=AT)

    assert (review.to_correct, review.awaits_correction) == ("重新作出处理；补正告知", True)


def test_a_suit_is_heard_and_it_is_known_whether_a_head_came(county: County) -> None:
    suit = a_suit(county)
    services.answer_review(review=suit, on=day("2026-03-10"), document_number="", by=county.legal, at=AT)
    services.hear_review(
        review=suit, on=day("2026-03-16"), head_appeared=False, absence_reason="抢险", by=county.legal, at=AT
    )
    ended(county, suit, "dismissed")

    suit.refresh_from_db()
    assert (suit.hearing_on, suit.head_appeared, suit.absence_reason) == (day("2026-03-16"), False, "抢险")
    assert events(suit) == ["complaint_copy_received", "suit_answered", "review_heard", "suit_judged"]


@pytest.mark.parametrize("outcome", ["withdrawn", "mediated"])
def test_a_reconsideration_that_ends_without_a_decision_says_so(county: County, outcome: str) -> None:
    review = ended(county, a_review(county), outcome)

    assert events(review)[-1] == "admin_reconsideration_ended"
    assert not review.is_lost


def test_what_cannot_be_is_refused(county: County) -> None:
    review, suit = a_review(county), a_suit(county)
    refusals = (
        ("行政复议没有审级", lambda: a_review(county, "X", instance="appeal")),
        ("请写明需要纠正的事项", lambda: services.end_review(
            review=review, on=day("2026-03-20"), outcome="revoked", document_number="", to_correct="", by=county.legal, at=AT)),
        ("请写明负责人未出庭的原因", lambda: services.hear_review(
            review=suit, on=day("2026-03-16"), head_appeared=False, absence_reason="", by=county.legal, at=AT)),
        ("不能登记意见书", lambda: services.receive_opinion(
            review=review, on=day("2026-03-16"), to_correct="改", by=county.legal, at=AT)),
        ("只用于行政复议", lambda: services.receive_opinion(
            review=suit, on=day("2026-03-16"), to_correct="改", by=county.legal, at=AT)),
        ("没有需要纠正的事项", lambda: services.report_correction(
            review=review, on=day("2026-03-16"), correction="改", by=county.legal, at=AT)),
    )  # fmt: skip

    for said, act in refusals:
        with pytest.raises(ProceedingRefused, match=said):
            act()


def test_an_instance_has_one_hearing_and_a_correction_one_report(county: County) -> None:
    suit, review = a_suit(county), ended(county, a_review(county), "changed")
    services.hear_review(
        review=suit, on=day("2026-03-16"), head_appeared=True, absence_reason="", by=county.legal, at=AT
    )
    services.report_correction(review=review, on=day("2026-03-25"), correction="已改", by=county.legal, at=AT)

    with pytest.raises(ProceedingRefused, match="开庭已经登记过"):
        services.hear_review(
            review=suit, on=day("2026-03-17"), head_appeared=True, absence_reason="", by=county.legal, at=AT
        )
    with pytest.raises(ProceedingRefused, match="已经报送过"):
        services.report_correction(review=review, on=day("2026-03-26"), correction="又", by=county.legal, at=AT)


def test_an_answer_comes_once(county: County) -> None:
    review = a_review(county)
    services.answer_review(review=review, on=day("2026-03-10"), document_number="", by=county.legal, at=AT)

    with pytest.raises(ProceedingRefused, match="现在是“审理中”，不能提交答复"):
        services.answer_review(review=review, on=day("2026-03-11"), document_number="", by=county.legal, at=AT)
