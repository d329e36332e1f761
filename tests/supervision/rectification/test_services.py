"""What is done with an order once it is issued, and everything that goes wrong with it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.models import Officer, Role, Unit
from supervision.rectification import services
from supervision.rectification.models import Action, Evidence, Order, OrderState, OrderStep
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.services import (
    endorse_reply,
    extend_order,
    reassign_order,
    reopen_order,
    reply_order,
    return_order,
    verify_order,
    withdraw_order,
)
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.rectification.factories import AT, PNG, order_for, replied, taken

THURSDAY = moment("2026-05-21 10:00")
FRIDAY = moment("2026-05-22 16:00")


def ledger(order: Order) -> list[str]:
    return [step.action for step in OrderStep.objects.filter(order=order).order_by("number")]


# -- reply, return, verify -------------------------------------------------------------------------------------------


def test_a_case_walked_through_is_returned_once_and_verified_in_time(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, moment("2026-05-21 09:00"))
    return_order(order=order, reason="没有附决定书", by=legal_officer, at=moment("2026-05-21 15:00"))
    replied(order, officer, moment("2026-05-22 09:00"), taken("决定书.png", PNG))
    verify_order(order=order, text="已核", by=legal_officer, at=FRIDAY)

    assert ledger(order) == ["issued", "replied", "returned", "replied", "verified"]
    assert (order.state, order.verified_by, order.replied_by) == (OrderState.VERIFIED, legal_officer, officer)
    assert order.verified_at is not None and order.verified_at < order.due_at
    assert [(file.name, file.step.number) for file in order.evidence.all()] == [("决定书.pdf", 2), ("决定书.png", 4)]
    assert (order.tell_number, order.tell_since) == (None, None)


def test_a_reply_without_evidence_is_refused_and_nothing_is_written(order: Order, officer: Officer) -> None:
    with pytest.raises(RectificationRefused, match="答复须附证据"):
        reply_order(order=order, text="已整改", by=officer, at=THURSDAY)

    order.refresh_from_db()
    assert (order.state, ledger(order)) == (OrderState.ISSUED, ["issued"])


def test_evidence_attached_before_a_return_still_counts(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    return_order(order=order, reason="说明不清", by=legal_officer, at=AT)

    reply_order(order=order, text="补充说明如下", by=officer, at=THURSDAY)

    assert order.state == OrderState.REPLIED


def test_some_problems_need_no_evidence(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    order = order_for(bureau.station, officer, by=None, problem="slip")

    reply_order(order=order, text="已补正", by=officer, at=THURSDAY)

    assert order.state == OrderState.REPLIED


def test_a_reply_without_a_word_is_refused(order: Order, officer: Officer, evidence_folder: Path) -> None:
    with pytest.raises(RectificationRefused, match="必须写明"):
        replied(order, officer, AT, text="  ")


def test_the_same_file_twice_in_one_reply_is_kept_once(order: Order, officer: Officer, evidence_folder: Path) -> None:
    replied(order, officer, AT, taken("a.pdf"), taken("b.pdf"))

    assert order.evidence.count() == 1


def test_nobody_verifies_his_own_reply_nor_an_earlier_one_of_his(
    order: Order, officer: Officer, head: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, legal_officer, AT)
    with pytest.raises(RectificationRefused, match="参与过本件的答复"):
        verify_order(order=order, by=legal_officer, at=THURSDAY)

    return_order(order=order, reason="重办", by=head, at=THURSDAY)
    replied(order, officer, THURSDAY)
    with pytest.raises(RectificationRefused, match="参与过本件的答复"):
        verify_order(order=order, by=legal_officer, at=FRIDAY)

    assert order.state == OrderState.REPLIED


def test_who_is_responsible_does_not_verify_what_his_head_replied(
    order: Order, officer: Officer, head: Officer, evidence_folder: Path
) -> None:
    replied(order, head, AT)

    with pytest.raises(RectificationRefused, match="本件的责任人"):
        verify_order(order=order, by=officer, at=THURSDAY)


def test_the_database_itself_refuses_a_replier_who_verifies(
    order: Order, officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state=OrderState.VERIFIED, verified_at=THURSDAY, verified_by=officer)


def test_the_head_stands_behind_a_reply_that_is_not_his_own(
    order: Order, officer: Officer, head: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    with pytest.raises(RectificationRefused, match="不能审核自己的答复"):
        endorse_reply(order=order, by=officer, at=AT)

    endorse_reply(order=order, text="属实", by=head, at=AT)
    assert (order.state, order.endorsed_by, order.tell_number) == (OrderState.REPLIED, head, 2)

    return_order(order=order, reason="重办", by=legal_officer, at=THURSDAY)
    replied(order, officer, THURSDAY)
    assert order.endorsed_by is None, "another reply is another thing to stand behind"


@pytest.mark.parametrize("act", [return_order, withdraw_order])
def test_what_must_have_a_reason_is_refused_without(act: Any, order: Order, legal_officer: Officer) -> None:
    with pytest.raises(RectificationRefused, match="必须写明理由"):
        act(order=order, reason=" ", by=legal_officer, at=AT)


def test_a_verb_that_does_not_follow_on_the_state_is_refused(order: Order, legal_officer: Officer) -> None:
    with pytest.raises(RectificationRefused, match="该件现为“待答复”，不能核验"):
        verify_order(order=order, by=legal_officer, at=AT)
    with pytest.raises(RectificationRefused, match="不能退回"):
        return_order(order=order, reason="重办", by=legal_officer, at=AT)
    with pytest.raises(RectificationRefused, match="不能要求重新整改"):
        reopen_order(order=order, reason="再查", workdays=3, by=legal_officer, at=AT)


# -- extension, reopening, withdrawal, reassignment ------------------------------------------------------------------


def test_an_extension_moves_the_day_and_names_who_let_it_pass(
    order: Order, legal_officer: Officer, second_legal_officer: Officer
) -> None:
    extend_order(
        order=order,
        due_on=date(2026, 5, 29),
        reason="等待鉴定",
        approver=second_legal_officer,
        by=legal_officer,
        at=THURSDAY,
    )

    assert (order.due_on, order.due_at, order.first_due_on) == (
        date(2026, 5, 29),
        moment("2026-05-30"),
        date(2026, 5, 22),
    )
    assert order.extensions == 1
    step = OrderStep.objects.get(order=order, action=Action.EXTENDED)
    assert (step.approver, step.due_on, step.text) == (second_legal_officer, date(2026, 5, 29), "等待鉴定")


def test_whom_no_extension_can_be_let_pass_by(
    bureau: Bureau, order: Order, officer: Officer, head: Officer, legal_officer: Officer, stranger: Officer
) -> None:
    far_away = make_officer("100009", bureau.other_county, Role.LEGAL_OFFICER)

    def extended(approver: Officer, due_on: date = date(2026, 5, 29)) -> None:
        extend_order(order=order, due_on=due_on, reason="鉴定", approver=approver, by=legal_officer, at=THURSDAY)

    with pytest.raises(RectificationRefused, match="责任人或者答复人，不能批准"):
        extended(officer)
    for powerless in (head, stranger, far_away):
        with pytest.raises(RectificationRefused, match="没有批准本件延期的职权"):
            extended(powerless)
    with pytest.raises(RectificationRefused, match="没有晚于现在的期限"):
        extended(legal_officer, date(2026, 5, 22))

    order.refresh_from_db()
    assert (order.due_on, order.extensions) == (date(2026, 5, 22), 0)


def test_what_was_verified_may_be_asked_for_again_with_a_day_of_its_own(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    verify_order(order=order, by=legal_officer, at=AT)

    reopen_order(order=order, reason="回访发现没有送达", workdays=2, by=legal_officer, at=FRIDAY)

    assert (order.state, order.due_on, order.reopened) == (OrderState.RETURNED, date(2026, 5, 26), 1)
    assert (order.verified_by, order.verified_at) == (None, None)
    assert ledger(order)[-1] == "reopened"


def test_an_order_is_not_reopened_while_another_of_its_source_is_open(
    order: Order, officer: Officer, legal_officer: Officer
) -> None:
    withdraw_order(order=order, reason="不属实", by=legal_officer, at=AT)
    order_for(order.unit, officer, by=legal_officer)

    with pytest.raises(RectificationRefused, match="同一来源另有未结的整改"):
        reopen_order(order=order, reason="属实", workdays=3, by=legal_officer, at=THURSDAY)

    order.refresh_from_db()
    assert (order.state, ledger(order)) == (OrderState.WITHDRAWN, ["issued", "withdrawn"])


def test_what_was_withdrawn_before_any_reply_waits_for_one_when_reopened(order: Order, legal_officer: Officer) -> None:
    withdraw_order(order=order, reason="不属实", by=legal_officer, at=AT)

    reopen_order(order=order, reason="经复核属实", workdays=3, by=legal_officer, at=AT)

    assert (order.state, order.withdrawn_at) == (OrderState.ISSUED, None)


def test_an_order_follows_the_work_of_a_unit_that_was_merged(
    bureau: Bureau, order: Order, stranger: Officer, legal_officer: Officer
) -> None:
    Unit.objects.filter(pk=bureau.station.pk).update(valid_until=date(2026, 5, 20))

    reassign_order(order=order, unit=bureau.sibling, officer=None, reason="撤并", by=legal_officer, at=THURSDAY)

    assert (order.unit, order.station, order.officer) == (bureau.sibling, bureau.sibling, None)
    assert list(Order.objects.visible_to(stranger)) == [order]
    step = OrderStep.objects.get(order=order, action=Action.REASSIGNED)
    assert (step.unit, step.text) == (bureau.sibling, "撤并")


def test_an_order_of_an_officer_who_left_is_replied_to_by_his_head_or_given_to_another(
    bureau: Bureau, order: Order, officer: Officer, head: Officer, evidence_folder: Path
) -> None:
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    successor = make_officer("100010", bureau.station, Role.CASE_OFFICER)

    reassign_order(order=order, unit=bureau.station, officer=successor, reason="调离", by=head, at=AT)
    replied(order, head, THURSDAY)

    assert (order.officer, order.replied_by, order.state) == (successor, head, OrderState.REPLIED)


def test_where_an_order_cannot_be_given(bureau: Bureau, order: Order, officer: Officer, head: Officer) -> None:
    gone = make_officer("100011", bureau.station, Role.CASE_OFFICER)
    Officer.objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()

    with pytest.raises(RectificationRefused, match="已经由城关派出所"):
        reassign_order(order=order, unit=bureau.station, officer=officer, reason="改派", by=head, at=AT)
    with pytest.raises(RectificationRefused, match="账号已停用"):
        reassign_order(order=order, unit=bureau.station, officer=gone, reason="改派", by=head, at=AT)


# -- two at once -----------------------------------------------------------------------------------------------------


def test_of_two_who_act_at_once_the_second_is_told_who_was_first_and_when(
    order: Order, officer: Officer, legal_officer: Officer, second_legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    seen_by_second = Order.objects.get(pk=order.pk)
    verify_order(order=order, by=legal_officer, at=THURSDAY)

    with pytest.raises(RectificationRefused, match=f"{legal_officer}已于 05-21 10:00 核验通过"):
        return_order(order=seen_by_second, reason="不行", by=second_legal_officer, at=THURSDAY)

    order.refresh_from_db()
    assert (order.state, ledger(order)) == (OrderState.VERIFIED, ["issued", "replied", "verified"])


def test_a_reply_that_came_between_is_not_verified_unseen(
    order: Order, officer: Officer, legal_officer: Officer, second_legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    as_first_seen = Order.objects.get(pk=order.pk)
    return_order(order=order, reason="重办", by=second_legal_officer, at=AT)
    replied(order, officer, THURSDAY)

    with pytest.raises(RectificationRefused, match=f"{officer}已于 05-21 10:00 答复"):
        verify_order(order=as_first_seen, by=legal_officer, at=THURSDAY)


def test_a_second_reply_at_once_leaves_no_evidence_behind(
    order: Order, officer: Officer, head: Officer, evidence_folder: Path
) -> None:
    seen_by_head = Order.objects.get(pk=order.pk)
    replied(order, officer, AT)

    with pytest.raises(RectificationRefused, match="答复"):
        replied(seen_by_head, head, AT, taken("别的.png", PNG))

    assert list(Evidence.objects.values_list("name", flat=True)) == ["决定书.pdf"]


def test_what_could_not_be_done_any_more_is_refused_before_a_long_job(order: Order, legal_officer: Officer) -> None:
    stale = Order.objects.get(pk=order.pk)
    services.check_unmoved(stale, services.Verb.REPLY)
    withdraw_order(order=order, reason="不属实", by=legal_officer, at=AT)

    with pytest.raises(RectificationRefused, match="撤销"):
        services.check_unmoved(stale, services.Verb.REPLY)
