"""The pages: rules and lists, one list, holds."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Officer, Role
from supervision.retention.models import DisposalList, Hold, ListState
from supervision.retention.services import carry_out, hold_matter, propose_list, withdraw_list
from supervision.retention.tasks import carry_out_task
from tests.cases.factories import make_case, make_officer
from tests.supervision.retention.factories import AT, Archive, make_answer, make_batch

LISTS, HOLDS = "/retention/", "/retention/holds/"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def address(row: DisposalList) -> str:
    return reverse("retention:list", args=(row.pk,))


def test_from_the_button_to_the_record_two_persons_and_the_job(archive: Archive) -> None:
    batch = make_batch(archive.legal)
    proposer, approver = browser(archive.legal), browser(archive.leader)
    assert "天数是本系统定的" in text(proposer, LISTS)

    proposer.post(LISTS, {"kind": "refused_rows"})
    row = DisposalList.objects.get()
    assert 'value="approve"' not in text(proposer, address(row))
    assert "共 <b>1</b> 条" in text(approver, f"{LISTS}?mine=decide")
    wrong = approver.post(address(row), {"act": "refuse", "answer": ""})
    assert wrong.status_code == 422 and "请写明理由" in wrong.content.decode()
    approver.post(address(row), {"act": "approve", "answer": "同意"})
    assert carry_out_task() == 1

    row.refresh_from_db()
    page = text(approver, address(row))
    assert row.state == ListState.DONE and "已销毁" in page and f"导入第 {batch.pk} 批的退回行" in page
    # Where it was, it says that it is gone, when, and by which list.
    assert f"已按规定销毁（2030-03-04，销毁清单第 {row.pk} 号）" in text(proposer, f"/imports/{batch.pk}/")


def test_what_cannot_be_proposed_says_why(archive: Archive) -> None:
    for kind, told in (("answer_texts", "没有超过留存期的"), ("x", "请选择类别"), ("logs", "最上级单位")):
        page = browser(archive.legal).post(LISTS, {"kind": kind}, follow=True).content.decode()
        assert told in page, kind

    assert "法制民警选一类记录提出清单" in text(browser(archive.legal), LISTS)


@pytest.mark.parametrize(
    ("who", "propose", "read", "decide"),
    [
        ("legal", 302, 200, 422),
        ("leader", 403, 200, 302),
        ("head", 403, 403, 403),
        ("stranger", 302, 404, 404),
    ],
)
def test_who_may_do_what(archive: Archive, who: str, propose: int, read: int, decide: int) -> None:
    make_answer(archive.matter)
    row, client = propose_list(kind="answer_texts", by=archive.legal, at=AT), browser(getattr(archive, who))

    assert client.get(address(row)).status_code == read
    assert client.post(LISTS, {"kind": "answer_texts"}).status_code == propose
    assert client.post(address(row), {"act": "approve", "answer": ""}).status_code == decide


def test_the_auditor_reads_and_the_other_administrators_open_nothing(archive: Archive) -> None:
    make_answer(archive.matter)
    row = propose_list(kind="answer_texts", by=archive.legal, at=AT)
    auditor = browser(make_officer("900001", archive.bureau.county, Role.AUDITOR))

    assert auditor.get(address(row)).status_code == 200 == auditor.get(LISTS).status_code
    assert auditor.post(address(row), {"act": "approve", "answer": ""}).status_code == 403
    assert auditor.get(HOLDS).status_code == 403
    for number, role in (("900002", Role.SYSTEM_ADMIN), ("900003", Role.SECURITY_ADMIN)):
        client = browser(make_officer(number, archive.bureau.county, role))
        assert {client.get(path).status_code for path in (LISTS, address(row), HOLDS)} == {403}


def test_a_list_is_withdrawn_by_who_proposed_it_and_an_unknown_act_is_none(archive: Archive) -> None:
    make_answer(archive.matter)
    row, client = propose_list(kind="answer_texts", by=archive.legal, at=AT), browser(archive.legal)
    assert client.post(address(row), {"act": "x"}).status_code == 404

    client.post(address(row), {"act": "withdraw"})

    row.refresh_from_db()
    assert row.state == ListState.WITHDRAWN


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(archive: Archive) -> None:
    make_answer(archive.matter)
    client = browser(archive.leader)
    withdraw_list(disposal=propose_list(kind="answer_texts", by=archive.legal, at=AT), by=archive.legal)
    hold_matter(matter=archive.matter, reason="复议", by=archive.legal, at=AT)
    hold_matter(matter=make_case("A-2", archive.bureau.station, None), reason="诉讼", by=archive.legal, at=AT)
    Hold.objects.all().filter(matter__number="A-1").update(lifted_by=archive.leader, lifted_at=AT, lift_reason="x")
    for path in (LISTS, HOLDS):
        client.get(path)

    with CaptureQueriesContext(connection) as one:
        client.get(LISTS)
        client.get(HOLDS)
    for number in ("A-3", "A-4"):
        withdraw_list(disposal=propose_list(kind="answer_texts", by=archive.legal, at=AT), by=archive.legal)
        hold_matter(matter=make_case(number, archive.bureau.station, None), reason="诉讼", by=archive.legal, at=AT)
    with CaptureQueriesContext(connection) as three:
        assert text(client, LISTS).count("data-href") == 3
        assert text(client, HOLDS).count("冻结中 <i") == 3

    assert len(one) == len(three)


def test_a_matter_is_put_on_hold_and_let_go_on_the_page(archive: Archive) -> None:
    legal, leader = browser(archive.legal), browser(archive.leader)
    assert "在这里按事项编号冻结" in text(legal, HOLDS)
    wrong = legal.post(HOLDS, {"number": "没有的", "reason": "复议"})
    assert wrong.status_code == 422 and "没有这个编号的事项" in wrong.content.decode()

    legal.post(HOLDS, {"number": "A-1", "reason": "正在复议"})
    again = leader.post(HOLDS, {"number": "A-1", "reason": "又一次"})
    assert again.status_code == 422 and "已经冻结" in again.content.decode()
    hold = Hold.objects.get()
    own = legal.post(f"{HOLDS}{hold.pk}/lift/", {"reason": "已结"}, follow=True).content.decode()
    assert "须由另一人解除" in own
    leader.post(f"{HOLDS}{hold.pk}/lift/", {"reason": "复议已结"})

    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lift_reason) == (archive.leader, "复议已结")


def test_who_may_not_see_the_matter_neither_holds_it_nor_sees_its_hold(archive: Archive) -> None:
    hold = hold_matter(matter=archive.matter, reason="正在复议", by=archive.legal, at=AT)
    stranger = browser(archive.stranger)

    assert stranger.post(HOLDS, {"number": "A-1", "reason": "x"}).status_code == 422
    assert "共 <b>0</b> 条" in text(stranger, HOLDS)
    assert stranger.post(f"{HOLDS}{hold.pk}/lift/", {"reason": "x"}).status_code == 404
    assert browser(archive.head).get(HOLDS).status_code == 403


def test_a_round_without_a_list_does_nothing(archive: Archive) -> None:
    assert carry_out(at=AT).lists == 0
