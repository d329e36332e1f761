"""Disputes: taken in, mediated, settled or not, and looked at again."""

import pytest

from supervision.proceedings import services
from supervision.proceedings.models import Dispute
from supervision.proceedings.services import ProceedingRefused
from tests.cases.factories import day, moment
from tests.supervision.proceedings.factories import (
    AT,
    County,
    a_dispute,
    actions,
    events,
    mediating,
    settled,
)


def test_a_dispute_is_taken_in_mediated_settled_and_looked_at_again(county: County) -> None:
    dispute = settled(county)
    services.recheck_dispute(dispute=dispute, on=day("2026-03-18"), held=True, result="和睦", by=county.head, at=AT)

    dispute.refresh_from_db()
    dispute.matter.refresh_from_db()
    assert (dispute.stage, dispute.mediated_by, dispute.rechecked_on) == (
        "settled", county.bureau.station, day("2026-03-18"),
    )  # fmt: skip
    assert actions(dispute) == ["registered", "mediation", "settled", "rechecked"]
    assert events(dispute) == ["dispute_recorded", "dispute_mediation_began", "dispute_settled"]
    assert (dispute.matter.opened_at, dispute.matter.closed_at) == (moment("2026-03-02"), moment("2026-03-05"))


def test_a_settlement_that_did_not_hold_is_in_mediation_again(county: County) -> None:
    dispute = services.recheck_dispute(
        dispute=settled(county), on=day("2026-03-18"), held=False, result="又起争执", by=county.head, at=AT
    )

    dispute.matter.refresh_from_db()
    assert (dispute.stage, dispute.ended_on, dispute.result, dispute.recheck_due_on) == ("mediating", None, "", None)
    assert dispute.matter.closed_at is None
    assert actions(dispute)[-1] == "relapsed"


def test_what_cannot_be_settled_ends_with_its_reason_even_without_mediation(county: County) -> None:
    dispute = services.end_unsettled(
        dispute=a_dispute(county), on=day("2026-03-04"), result="一方不愿调解，告知起诉", by=county.head, at=AT
    )

    assert (dispute.stage, dispute.mediated_by) == ("unsettled", None)
    assert events(dispute)[-1] == "dispute_unsettled"


def test_a_step_out_of_turn_is_refused(county: County) -> None:
    dispute = a_dispute(county)

    with pytest.raises(ProceedingRefused, match="现在是“待调解”，不能登记化解"):
        services.settle_dispute(
            dispute=dispute, on=day("2026-03-05"), result="好", recheck_due_on=day("2026-03-20"), by=county.head, at=AT
        )
    with pytest.raises(ProceedingRefused, match="还没有回访的"):
        services.recheck_dispute(dispute=dispute, on=day("2026-03-05"), held=True, result="好", by=county.head, at=AT)


def test_of_two_who_act_on_what_they_saw_the_second_is_told(county: County) -> None:
    dispute = a_dispute(county)
    stale = Dispute.objects.select_related("matter__kind").get(pk=dispute.pk)
    services.end_unsettled(dispute=dispute, on=day("2026-03-04"), result="撤回", by=county.head, at=AT)

    with pytest.raises(ProceedingRefused, match="刚才已有人改动"):
        services.end_unsettled(dispute=stale, on=day("2026-03-05"), result="又来", by=county.head, at=AT)

    assert actions(dispute) == ["registered", "unsettled"]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2026-03-01", "早于收到之日 2026-03-02"),
        ("2026-03-28", "还没有到"),
        ("2026-03-02", "早于上一步的 2026-03-03"),
    ],
)
def test_a_day_that_cannot_be_is_refused(county: County, on: str, said: str) -> None:
    with pytest.raises(ProceedingRefused, match=said):
        services.settle_dispute(
            dispute=mediating(county), on=day(on), result="好", recheck_due_on=day("2026-03-30"), by=county.head, at=AT
        )


def test_a_recheck_lies_after_the_settlement_and_a_result_is_written(county: County) -> None:
    dispute = mediating(county)

    with pytest.raises(ProceedingRefused, match="回访日期 2026-03-04 早于"):
        services.settle_dispute(
            dispute=dispute, on=day("2026-03-05"), result="好", recheck_due_on=day("2026-03-04"), by=county.head, at=AT
        )
    with pytest.raises(ProceedingRefused, match="请写明化解结果"):
        services.settle_dispute(
            dispute=dispute, on=day("2026-03-05"), result=" ", recheck_due_on=day("2026-03-20"), by=county.head, at=AT
        )


def test_nobody_registers_for_a_unit_that_is_not_his_nor_acts_on_what_he_may_not_see(county: County) -> None:
    with pytest.raises(ProceedingRefused, match="河口派出所不在您的职责范围内"):
        a_dispute(county, unit=county.bureau.other_station)
    with pytest.raises(ProceedingRefused, match="不在您的职责范围内"):
        services.end_unsettled(dispute=a_dispute(county), on=day("2026-03-04"), result="撤", by=county.stranger, at=AT)


def test_a_number_names_one_dispute(county: County) -> None:
    a_dispute(county)

    with pytest.raises(ProceedingRefused, match="编号“JF1”已有同类事项"):
        a_dispute(county)

    assert Dispute.objects.count() == 1
