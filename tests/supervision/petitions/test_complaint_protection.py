"""信访工作条例 30 for complaints: the unit and officer complained about see neither it nor that there is one, anywhere."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import HandlingRole, Officer, Role
from cases.queries import clocks_of, events_of, kinds_of, limits_of, matters_of
from cases.roles import plan_roles
from supervision.alerts.queries import alerts_of, steps_of
from supervision.alerts.services import sweep
from supervision.petitions.complaint_acts import COMPLAINT_ACTS
from supervision.petitions.models import Complaint
from supervision.petitions.queries import complaint_likenesses_of, complaints_of
from supervision.petitions.services import (
    accept_complaint,
    find,
    look_at_complainant,
    name_complaint_handler,
    order_for_complaint,
)
from supervision.rectification.models import Problem
from tests.cases.factories import make_bureau, make_officer
from tests.supervision.petitions.factories import LI, WANG, make_complaint, petition_catalogue
from tests.supervision.petitions.test_protection import (
    OF_THE_LAW,
    WALKERS,
    Scene,
    addresses,
    fresh,
    people_who_must_not_know,
    without_what_was_asked,
)

SUBJECT = "对被盗电动车一案久拖不办还当面讥讽"
NUMBER = "GD-88431"
REASON = "调取接警台账后认定"
LIMIT = "转送交办事项书面告知"


@pytest.fixture
def scene(db: None) -> Scene:
    """Two complaints about one station and an officer of it, warned of, looked into and found."""
    petition_catalogue()
    bureau = make_bureau()
    plan_roles()
    now = timezone.now()
    registrar = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    strangers = people_who_must_not_know(bureau)
    long_ago = timezone.localdate(now) - timedelta(days=40)
    accused = strangers["accused case_officer"]
    told = {"subject": SUBJECT, "received_on": long_ago, "accused_officer": accused, "at": now}
    complaint = make_complaint(bureau, registrar, channel_number=NUMBER, **told)
    make_complaint(bureau, registrar, channel="12389", channel_number="JB-77120", complainant=WANG, **told)
    mover = strangers["moved to the accused"]
    name_complaint_handler(complaint=complaint, officer=mover, role=HandlingRole.LEGAL, by=registrar, at=now)
    Officer.objects.filter(pk=mover.pk).update(unit=bureau.station)
    look_at_complainant(complaint=complaint, reason="约定见面", by=registrar, at=now)
    accept_complaint(complaint=complaint, category="claim", on=long_ago, by=registrar, at=now)
    find(complaint=complaint, verdict="verified", reason=REASON, by=registrar, at=now)
    sweep(at=now)
    # The walk is of one matter, whatever its kind.
    return Scene(bureau, complaint, registrar, strangers)  # type: ignore[arg-type]


def telling_words() -> list[str]:
    """What would give it away: our numbers and the channels', words, persons, findings."""
    numbers = list(Complaint.objects.values_list("matter__number", flat=True))
    return [
        *numbers, NUMBER, "JB-77120", SUBJECT, SUBJECT[1:12], REASON, "约定见面", *LI.values(), *WANG.values(),
        LIMIT,
    ]  # fmt: skip


def searches(scene: Scene) -> list[str]:
    number = scene.petition.matter.number
    return [
        f"{reverse('desk:find')}?number={number}",
        f"{reverse('desk:matters')}?q={number}",
        f"{reverse('desk:matters')}?title={SUBJECT[2:8]}",
        f"{reverse('desk:clocks')}?q={number}&state=open",
        f"{reverse('alerts:alerts')}?q={number}&state=open",
        f"{reverse('petitions:complaints')}?q={number}",
        f"{reverse('petitions:complaints')}?q={NUMBER}",
        f"{reverse('admin:cases_event_changelist')}?q={number}",
    ]


def everything_read(officer: Officer) -> dict[str, int]:
    return {
        "matters": matters_of(officer).filter(kind__code="complaint").count(),
        "clocks": clocks_of(officer).filter(matter__kind__code="complaint").count(),
        "events": events_of(officer).filter(matter__kind__code="complaint").count(),
        "alerts": alerts_of(officer).filter(clock__matter__kind__code="complaint").count(),
        "steps": steps_of(officer).filter(clock__matter__kind__code="complaint").count(),
        "complaints": complaints_of(officer).count(),
        "likenesses": sum(complaint_likenesses_of(officer, one).count() for one in Complaint.objects.all()),
        "kinds": kinds_of(officer).filter(code="complaint").count(),
        "limits": limits_of(officer).filter(kinds__code="complaint").count(),
    }


def test_no_door_of_any_room_shows_a_row_to_whoever_does_not_handle_it(scene: Scene) -> None:
    seen = {name: everything_read(fresh(officer)) for name, officer in scene.strangers.items()}

    assert {name: doors for name, doors in seen.items() if any(doors.values())} == {}
    assert all(everything_read(fresh(scene.registrar)).values())


@pytest.mark.parametrize("name", [*WALKERS, "accused case_officer"])
def test_no_address_of_the_site_gives_it_away(scene: Scene, name: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(fresh(scene.strangers[name]))
    words, telling, opened = telling_words(), [], 0

    for address in dict.fromkeys([*addresses(scene), *searches(scene)]):
        if OF_THE_LAW.match(address):
            continue
        answer = client.get(address, follow=True)
        opened += answer.status_code == 200
        page = without_what_was_asked(getattr(answer, "content", b"").decode("utf-8", "ignore"), scene)
        # Which limits there are is everybody's, here too.
        law = {LIMIT} if address.startswith("/unit-ladders/") else set()
        telling += [f"{address}: {word}" for word in words if word not in law and word in page]

    assert telling == []
    assert opened > 5


def test_the_walk_comes_to_the_pages_of_complaints_and_a_handler_meets_it_there(scene: Scene) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(fresh(scene.registrar))
    number, pk = scene.petition.matter.number, scene.petition.pk

    met = {
        address
        for address in dict.fromkeys([*addresses(scene), *searches(scene)])
        if number in client.get(address, follow=True).content.decode("utf-8", "ignore")
    }

    assert {"/complaints/", f"/complaints/{pk}/", "/matters/", f"/matters/{pk}/", "/alerts/alertstep/"} <= met


def test_its_page_is_not_there_for_others_and_no_act_can_be_sent(scene: Scene) -> None:
    client, steps = Client(), Complaint.objects.get(pk=scene.petition.pk).steps.count()
    sent = [reverse("petitions:do_complaint", args=(scene.petition.pk, act.code)) for act in COMPLAINT_ACTS]
    sent.append(reverse("petitions:complainant", args=(scene.petition.pk,)))

    for name in ("accused unit_head", "accused case_officer", "moved to the accused", "superuser"):
        client.force_login(fresh(scene.strangers[name]))
        there = client.get(reverse("petitions:complaint", args=(scene.petition.pk,)))
        nowhere = client.get(reverse("petitions:complaint", args=(scene.petition.pk + 999,)))
        assert (there.status_code, there.content) == (404, nowhere.content)
        assert {client.post(address, {"on": "2026-09-12", "reason": "x"}).status_code for address in sent} == {404}

    assert Complaint.objects.get(pk=scene.petition.pk).steps.count() == steps


def test_an_order_for_the_fault_does_not_say_that_anybody_complained(scene: Scene) -> None:
    problem = Problem.objects.create(code="slow", name="拖延办案", fault="期限", law="某法", article="第一条")
    order = order_for_complaint(
        complaint=Complaint.objects.get(pk=scene.petition.pk), problem=problem.code, text="接报后未开展工作，立即补正。",
        by=scene.registrar, at=timezone.now(),
    )  # fmt: skip
    client = Client()

    for name in ("accused unit_head", "accused case_officer"):
        client.force_login(fresh(scene.strangers[name]))
        page = client.get(reverse("rectification:order", args=(order.pk,))).content.decode()
        assert order.number in page
        body = page[page.index('id="main"') :]
        assert [word for word in (*telling_words(), "投诉", "举报", "12345") if word in body] == []
