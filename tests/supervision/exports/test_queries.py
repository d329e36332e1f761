"""Who sees and decides which requests, and what somebody is to be told."""

from datetime import timedelta

import pytest

from cases.models import Officer
from supervision.exports.models import ExportRequest
from supervision.exports.queries import key_of, requests_of, still_stands, untold, waiting_for
from supervision.exports.services import approve_export, mark_told, refuse_export
from tests.supervision.exports.factories import AT, Desk, ask


def told(desk: Desk, *, urgent: bool = False) -> dict[int, str]:
    return {one.officer_id: one.text for one in untold(at=AT + timedelta(minutes=1), urgent=urgent)}


@pytest.mark.parametrize(
    ("who", "sees", "decides"),
    [
        ("asker", True, False),
        ("legal", True, True),
        ("leader", True, True),
        ("auditor", True, False),
        ("head", False, False),
        ("stranger", False, False),
    ],
)
def test_a_request_is_seen_by_its_asker_those_over_him_and_the_auditor(
    desk: Desk, who: str, sees: bool, decides: bool
) -> None:
    row, officer = ask(desk), Officer.objects.get(pk=getattr(desk, who).pk)

    assert (row in requests_of(officer), row in waiting_for(officer)) == (sees, decides)


def test_a_head_asks_and_sees_his_own(desk: Desk) -> None:
    row = ask(desk, by=desk.head)

    assert [list(requests_of(one)) for one in (desk.head, desk.legal, desk.stranger)] == [[row], [row], []]


def test_the_others_who_decide_are_told_then_the_asker_of_the_decision(desk: Desk) -> None:
    row = ask(desk)
    assert told(desk, urgent=True) == {}
    assert told(desk) == {desk.legal.pk: "民警100001申请导出“回访抽样总体” 1200 行，待您审批"}

    approve_export(request=row, by=desk.legal, at=AT)

    assert told(desk) == {desk.asker.pk: "您申请导出的“回访抽样总体”已同意，请在有效期内下载"}


def test_where_the_asker_is_the_only_legal_officer_the_leader_is_told(desk: Desk) -> None:
    desk.legal.posts.update(until_on=AT.date())
    ask(desk)

    assert set(told(desk)) == {desk.leader.pk}


def test_what_was_told_is_not_told_again_and_what_is_settled_no_longer_stands(desk: Desk) -> None:
    row = ask(desk)
    key = key_of(row)
    assert still_stands([key, "alerts.alert:1:x", "exports.request:x:asked"]) == {key}

    mark_told([key], at=AT)
    assert told(desk) == {}
    refuse_export(request=row, answer="用途不明", by=desk.legal, at=AT)

    assert still_stands([key]) == set()
    assert told(desk) == {desk.asker.pk: "您申请导出的“回访抽样总体”未获同意：用途不明"}
    # Whoever told of the question does not settle the answer.
    mark_told([key], at=AT)
    assert ExportRequest.objects.exclude(tell_since=None).exists()
