"""Who sees which orders, and who is told what of them."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.models import Absence, Barring, BarringGround, Officer, Role
from cases.services import name_handler
from supervision.rectification.models import Order
from supervision.rectification.queries import (
    evidence_of,
    matters_behind,
    orders_of,
    same_files,
    steps_of,
    still_stands,
    untold,
)
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.services import (
    endorse_reply,
    extend_order,
    issue_orders,
    mark_told,
    return_order,
    tell_again,
    verify_order,
    withdraw_order,
)
from tests.cases.factories import Bureau, make_case, make_officer, moment
from tests.supervision.rectification.factories import AT, asked, order_for, replied

THURSDAY = moment("2026-05-21 10:00")
SATURDAY = moment("2026-05-23 00:00")


def told(at: object = AT) -> list[tuple[str, int]]:
    return [(tiding.key.split(":")[-1], tiding.officer_id) for tiding in untold(at=at)]  # type: ignore[arg-type]


# -- who sees what ---------------------------------------------------------------------------------------------------


def test_orders_steps_and_files_are_seen_by_the_officer_his_head_and_who_supervises(
    bureau: Bureau,
    order: Order,
    officer: Officer,
    head: Officer,
    legal_officer: Officer,
    stranger: Officer,
    evidence_folder: Path,
) -> None:
    replied(order, officer, AT)
    colleague = make_officer("100020", bureau.station, Role.CASE_OFFICER)
    administrator = make_officer("100021", bureau.county, Role.SYSTEM_ADMIN)

    for one in (officer, head, legal_officer):
        assert [rows(one).count() for rows in (orders_of, steps_of, evidence_of)] == [1, 2, 1]
    for one in (stranger, colleague, administrator):
        assert [rows(one).count() for rows in (orders_of, steps_of, evidence_of)] == [0, 0, 0]


def test_files_attached_twice_are_found(bureau: Bureau, order: Order, officer: Officer, evidence_folder: Path) -> None:
    replied(order, officer, AT)
    assert same_files(Order.objects.all()) == {}

    replied(order_for(bureau.station, officer, by=None, source_number="S-2"), officer, AT)

    (times,) = same_files(Order.objects.all()).values()
    assert times == 2


# -- who is told what ------------------------------------------------------------------------------------------------


def test_the_officer_is_told_of_an_order_and_nobody_once_he_has_been(
    order: Order, officer: Officer, head: Officer, legal_officer: Officer
) -> None:
    (tiding,) = untold(at=AT)
    assert (tiding.officer_id, tiding.since, tiding.about) == (officer.pk, AT, "整改")
    assert tiding.text == f"{order.number}（督办）：超过法定期限，城关派出所，05-22前答复"
    assert (tiding.link, tiding.urgent) == (f"/orders/{order.pk}/", False)

    assert mark_told([tiding.key, tiding.key, "alerts.alert:1:raised-1"], at=AT) == 1
    assert told() == []
    assert still_stands([tiding.key]) == {tiding.key}
    assert mark_told([tiding.key], at=AT) == 0


def test_what_did_not_reach_an_officer_who_left_is_told_again_to_his_head(
    order: Order, officer: Officer, head: Officer
) -> None:
    keys = list(dict.fromkeys(tiding.key for tiding in untold(at=SATURDAY)))
    assert mark_told(keys, at=SATURDAY) == 2 and told(SATURDAY) == []
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    assert tell_again(keys, at=SATURDAY) == 2

    again = list(untold(at=SATURDAY))
    assert [(tiding.key, tiding.officer_id) for tiding in again] == [(key, head.pk) for key in keys]
    assert again[0].since == SATURDAY


def test_nothing_of_it_is_urgent(order: Order) -> None:
    assert list(untold(at=AT, urgent=True)) == []


def test_the_head_hears_what_an_officer_who_left_would(order: Order, officer: Officer, head: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    assert told() == [("issued-1", head.pk)]


def test_the_deputy_hears_what_an_officer_who_is_away_would(order: Order, officer: Officer, head: Officer) -> None:
    Absence.objects.create(officer=officer, deputy=head, from_on=date(2026, 5, 19), until_on=date(2026, 5, 19))

    assert told() == [("issued-1", head.pk)]


def test_legal_officers_hear_of_a_reply_and_the_officer_of_its_return(
    order: Order,
    officer: Officer,
    head: Officer,
    legal_officer: Officer,
    second_legal_officer: Officer,
    evidence_folder: Path,
) -> None:
    replied(order, officer, AT)
    endorse_reply(order=order, by=head, at=AT)
    assert told() == [("replied-2", legal_officer.pk), ("replied-2", second_legal_officer.pk)]

    return_order(order=order, reason="没有附\n决定书", by=legal_officer, at=AT)
    (tiding,) = untold(at=AT)
    assert (tiding.officer_id, tiding.key) == (officer.pk, f"rectification.order:{order.pk}:returned-4")
    assert "被退回：没有附 决定书，05-22前重新答复" in tiding.text

    replied(order, officer, AT)
    verify_order(order=order, by=legal_officer, at=AT)
    assert told() == []


def test_what_ran_out_is_told_once_to_the_officer_and_his_head(order: Order, officer: Officer, head: Officer) -> None:
    mark_told([f"rectification.order:{order.pk}:issued-1"], at=AT)
    assert told(moment("2026-05-22 23:59")) == []

    late = list(untold(at=SATURDAY))
    assert [(tiding.officer_id, tiding.rank) for tiding in late] == [(officer.pk, 2), (head.pk, 2)], "督办"
    assert late[0].text == f"{order.number}已超期（05-22）未答复：超过法定期限，城关派出所"

    assert mark_told([tiding.key for tiding in late], at=SATURDAY) == 1
    assert told(SATURDAY) == []


def test_what_ran_out_while_it_waited_for_verification_is_told_to_the_legal_officers(
    order: Order, officer: Officer, head: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)

    assert ("overdue-20260522", legal_officer.pk) in told(SATURDAY)
    assert ("overdue-20260522", officer.pk) not in told(SATURDAY)


def test_what_was_put_off_and_ran_out_again_is_told_again(
    order: Order, officer: Officer, legal_officer: Officer
) -> None:
    first = [tiding.key for tiding in untold(at=SATURDAY)]
    mark_told(first, at=SATURDAY)

    extend_order(
        order=order, due_on=date(2026, 5, 29), reason="鉴定", approver=legal_officer, by=legal_officer, at=SATURDAY
    )

    assert still_stands(first) == set()
    assert ("extended-2", officer.pk) in told(SATURDAY)
    assert ("overdue-20260529", officer.pk) in told(moment("2026-05-30"))


def test_of_an_order_withdrawn_before_anybody_heard_of_it_nobody_hears(order: Order, legal_officer: Officer) -> None:
    (tiding,) = untold(at=AT)

    withdraw_order(order=order, reason="不属实", by=legal_officer, at=AT)

    assert told() == []
    assert still_stands([tiding.key]) == set()


def test_who_heard_of_an_order_hears_that_it_was_withdrawn(
    order: Order, officer: Officer, legal_officer: Officer
) -> None:
    mark_told([tiding.key for tiding in untold(at=AT)], at=AT)

    withdraw_order(order=order, reason="不属实", by=legal_officer, at=THURSDAY)

    assert told(THURSDAY) == [("withdrawn-2", officer.pk)]


def test_what_is_marked_as_told_late_does_not_hide_what_came_since(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    (first,) = untold(at=AT)
    replied(order, officer, AT)

    assert mark_told([first.key], at=AT) == 0
    assert told() == [("replied-2", legal_officer.pk)]


def test_of_a_restricted_matter_only_its_handlers_hear(
    bureau: Bureau, catalogue: None, officer: Officer, head: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    letter = make_case("XF-1", bureau.station, kind="letter")
    name_handler(matter=letter, officer=officer, role="officer", at=AT)
    order = order_for(bureau.station, officer, by=None, matter=letter)
    assert told() == [("issued-1", officer.pk)]

    replied(order, officer, AT)
    assert told() == [], "no legal officer handles it yet, and who replied knows it"

    name_handler(matter=letter, officer=legal_officer, role="legal", at=AT)
    assert told() == [("replied-2", legal_officer.pk)]


def test_no_handler_of_a_restricted_matter_hears_who_has_been_kept_away_since_nor_can_he_be_ordered(
    bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, kind="letter")
    name_handler(matter=letter, officer=officer, role="officer", at=AT)
    name_handler(matter=letter, officer=legal_officer, role="legal", at=AT)
    order = order_for(bureau.station, officer, by=None, matter=letter)
    free = order_for(bureau.station, officer, by=None, source_number="S-2")
    (key,) = {tiding.key for tiding in untold(at=AT) if f":{order.pk}:" in tiding.key}
    assert told() == [("issued-1", officer.pk), ("issued-1", officer.pk)]

    Barring.objects.create(matter=letter, ground=BarringGround.INTEREST, officer=officer, from_at=AT)

    assert told() == [("issued-1", legal_officer.pk), ("issued-1", officer.pk)]
    assert matters_behind([key, f"rectification.order:{free.pk}:issued-1", "other"]) == {key: letter.pk}
    with pytest.raises(RectificationRefused, match="不是它的经办人"):
        order_for(bureau.station, Officer.objects.get(pk=officer.pk), by=None, source_number="S-3", matter=letter)


def test_telling_of_many_asks_no_more_questions_than_of_one(
    bureau: Bureau, catalogue: None, officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue_orders([asked("0", bureau.station, officer)], at=AT)
    with django_assert_num_queries(7):
        assert len(told()) == 1

    issue_orders([asked(str(number), bureau.sibling, officer) for number in range(1, 30)], at=AT)
    with django_assert_num_queries(7):
        assert len(told()) == 30
