"""Orders through the page: open, fill in, send; then the row and the ledger."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from docx import Document
from pytest_django import DjangoAssertNumQueries

from cases.models import Officer, Role, Unit
from cases.services import name_handler
from supervision.rectification.models import Action, Evidence, Order, OrderState, OrderStep, Problem, Source
from supervision.rectification.refusals import NAMES_CLOSED_MATTER
from supervision.rectification.services import return_order, verify_order, withdraw_order
from tests.cases.factories import Bureau, clock_of, make_case, make_officer, moment
from tests.supervision.rectification.conftest import Opened
from tests.supervision.rectification.factories import AT, PDF, PNG, order_for, replied, taken, upload


def page_of(client: Client, order: Order, status: int = 200) -> str:
    answer = client.get(f"/orders/{order.pk}/")
    assert answer.status_code == status
    return answer.content.decode()


def send(client: Client, order: Order, verb: str, **entered: Any) -> HttpResponse:
    """Fill in the form the page offers and send it, with what the page said it was seen at."""
    page = page_of(client, order)
    found = re.search(rf'name="{verb}-seen" value="(\d+)"', page)
    assert found is not None, f"the page does not offer to {verb}"
    data = {f"{verb}-seen": found.group(1), **{f"{verb}-{name}": value for name, value in entered.items()}}
    answer = client.post(f"/orders/{order.pk}/{verb}/", data)
    order.refresh_from_db()
    return answer  # type: ignore[return-value]


def offered(page: str) -> set[str]:
    return set(re.findall(r'name="(\w+)-seen"', page))


# -- the list --------------------------------------------------------------------------------------------------------


def numbers(client: Client, query: str) -> set[str]:
    page = client.get(f"/orders/?{query}", follow=True)
    assert page.status_code == 200
    return set(re.findall(r">整改〔2026〕(\d+)号</a>", page.content.decode()))


@pytest.fixture
def several(
    bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> dict[str, str]:
    """Orders in every state, by what they are; at AT one of them is overdue."""
    made = {
        "old": order_for(
            bureau.station, officer, by=None, source=Source.ALERT, source_number="1", at=moment("2026-05-11")
        ),
        "fresh": order_for(bureau.station, officer, by=legal_officer, source_number="2", grade="listed"),
        "replied": order_for(bureau.sibling, None, by=None, source_number="3"),
        "returned": order_for(bureau.sibling, None, by=None, source_number="4", problem="slip"),
        "verified": order_for(bureau.station, None, by=None, source_number="5"),
        "withdrawn": order_for(bureau.station, None, by=None, source_number="6"),
    }
    for name in ("replied", "returned", "verified"):
        replied(made[name], officer, AT)
    return_order(order=made["returned"], reason="重办", by=legal_officer, at=AT)
    verify_order(order=made["verified"], by=legal_officer, at=AT)
    withdraw_order(order=made["withdrawn"], reason="不属实", by=legal_officer, at=AT)
    return {str(order.pk): name for name, order in made.items()}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"old", "fresh", "replied", "returned"}),
        ("state=", {"old", "fresh", "replied", "returned", "verified", "withdrawn"}),
        ("state=to_answer", {"old", "fresh", "returned"}),
        ("state=replied", {"replied"}),
        ("state=verified", {"verified"}),
        ("state=open&overdue=1", {"old"}),
        ("state=open&grade=listed", {"fresh"}),
        ("state=open&source=alert", {"old"}),
        ("state=open&repeated=1", {"fresh"}),
        ("state=&hasty=1", {"verified"}),
        ("state=open&mine=1", set()),
        ("state=open&officer=100001", {"old", "fresh"}),
        ("state=open&due_on_after=2026-05-22&due_on_before=2026-05-22", {"fresh", "replied"}),
        ("state=open&issued_before=2026-05-12", {"old"}),
        ("state=open&problem=nonsense", set()),
    ],
)
def test_filters_of_the_list(
    desk: Opened, several: dict[str, str], legal_officer: Officer, query: str, found: set[str]
) -> None:
    assert {several[number] for number in numbers(desk(legal_officer), query)} == found


def test_the_list_is_searched_by_problem_unit_and_number(
    desk: Opened, several: dict[str, str], bureau: Bureau, legal_officer: Officer
) -> None:
    client = desk(legal_officer)
    pk = next(iter(several))
    slip = Problem.objects.get(code="slip")

    assert numbers(client, f"state=&q=整改〔2026〕{pk}号") == {pk}
    assert numbers(client, f"state=&q={pk}") == {pk}
    assert {several[number] for number in numbers(client, f"state=&problem={slip.pk}")} == {"returned"}
    assert {several[number] for number in numbers(client, f"state=open&unit={bureau.sibling.pk}")} == {
        "replied",
        "returned",
    }


def test_an_officer_sees_his_own_orders_only_and_a_stranger_none(
    desk: Opened, several: dict[str, str], bureau: Bureau, officer: Officer
) -> None:
    far_away = make_officer("100030", bureau.other_station, Role.UNIT_HEAD)

    assert {several[number] for number in numbers(desk(officer), "state=")} == {"old", "fresh"}
    assert numbers(desk(far_away), "state=") == set()


def test_an_order_of_a_restricted_matter_is_not_in_the_list_nor_in_its_count_nor_has_it_a_page(
    desk: Opened, bureau: Bureau, officer: Officer, head: Officer, legal_officer: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, kind="letter")
    name_handler(matter=letter, officer=officer, role="officer", at=AT)
    order = order_for(bureau.station, officer, by=None, matter=letter)

    for outsider in (head, legal_officer):
        client = desk(outsider)
        assert "共 <b>0</b> 条" in client.get("/orders/?state=").content.decode()
        for address in ("", "order.docx", "reply.docx"):
            assert client.get(f"/orders/{order.pk}/{address}").status_code == 404
    assert "XF-1" in page_of(desk(officer), order)


def test_an_empty_list_says_why(desk: Opened, legal_officer: Officer) -> None:
    page = desk(legal_officer).get("/orders/?state=").content.decode()

    assert "没有整改" in page and "时限超期时系统自动下达" in page


def test_administrators_do_not_see_it(desk: Opened, bureau: Bureau, order: Order) -> None:
    client = desk(make_officer("900001", bureau.county, Role.SYSTEM_ADMIN))

    assert client.get("/orders/").status_code == 403
    assert client.get(f"/orders/{order.pk}/").status_code == 403


def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_three(
    desk: Opened,
    bureau: Bureau,
    officer: Officer,
    legal_officer: Officer,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = desk(legal_officer)

    def one_more(number: int) -> None:
        case = make_case(f"A-{number}", bureau.station, officer, filed="2026-05-01")
        order_for(bureau.station, officer, by=None, source_number=str(number), matter=case)

    one_more(0)
    # The first request of a minute also puts off the end of the session.
    client.get("/orders/?state=open")
    with django_assert_num_queries(15):
        client.get("/orders/?state=open")

    one_more(1)
    one_more(2)
    with django_assert_num_queries(15):
        assert "A-2" in client.get("/orders/?state=open").content.decode()


# -- the page of an order --------------------------------------------------------------------------------------------


def test_the_first_line_says_what_is_asked_by_when_and_on_what_ground(
    desk: Opened, order: Order, officer: Officer
) -> None:
    page = page_of(desk(officer), order)

    first = page[page.index('class="answer"') :]
    assert "城关派出所民警100001须于 2026-05-22 前答复：超过法定期限" in first
    assert "剩 3 天" in first and "《测试法》第一条" in first and "答复须附证据" in first


@pytest.mark.parametrize(
    ("role", "state", "verbs"),
    [
        (Role.CASE_OFFICER, "issued", {"reply"}),
        (Role.CASE_OFFICER, "replied", set()),
        (Role.UNIT_HEAD, "issued", {"reply", "reassign"}),
        (Role.UNIT_HEAD, "replied", {"endorse"}),
        (Role.LEGAL_OFFICER, "issued", {"extend", "reassign", "withdraw"}),
        (Role.LEGAL_OFFICER, "replied", {"verify", "return", "extend", "withdraw"}),
        (Role.LEGAL_OFFICER, "verified", {"reopen"}),
        (Role.LEADER, "replied", set()),
    ],
)  # fmt: skip
def test_each_is_offered_what_he_may_do_and_nothing_else(
    desk: Opened,
    bureau: Bureau,
    order: Order,
    officer: Officer,
    head: Officer,
    legal_officer: Officer,
    role: Role,
    state: str,
    verbs: set[str],
) -> None:
    people = {Role.CASE_OFFICER: officer, Role.UNIT_HEAD: head, Role.LEGAL_OFFICER: legal_officer}
    people[Role.LEADER] = make_officer("100040", bureau.county, Role.LEADER)
    client = desk(people[role])
    if state != "issued":
        replied(order, officer, AT)
    if state == "verified":
        verify_order(order=order, by=legal_officer, at=AT)

    page = page_of(client, order)

    assert offered(page) == verbs
    for verb in {"reply", "endorse", "return", "verify", "extend", "reopen", "withdraw", "reassign"} - verbs:
        answer = client.post(f"/orders/{order.pk}/{verb}/", {f"{verb}-seen": order.step_number, f"{verb}-reason": "试"})
        assert answer.status_code in (403, 422)
    assert OrderStep.objects.filter(order=order).count() == {"issued": 1, "replied": 2, "verified": 3}[state]


def test_the_page_asks_the_same_number_of_questions_for_one_reply_and_for_three(
    desk: Opened,
    order: Order,
    officer: Officer,
    legal_officer: Officer,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = desk(legal_officer)
    replied(order, officer, AT)
    page_of(client, order)
    with django_assert_num_queries(11):
        page_of(client, order)

    for content in (PNG, PNG + b"1"):
        return_order(order=order, reason="重办", by=legal_officer, at=AT)
        replied(order, officer, AT, taken("截图.png", content), taken("决定书.pdf"))
    with django_assert_num_queries(11):
        page_of(client, order)


# -- verbs through the page ------------------------------------------------------------------------------------------


def test_a_reply_with_files_is_sent_returned_sent_again_and_verified(
    desk: Opened, order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    handler, supervisor = desk(officer), desk(legal_officer)

    answer = send(handler, order, "reply", text="已作出决定", evidence=[upload(), upload("截图.png", PNG)])
    assert answer.status_code == 302
    assert (order.state, order.replied_by, order.evidence.count()) == (OrderState.REPLIED, officer, 2)
    assert "同一文件" not in page_of(handler, order)

    send(supervisor, order, "return", reason="没有送达回证")
    assert order.state == OrderState.RETURNED
    assert "没有送达回证" in page_of(handler, order)

    send(handler, order, "reply", text="补附回证", evidence=[upload()])
    assert "同一文件另见本件另一次答复" in page_of(supervisor, order)

    send(supervisor, order, "verify", text="属实")
    assert (order.state, order.verified_by) == (OrderState.VERIFIED, legal_officer)
    assert "答复后不到十分钟即核验通过" in page_of(supervisor, order)
    steps = OrderStep.objects.filter(order=order).order_by("number")
    assert [step.action for step in steps] == ["issued", "replied", "returned", "replied", "verified"]


def test_a_reply_without_evidence_keeps_what_was_written(desk: Opened, order: Order, officer: Officer) -> None:
    answer = send(desk(officer), order, "reply", text="我已经整改完毕")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "答复须附证据材料" in page and "我已经整改完毕" in page
    assert order.state == OrderState.ISSUED


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("决定书.pdf", b"MZ" + PDF, "内容不是PDF"), ("木马.exe", PDF, "不是可以收的文件")],
)
def test_a_file_that_is_not_what_it_says_is_refused_on_the_page(
    desk: Opened, order: Order, officer: Officer, name: str, content: bytes, said: str
) -> None:
    answer = send(desk(officer), order, "reply", text="已整改", evidence=[upload(), upload(name, content)])

    assert said in answer.content.decode()
    assert (order.state, Evidence.objects.count()) == (OrderState.ISSUED, 0)


def test_more_files_than_anybody_reads_are_refused(desk: Opened, order: Order, officer: Officer) -> None:
    files = [upload(f"{number}.pdf", PDF + bytes([number])) for number in range(11)]

    answer = send(desk(officer), order, "reply", text="已整改", evidence=files)

    assert "最多附 10 个文件" in answer.content.decode()
    assert order.state == OrderState.ISSUED


def test_who_comes_second_is_told_who_was_first_and_his_words_are_not_lost(
    desk: Opened, order: Order, officer: Officer, legal_officer: Officer, second_legal_officer: Officer
) -> None:
    replied(order, officer, AT)
    client = desk(second_legal_officer)
    seen = order.step_number
    verify_order(order=order, by=legal_officer, at=AT)

    answer = client.post(
        f"/orders/{order.pk}/return/", {"return-seen": seen, "return-reason": "送达回证上没有签名，请补"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"{legal_officer}已于 05-19 09:00 核验通过" in page
    assert "送达回证上没有签名，请补" in page
    order.refresh_from_db()
    assert order.state == OrderState.VERIFIED


def test_an_order_verified_by_its_replier_is_refused_even_past_the_page(
    desk: Opened, order: Order, legal_officer: Officer
) -> None:
    replied(order, legal_officer, AT)
    client = desk(legal_officer)
    assert "verify" not in offered(page_of(client, order))

    answer = client.post(f"/orders/{order.pk}/verify/", {"verify-seen": order.step_number})

    assert "参与过本件的答复，不能核验" in answer.content.decode()
    order.refresh_from_db()
    assert order.state == OrderState.REPLIED


def test_an_extension_a_reassignment_a_withdrawal_and_a_reopening(
    desk: Opened, bureau: Bureau, order: Order, officer: Officer, head: Officer, legal_officer: Officer
) -> None:
    colleague = make_officer("100050", bureau.station, Role.CASE_OFFICER)
    supervisor = desk(legal_officer)

    send(supervisor, order, "extend", due_on="2026-05-29", approver="100003", reason="等待鉴定")
    assert (str(order.due_on), order.extensions) == ("2026-05-29", 1)

    send(desk(head), order, "reassign", unit=bureau.station.pk, officer="100050", reason="原经办人休假")
    assert order.officer == colleague

    send(supervisor, order, "withdraw", reason="系统日期有误")
    assert order.state == OrderState.WITHDRAWN
    assert "已撤销，不必再办" in page_of(supervisor, order)

    send(supervisor, order, "reopen", workdays=2, reason="复核属实")
    assert (order.state, str(order.due_on)) == (OrderState.ISSUED, "2026-05-21")
    assert [step.action for step in OrderStep.objects.filter(order=order).order_by("number")] == [
        Action.ISSUED, Action.EXTENDED, Action.REASSIGNED, Action.WITHDRAWN, Action.REOPENED,
    ]  # fmt: skip


def test_a_head_gives_an_order_to_nobody_outside_his_unit(
    desk: Opened, bureau: Bureau, order: Order, head: Officer
) -> None:
    answer = send(desk(head), order, "reassign", unit=bureau.sibling.pk, reason="不归我管")

    assert answer.status_code == 422
    assert order.unit == bureau.station


def test_a_merged_unit_and_an_officer_who_left_are_shown_with_the_way_out(
    desk: Opened, bureau: Bureau, order: Order, officer: Officer, legal_officer: Officer
) -> None:
    client = desk(legal_officer)
    Unit.objects.filter(pk=bureau.station.pk).update(valid_until="2026-05-18")
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    page = page_of(client, order)
    assert "城关派出所已于 2026-05-18 撤并，请改派" in page
    assert "账号已停用，由单位负责人答复，或者改派" in page

    send(client, order, "reassign", unit=bureau.sibling.pk, officer="", reason="撤并")
    assert (order.unit, order.officer) == (bureau.sibling, None)


# -- issuing by hand -------------------------------------------------------------------------------------------------


def test_an_order_is_issued_from_the_page_of_a_matter(
    desk: Opened, bureau: Bureau, officer: Officer, legal_officer: Officer
) -> None:
    case = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    client = desk(legal_officer)
    link = f"/orders/new/?matter={case.pk}"
    assert link in client.get(f"/matters/{case.pk}/").content.decode()
    form = client.get(link).content.decode()
    assert 'value="100001"' in form and "超过法定期限（《测试法》第一条，督办，3 个工作日）" in form
    entered = {
        "problem": Problem.objects.get(code="overrun").pk,
        "text": "超期未决定",
        "unit": bureau.station.pk,
        "officer": "100001",
        "clock": clock_of(case).pk,
        "source": "supervisor",
    }

    answer = client.post(link, entered)

    issued = Order.objects.get()
    assert answer["Location"] == f"/orders/{issued.pk}/"
    assert (issued.matter, issued.clock, issued.officer, issued.by) == (case, clock_of(case), officer, legal_officer)
    assert (issued.source_number, str(issued.due_on)) == ("case/A-1/overrun", "2026-05-22")

    again = client.post(link, entered)
    assert again.status_code == 422
    assert f"同一来源已有未结的{issued.number}" in again.content.decode()
    assert Order.objects.count() == 1


def test_an_order_needs_no_matter(desk: Opened, bureau: Bureau, legal_officer: Officer) -> None:
    entered = {
        "problem": Problem.objects.get(code="slip").pk,
        "text": "多份文书有笔误",
        "unit": bureau.sibling.pk,
        "grade": "listed",
        "workdays": "1",
        "source": "review",
        "source_number": "评查2026-7",
    }

    desk(legal_officer).post("/orders/new/", entered)

    issued = Order.objects.get()
    assert (issued.matter, issued.officer, issued.grade, issued.source) == (None, None, "listed", Source.REVIEW)
    assert (issued.source_number, str(issued.due_on)) == ("评查2026-7", "2026-05-20")


@pytest.mark.parametrize("source", Source.silent())
def test_that_somebody_complained_is_no_source_to_choose_by_hand(
    desk: Opened, bureau: Bureau, legal_officer: Officer, source: Source
) -> None:
    client = desk(legal_officer)
    page = client.get("/orders/new/").content.decode()
    assert f'value="{source.value}"' not in page

    entered = {"problem": Problem.objects.get(code="slip").pk, "text": "有笔误", "unit": bureau.sibling.pk}
    answer = client.post("/orders/new/", {**entered, "source": source.value})

    assert answer.status_code == 422
    assert not Order.objects.exists()


@pytest.mark.parametrize("source", Source.silent())
def test_nobody_is_shown_that_an_order_came_from_a_complaint_nor_finds_it_by_that(
    desk: Opened, bureau: Bureau, head: Officer, legal_officer: Officer, source: Source
) -> None:
    order = order_for(bureau.station, None, by=None, source=source, source_number="XF-1")
    found = order_for(bureau.station, None, by=None, source=Source.REVIEW, source_number="P-1")

    for client in (desk(head), desk(legal_officer)):
        pages = [
            client.get(address).content.decode()
            for address in (f"/orders/{order.pk}/", "/orders/?state=open", "/orders/?state=open&source=supervisor")
        ]
        for page in pages:
            body = page[page.index('id="main"') :]
            assert "日常监督" in body
            assert [word for word in (str(source.label), "XF-1", f'value="{source.value}"') if word in body] == []
        assert order.number in pages[2] and found.number not in pages[2]
        # A choice that is not there narrows nothing.
        assert f'value="{source.value}" selected' not in client.get(f"/orders/?source={source}").content.decode()


def test_an_order_by_hand_may_not_name_a_matter_only_its_handlers_see(
    desk: Opened, bureau: Bureau, legal_officer: Officer
) -> None:
    mine, other = (make_case(number, bureau.legal, kind="letter") for number in ("XF-1", "XF-2"))
    name_handler(matter=mine, officer=legal_officer, role="legal", at=AT)
    client = desk(legal_officer)
    entered = {
        "problem": Problem.objects.get(code="slip").pk, "text": "有笔误", "unit": bureau.sibling.pk,
        "source": "supervisor",
    }  # fmt: skip

    for named in ({"text": f"经 {mine} 查明有笔误"}, {"source_number": str(mine)}):
        answer = client.post("/orders/new/", {**entered, **named})
        assert answer.status_code == 422
        assert NAMES_CLOSED_MATTER in answer.content.decode()
    assert not Order.objects.exists()

    # Of a matter that is not his he learns nothing here.
    client.post("/orders/new/", {**entered, "source_number": str(other)})
    assert Order.objects.get().source_number == "XF-2"


def test_who_may_not_order_is_not_offered_it(
    desk: Opened, bureau: Bureau, officer: Officer, stranger: Officer, legal_officer: Officer
) -> None:
    case = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    client = desk(officer)

    assert "/orders/new/" not in client.get(f"/matters/{case.pk}/").content.decode()
    assert "/orders/new/" not in client.get("/orders/?state=open").content.decode()
    assert client.get(f"/orders/new/?matter={case.pk}").status_code == 403
    assert desk(legal_officer).get("/orders/new/?matter=x").status_code == 404


# -- files and papers ------------------------------------------------------------------------------------------------


def test_a_file_is_handed_out_to_be_saved_to_whoever_sees_the_order_and_to_nobody_else(
    desk: Opened, order: Order, officer: Officer, stranger: Officer, legal_officer: Officer
) -> None:
    replied(order, officer, AT, taken("决定书.pdf"))
    address = f"/orders/{order.pk}/files/{order.evidence.get().pk}/"

    answer = desk(legal_officer).get(address)

    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert desk(stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_file_of_another_order_has_no_address_here(
    desk: Opened, bureau: Bureau, order: Order, officer: Officer, legal_officer: Officer
) -> None:
    other = order_for(bureau.station, officer, by=None, source_number="S-2")
    replied(other, officer, AT)

    assert desk(legal_officer).get(f"/orders/{order.pk}/files/{other.evidence.get().pk}/").status_code == 404


def test_a_damaged_file_is_not_handed_out(
    desk: Opened, order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    kept = order.evidence.get()
    (evidence_folder / kept.path).write_bytes(b"%PDF-altered")

    page = desk(legal_officer).get(f"/orders/{order.pk}/files/{kept.pk}/", follow=True).content.decode()

    assert "与收下时登记的摘要不符" in page


@pytest.mark.parametrize(("address", "title"), [("order.docx", "执法监督整改通知书"), ("reply.docx", "整改情况报告表")])
def test_the_papers_of_an_order(desk: Opened, order: Order, officer: Officer, address: str, title: str) -> None:
    answer = desk(officer).get(f"/orders/{order.pk}/{address}")

    paper = Document(io.BytesIO(answer.content))
    assert title in [paragraph.text for paragraph in paper.paragraphs]
    assert answer["Content-Disposition"].startswith("attachment;")
