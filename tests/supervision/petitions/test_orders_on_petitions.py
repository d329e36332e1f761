"""An order that the system gives about a petition: only handlers see it, so a handler answers it, whatever his role."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import HandlingRole, LevelDemand, Officer, Role
from cases.roles import plan_roles
from supervision.alerts.models import Alert
from supervision.alerts.services import order_due, sweep
from supervision.petitions.services import assign_handler
from supervision.rectification.models import Order, OrderState, Problem
from supervision.rectification.queries import orders_of, untold, waiting_for
from tests.cases.factories import make_officer, moment
from tests.supervision.petitions.factories import AT, Scene

LATE = moment("2026-10-12 09:00")


@pytest.fixture
def order(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Order:
    """The notice was not given in fifteen days, and the system orders it to be."""
    Problem.objects.create(
        code="overrun", name="超过时限", fault="期限", law="某法", article="第一条", needs_evidence=False
    )
    plan_roles()
    sweep(at=LATE)
    Alert.objects.update(demands=LevelDemand.ORDER)
    assert order_due(at=LATE).ordered == 1
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATE)
    return Order.objects.get()


def opened(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def reply(order: Order, by: Officer, at: datetime = LATE) -> int:
    fields = {"reply-text": "已书面告知", "reply-seen": order.step_number}
    status: int = opened(by).post(reverse("rectification:act", args=(order.pk, "reply")), fields).status_code
    return status


def test_it_has_no_officer_and_its_handlers_are_told_of_it(scene: Scene, order: Order) -> None:
    assert (order.officer, order.unit) == (None, scene.bureau.legal)
    assert [one.officer_id for one in untold(at=LATE)] == [scene.registrar.pk]
    assert list(waiting_for(orders_of(scene.registrar), scene.registrar, "reply")) == [order]


def test_its_handler_is_offered_the_reply_and_told_why_it_is_his(scene: Scene, order: Order) -> None:
    page = opened(scene.registrar).get(reverse("rectification:order", args=(order.pk,))).content.decode()

    assert "这件整改责任单位看不到，由经办人答复" in page
    assert 'id="reply"' in page
    assert reply(order, scene.registrar) == 302
    assert Order.objects.get().state == OrderState.REPLIED


def test_the_head_of_the_unit_neither_sees_nor_answers_it(scene: Scene, order: Order) -> None:
    head = make_officer("100020", scene.bureau.legal, Role.UNIT_HEAD)

    assert opened(head).get(reverse("rectification:order", args=(order.pk,))).status_code == 404
    assert reply(order, head) == 404
    assert not waiting_for(orders_of(head), head, "reply").exists()


def test_another_handler_verifies_what_one_has_answered(scene: Scene, order: Order) -> None:
    second = make_officer("100021", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=second, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)
    reply(order, scene.registrar)
    address = reverse("rectification:act", args=(order.pk, "verify"))
    seen = {"verify-seen": 2, "verify-text": ""}

    assert opened(scene.registrar).post(address, seen).status_code == 422
    assert opened(second).post(address, seen).status_code == 302

    assert Order.objects.get().state == OrderState.VERIFIED


def test_on_an_order_everybody_of_the_unit_sees_a_legal_officer_still_answers_for_nobody(
    scene: Scene, order: Order
) -> None:
    Order.objects.filter(pk=order.pk).update(matter=None, clock=None, restricted=False)

    assert reply(order, scene.registrar) == 403
