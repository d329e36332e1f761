"""Transfers: handed over, answered, sent on, reconsidered, supervised."""

import pytest

from supervision.proceedings import services
from supervision.proceedings.services import ProceedingRefused
from tests.cases.factories import day, moment
from tests.supervision.proceedings.factories import AT, County, a_transfer, accepted, actions, events, refused


def test_a_transfer_is_taken_by_us_or_by_the_other_agency(county: County) -> None:
    ours, theirs = accepted(county), accepted(county, "YS2", direction="out")

    assert events(ours) == ["transfer_received", "transfer_accepted"]
    assert events(theirs) == ["transferred_out", "transfer_out_accepted"]
    assert (ours.matter.kind.code, theirs.matter.kind.code) == ("transfer_in", "transfer_out")


def test_a_refusal_says_why_and_when_the_papers_went_back(county: County) -> None:
    transfer = services.refuse_transfer(
        transfer=a_transfer(county), on=day("2026-03-04"), reason="情节显著轻微", returned_on=day("2026-03-05"),
        by=county.head, at=AT,
    )  # fmt: skip

    assert (transfer.stage, transfer.reason, transfer.returned_on) == ("refused", "情节显著轻微", day("2026-03-05"))
    assert actions(transfer) == ["registered", "refused"]


def test_missing_papers_are_asked_for_once_and_the_case_waits_all_the_same(county: County) -> None:
    transfer = a_transfer(county, incomplete=True)
    asked = {"transfer": transfer, "asked_at": moment("2026-03-03 09:00"), "by": county.head, "at": AT}
    services.ask_supplement(missing="检验报告", **asked)

    assert (transfer.stage, transfer.supplement_asked) == ("handed", True)
    with pytest.raises(ProceedingRefused, match="已经通知过补正"):
        services.ask_supplement(missing="清单", **asked)


def test_a_case_for_another_agency_is_sent_on(county: County) -> None:
    transfer = services.redirect_transfer(
        transfer=a_transfer(county, elsewhere=True), redirected_at=moment("2026-03-03 09:00"), on=day("2026-03-03"),
        reason="转送邻县公安局，属其管辖", by=county.head, at=AT,
    )  # fmt: skip

    assert transfer.stage == "redirected"
    assert events(transfer)[-1] == "transfer_redirected"


@pytest.mark.parametrize(("filed", "stage"), [(True, "accepted"), (False, "refused")])
def test_an_agency_asks_us_to_reconsider_and_is_answered(county: County, filed: bool, stage: str) -> None:
    transfer = services.appeal_refusal(transfer=refused(county), on=day("2026-03-06"), by=county.head, at=AT)
    transfer = services.decide_appeal(
        transfer=transfer, on=day("2026-03-09"), filed=filed, conclusion="经复议", by=county.head, at=AT
    )

    assert (transfer.stage, transfer.awaits_appeal_decision) == (stage, False)
    assert actions(transfer) == ["registered", "refused", "appealed", "appeal_decided"]


def test_the_procuratorate_asks_hears_the_reasons_orders_and_the_case_is_filed(county: County) -> None:
    transfer = refused(county)
    services.require_reasons(transfer=transfer, on=day("2026-03-09"), by=county.legal, at=AT)
    services.explain_refusal(transfer=transfer, on=day("2026-03-12"), text="理由", by=county.legal, at=AT)
    services.order_filing(transfer=transfer, on=day("2026-03-16"), by=county.legal, at=AT)
    services.file_as_ordered(transfer=transfer, on=day("2026-03-20"), text="立字2号", by=county.legal, at=AT)

    assert (transfer.stage, transfer.supervision) == ("accepted", "filed")
    assert actions(transfer)[2:] == ["supervised"] * 4
    assert events(transfer)[2:] == [
        "explanation_required", "explanation_given", "filing_ordered", "supervised_case_filed",
    ]  # fmt: skip


def test_a_case_filed_on_reconsideration_ends_the_supervision(county: County) -> None:
    transfer = services.appeal_refusal(transfer=refused(county), on=day("2026-03-06"), by=county.head, at=AT)
    services.require_reasons(transfer=transfer, on=day("2026-03-06"), by=county.legal, at=AT)
    services.decide_appeal(
        transfer=transfer, on=day("2026-03-09"), filed=True, conclusion="立案", by=county.head, at=AT
    )

    assert (transfer.stage, transfer.supervision) == ("accepted", "filed")


def test_what_cannot_be_is_refused(county: County) -> None:
    out, over, taken = refused(county, "A", direction="out"), refused(county, "B"), accepted(county, "C")
    waiting_out = a_transfer(county, "D", direction="out")
    moment_of = moment("2026-03-03 09:00")
    refusals = (
        ("只有行政执法机关移送公安", lambda: services.appeal_refusal(transfer=out, on=day("2026-03-06"), by=county.head, at=AT)),
        ("只有行政执法机关移送公安", lambda: services.require_reasons(transfer=out, on=day("2026-03-06"), by=county.head, at=AT)),
        ("只有行政执法机关移送公安", lambda: services.ask_supplement(
            transfer=waiting_out, asked_at=moment_of, missing="书", by=county.head, at=AT)),
        ("只有行政执法机关移送公安", lambda: services.redirect_transfer(
            transfer=waiting_out, redirected_at=moment_of, on=day("2026-03-03"), reason="转", by=county.head, at=AT)),
        ("没有申请复议", lambda: services.decide_appeal(
            transfer=over, on=day("2026-03-06"), filed=True, conclusion="好", by=county.head, at=AT)),
        ("检察监督现在是“没有”", lambda: services.explain_refusal(
            transfer=over, on=day("2026-03-06"), text="理由", by=county.head, at=AT)),
        ("现在是“已接受”，不能申请复议", lambda: services.appeal_refusal(
            transfer=taken, on=day("2026-03-06"), by=county.head, at=AT)),
        ("请写明不接受的理由", lambda: services.refuse_transfer(
            transfer=waiting_out, on=day("2026-03-06"), reason="", returned_on=None, by=county.head, at=AT)),
        ("请写明移交材料", lambda: a_transfer(county, "E", documents=" ")),
    )  # fmt: skip

    for said, act in refusals:
        with pytest.raises(ProceedingRefused, match=said):
            act()
