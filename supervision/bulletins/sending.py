"""The outbox: letters until a mail server or a gateway has them. Enter through `services`."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, Protocol

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from cases.models import Officer
from supervision.bulletins import refusals, rules
from supervision.bulletins.gateways import deliver
from supervision.bulletins.leaving import Filed, Parcel, Withheld, absorb, pack
from supervision.bulletins.models import Action, Channel, Letter, LetterState, LetterStep
from supervision.bulletins.outbox import tell_the_worker
from supervision.bulletins.posting import build_mail, build_message, read_answer, why_unreachable
from supervision.bulletins.queries import ripe_letters
from supervision.bulletins.refusals import BulletinRefused

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SendReport:
    """What a round of sending did, in letters. `broken` are those an error of ours failed, named for the log."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    doubted: int = 0
    dropped: int = 0
    broken: list[str] = field(default_factory=list)


# A server that breaks off that often in one round is left alone until the next.
BREAKS_END_A_ROUND: Final = 3


def send_letters(*, at: datetime, limit: int = 200) -> SendReport:
    """One round of the outbox, as of `at`; an aware moment.

    1. Letters claimed so long ago that their sender must be gone become doubtful: they may have arrived, and will be
       sent again saying so. Never not at all. What ended in doubt too often fails, for a person to look into.
    2. Take the letters whose time has come, urgent ones first, at most `limit`. With none, nobody is called.
    3. Open one connection to the mail server for the round. If that fails all that go by mail wait, and say why.
    4. Claim each letter by an update that repeats the state we saw, and commit. Taken by somebody else: go on.
    5. Look once more whether it is still to be said, and to whom; if not, it is dropped and says why. Hand it to the
       server or its gateway, outside any transaction.
    6. Note the answer: sent; later, with a growing wait; failed for good, with the reason; or doubtful, when the line
       broke before the answer.
    7. One bad letter is noted with its error and the round goes on; the report names those we broke ourselves.
    Harmless twice and from two workers at once. A kill at any line leaves a letter queued, or claimed and found by 1.
    """
    report, clock = SendReport(), _Stopwatch(at)
    _settle_abandoned(clock, report)
    letters = ripe_letters(at=clock.now(), limit=limit)
    if not letters:
        return report
    carriers, filed = _Carriers(), Filed()
    for number, letter in enumerate(letters):
        carrier = carriers.of(letter)
        if carrier.given_up:
            continue
        try:
            carrier.open()
        except Exception as error:
            # Whatever keeps us from the server keeps every letter from it: the cause is not the letter.
            log.warning("the mail server cannot be reached: %s", error)
            same_way = [other for other in letters[number:] if other.channel_id == letter.channel_id]
            _defer_all(same_way, why_unreachable(error), clock, report)
            carrier.given_up = True
            continue
        if _claim(letter, clock):
            _send(letter, carrier, filed, clock, report)
        if carrier.breaks >= BREAKS_END_A_ROUND:
            log.warning("%s broke off %d times, the rest waits", letter.way, carrier.breaks)
            carrier.given_up = True
    carriers.close()
    return report


def requeue(*, letter: Letter, by: Officer | None, at: datetime) -> Letter:
    """Have a letter that failed sent again. Refuses any other."""
    with transaction.atomic():
        failed = Letter.objects.filter(pk=letter.pk, state__in=rules.REQUEUABLE)
        if not failed.update(state=LetterState.QUEUED, queued_at=at, next_try_at=at, error="", tell_since=None):
            letter.refresh_from_db()
            raise BulletinRefused(refusals.NOT_FAILED.format(state=letter.get_state_display()))
        LetterStep.objects.create(letter=letter, action=Action.REQUEUED, at=at, by=by)
        transaction.on_commit(tell_the_worker)
    letter.refresh_from_db()
    return letter


class _Stopwatch:
    """The moment a round was started for, and the real time that has gone by since: a slow server ages claims too."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=monotonic() - self._began)


class _Carrier(Protocol):
    """What letters leave by in a round. One that broke off too often, or cannot be reached, is `given_up`."""

    breaks: int
    given_up: bool

    def open(self) -> None: ...

    def hand_over(self, letter: Letter, parcel: Parcel) -> None:
        """Give the other side one letter. Raises whatever it, or the way there, answers other than yes."""

    def drop(self) -> None:
        """The other side broke off, or is about to."""

    def close(self) -> None: ...


class _Carriers:
    """The mail server's line, and one for each gateway there are letters for."""

    def __init__(self) -> None:
        self._known: dict[int | None, _Carrier] = {}

    def of(self, letter: Letter) -> _Carrier:
        if letter.channel_id not in self._known:
            self._known[letter.channel_id] = _Line() if letter.channel is None else _Gateway(letter.channel)
        return self._known[letter.channel_id]

    def close(self) -> None:
        for carrier in self._known.values():
            carrier.close()


class _Gateway:
    """A gateway, called anew for every letter: there is no connection to keep."""

    def __init__(self, channel: Channel) -> None:
        self.breaks, self.given_up = 0, False
        self._channel = channel

    def open(self) -> None:
        pass

    def hand_over(self, letter: Letter, parcel: Parcel) -> None:
        deliver(self._channel, build_message(letter, parcel))

    def drop(self) -> None:
        self.breaks += 1

    def close(self) -> None:
        pass


class _Line:
    """The round's one connection to the mail server, opened anew only after the server broke it off."""

    def __init__(self) -> None:
        self.breaks, self.given_up = 0, False
        self._backend: BaseEmailBackend | None = None

    def open(self) -> None:
        if self._backend is None:
            backend = get_connection(fail_silently=False)
            backend.open()
            self._backend = backend

    def hand_over(self, letter: Letter, parcel: Parcel) -> None:
        assert self._backend is not None
        if not self._backend.send_messages([build_mail(letter, parcel, connection=self._backend)]):
            raise ValueError("no recipient")

    def drop(self) -> None:
        self.breaks += 1
        self.close()

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is None:
            return
        try:
            backend.close()
        except Exception:
            # What was to be said has been said and noted; a failing good-bye changes nothing.
            log.info("the mail server did not say good-bye", exc_info=True)


def _claim(letter: Letter, clock: _Stopwatch) -> bool:
    """Take a letter if it stands as we saw it; committed before anything goes over the wire."""
    now = clock.now()
    with transaction.atomic(durable=True):
        seen = Letter.objects.filter(pk=letter.pk, state=letter.state, claims=letter.claims)
        if not seen.update(state=LetterState.SENDING, claims=F("claims") + 1, claimed_at=now, next_try_at=None):
            return False
        letter.claims += 1
        _step(letter, Action.CLAIMED, now)
        absorb(letter, at=now)
    return True


def _send(letter: Letter, carrier: _Carrier, filed: Filed, clock: _Stopwatch, report: SendReport) -> None:
    """Steps 5 and 6 for a letter we hold. Not inside a transaction, and not to be moved into one: the server's yes
    cannot be rolled back."""
    try:
        parcel = pack(letter, filed, at=clock.now())
    except Withheld as withheld:
        noted = _note(letter, withheld.action, clock.now(), withheld.words, also=withheld.also)
        report.dropped += noted if withheld.action == Action.DROPPED else 0
        report.failed += noted if withheld.action == Action.FAILED else 0
        return
    except Exception as error:
        # A room that could not say whether it still stands: nothing has been handed over, so it waits.
        log.exception("letter %s could not be packed", letter.pk)
        words = f"{type(error).__name__}: {error}"
        report.broken.append(f"{letter.pk}: {words}")
        report.deferred += _note(letter, Action.DEFERRED, clock.now(), words)
        return
    letter.address = parcel.address
    try:
        carrier.hand_over(letter, parcel)
    except Exception as error:
        _note_refusal(letter, error, carrier, clock, report)
    else:
        report.sent += _note(letter, Action.SENT, clock.now())


def _note_refusal(letter: Letter, error: Exception, carrier: _Carrier, clock: _Stopwatch, report: SendReport) -> None:
    answer, now = read_answer(error), clock.now()
    if answer.hangs_up:
        carrier.drop()
    if answer.ours:
        log.error("letter %s broke", letter.pk, exc_info=error)
        report.broken.append(f"{letter.pk}: {answer.words}")
    if answer.verdict is rules.Verdict.UNKNOWN and not _doubted_enough(letter):
        report.doubted += _note(letter, Action.DOUBTED, now, answer.words)
    elif answer.verdict is rules.Verdict.LATER and now < letter.queued_at + rules.GIVE_UP_AFTER:
        report.deferred += _note(letter, Action.DEFERRED, now, answer.words)
    else:
        report.failed += _note(letter, Action.FAILED, now, FINAL_WORDS[answer.verdict].format(words=answer.words))


FINAL_WORDS: Final = {
    rules.Verdict.NEVER: "{words}",
    rules.Verdict.LATER: "五天内多次发送未成，不再重试。最后一次：{words}",
    rules.Verdict.UNKNOWN: "多次发送都没有得到答复，可能已经送达，请核实后决定是否重发。最后一次：{words}",
}


def _doubted_enough(letter: Letter) -> bool:
    """Whether this try, ending in doubt like those before it, is one too many since the letter was last queued."""
    before = LetterStep.objects.filter(letter=letter, action=Action.DOUBTED, at__gte=letter.queued_at).count()
    return before + 1 >= rules.DOUBTS_ALLOWED


def _note(
    letter: Letter, action: Action, now: datetime, words: str = "", also: Callable[[], None] | None = None
) -> int:
    """Write down what became of the try we hold, and do what belongs to it; 1 if it was still ours to note.

    It is not if somebody took our claim for abandoned. A yes is noted even then, unless the letter is out again: what
    is known to have arrived need not go twice.
    """
    words = _fitting(words)
    changes: dict[str, Any] = {"error": words, "address": letter.address}
    held: tuple[LetterState, ...] = (LetterState.SENDING,)
    if action == Action.SENT:
        changes |= {"state": LetterState.SENT, "sent_at": now, "next_try_at": None}
        held = (LetterState.SENDING, LetterState.DOUBTFUL)
    elif action == Action.FAILED:
        changes |= _failed(letter, now)
    elif action == Action.DROPPED:
        changes |= {"state": LetterState.DROPPED}
    elif action == Action.DEFERRED:
        # What has been doubted once stays so until it is sent.
        state = LetterState.DOUBTFUL if letter.doubtful_at else LetterState.QUEUED
        changes |= {"state": state, "next_try_at": now + rules.wait_after(letter.claims)}
    else:
        since = letter.doubtful_at or now
        later = now + rules.wait_after(letter.claims)
        changes |= {"state": LetterState.DOUBTFUL, "doubtful_at": since, "next_try_at": later}
    with transaction.atomic(durable=True):
        if not Letter.objects.filter(pk=letter.pk, claims=letter.claims, state__in=held).update(**changes):
            log.warning("letter %s was taken from us before we could note %s", letter.pk, action)
            return 0
        _step(letter, action, now, words)
        if also is not None:
            also()
    return 1


def _failed(letter: Letter, now: datetime) -> dict[str, Any]:
    """A bulletin that did not arrive is somebody's business; a notice lies in its officer's inbox all the same."""
    return {"state": LetterState.FAILED, "tell_since": now if letter.bulletin_id is not None else None}


def _fitting(words: str) -> str:
    return words[:300]


def _step(letter: Letter, action: Action, now: datetime, words: str = "") -> None:
    LetterStep.objects.create(
        letter=letter, action=action, at=now, claim=letter.claims, address=letter.address, note=words
    )


LEFT_LYING = "发送程序中断，没有留下结果，不能确定是否送达"


def _settle_abandoned(clock: _Stopwatch, report: SendReport) -> None:
    """Step 1: each in a transaction of its own, and only if its claim is still the one we saw."""
    for letter in Letter.objects.abandoned(clock.now()).order_by("pk"):
        now = clock.now()
        given_up = _doubted_enough(letter)
        action = Action.FAILED if given_up else Action.DOUBTED
        words = FINAL_WORDS[rules.Verdict.UNKNOWN].format(words=LEFT_LYING) if given_up else LEFT_LYING
        changes: dict[str, Any] = {"doubtful_at": letter.doubtful_at or now, "error": words}
        if given_up:
            changes |= _failed(letter, now)
        else:
            changes |= {"state": LetterState.DOUBTFUL, "next_try_at": now}
        with transaction.atomic(durable=True):
            lying = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, claims=letter.claims)
            if not lying.update(**changes):
                continue
            _step(letter, action, now, words)
        report.failed += given_up
        report.doubted += not given_up


def _defer_all(letters: Iterable[Letter], words: str, clock: _Stopwatch, report: SendReport) -> None:
    """The server cannot be reached: nothing was claimed, nothing more is in doubt, everything waits."""
    words, now = _fitting(words), clock.now()
    for letter in letters:
        given_up = now >= letter.queued_at + rules.GIVE_UP_AFTER
        letter.claims += 1
        changes: dict[str, Any] = {"claims": letter.claims, "error": words}
        if given_up:
            words = _fitting(FINAL_WORDS[rules.Verdict.LATER].format(words=words))
            changes |= {**_failed(letter, now), "next_try_at": None, "error": words}
        else:
            changes |= {"next_try_at": now + rules.wait_after(letter.claims)}
        with transaction.atomic(durable=True):
            seen = Letter.objects.filter(pk=letter.pk, state=letter.state, claims=letter.claims - 1)
            if not seen.update(**changes):
                continue
            _step(letter, Action.FAILED if given_up else Action.DEFERRED, now, words)
        report.failed += given_up
        report.deferred += not given_up
