"""The pages of complaints, opened, filled in and sent by their handlers."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.models import ApproverLevel, Clock, HandlingRole, Officer, Role
from cases.roles import plan_roles
from supervision.petitions.complaint_acts import COMPLAINT_ACTS
from supervision.petitions.filters import ComplaintFilter
from supervision.petitions.models import ComplainantLook, Complaint, ComplaintStage
from supervision.petitions.services import accept_complaint, find, name_complaint_handler
from supervision.rectification.models import Order, Problem
from tests.cases.factories import Bureau, make_bureau, make_officer
from tests.supervision.petitions.factories import AT, LI, make_complaint, petition_catalogue


@pytest.fixture
def bureau(db: None) -> Bureau:
    petition_catalogue()
    plan_roles()
    return make_bureau()


@pytest.fixture
def client(registrar: Officer) -> Client:
    client = Client()
    client.force_login(registrar)
    return client


@pytest.fixture
def complaint(bureau: Bureau, registrar: Officer) -> Complaint:
    now = timezone.now()
    return make_complaint(bureau, registrar, received_on=today(-3), at=now)


def today(days: int = 0) -> str:
    return f"{timezone.localdate() + timedelta(days=days)}"


def send(client: Client, complaint: Complaint, code: str, **told: object):
    return client.post(reverse("petitions:do_complaint", args=(complaint.pk, code)), told)


def body(client: Client, complaint: Complaint) -> str:
    page = client.get(reverse("petitions:complaint", args=(complaint.pk,))).content.decode()
    return page[page.index('id="main"') :]


def entered(bureau: Bureau, **changed: object) -> dict[str, object]:
    return {
        "channel": "12345", "channel_number": "GD-7", "received_on": today(-1), "subject": "没有出具回执",
        "unit": bureau.legal.pk, "accused_unit": bureau.station.pk, "name": LI["name"], "phone": LI["phone"], **changed,
    }  # fmt: skip


def test_a_complaint_is_registered_through_the_page(client: Client, bureau: Bureau) -> None:
    answer = client.post(reverse("petitions:new_complaint"), entered(bureau), follow=True)

    made = Complaint.objects.get()
    assert answer.redirect_chain == [(reverse("petitions:complaint", args=(made.pk,)), 302)]
    assert f"编号 {made.matter.number}" in answer.content.decode()
    assert LI["name"] not in answer.content.decode()


def test_what_is_refused_comes_back_with_what_was_written(client: Client, bureau: Bureau) -> None:
    for changed, words in (
        ({"channel_number": ""}, "都有编号"),
        ({"accused_officer": "999999"}, "没有警号为“999999”的在用民警"),
        ({"about": "没有"}, "您可以看到的案件中没有编号“没有”"),
        ({"name": "", "phone": ""}, "请选“匿名”"),
    ):
        answer = client.post(reverse("petitions:new_complaint"), entered(bureau, **changed))
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert "没有出具回执" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]

    assert not Complaint.objects.exists()


def test_who_receives_complaints_registers_and_imports_them_and_nobody_else(bureau: Bureau) -> None:
    for name in ("petitions:new_complaint", "petitions:complaint_import"):
        client, may = Client(), set()
        for number, role in enumerate(Role):
            officer = Officer.objects.filter(police_number=f"80{number:04}").first()
            client.force_login(officer or make_officer(f"80{number:04}", bureau.county, role))
            if client.get(reverse(name)).status_code == 200:
                may.add(role)
        assert may == {Role.LEGAL_OFFICER, Role.INSPECTOR}


def test_a_complaint_is_walked_to_its_end_through_the_page(client: Client, complaint: Complaint) -> None:
    problem = Problem.objects.create(code="slow", name="拖延", fault="期限", law="某法", article="第一条")
    for code, told in (
        ("notify", {"on": today()}),
        ("accept", {"on": today(), "category": "claim"}),
        ("find", {"verdict": "verified", "reason": "没有出具回执属实"}),
        ("order", {"problem": problem.code, "text": "接报后未出具回执，立即补正。"}),
        ("reply", {"on": today()}),
        ("evaluate", {}),
        ("close", {"on": today(), "note": ""}),
    ):
        answer = send(client, complaint, code, **told)
        assert answer.status_code == 302, (code, answer.content.decode())

    page = body(client, complaint)
    complaint.refresh_from_db()
    assert complaint.stage == ComplaintStage.CLOSED
    for words in ("已办结", "属实", "没有出具回执属实", "已请投诉人评价", Order.objects.get().number, "信访工作条例"):
        assert words in page


def due_on(complaint: Complaint) -> date:
    day: date = Clock.objects.get(matter=complaint.pk, limit__code="xf_complete_60d").due_on
    return day


def test_an_extension_is_approved_and_told_of_through_the_page_and_counts_from_then(
    client: Client, complaint: Complaint
) -> None:
    send(client, complaint, "accept", on=today(), category="claim")
    level, before = ApproverLevel.objects.get(code="county_leader"), due_on(complaint)
    assert "批准延长三十日" in body(client, complaint)

    send(client, complaint, "extend", on=today(), approver=level.pk, ground="情况复杂")
    page = body(client, complaint)
    assert "延长还不完整" in page
    assert f"情况复杂，{level}批准" in page
    assert due_on(complaint) == before
    send(client, complaint, "tell_extension", on=today(), document_number="延告1号")

    page = body(client, complaint)
    assert "延长还不完整" not in page
    assert "批准延长三十日</summary>" not in page
    assert due_on(complaint) - before >= timedelta(days=27)  # both ends may have moved from a day off to a worked day


def test_an_extension_approved_too_low_is_named_beside_its_clock(client: Client, complaint: Complaint) -> None:
    send(client, complaint, "accept", on=today(), category="claim")
    level, before = ApproverLevel.objects.get(code="department_head"), due_on(complaint)

    send(client, complaint, "extend", on=today(), approver=level.pk, ground="情况复杂")
    send(client, complaint, "tell_extension", on=today())

    assert due_on(complaint) == before
    assert f"批准层级“{level}”不够" in body(client, complaint)


def test_an_accusation_is_not_offered_more_time(client: Client, complaint: Complaint) -> None:
    send(client, complaint, "accept", on=today(), category="accusation")

    assert "批准延长三十日" not in body(client, complaint)


def test_it_is_looked_into_again_through_the_page_which_keeps_what_was_found_before(
    client: Client, complaint: Complaint
) -> None:
    closed(client, complaint)

    assert send(client, complaint, "reopen", on=today(), why="提供了新的录音").status_code == 302

    page = body(client, complaint)
    for words in ("须再认定、再答复", "提供了新的录音", "原认定：部分属实", "调取录像认定"):
        assert words in page
    assert "批准延长三十日" not in page


def closed(client: Client, complaint: Complaint) -> None:
    for code, told in (
        ("accept", {"on": today(), "category": "claim"}),
        ("find", {"verdict": "partly", "reason": "调取录像认定"}),
        ("reply", {"on": today()}),
        ("close", {"on": today(), "note": ""}),
    ):
        assert send(client, complaint, code, **told).status_code == 302


def test_two_dispose_of_it_through_the_page_and_who_asked_is_not_offered_to_confirm(
    client: Client, complaint: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    second = make_officer("500001", bureau.legal, Role.LEGAL_OFFICER)
    name_complaint_handler(
        complaint=complaint, officer=second, role=HandlingRole.LEGAL, by=registrar, at=timezone.now()
    )
    closed(client, complaint)
    early = send(client, complaint, "ask_disposal", reason="期满")
    assert (early.status_code, "届时方可销毁" in early.content.decode()) == (422, True)
    Complaint.objects.filter(pk=complaint.pk).update(retain_until=timezone.localdate())

    assert send(client, complaint, "ask_disposal", reason="期满").status_code == 302
    assert "待另一人确认" in body(client, complaint)
    assert "确认销毁</summary>" not in body(client, complaint)
    assert send(client, complaint, "confirm_disposal").status_code == 422
    other = Client()
    other.force_login(second)
    assert "确认销毁</summary>" in body(other, complaint)
    assert send(other, complaint, "confirm_disposal").status_code == 302

    page = body(client, complaint)
    for words in ("身份和内容已销毁", "身份信息已销毁", "（已按规定销毁）"):
        assert words in page
    for words in (complaint.subject, "调取录像认定", "重新核查</summary>", "查看身份并记录", "告知接收情况</summary>"):
        assert words not in page


def test_the_page_says_what_is_due_and_where_the_law_names_no_number_of_days(
    client: Client, complaint: Complaint
) -> None:
    assert "下一个法定期限" in body(client, complaint)
    send(client, complaint, "accept", on=today(), category="accusation")

    assert "法律没有规定答复的天数" in body(client, complaint)


def test_two_that_may_be_one_are_marked_and_merged_by_the_handler(
    client: Client, complaint: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    now = timezone.now()
    again = make_complaint(bureau, registrar, channel="12389", received_on=today(-1), at=now)
    assert "疑似同一件" in client.get(reverse("petitions:complaints")).content.decode()
    assert "投诉人相同" in body(client, again)
    assert "没有编号“没有”" in send(client, again, "take_in", into="没有").content.decode()

    assert send(client, again, "take_in", into=complaint.matter.number).status_code == 302

    assert "已并入：<a" in " ".join(body(client, again).split())
    assert "已并入 <a" in body(client, complaint)


def test_a_pair_is_set_apart_on_the_page(
    client: Client, complaint: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    again = make_complaint(bureau, registrar, channel="12389", received_on=today(-1), at=timezone.now())

    assert send(client, again, "apart", likeness=again.likenesses.get().pk).status_code == 302

    assert again.likenesses.get().state == "different"


def test_a_refused_act_leaves_the_page_open_with_its_reason(client: Client, complaint: Complaint) -> None:
    answer = send(client, complaint, "find", verdict="verified", reason="查了")

    assert answer.status_code == 422
    assert "现在是“已登记”，不能办理“认定”" in answer.content.decode()
    assert send(client, complaint, "erase").status_code == 404


def test_what_is_not_for_a_role_is_refused_even_to_a_handler(
    complaint: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    handler = make_officer("800001", bureau.sibling, Role.CASE_OFFICER)
    name_complaint_handler(
        complaint=complaint, officer=handler, role=HandlingRole.OFFICER, by=registrar, at=timezone.now()
    )
    client = Client()
    client.force_login(Officer.objects.get(pk=handler.pk))

    assert send(client, complaint, "accept", on=today(), category="claim").status_code == 403
    assert send(client, complaint, "order").status_code == 403
    assert send(client, complaint, "notify", on=today()).status_code == 302


def test_who_accuses_himself_out_is_led_back_to_the_list(
    complaint: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    second = make_officer("800001", bureau.sibling, Role.LEGAL_OFFICER)
    name_complaint_handler(
        complaint=complaint, officer=second, role=HandlingRole.LEGAL, by=registrar, at=timezone.now()
    )
    client = Client()
    client.force_login(Officer.objects.get(pk=second.pk))

    answer = client.post(
        reverse("petitions:do_complaint", args=(complaint.pk, "accuse")), {"officers": "800001"}, follow=True
    )

    assert answer.redirect_chain == [(reverse("petitions:complaints"), 302)]
    assert complaint.matter.number not in answer.content.decode()


def test_identity_is_shown_once_for_a_reason_and_kept_nowhere(client: Client, complaint: Complaint) -> None:
    address = reverse("petitions:complainant", args=(complaint.pk,))
    assert client.get(address).status_code == 405
    assert client.post(address, {"reason": ""}).status_code == 422
    assert not ComplainantLook.objects.exists()

    answer = client.post(address, {"reason": "约谈"})

    assert LI["identity"] in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert ComplainantLook.objects.get().reason == "约谈"
    assert LI["identity"] not in body(client, complaint)


# -- importing ---------------------------------------------------------------------------------------------------------


def upload(client: Client, text: str, act: str, name: str = "工单.csv"):
    file = SimpleUploadedFile(name, text.encode())
    return client.post(reverse("petitions:complaint_import"), {"channel": "12345", "file": file, "act": act})


def test_a_register_is_looked_at_then_imported_and_no_copy_of_it_stays(
    client: Client, bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = f"工单编号,派单日期,诉求内容,被投诉单位,投诉人\nGD-1,{today(-1)},没有回执,{bureau.station.code},李某甲\n,,缺,,\n"

    page = upload(client, text, "preview").content.decode()
    assert "预览：将新增 1 件，退回 1 行" in page
    assert "不能为空" in page
    assert not Complaint.objects.exists()

    page = upload(client, text, "load").content.decode()
    assert "已新增 1 件" in page
    assert "李某甲" not in page
    assert Complaint.objects.count() == 1
    assert list(tmp_path.rglob("*")) == []
    assert not any("李某甲" in file.read_text(errors="ignore") for file in _kept())
    assert "已登记、未变</dt><dd>1" in upload(client, text, "load").content.decode()


def _kept() -> list[Path]:
    return [file for file in (Path(settings.MEDIA_ROOT) / "imports").rglob("*") if file.is_file()]


def test_a_file_that_cannot_be_read_says_why(client: Client, bureau: Bureau) -> None:
    answer = upload(client, "甲,乙\n1,2\n", "preview")
    assert answer.status_code == 422
    assert "文件中没有对应表“投诉举报”所需的列" in answer.content.decode()

    assert "请选择 .csv 或者 .xlsx 文件" in upload(client, "x", "preview", "a.exe").content.decode()


# -- the list ----------------------------------------------------------------------------------------------------------

QUERIES_OF_THE_LIST = 14


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    client: Client, complaint: Complaint, bureau: Bureau, registrar: Officer,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client.get(reverse("petitions:complaints"))
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        client.get(reverse("petitions:complaints"))
    for number in (2, 3):
        make_complaint(bureau, registrar, channel_number=f"GD-{number}", received_on=today(-1), at=timezone.now())
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        client.get(reverse("petitions:complaints"))


NOT_FILTERED = {
    "year", "serial", "channel_number", "about",  # by number
    "verdict_reason", "found_by", "found_at", "same_as", "replied_at", "evaluation_asked_at", "closed_at",  # by stage
    "ordered_at", "accused_officer", "reply_asked_on", "registered_by", "registered_at",  # seen in the row or its page
    "retain_until", "disposed_at",  # so are these
    "tell_since", "tell_extension_since", "tell_reply_since", "unhandled_told_at",  # the house's own memory of what was told
}  # fmt: skip
FILTERED_AS = {"matter": "q", "received_at": "received", "order_number": "ordered"}


def test_no_supervised_field_is_forgotten_by_the_filter() -> None:
    fields = {field.name for field in Complaint._meta.concrete_fields} - NOT_FILTERED

    assert {FILTERED_AS.get(name, name) for name in fields} - ComplaintFilter.base_filters.keys() == set()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1", "2"]),
        ({"q": "投诉202600002"}, ["2"]),
        ({"q": " jb-1"}, ["2"]),
        ({"stage": "open"}, ["1", "2"]),
        ({"stage": "found"}, ["2"]),
        ({"channel": "12345"}, ["1"]),
        ({"verdict": "none"}, ["1"]),
        ({"verdict": "cannot"}, ["2"]),
        ({"enterprise": "yes"}, ["2"]),
        ({"enterprise": "no"}, ["1"]),
        ({"anonymous": "yes"}, ["2"]),
        ({"category": "accusation"}, ["2"]),
        ({"subject": "货车"}, ["2"]),
        ({"accused_unit": "没有这个所"}, []),
        ({"ordered": "yes"}, []),
        ({"ordered": "no"}, ["1", "2"]),
        ({"received_after": "2026-09-12"}, []),
    ],
)
def test_each_condition_narrows_as_it_says(
    bureau: Bureau, registrar: Officer, query: dict[str, str], found: list[str]
) -> None:
    make_complaint(bureau, registrar)
    second = make_complaint(
        bureau, registrar, channel="12389", channel_number="JB-1", subject="扣押货车", enterprise=True, anonymous=True
    )
    accept_complaint(complaint=second, category="accusation", on=AT.date(), by=registrar, at=AT)
    find(complaint=second, verdict="cannot", reason="没有线索", by=registrar, at=AT)

    request = RequestFactory().get("/", query)
    request.user = registrar
    rows = ComplaintFilter(request.GET, Complaint.objects.all(), request=request, at=AT).rows

    assert sorted(row.matter.number[-1] for row in rows.select_related("matter")) == found


def test_every_act_has_a_place_on_the_page() -> None:
    assert {act.section for act in COMPLAINT_ACTS} == {"stage", "likeness", "people", "disposal"}
    assert len({act.code for act in COMPLAINT_ACTS}) == len(COMPLAINT_ACTS)
