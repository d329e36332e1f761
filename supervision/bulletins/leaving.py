"""What a letter holds and to whom it goes, looked up at the last moment before it leaves.

A notice is asked about once more: lines that no longer stand are left out, and with nothing left it does not go. Nor
does what its officer has read in the inbox meanwhile. Is he gone or away, the rooms are asked anew whom to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cases.duty import DutyRoster
from cases.models import Absence, Officer
from supervision.bulletins import refusals, rules, sources
from supervision.bulletins.filing import file_papers
from supervision.bulletins.models import (
    Action,
    Bulletin,
    BulletinPaper,
    Channel,
    Letter,
    LetterState,
    LetterStep,
    Notice,
    NoticeAddress,
    NoticeLine,
    Recipient,
)
from supervision.bulletins.queries import belongs_to


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter ready to go: to whom, and for a notice the lines that still stand, the most pressing first;
    for a bulletin its papers."""

    name: str
    address: str
    lines: tuple[NoticeLine, ...] = ()
    papers: tuple[BulletinPaper, ...] = ()

    @property
    def headline(self) -> str:
        return rules.headline_of(line.about for line in self.lines)


class Withheld(Exception):
    """A letter that does not go: what its ledger says, and what else is to be done together with saying so."""

    def __init__(self, action: Action, words: str, also: Callable[[], None] | None = None) -> None:
        super().__init__(words)
        self.action, self.words, self.also = action, words, also


class Filed:
    """The papers of the bulletins a round sends, each bulletin's read once however many get it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[BulletinPaper, ...]] = {}

    def of(self, bulletin: Bulletin, *, at: datetime) -> tuple[BulletinPaper, ...]:
        if bulletin.pk not in self._known:
            self._known[bulletin.pk] = tuple(file_papers(bulletin, at=at))
        return self._known[bulletin.pk]


def pack(letter: Letter, filed: Filed, *, at: datetime) -> Parcel:
    """The letter as things stand at `at`. Raises Withheld with the reason why it does not go."""
    if letter.notice_id is not None:
        return _pack_notice(letter, letter.notice_id, at)
    assert letter.recipient_id is not None and letter.bulletin is not None
    name, address = _reader(letter.recipient_id)
    return Parcel(name, address, papers=filed.of(letter.bulletin, at=at))


def _reader(recipient_id: int) -> tuple[str, str]:
    recipient = Recipient.objects.select_related("officer__unit", "unit").get(pk=recipient_id)
    officer = recipient.officer
    if not recipient.active:
        raise Withheld(Action.FAILED, refusals.RECIPIENT_GONE.format(recipient=recipient))
    if officer is None:
        return recipient.name, recipient.address
    if not officer.is_active:
        raise Withheld(Action.FAILED, refusals.OFFICER_GONE.format(officer=officer))
    if not belongs_to(officer, recipient.unit):
        raise Withheld(Action.FAILED, refusals.NOT_OF_THE_LINE.format(officer=officer, unit=recipient.unit))
    if not officer.email:
        raise Withheld(Action.FAILED, refusals.OFFICER_WITHOUT_ADDRESS.format(officer=officer))
    return officer.name, officer.email


# -- notices ---------------------------------------------------------------------------------------------------------


def _pack_notice(letter: Letter, notice_id: int, at: datetime) -> Parcel:
    said = Q(pk=notice_id) | Q(letters__carried_by=letter)
    notices = list(Notice.objects.filter(said, handed_on_at=None).distinct().select_related("officer"))
    if not notices:
        raise Withheld(Action.DROPPED, refusals.HANDED_ON_ALREADY)
    officer = notices[0].officer
    if not (unread := [notice for notice in notices if notice.read_at is None]):
        raise Withheld(Action.DROPPED, refusals.READ_IN_INBOX)
    lines = _standing(officer, [notice.pk for notice in unread], at)
    if not lines:
        raise Withheld(Action.DROPPED, refusals.ALL_SETTLED)
    _follow_the_post(officer, unread, lines, at)
    return Parcel(officer.name, _address(letter, officer), tuple(lines))


def _standing(officer: Officer, notices: list[int], at: datetime) -> list[NoticeLine]:
    """The lines that still stand; those that do not are marked as settled, for the inbox too.

    What he may no longer see is settled for him, and its room has another told.
    """
    open_lines = list(NoticeLine.objects.filter(notice__in=notices, settled_at=None))
    standing = sources.still_standing(line.key for line in open_lines)
    hidden = sources.kept_from(officer, standing)
    gone = [line.pk for line in open_lines if line.key not in standing or line.key in hidden]
    with transaction.atomic():
        NoticeLine.objects.filter(pk__in=gone, settled_at=None).update(settled_at=at)
        for source, keys in sources.by_source(hidden):
            if source.follows_the_post:
                source.tell_again(keys, at=at)
    lines = [line for line in open_lines if line.key in standing and line.key not in hidden]
    return sorted(lines, key=lambda line: (-line.rank, line.about, line.since, line.pk))


def _follow_the_post(officer: Officer, notices: list[Notice], lines: list[NoticeLine], at: datetime) -> None:
    """Withhold the letter of somebody who is gone, moved or away, if the rooms can name another; unless it reached him.

    A room that cannot leaves it with him who moved or is away, and lets the letter of him who is gone fail aloud.
    """
    if not (why := _why_another(officer, notices, at)):
        return
    ids = [notice.pk for notice in notices]
    arrived = Letter.objects.filter(notice__in=ids, state=LetterState.SENT).exists()
    asked = list(sources.by_source(line.key for line in lines))
    if not arrived and all(source.follows_the_post for source, _ in asked):

        def hand_on() -> None:
            Notice.objects.filter(pk__in=ids).update(handed_on_at=at)
            for source, keys in asked:
                source.tell_again(keys, at=at)

        raise Withheld(Action.DROPPED, refusals.HANDED_ON.format(officer=officer, why=why), hand_on)
    if not officer.is_active:
        raise Withheld(Action.FAILED, refusals.OFFICER_GONE.format(officer=officer))


def _why_another(officer: Officer, notices: list[Notice], at: datetime) -> str:
    """Why somebody else may have to be told by now; empty while he is where he was."""
    if not officer.is_active:
        return refusals.GONE
    if any(notice.unit_id != officer.unit_id for notice in notices):
        return refusals.MOVED
    return refusals.AWAY if _is_away(officer, at) else ""


def _is_away(officer: Officer, at: datetime) -> bool:
    """Whether somebody stands in for him; the roster, which reads every post, is asked only if he may be away at all."""
    today = timezone.localtime(at, timezone.get_default_timezone()).date()
    if not Absence.objects.on(today).filter(officer=officer).exists():
        return False
    return DutyRoster(at).stands_in(officer.pk) != officer.pk


def _address(letter: Letter, officer: Officer) -> str:
    if letter.channel_id is None:
        if not officer.email:
            raise Withheld(Action.FAILED, refusals.OFFICER_WITHOUT_ADDRESS.format(officer=officer))
        return officer.email
    channel = Channel.objects.get(pk=letter.channel_id)
    if not channel.enabled:
        raise Withheld(Action.DROPPED, refusals.CHANNEL_OFF.format(channel=channel))
    if channel.secret_name and channel.secret_name not in settings.GATEWAY_SECRETS:
        variable = f"GATEWAY_SECRET_{channel.secret_name}"
        raise Withheld(Action.FAILED, refusals.CHANNEL_WITHOUT_SECRET.format(channel=channel, variable=variable))
    row = NoticeAddress.objects.filter(officer=officer, channel=channel).first()
    if row is None:
        missing = refusals.OFFICER_WITHOUT_CHANNEL_ADDRESS.format(officer=officer, channel=channel)
        raise Withheld(Action.DROPPED, missing)
    return row.address


def absorb(letter: Letter, *, at: datetime) -> None:
    """Let a letter that is about to leave say what others for the same officer, by the same way, were kept from saying.

    After an outage of days he then gets one message and not one for each day. A letter in doubt takes nothing over, as
    its readers are told that they may know it already. Part of the caller's transaction.
    """
    notice = letter.notice
    if notice is None or letter.may_come_twice:
        return
    others = Letter.objects.filter(
        state__in=rules.ABSORBABLE,
        channel=letter.channel_id,
        notice__officer=notice.officer_id,
        notice__urgent=notice.urgent,
    ).exclude(pk=letter.pk)
    words = refusals.CARRIED.format(day=f"{notice.day:%Y-%m-%d}")
    for other in others:
        seen = Letter.objects.filter(pk=other.pk, state=other.state, claims=other.claims)
        if seen.update(state=LetterState.DROPPED, next_try_at=None, carried_by=letter, error=words):
            Letter.objects.filter(carried_by=other).update(carried_by=letter)
            LetterStep.objects.create(letter=other, action=Action.DROPPED, at=at, claim=other.claims, note=words)
