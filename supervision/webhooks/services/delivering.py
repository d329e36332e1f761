"""Sends what waits, to all receivers at once and to each in the order of its happening. Enter through `services`."""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from supervision.webhooks import refusals, rules
from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, StepAction, Subscription
from supervision.webhooks.rules import Verdict
from supervision.webhooks.services.calling import NO_ANSWER, WHOLE_SECONDS, Answer, post

log = logging.getLogger(__name__)

# So many receivers are spoken to at once.
AT_ONCE: Final = 16
# After this no further delivery is begun in a round.
ROUND_SECONDS: Final = 40.0
# A call that has not come back by then hangs where nothing can cut it off.
LOST_AFTER: Final = WHOLE_SECONDS + 2
WORDS_AT_MOST: Final = 200
BODIES_FORGOTTEN_AT_ONCE: Final = 1000

OUR_FAULT = "程序出错，没有送出；详见运行日志"


@dataclass(slots=True)
class DeliverReport:
    """What a round did, in deliveries. `broken` are those an error of ours kept from leaving, named for the log."""

    sent: int = 0
    deferred: int = 0
    given_up: int = 0
    forgotten: int = 0
    broken: list[str] = field(default_factory=list)


def deliver(*, at: datetime, seconds: float = ROUND_SECONDS) -> DeliverReport:
    """One round of sending, as of `at`; an aware moment.

    1. Forget bodies whose time is over.
    2. Take each subscription that has something due and that nobody else sends to, by an update, and commit.
    3. Speak to all of them at once, one delivery each; the next one of a receiver when it has taken the last. One that
       does not take it, for whatever reason, is left alone until the next round: nobody waits for it.
    4. Note each answer: sent; later, with a growing pause, in which all that waits for a receiver that is not there
       waits with it; given up after about two days.
    5. After `seconds` begin nothing more, and let go of the subscriptions.
    Harmless twice and from two workers at once. A kill at any line leaves what was not noted as sent waiting: it goes
    again under the same name once the hold is over, so a receiver may see it twice and never not at all.
    """
    report, clock = DeliverReport(), _Stopwatch(at)
    report.forgotten = _forget_bodies(clock.now())
    due = Delivery.objects.ripe(clock.now()).values("subscription")
    waiting = Subscription.objects.active().free(clock.now()).filter(pk__in=due).order_by("pk")
    until = clock.now() + rules.HELD_FOR
    held = [subscription for subscription in waiting if _hold(subscription, clock.now(), until)]
    if held:
        _Round(report, clock, seconds).run(held)
        # Only our own hold: one that was over may be another sender's by now.
        ours = Subscription.objects.filter(pk__in=[one.pk for one in held], held_until=until)
        ours.update(held_until=None)
    return report


class _Stopwatch:
    """The moment a round was started for, and the real time that has gone by since: a slow receiver takes time too."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self.gone_by())

    def gone_by(self) -> float:
        return time.monotonic() - self._began


@dataclass(frozen=True, slots=True)
class _Call:
    """A delivery that is being spoken of, and since when."""

    subscription: Subscription
    delivery: Delivery
    began: float


class _Round:
    """The calls of one round. Rows are read and written here, in one thread; the others only speak."""

    def __init__(self, report: DeliverReport, clock: _Stopwatch, seconds: float) -> None:
        self._report, self._clock, self._seconds = report, clock, seconds
        self._calls: dict[Future[Answer], _Call] = {}
        self._left: list[Subscription] = []

    def run(self, held: list[Subscription]) -> None:
        self._left = list(reversed(held))
        # More threads than calls: those of the lost are not free yet.
        pool = ThreadPoolExecutor(max_workers=4 * AT_ONCE, thread_name_prefix="webhooks")
        try:
            self._fill(pool)
            while self._calls:
                ended, _ = wait(self._calls, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in ended:
                    call = self._calls.pop(future)
                    if self._note(call, self._answer_of(future, call)):
                        self._begin(call.subscription, pool)
                self._let_go_of_the_lost()
                self._fill(pool)
        finally:
            # Not to be waited for: a call that hangs ends by itself some time.
            pool.shutdown(wait=False, cancel_futures=True)

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        while self._left and len(self._calls) < AT_ONCE:
            self._begin(self._left.pop(), pool)

    def _begin(self, subscription: Subscription, pool: ThreadPoolExecutor) -> None:
        """The next delivery of a receiver, if there is one and time for it."""
        if self._clock.gone_by() >= self._seconds:
            return
        ripe = Delivery.objects.ripe(self._clock.now()).filter(subscription=subscription)
        delivery = ripe.order_by("pk").first()
        if delivery is None:
            return
        call = _Call(subscription, delivery, time.monotonic())
        if why := _why_not(subscription):
            self._note(call, Answer(Verdict.LATER, None, why))
            return
        secret = settings.WEBHOOK_SECRETS[subscription.secret_name]
        self._calls[pool.submit(_speak, subscription.address, delivery, secret)] = call

    def _answer_of(self, future: Future[Answer], call: _Call) -> Answer:
        error = future.exception()
        if error is None:
            return future.result()
        log.error("delivery %s broke", call.delivery.pk, exc_info=error)
        self._report.broken.append(f"{call.delivery.pk}: {type(error).__name__}")
        return Answer(Verdict.LATER, None, OUR_FAULT)

    def _let_go_of_the_lost(self) -> None:
        for future, call in list(self._calls.items()):
            if time.monotonic() - call.began > LOST_AFTER:
                del self._calls[future]
                self._note(call, Answer(Verdict.LATER, None, NO_ANSWER))

    def _note(self, call: _Call, answer: Answer) -> bool:
        """Write down what became of a delivery; whether the receiver took it. It is not ours to note any more where
        somebody else has noted it meanwhile."""
        delivery, now = call.delivery, self._clock.now()
        # A name of a host may be longer than the column.
        words = answer.words[:WORDS_AT_MOST]
        delivery.tries += 1
        pause = rules.pause_after(delivery.tries)
        later = now + pause if pause is not None else None
        changes: dict[str, Any] = {"tries": delivery.tries, "code": answer.code, "reason": words}
        if answer.verdict is Verdict.TAKEN:
            action = StepAction.SENT
            changes |= {"state": DeliveryState.SENT, "next_try_at": None, "ended_at": now}
        elif later is None:
            action = StepAction.GIVEN_UP
            changes |= {"state": DeliveryState.GIVEN_UP, "next_try_at": None, "ended_at": now}
        else:
            action = StepAction.DEFERRED
            changes |= {"next_try_at": later}
        with transaction.atomic(durable=True):
            # The subscription first, as whoever drops or queues its deliveries again does: the two come one after the other.
            Subscription.objects.select_for_update().get(pk=call.subscription.pk)
            ours = Delivery.objects.waiting().filter(pk=delivery.pk, tries=delivery.tries - 1)
            if not ours.update(**changes):
                log.warning("delivery %s was noted by somebody else before we could note %s", delivery.pk, action)
                return False
            DeliveryStep.objects.create(
                delivery=delivery,
                action=action,
                at=now,
                attempt=delivery.tries,
                address=call.subscription.address,
                code=answer.code,
                note=words,
            )
            if action == StepAction.DEFERRED and answer.verdict is Verdict.LATER:
                # The receiver is not there for anybody: what comes after waits behind, in its order.
                behind = Delivery.objects.waiting().filter(subscription=call.subscription, pk__gt=delivery.pk)
                behind.filter(next_try_at__lt=later).update(next_try_at=later)
        self._report.sent += action == StepAction.SENT
        self._report.deferred += action == StepAction.DEFERRED
        self._report.given_up += action == StepAction.GIVEN_UP
        return action == StepAction.SENT


def _why_not(subscription: Subscription) -> str:
    """Why nothing may be sent to a subscription as the server is set up now; empty where it may."""
    if why := rules.why_not_there(subscription.address, settings.WEBHOOK_HOSTS):
        return why
    if subscription.secret_name not in settings.WEBHOOK_SECRETS:
        return refusals.NO_SECRET.format(name=subscription.secret_name)
    return ""


def _speak(address: str, delivery: Delivery, secret: str) -> Answer:
    """Signed with the real time, whatever moment the round is for: a receiver refuses a signature that is not of now."""
    body = delivery.body.encode()
    headers = rules.headers_of(
        delivery=str(delivery.uid), names=delivery.names, secret=secret, stamp=int(time.time()), body=body
    )
    return post(address, body, headers)


def _hold(subscription: Subscription, now: datetime, until: datetime) -> bool:
    """Take a subscription's deliveries in hand; committed before anything goes over the wire."""
    free = Subscription.objects.active().free(now).filter(pk=subscription.pk)
    return bool(free.update(held_until=until))


def _forget_bodies(now: datetime) -> int:
    over = Delivery.objects.filter(ended_at__lte=now - rules.BODY_KEPT).exclude(body="")
    some = over.order_by("ended_at").values_list("pk", flat=True)[:BODIES_FORGOTTEN_AT_ONCE]
    return Delivery.objects.filter(pk__in=list(some)).exclude(next_try_at__isnull=False).update(body="")
