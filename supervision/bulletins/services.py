"""The verbs of the room: who reads a bulletin, composing and issuing it, and its letters until the server has them."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from time import monotonic
from typing import Any, Final
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from cases.duty import work_calendar
from cases.models import Officer, Unit
from supervision.bulletins import composing, refusals, rules
from supervision.bulletins.models import (
    Action,
    Bulletin,
    BulletinKind,
    BulletinState,
    Letter,
    LetterState,
    LetterStep,
    Recipient,
)
from supervision.bulletins.posting import build_mail, read_answer, why_unreachable
from supervision.bulletins.queries import (
    issued_months,
    read_figures,
    ripe_letters,
    units_with_readers,
)
from supervision.bulletins.refusals import BulletinRefused

log = logging.getLogger(__name__)

SEND_LETTERS: Final = "bulletins.send_letters"
BATCH = 1000


# -- who reads it ----------------------------------------------------------------------------------------------------


def add_recipient(
    *, unit: Unit, at: datetime, officer: Officer | None = None, name: str = "", address: str = ""
) -> Recipient:
    """Let somebody get a unit's bulletins from now on: an officer, or a name with an address. Comes back if he left.

    Refuses both or neither, what is no address, and somebody who gets them already.
    """
    name, address = name.strip(), address.strip()
    if (officer is None) != bool(name and address) or (officer is not None and (name or address)):
        raise BulletinRefused(refusals.OFFICER_OR_ADDRESS)
    if officer is None:
        _check_address(name, address)
        known = Recipient.objects.filter(unit=unit, officer=None, address__iexact=address)
    else:
        known = Recipient.objects.filter(unit=unit, officer=officer)
    if back := known.filter(active=False).first():
        Recipient.objects.filter(pk=back.pk).update(active=True, entered_at=at, name=name)
        back.refresh_from_db()
        return back
    try:
        with transaction.atomic():
            return Recipient.objects.create(
                officer=officer, name=name, address=address, entered_at=at, **unit.scope_ids
            )
    except IntegrityError as error:
        taken = refusals.RECIPIENT_TAKEN.format(recipient=officer or name, unit=unit)
        raise BulletinRefused(taken) from error


def _check_address(name: str, address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise BulletinRefused(refusals.WRONG_ADDRESS.format(address=address)) from error
    if not name.isprintable():
        raise BulletinRefused(refusals.WRONG_NAME)


def remove_recipient(*, recipient: Recipient) -> Recipient:
    """Let somebody get no more bulletins of the unit; the row stays for the letters he got. Refuses one who has left."""
    if not Recipient.objects.filter(pk=recipient.pk, active=True).update(active=False):
        raise BulletinRefused(refusals.NOT_A_RECIPIENT.format(recipient=recipient))
    recipient.refresh_from_db()
    return recipient


# -- the bulletin ----------------------------------------------------------------------------------------------------


def compose_monthly(*, unit: Unit, month: date, at: datetime) -> Bulletin:
    """Put together, or together anew, the draft of a unit's bulletin on the month that holds the day `month`.

    A month that is over is counted to its end, one still running to `at`. Refuses a month that has not begun and one
    whose bulletin is issued.
    """
    wanted, local = rules.Month.of(month), timezone.localtime(at, timezone.get_default_timezone())
    if wanted.first > local.date():
        raise BulletinRefused(refusals.FUTURE_MONTH.format(month=wanted.name))
    period = rules.period_of(wanted, zone=timezone.get_default_timezone(), at=local)
    known = {"unit": unit, "kind": BulletinKind.MONTHLY, "begins_on": wanted.first}
    if issued := Bulletin.objects.issued().filter(**known).first():
        raise BulletinRefused(refusals.ALREADY_ISSUED.format(bulletin=issued))

    figures = read_figures(unit, period)
    words = composing.compose(figures, month=wanted, at=local)
    fields = {
        **unit.scope_ids,
        "cutoff": period.cutoff,
        "title": words.title,
        "composed_at": at,
        "figures": figures.as_json(),
        "html": words.html,
        "text": words.text,
    }
    draft = _save_draft(known, fields)
    if draft is None:
        raise BulletinRefused(refusals.ALREADY_ISSUED.format(bulletin=words.title))
    return draft


def _save_draft(known: dict[str, Any], fields: dict[str, Any]) -> Bulletin | None:
    """Write the draft over an earlier one; none if it has been issued in the meantime."""
    drafts = Bulletin.objects.filter(**known, state=BulletinState.DRAFT)
    if not drafts.update(**fields):
        try:
            with transaction.atomic():
                return Bulletin.objects.create(**known, **fields)
        except IntegrityError:
            drafts.update(**fields)
    return drafts.first()


def issue(*, bulletin: Bulletin, by: Officer | None, at: datetime) -> Bulletin:
    """Freeze a draft and queue one letter for each recipient of its unit; the worker is told after the commit.

    Refuses a bulletin that is issued, one composed anew since `bulletin` was read, and one that was counted before its
    month was over.
    """
    over = rules.period_of(rules.Month.of(bulletin.begins_on), zone=timezone.get_default_timezone(), at=bulletin.cutoff)
    if not over.over:
        raise BulletinRefused(refusals.MONTH_NOT_OVER.format(month=rules.Month.of(bulletin.begins_on).name))
    with transaction.atomic():
        seen = Bulletin.objects.filter(pk=bulletin.pk, state=BulletinState.DRAFT, composed_at=bulletin.composed_at)
        if not seen.update(state=BulletinState.ISSUED, issued_at=at, officer=by):
            issued = Bulletin.objects.issued().filter(pk=bulletin.pk).exists()
            sentence = refusals.ALREADY_ISSUED if issued else refusals.CHANGED_SINCE
            raise BulletinRefused(sentence.format(bulletin=bulletin))
        _queue_letters(bulletin, by, at)
        transaction.on_commit(_tell_the_worker)
    bulletin.refresh_from_db()
    return bulletin


def _queue_letters(bulletin: Bulletin, by: Officer | None, at: datetime) -> None:
    readers = Recipient.objects.active().filter(unit_id=bulletin.unit_id).order_by("pk").values_list("pk", flat=True)
    letters = Letter.objects.bulk_create(
        (
            Letter(bulletin=bulletin, recipient_id=reader, message_id=_new_message_id(), queued_at=at, next_try_at=at)
            for reader in readers
        ),
        batch_size=BATCH,
    )
    LetterStep.objects.bulk_create(
        (LetterStep(letter=letter, action=Action.QUEUED, at=at, by=by) for letter in letters), batch_size=BATCH
    )


def _new_message_id() -> str:
    """The same for every copy of a letter, so that a mail program can fold a second one away."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid4().hex}@{domain}>"


def _tell_the_worker() -> None:
    """Save the minute until the timetable finds the letters by itself; it does so if the queue cannot be reached."""
    try:
        current_app.signature(SEND_LETTERS).apply_async()
    except (OperationalError, OSError):
        log.warning("the queue cannot be reached; the timetable will find the letters", exc_info=True)


@dataclass(slots=True)
class IssueReport:
    """What a round of issuing did: bulletins issued, and units whose bulletin could not be, with the reason."""

    issued: list[Bulletin] = field(default_factory=list)
    failed: list[tuple[Unit, rules.Month, str]] = field(default_factory=list)


def issue_due_monthly(*, at: datetime) -> IssueReport:
    """Compose and issue what is owed on the local day of `at`.

    1. Take every unit that somebody reads the bulletins of.
    2. Find the months it is still to be told about: the one just over, from the first working day after it, and up to
       two before that were missed while somebody was there to read them.
    3. Compose and issue each, oldest first, a transaction each; one issued meanwhile by somebody else is left alone.
    4. A unit that fails is recorded and the round goes on.
    """
    report = IssueReport()
    zone = timezone.get_default_timezone()
    today = timezone.localtime(at, zone).date()
    calendar = work_calendar(at)
    told = issued_months(since=today - timedelta(days=31 * (rules.MONTHS_MADE_UP + 1)))
    for unit, since in units_with_readers():
        months = rules.owed_months(
            today=today,
            calendar=calendar,
            readers_since=timezone.localtime(since, zone).date(),
            issued=told.get(unit.pk, ()),
        )
        for month in months:
            _issue_one(unit, month, at, report)
    return report


def _issue_one(unit: Unit, month: rules.Month, at: datetime, report: IssueReport) -> None:
    try:
        draft = compose_monthly(unit=unit, month=month.first, at=at)
        report.issued.append(issue(bulletin=draft, by=None, at=at))
    except BulletinRefused:
        # Issued by somebody else since we looked.
        log.info("bulletin of unit %s on %s is not ours to issue", unit.pk, month.first)
    except Exception as error:
        log.exception("bulletin of unit %s on %s failed", unit.pk, month.first)
        report.failed.append((unit, month, f"{type(error).__name__}: {error}"))


# -- letters ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class SendReport:
    """What a round of sending did, in letters. `broken` are those an error of ours failed, named for the log."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    doubted: int = 0
    broken: list[str] = field(default_factory=list)


# A server that breaks off that often in one round is left alone until the next.
BREAKS_END_A_ROUND: Final = 3


def send_letters(*, at: datetime, limit: int = 200) -> SendReport:
    """One round of the outbox, as of `at`; an aware moment.

    1. Letters claimed so long ago that their sender must be gone become doubtful: they may have arrived, and will be
       sent again saying so. Never not at all. What ended in doubt too often fails, for a person to look into.
    2. Take the letters whose time has come, longest waiting first, at most `limit`. With none, nobody is called.
    3. Open one connection for the round. If that fails all of them wait, and say why.
    4. Claim each letter by an update that repeats the state we saw, and commit. Taken by somebody else: go on.
    5. Hand it to the server, outside any transaction.
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
    line = _Line()
    for number, letter in enumerate(letters):
        try:
            line.open()
        except Exception as error:
            # Whatever keeps us from the server keeps every letter from it: the cause is not the letter.
            log.warning("the mail server cannot be reached: %s", error)
            _defer_all(letters[number:], why_unreachable(error), clock, report)
            break
        if _claim(letter, clock):
            _send(letter, line, clock, report)
        if line.breaks >= BREAKS_END_A_ROUND:
            log.warning("the mail server broke off %d times, the rest waits", line.breaks)
            break
    line.close()
    return report


def requeue(*, letter: Letter, by: Officer | None, at: datetime) -> Letter:
    """Have a letter that failed sent again. Refuses any other."""
    with transaction.atomic():
        failed = Letter.objects.filter(pk=letter.pk, state__in=rules.REQUEUABLE)
        if not failed.update(state=LetterState.QUEUED, queued_at=at, next_try_at=at, error=""):
            letter.refresh_from_db()
            raise BulletinRefused(refusals.NOT_FAILED.format(state=letter.get_state_display()))
        LetterStep.objects.create(letter=letter, action=Action.REQUEUED, at=at, by=by)
        transaction.on_commit(_tell_the_worker)
    letter.refresh_from_db()
    return letter


class _Stopwatch:
    """The moment a round was started for, and the real time that has gone by since: a slow server ages claims too."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=monotonic() - self._began)


class _Line:
    """The round's one connection, opened anew only after the server broke it off."""

    def __init__(self) -> None:
        self.breaks = 0
        self._backend: BaseEmailBackend | None = None

    def open(self) -> None:
        if self._backend is None:
            backend = get_connection(fail_silently=False)
            backend.open()
            self._backend = backend

    def hand_over(self, build: Callable[[BaseEmailBackend], Any]) -> None:
        """Give the server one mail. Raises whatever it, or the way there, answers other than yes."""
        assert self._backend is not None
        if not self._backend.send_messages([build(self._backend)]):
            raise ValueError("no recipient")

    def drop(self) -> None:
        """The server broke off, or is about to."""
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
    return True


def _send(letter: Letter, line: _Line, clock: _Stopwatch, report: SendReport) -> None:
    """Steps 5 and 6 for a letter we hold. Not inside a transaction, and not to be moved into one: the server's yes
    cannot be rolled back."""
    name, address, refusal = _addressee(letter)
    if refusal:
        report.failed += _note(letter, Action.FAILED, clock.now(), refusal)
        return
    letter.address = address
    try:
        line.hand_over(lambda backend: build_mail(letter, name=name, address=address, connection=backend))
    except Exception as error:
        _note_refusal(letter, error, line, clock, report)
    else:
        report.sent += _note(letter, Action.SENT, clock.now())


def _addressee(letter: Letter) -> tuple[str, str, str]:
    """(name, address, why not), as things stand now."""
    recipient = Recipient.objects.select_related("officer").get(pk=letter.recipient_id)
    officer = recipient.officer
    if not recipient.active:
        return "", "", refusals.RECIPIENT_GONE.format(recipient=recipient)
    if officer is None:
        return recipient.name, recipient.address, ""
    if not officer.is_active:
        return "", "", refusals.OFFICER_GONE.format(officer=officer)
    if not officer.email:
        return "", "", refusals.OFFICER_WITHOUT_ADDRESS.format(officer=officer)
    return officer.name, officer.email, ""


def _note_refusal(letter: Letter, error: Exception, line: _Line, clock: _Stopwatch, report: SendReport) -> None:
    answer, now = read_answer(error), clock.now()
    if answer.hangs_up:
        line.drop()
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


def _note(letter: Letter, action: Action, now: datetime, words: str = "") -> int:
    """Write down what became of the try we hold; 1 if it was still ours to note.

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
        changes |= {"state": LetterState.FAILED}
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
    return 1


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
            changes |= {"state": LetterState.FAILED}
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
            changes |= {"state": LetterState.FAILED, "next_try_at": None, "error": words}
        else:
            changes |= {"next_try_at": now + rules.wait_after(letter.claims)}
        with transaction.atomic(durable=True):
            seen = Letter.objects.filter(pk=letter.pk, state=letter.state, claims=letter.claims - 1)
            if not seen.update(**changes):
                continue
            _step(letter, Action.FAILED if given_up else Action.DEFERRED, now, words)
        report.failed += given_up
        report.deferred += not given_up
