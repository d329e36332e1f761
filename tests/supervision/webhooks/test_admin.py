"""Subscriptions and deliveries through their pages: kept to one's bureau, and without a word of what is told."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.audit.models import RowChange
from cases.models import Role
from cases.roles import plan_roles
from supervision.webhooks import admin
from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, Subscription
from supervision.webhooks.refusals import LEDGERS_BUSY, WebhookRefused
from supervision.webhooks.services import deliver, gather
from tests.cases.factories import Bureau, make_officer
from tests.rigs.gateway import Gateway
from tests.supervision.webhooks.factories import AT, MINUTE, queued, subscribe, swept

pytestmark = pytest.mark.django_db

LIST, ADD, SENT = "/webhooks/subscription/", "/webhooks/subscription/add/", "/webhooks/delivery/"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, receiver: Gateway) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + MINUTE)
    return AT + MINUTE


def sign_in(bureau: Bureau, role: Role, *, beside: bool = False) -> Client:
    unit = bureau.other_county if beside else bureau.county
    officer = make_officer(f"90000{'1' if beside else '0'}", unit, role)
    plan_roles()
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def keeper(bureau: Bureau) -> Client:
    return sign_in(bureau, Role.SYSTEM_ADMIN)


@pytest.fixture
def neighbour(bureau: Bureau) -> Client:
    return sign_in(bureau, Role.SYSTEM_ADMIN, beside=True)


def entered(bureau: Bureau, receiver: Gateway, **changed: Any) -> dict[str, Any]:
    return {
        "name": "门户",
        "unit": str(bureau.county.pk),
        "address": f"{receiver.url}/in",
        "events": ["bulletin.issued", "alert.overdue"],
        "secret_name": "PORTAL",
        "active": "on",
    } | changed


def page(client: Client, address: str, data: dict[str, Any] | None = None) -> str:
    answer = client.get(address) if data is None else client.post(address, data, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


# -- subscriptions -----------------------------------------------------------------------------------------------------


def test_an_administrator_enters_a_receiver_and_a_test_reaches_it(
    keeper: Client, bureau: Bureau, receiver: Gateway
) -> None:
    swept(bureau.station)
    page(keeper, ADD, entered(bureau, receiver))
    made = Subscription.objects.get()

    said = page(keeper, LIST, {"action": "test", "_selected_action": str(made.pk)})
    deliver(at=AT + 2 * MINUTE)

    assert (made.events, made.since, made.active) == ("alert.overdue,bulletin.issued", AT + MINUTE, True)
    assert made.alerts_read > 0
    assert "已向 1 个系统排队发送测试事件" in said
    (call,) = receiver.calls
    assert call.json["events"] == [{"id": "test", "event": "test", "at": "2026-03-16T08:01:00+08:00", "unit": "X"}]
    assert DeliveryStep.objects.get(action="queued").by is not None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": "https://elsewhere.example.cn/in"}, "主机 elsewhere.example.cn 不在允许之内"),
        ({"address": "门户"}, "地址要写成 https://主机/路径"),
        ({"secret_name": "OTHER"}, "环境变量 WEBHOOK_SECRET_OTHER 没有设置"),
        ({"secret_name": "portal"}, "只能用大写字母、数字和下划线"),
        ({"events": []}, "这个字段是必填项"),
        ({"events": ["alert.looked_at"]}, "alert.looked_at"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_lost(
    keeper: Client, bureau: Bureau, receiver: Gateway, changed: dict[str, Any], words: str
) -> None:
    said = page(keeper, ADD, entered(bureau, receiver, name="县局门户系统", **changed))

    assert words in said
    assert 'value="县局门户系统"' in said
    assert not Subscription.objects.exists()


def test_while_a_ledger_is_being_written_it_is_said_when_to_try_again(
    keeper: Client, bureau: Bureau, receiver: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> None:
        raise WebhookRefused(LEDGERS_BUSY)

    monkeypatch.setattr(admin.services, "where_ledgers_end", busy)

    said = page(keeper, ADD, entered(bureau, receiver, name="县局门户系统"))

    assert LEDGERS_BUSY in said and 'value="县局门户系统"' in said
    assert not Subscription.objects.exists()


def test_a_receiver_with_a_secret_to_come_is_entered_switched_off(
    keeper: Client, bureau: Bureau, receiver: Gateway
) -> None:
    data = entered(bureau, receiver, secret_name="LATER")
    data.pop("active")

    page(keeper, ADD, data)
    said = page(keeper, LIST)

    assert Subscription.objects.get().active is False
    assert "没有设置" in said


def test_what_is_changed_is_changed_and_the_place_in_the_ledgers_stays(
    keeper: Client, bureau: Bureau, receiver: Gateway
) -> None:
    made = subscribe(bureau.county, f"{receiver.url}/in")
    swept(bureau.station)
    gather(at=AT)
    read = Subscription.objects.get().alerts_read

    shown = page(keeper, f"{LIST}{made.pk}/change/")
    page(keeper, f"{LIST}{made.pk}/change/", entered(bureau, receiver, unit=str(bureau.station.pk), name="新门户"))

    made.refresh_from_db()
    assert 'name="unit"' not in shown and "checked" in shown
    assert (made.name, made.unit, made.events) == ("新门户", bureau.county, "alert.overdue,bulletin.issued")
    assert (made.alerts_read, made.since) == (read, AT)
    assert Delivery.objects.get().state == "waiting"


def test_switching_off_drops_what_waits_and_on_begins_anew(keeper: Client, bureau: Bureau, receiver: Gateway) -> None:
    made = subscribe(bureau.county, f"{receiver.url}/in")
    queued(made, 2)
    off = entered(bureau, receiver)
    off.pop("active")

    page(keeper, f"{LIST}{made.pk}/change/", off)
    dropped = list(Delivery.objects.values_list("state", flat=True))
    page(keeper, f"{LIST}{made.pk}/change/", entered(bureau, receiver))

    assert dropped == ["dropped", "dropped"]
    assert DeliveryStep.objects.filter(action="dropped", by__isnull=False, note="订阅已停用").count() == 2
    made.refresh_from_db()
    assert (made.active, made.since) == (True, AT + MINUTE)


def test_two_of_a_name_in_one_unit_are_refused_in_words(keeper: Client, bureau: Bureau, receiver: Gateway) -> None:
    subscribe(bureau.county, f"{receiver.url}/in", name="门户")

    assert "这个单位已有同名的订阅" in page(keeper, ADD, entered(bureau, receiver))


def test_nobody_deletes_a_subscription(keeper: Client, bureau: Bureau) -> None:
    made = subscribe(bureau.county)

    assert keeper.post(f"{LIST}{made.pk}/delete/", {"post": "yes"}).status_code == 403


def test_of_another_bureau_nothing_is_seen_changed_or_chosen(
    neighbour: Client, bureau: Bureau, receiver: Gateway
) -> None:
    made = subscribe(bureau.county, f"{receiver.url}/in", name="县局门户系统")
    (waiting,) = queued(made)

    assert "县局门户系统" not in page(neighbour, LIST) + page(neighbour, SENT)
    assert f"{waiting.uid}" not in page(neighbour, SENT + f"?subscription={made.pk}")
    assert neighbour.get(f"{LIST}{made.pk}/change/").status_code == 302
    assert neighbour.get(f"{SENT}{waiting.pk}/change/").status_code == 404
    assert neighbour.post(f"{SENT}{waiting.pk}/change/", {"act": "again"}).status_code == 404
    page(neighbour, ADD, entered(bureau, receiver))
    page(neighbour, LIST, {"action": "test", "_selected_action": str(made.pk)})
    assert Subscription.objects.count() == 1 and Delivery.objects.count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMIN])
def test_the_pages_are_the_system_administrators_alone(bureau: Bureau, role: Role) -> None:
    client = sign_in(bureau, role)
    (waiting,) = queued(subscribe(bureau.county))

    for address in (LIST, ADD, SENT, f"{SENT}{waiting.pk}/change/"):
        assert client.get(address).status_code == 403, address
    assert client.post(f"{SENT}{waiting.pk}/change/", {"act": "again"}).status_code == 403


def test_who_changed_where_things_go_is_on_record(keeper: Client, bureau: Bureau, receiver: Gateway) -> None:
    made = subscribe(bureau.county, f"{receiver.url}/in")

    page(keeper, f"{LIST}{made.pk}/change/", entered(bureau, receiver, address=f"{receiver.url}/elsewhere"))

    rows = RowChange.objects.filter(table_name="webhooks_subscription").order_by("pk")
    assert len(rows) == 2
    assert "/elsewhere" in str(rows[1].__dict__)


# -- deliveries --------------------------------------------------------------------------------------------------------


def test_a_delivery_and_its_story_are_shown_without_what_it_says(
    keeper: Client, bureau: Bureau, receiver: Gateway
) -> None:
    subscribe(bureau.county, f"{receiver.url}/in")
    (matter,) = swept(bureau.station)
    gather(at=AT)
    receiver.says("/in", (500, {}))
    deliver(at=AT)
    waiting = Delivery.objects.get()

    said = page(keeper, SENT) + page(keeper, f"{SENT}{waiting.pk}/change/")

    assert "预警发出（黄、橙）、届满超期（红）" in said and "接收系统暂不接收" in said and str(waiting.uid) in said
    assert matter.number not in said and "&quot;events&quot;" not in said
    assert "再发一次" not in said


def test_what_was_given_up_is_sent_again_or_let_go_of(keeper: Client, bureau: Bureau, receiver: Gateway) -> None:
    first, second = queued(subscribe(bureau.county, f"{receiver.url}/in"), 2)
    Delivery.objects.update(state=DeliveryState.GIVEN_UP, next_try_at=None, ended_at=AT, reason="拒收", tries=15)

    shown = page(keeper, f"{SENT}{first.pk}/change/")
    again = page(keeper, f"{SENT}{first.pk}/change/", {"act": "again"})
    once_more = page(keeper, f"{SENT}{first.pk}/change/", {"act": "again"})
    gone = page(keeper, f"{SENT}{second.pk}/change/", {"act": "drop"})
    deliver(at=AT + 2 * MINUTE)

    assert "再发一次" in shown and "不再推送" in shown
    assert "已重新排队" in again
    assert "没有办成：这次推送还在等待发送" in once_more
    assert "不再推送。" in gone
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "dropped"]
    (call,) = receiver.calls
    assert call.json["delivery"] == str(first.uid)


def test_all_that_a_receiver_missed_is_sent_again_at_once(keeper: Client, bureau: Bureau, receiver: Gateway) -> None:
    portal, off = subscribe(bureau.county, f"{receiver.url}/in"), subscribe(bureau.county)
    queued(portal, 3)
    queued(off)
    Delivery.objects.update(state=DeliveryState.GIVEN_UP, next_try_at=None, ended_at=AT, reason="拒收", tries=15)
    Subscription.objects.filter(pk=off.pk).update(active=False)

    said = page(keeper, LIST, {"action": "send_again", "_selected_action": [str(portal.pk), str(off.pk)]})

    assert f"{portal}：3 次推送已重新排队" in said
    assert f"“{off}”已停用，先启用再发" in said
    assert Delivery.objects.waiting().count() == 3


@pytest.mark.parametrize("address", [LIST, SENT])
def test_a_list_asks_as_much_for_many_rows_as_for_one(keeper: Client, bureau: Bureau, address: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(keeper, address)
        return len(queries)

    queued(subscribe(bureau.county))
    asked()
    one = asked()
    for _ in range(3):
        queued(subscribe(bureau.station), 2)

    assert asked() == one


def test_the_list_says_how_much_waits_and_was_given_up(keeper: Client, bureau: Bureau) -> None:
    given, *_ = queued(subscribe(bureau.county), 4)
    Delivery.objects.filter(pk=given.pk).update(
        state=DeliveryState.GIVEN_UP, next_try_at=None, ended_at=AT, reason="拒收"
    )

    said = page(keeper, LIST)

    cells = [
        re.sub(r"<[^>]+>|\s", "", said.partition(f"field-{name}")[2].partition(">")[2].partition("</td>")[0])
        for name in ("waiting", "given_up")
    ]
    assert cells == ["3", "1"]
