"""The pages of a petition, opened, filled in and sent by its handlers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import HandlingRole, Officer, Role
from cases.roles import plan_roles
from cases.services import name_handler, open_matter
from supervision.petitions.acts import ACTS
from supervision.petitions.models import Contact, IdentityLook, Lead, LookBack, Measure, Petition, Stage
from supervision.petitions.services import assign_handler
from supervision.rectification.models import Order, Problem
from tests.cases.factories import Bureau, make_bureau, make_officer
from tests.supervision.petitions.factories import LI, make_petition, petition_catalogue


@pytest.fixture
def bureau(db: None) -> Bureau:
    petition_catalogue()
    plan_roles()
    return make_bureau()


@pytest.fixture
def petition(bureau: Bureau, registrar: Officer) -> Petition:
    now = timezone.now()
    received = f"{timezone.localdate(now) - timedelta(days=3)}"
    return make_petition(bureau, registrar, received_on=received, at=now)


@pytest.fixture
def client(registrar: Officer) -> Client:
    client = Client()
    client.force_login(registrar)
    return client


def today(days: int = 0) -> str:
    return f"{timezone.localdate() + timedelta(days=days)}"


def send(client: Client, petition: Petition, code: str, **told: object):
    return client.post(reverse("petitions:do", args=(petition.pk, code)), told)


def body(client: Client, petition: Petition) -> str:
    page = client.get(reverse("petitions:petition", args=(petition.pk,))).content.decode()
    return page[page.index('id="main"') :]


# -- registering -------------------------------------------------------------------------------------------------------


def registration(bureau: Bureau, **changed: object) -> dict[str, object]:
    return {
        "channel": "letter", "received_on": today(-1), "subject": "反映案件久拖不决", "grade": "ordinary", "persons": 1,
        "unit": bureau.legal.pk, "handlers": "", "accused_units": [bureau.station.pk], "accused_officers": "",
        "underlying": "", "name": LI["name"], "identity": LI["identity"], "phone": LI["phone"], "address": "", **changed,
    }  # fmt: skip


def test_a_petition_is_registered_through_the_page_and_its_number_is_told(client: Client, bureau: Bureau) -> None:
    answer = client.post(reverse("petitions:new"), registration(bureau), follow=True)

    made = Petition.objects.get()
    assert answer.redirect_chain == [(reverse("petitions:petition", args=(made.pk,)), 302)]
    assert f"回执编号 {made.matter.number}" in answer.content.decode()
    # Who asks is not on the page.
    assert LI["name"] not in answer.content.decode()


def test_what_is_refused_comes_back_with_what_was_written(client: Client, bureau: Bureau) -> None:
    answer = client.post(reverse("petitions:new"), registration(bureau, unit=bureau.station.pk))
    assert answer.status_code == 422

    answer = client.post(reverse("petitions:new"), registration(bureau, accused_units=[bureau.county.pk]))
    assert answer.status_code == 422
    assert "是被反映的单位或者在其之下" in answer.content.decode()
    assert "反映案件久拖不决" in answer.content.decode()

    answer = client.post(reverse("petitions:new"), registration(bureau, accused_officers="999999"))
    assert "没有警号为“999999”的在用民警" in answer.content.decode()
    assert not Petition.objects.exists()


def test_who_receives_petitions_registers_them_and_nobody_else(bureau: Bureau) -> None:
    client, may = Client(), set()
    for number, role in enumerate(Role):
        client.force_login(make_officer(f"80{number:04}", bureau.county, role))
        if client.get(reverse("petitions:new")).status_code == 200:
            may.add(role)

    assert may == {Role.LEGAL_OFFICER, Role.INSPECTOR}


# -- the page ----------------------------------------------------------------------------------------------------------


def test_a_petition_is_walked_to_its_rest_through_the_page(
    client: Client, petition: Petition, bureau: Bureau, leader: Officer, registrar: Officer
) -> None:
    problem = Problem.objects.create(code="slow", name="拖延", fault="期限", law="某法", article="第一条")
    for code, told in (
        ("notify", {"on": today()}),
        ("decide", {"on": today(), "route": "claim_other", "grade": "difficult"}),
        ("lead", {"officer": leader.police_number}),
        ("plan", {"aim": "核查后依法处理"}),
        ("measure", {"what": "调阅案卷", "officer": registrar.pk, "due_on": today(3)}),
        ("contact", {"service": "reception", "planned_on": today(1), "officer": registrar.pk}),
        ("look_back", {"cause": "delay", "unit": bureau.station.pk, "officer": "", "finding": "拖延属实"}),
        ("meeting", {"held_on": today(), "chair": leader.pk, "minutes": "限期办结"}),
    ):
        answer = send(client, petition, code, **told)
        assert answer.status_code == 302, (code, answer.content.decode())
    measure, contact, found = Measure.objects.get(), Contact.objects.get(), LookBack.objects.get()
    meeting = petition.meetings.get()
    for code, told in (
        ("finish", {"measure": measure.pk, "result": "已调阅"}),
        ("held", {"contact": contact.pk, "result": "已接待", "next_on": today(7), "next_service": "explanation"}),
        ("order", {"found": found.pk, "problem": problem.code, "text": "未及时开展工作，立即补正。"}),
        ("decision", {"meeting": meeting.pk, "what": "报结果", "officer": registrar.pk, "reply_due_on": today(2)}),
        ("reply", {"text": "已报"}),
        ("answer", {"on": today(), "conclusion": "supported", "document_number": "意见1号"}),
        ("deliver", {"on": today()}),
        ("ask_evaluation", {}),
        ("take_evaluation", {"grade": 1, "text": "满意"}),
        ("resolve", {"on": today(), "how": "已立案"}),
    ):
        if code == "reply":
            told = {**told, "decision": meeting.decisions.get().pk}
        answer = send(client, petition, code, **told)
        assert answer.status_code == 302, (code, answer.content.decode())

    petition.refresh_from_db()
    page = body(client, petition)
    assert petition.stage == Stage.RESOLVED
    assert Order.objects.get().number in page
    for words in ("已化解", "满意", "已调阅", "180 日", "待复查", "拖延属实", "释法说理"):
        assert words in page


def test_the_first_line_says_the_stage_and_the_next_legal_date(client: Client, petition: Petition) -> None:
    page = body(client, petition)

    assert "已登记，下一个法定期限" in " ".join(page.split())
    assert "信访接收情况书面告知" in page
    assert "还没有包案领导" in page


def test_an_incomplete_extension_is_told_on_the_page(client: Client, petition: Petition) -> None:
    send(client, petition, "decide", on=today(), route="claim_other", grade="ordinary")
    send(client, petition, "extend", on=today(), approver=level("county_leader"), ground="情况复杂")
    assert "延长还不完整" in body(client, petition)

    send(client, petition, "tell_extension", on=today())
    assert "延长还不完整" not in body(client, petition)


def level(code: str) -> int:
    from cases.models import ApproverLevel  # import here: only this test needs it

    return ApproverLevel.objects.get(code=code).pk


def test_a_refused_act_leaves_the_page_open_with_its_reason(client: Client, petition: Petition) -> None:
    answer = send(client, petition, "lead", officer="100001")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "现在没有领导职务" in page
    assert not Lead.objects.exists()


def test_an_unknown_act_is_a_page_that_is_not_there(client: Client, petition: Petition) -> None:
    assert send(client, petition, "erase").status_code == 404


def test_what_is_not_for_a_role_is_refused_even_to_a_handler(
    petition: Petition, bureau: Bureau, registrar: Officer
) -> None:
    handler = make_officer("800001", bureau.sibling, Role.CASE_OFFICER)
    assign_handler(petition=petition, officer=handler, role=HandlingRole.OFFICER, by=registrar, at=timezone.now())
    client = Client()
    client.force_login(Officer.objects.get(pk=handler.pk))

    assert send(client, petition, "decide", on=today(), route="claim_other", grade="ordinary").status_code == 403
    assert send(client, petition, "order").status_code == 403
    assert send(client, petition, "notify", on=today()).status_code == 302
    assert "受理、导入程序" not in body(client, petition)


def test_who_recuses_himself_is_led_back_to_a_list_without_it(
    petition: Petition, bureau: Bureau, registrar: Officer
) -> None:
    second = make_officer("800001", bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=petition, officer=second, role=HandlingRole.LEGAL, by=registrar, at=timezone.now())
    client = Client()
    client.force_login(Officer.objects.get(pk=second.pk))

    answer = client.post(
        reverse("petitions:do", args=(petition.pk, "recuse")), {"officer": "800001", "reason": "亲属"}, follow=True
    )

    assert answer.redirect_chain == [(reverse("petitions:petitions"), 302)]
    assert petition.matter.number not in answer.content.decode()


def test_a_petition_entered_elsewhere_is_offered_above_the_list_and_taken_up(
    client: Client, bureau: Bureau, registrar: Officer
) -> None:
    matter = open_matter(kind="petition", number="信访台账-7", unit=bureau.legal, title="反映久拖不决")
    name_handler(matter=matter, officer=registrar, role=HandlingRole.LEGAL, at=timezone.now())
    assert "信访台账-7" in client.get(reverse("petitions:petitions")).content.decode()

    assert (
        "请选择渠道"
        in client.post(
            reverse("petitions:take_up", args=(matter.pk,)), {"channel": "pigeon"}, follow=True
        ).content.decode()
    )
    client.post(reverse("petitions:take_up", args=(matter.pk,)), {"channel": "letter"})

    assert Petition.objects.get().matter == matter
    assert client.post(reverse("petitions:take_up", args=(matter.pk,)), {"channel": "letter"}).status_code == 404


# -- identity ----------------------------------------------------------------------------------------------------------


def test_identity_is_shown_once_for_a_reason_and_kept_nowhere(client: Client, petition: Petition) -> None:
    address = reverse("petitions:identity", args=(petition.pk,))
    assert client.get(address).status_code == 405
    assert client.post(address, {"reason": ""}).status_code == 422
    assert not IdentityLook.objects.exists()

    answer = client.post(address, {"reason": "约定见面"})

    assert LI["identity"] in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert IdentityLook.objects.get().reason == "约定见面"
    assert LI["identity"] not in body(client, petition)
    assert "约定见面" in body(client, petition)


def test_every_act_has_a_place_on_the_page() -> None:
    sections = {"stage", "lead", "plan", "service", "look_back", "meeting", "recheck", "people", "identity"}

    assert {act.section for act in ACTS} == sections | {"likeness", "disposal"}
    assert len({act.code for act in ACTS}) == len(ACTS)
