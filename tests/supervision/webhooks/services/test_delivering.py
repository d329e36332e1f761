"""What waits is sent, signed, in its order; and one receiver that misbehaves is nobody else's trouble."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from supervision.webhooks import rules
from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, Subscription
from supervision.webhooks.services import calling, change, deliver, delivering, gather, send_again
from tests.cases.factories import Bureau
from tests.rigs.gateway import Answer, Call, Gateway
from tests.supervision.webhooks.factories import AT, MINUTE, SECRET, events_in, header, queued, subscribe, swept, uids

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def portal(bureau: Bureau, receiver: Gateway) -> Subscription:
    return subscribe(bureau.county, f"{receiver.url}/in")


def story(delivery: Delivery) -> list[tuple[str, int | None]]:
    return list(DeliveryStep.objects.filter(delivery=delivery).values_list("action", "code"))


def states(subscription: Subscription) -> list[str]:
    rows = Delivery.objects.filter(subscription=subscription).order_by("pk")
    return list(rows.values_list("state", flat=True))


def name(delivery: Delivery) -> str:
    return str(delivery.uid)


# -- sent --------------------------------------------------------------------------------------------------------------


def test_what_happened_arrives_whole_and_signed(portal: Subscription, receiver: Gateway, bureau: Bureau) -> None:
    swept(bureau.station)
    gather(at=AT)

    report = deliver(at=AT + MINUTE)

    (call,), delivery = receiver.calls, Delivery.objects.get()
    stamp, _, given = header(call, "X-Dingban-Signature").removeprefix("t=").partition(",v1=")
    assert (call.method, call.path) == ("POST", "/in")
    assert call.json["events"] == events_in(delivery) and len(call.json["events"]) == 3
    assert header(call, "X-Dingban-Delivery") == call.json["delivery"] == name(delivery)
    assert header(call, "X-Dingban-Event") == "alert.raised,alert.overdue"
    assert given == rules.signature(SECRET, int(stamp), call.raw)
    assert abs(time.time() - int(stamp)) < 60
    assert (report.sent, delivery.state, delivery.code, delivery.tries) == (1, "sent", 200, 1)
    assert delivery.ended_at is not None and delivery.ended_at >= AT + MINUTE
    assert story(delivery) == [("queued", None), ("sent", 200)]
    assert DeliveryStep.objects.get(action="sent").address == portal.address


def test_a_second_round_sends_nothing_twice(portal: Subscription, receiver: Gateway) -> None:
    queued(portal, 2)

    first, second = deliver(at=AT), deliver(at=AT + MINUTE)

    assert (first.sent, second.sent, len(receiver.calls)) == (2, 0, 2)


def test_many_go_in_the_order_of_their_happening(portal: Subscription, receiver: Gateway) -> None:
    waiting = queued(portal, 20)

    deliver(at=AT)

    assert uids(receiver) == [name(one) for one in waiting]


def test_what_a_receiver_says_besides_its_status_is_not_kept(portal: Subscription, receiver: Gateway) -> None:
    receiver.answers["/in"] = lambda call: (500, b"x" * 300_000 + call.raw)
    queued(portal)

    deliver(at=AT)

    assert Delivery.objects.get().reason == "接收系统暂不接收"


def test_no_proxy_of_the_environment_is_asked(
    portal: Subscription, receiver: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    queued(portal)

    assert deliver(at=AT).sent == 1


# -- not taken ---------------------------------------------------------------------------------------------------------


def test_what_is_not_taken_goes_again_the_same_after_a_pause(portal: Subscription, receiver: Gateway) -> None:
    receiver.says("/in", (500, {}))
    (waiting,) = queued(portal)
    deliver(at=AT)
    deliver(at=AT + MINUTE / 2)
    receiver.says("/in", (200, {}))

    deliver(at=AT + 2 * MINUTE)

    first, second = receiver.calls
    assert first.raw == second.raw
    assert uids(receiver) == [name(waiting)] * 2
    assert story(waiting) == [("queued", None), ("deferred", 500), ("sent", 200)]
    waiting.refresh_from_db()
    assert (waiting.tries, waiting.reason) == (2, "")


def test_behind_a_receiver_that_is_not_there_all_waits_and_then_goes_in_order(
    portal: Subscription, receiver: Gateway
) -> None:
    receiver.says("/in", (503, {}))
    waiting = queued(portal, 3)
    for minute in range(4):
        deliver(at=AT + minute * MINUTE)
    asked = len(receiver.calls)
    receiver.says("/in", (200, {}))

    report = deliver(at=AT + HOUR)

    assert asked == 2 and set(uids(receiver)[:2]) == {name(waiting[0])}
    assert uids(receiver)[2:] == [name(one) for one in waiting]
    assert report.sent == 3


def test_one_that_is_refused_does_not_hold_up_those_after_it(portal: Subscription, receiver: Gateway) -> None:
    bad, *good = queued(portal, 3)
    receiver.answers["/in"] = lambda call: (413 if name(bad) in call.raw.decode() else 200, {})

    deliver(at=AT)
    deliver(at=AT + MINUTE / 2)

    assert states(portal) == ["waiting", "sent", "sent"]
    assert Delivery.objects.get(pk=bad.pk).reason == "接收系统拒收"
    assert uids(receiver) == [name(bad), *(name(one) for one in good)]


def test_after_about_two_days_it_is_given_up_and_says_why(portal: Subscription, receiver: Gateway) -> None:
    receiver.says("/in", (404, {}))
    (waiting,) = queued(portal)
    at = AT
    while Delivery.objects.waiting().exists():
        deliver(at=at)
        at = Delivery.objects.values_list("next_try_at", flat=True).get() or at

    waiting.refresh_from_db()
    assert (waiting.state, waiting.code, waiting.tries) == ("given_up", 404, rules.MOST_TRIES)
    assert timedelta(days=2) < at - AT < timedelta(days=2, hours=4)
    assert len(receiver.calls) == rules.MOST_TRIES
    assert deliver(at=at + timedelta(days=9)).sent == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(portal: Subscription, receiver: Gateway, status: int) -> None:
    receiver.headers["/in"] = {"Location": f"{receiver.url}/elsewhere"}
    receiver.says("/in", (status, {}))
    queued(portal)

    deliver(at=AT)

    assert [call.path for call in receiver.calls] == ["/in"]
    assert (Delivery.objects.get().code, Delivery.objects.get().reason) == (status, calling.REDIRECTED)


def test_a_receiver_that_cannot_be_reached_is_tried_later(bureau: Bureau, settings: Settings) -> None:
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_SECRETS = (("127.0.0.1", 1),), {"PORTAL": SECRET}
    closed = subscribe(bureau.county, "http://127.0.0.1:1/in")
    queued(closed)

    report = deliver(at=AT)

    assert report.deferred == 1
    assert (Delivery.objects.get().code, Delivery.objects.get().reason) == (None, calling.NOT_CONNECTED)


def test_one_that_hangs_up_without_a_word_is_tried_later(portal: Subscription, receiver: Gateway) -> None:
    receiver.says("/in", None)
    queued(portal)

    deliver(at=AT)

    assert (Delivery.objects.get().state, Delivery.objects.get().reason) == ("waiting", calling.NO_ANSWER)


# -- not to be sent ----------------------------------------------------------------------------------------------------


def test_a_host_that_is_no_longer_allowed_is_not_called(
    portal: Subscription, receiver: Gateway, settings: Settings
) -> None:
    queued(portal)
    settings.WEBHOOK_HOSTS = (("elsewhere.example.cn", None),)

    deliver(at=AT)

    assert receiver.calls == []
    waiting = Delivery.objects.get()
    assert waiting.state == "waiting" and "不在允许之内" in waiting.reason and "WEBHOOK_HOSTS" in waiting.reason


def test_a_host_with_the_longest_of_names_is_refused_like_any_other(bureau: Bureau, receiver: Gateway) -> None:
    long = subscribe(bureau.county, f"https://{'.'.join(['x' * 60] * 4)}.cn/in")
    queued(long)

    deliver(at=AT)

    assert len(Delivery.objects.get().reason) == len(DeliveryStep.objects.get(action="deferred").note) == 200


def test_what_was_switched_off_while_it_was_on_its_way_stays_dropped(portal: Subscription, receiver: Gateway) -> None:
    queued(portal, 2)
    noted = delivering._Round._note

    def late(self: Any, call: Any, answer: Any) -> bool:
        portal.active = False
        change(subscription=portal, ends=None, by=None, at=AT)
        return noted(self, call, answer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivering._Round, "_note", late)
        deliver(at=AT)

    assert states(portal) == ["dropped", "dropped"]
    assert len(receiver.calls) == 1


def test_nothing_leaves_unsigned(portal: Subscription, receiver: Gateway, settings: Settings) -> None:
    queued(portal)
    settings.WEBHOOK_SECRETS = {}

    deliver(at=AT)

    assert receiver.calls == []
    assert "WEBHOOK_SECRET_PORTAL 没有设置" in Delivery.objects.get().reason


def test_what_is_switched_off_is_not_sent_to(portal: Subscription, receiver: Gateway) -> None:
    queued(portal)
    Subscription.objects.update(active=False)

    deliver(at=AT)

    assert receiver.calls == []


# -- beside others -----------------------------------------------------------------------------------------------------


@pytest.fixture
def hanging(receiver: Gateway) -> Iterator[threading.Event]:
    """At /hang nobody gets an answer until the end of the test."""
    over = threading.Event()

    def hang(call: Call) -> Answer:
        over.wait(30)
        return None

    receiver.answers["/hang"] = hang
    yield over
    over.set()


def test_one_that_hangs_holds_up_nobody_else(
    bureau: Bureau, receiver: Gateway, hanging: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 0.5)
    stuck, portal = subscribe(bureau.county, f"{receiver.url}/hang"), subscribe(bureau.county, f"{receiver.url}/in")
    queued(stuck, 5)
    queued(portal, 5)
    began = time.monotonic()

    report = deliver(at=AT)

    assert time.monotonic() - began < 5
    assert states(portal) == ["sent"] * 5
    assert states(stuck) == ["waiting"] * 5
    # Once a round, and not once for each that waits.
    assert (report.deferred, len(uids(receiver, "/hang"))) == (1, 1)
    # Those who were answered did not wait for the other.
    last = DeliveryStep.objects.filter(action="sent").latest("pk").at
    assert last < DeliveryStep.objects.get(action="deferred").at


def test_a_call_that_nothing_can_cut_off_is_let_go_of(portal: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def resolving(address: str, body: bytes, headers: Any) -> calling.Answer:
        over.wait(30)
        return calling.Answer(rules.Verdict.TAKEN, 200)

    monkeypatch.setattr(delivering, "post", resolving)
    monkeypatch.setattr(delivering, "LOST_AFTER", 0.1)
    queued(portal)

    report = deliver(at=AT)
    over.set()

    assert report.deferred == 1
    assert Delivery.objects.get().reason == calling.NO_ANSWER


def test_a_round_begins_nothing_more_when_its_time_is_over(portal: Subscription, receiver: Gateway) -> None:
    queued(portal, 3)

    report = deliver(at=AT, seconds=0.0)

    assert (report.sent, receiver.calls) == (0, [])
    assert deliver(at=AT).sent == 3


def test_what_another_has_in_hand_is_left_to_it_until_it_must_be_gone(portal: Subscription, receiver: Gateway) -> None:
    queued(portal)
    Subscription.objects.update(held_until=AT + rules.HELD_FOR)

    meanwhile = deliver(at=AT + MINUTE)
    after = deliver(at=AT + rules.HELD_FOR)

    assert (meanwhile.sent, after.sent) == (0, 1)
    assert Subscription.objects.get().held_until is None


def test_what_somebody_else_has_noted_is_not_noted_again(portal: Subscription, receiver: Gateway) -> None:
    (waiting,) = queued(portal)

    noted = delivering._Round._note

    def late(self: Any, call: Any, answer: Any) -> bool:
        Delivery.objects.update(state=DeliveryState.SENT, tries=1, next_try_at=None, ended_at=AT)
        return noted(self, call, answer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivering._Round, "_note", late)
        report = deliver(at=AT)

    assert report.sent == 0
    assert story(waiting) == [("queued", None)]


def test_an_error_of_ours_is_told_aloud_and_the_others_go_on(
    bureau: Bureau, receiver: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, portal = subscribe(bureau.county, f"{receiver.url}/broken"), subscribe(bureau.county, f"{receiver.url}/in")
    queued(broken)
    queued(portal)

    def post(address: str, body: bytes, headers: Any) -> calling.Answer:
        if address.endswith("/broken"):
            raise KeyError("某公〔2026〕1号")
        return calling.post(address, body, headers)

    monkeypatch.setattr(delivering, "post", post)

    report = deliver(at=AT)

    assert (report.sent, report.deferred, len(report.broken)) == (1, 1, 1)
    assert "某公" not in report.broken[0]
    assert Delivery.objects.get(subscription=broken).reason == delivering.OUR_FAULT


# -- bodies ------------------------------------------------------------------------------------------------------------


def test_bodies_go_thirty_days_after_the_end_and_their_digests_stay(portal: Subscription, receiver: Gateway) -> None:
    old, again = queued(portal, 2)
    deliver(at=AT)
    send_again(delivery=again, by=None, at=AT + timedelta(days=29))
    receiver.says("/in", (500, {}))

    report = deliver(at=AT + timedelta(days=30, minutes=1))

    assert report.forgotten == 1
    assert [json.loads(one.body or "null") is None for one in Delivery.objects.order_by("pk")] == [True, False]
    assert DeliveryStep.objects.get(delivery=old, action="queued").digest
