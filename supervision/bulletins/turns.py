"""Whose turn it is with a bulletin: to look it over and submit it, to sign it, to send it out.

A draft of the timetable's, or one that was sent back, is the legal officers' turn; what is submitted is the turn of a
head for a station's bulletins and of a leader for a bureau's, other than who submitted it; what is signed is the legal
officers' again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases.duty import DutyRoster, Rung
from cases.models import Post, Role, UnitLevel
from cases.tidings import Tiding
from supervision.bulletins.models import Bulletin, BulletinState

ABOUT: Final = "通报签批"
_KEY: Final = "bulletins.bulletin:{pk}:{state}"
_SENTENCES: Final = {
    BulletinState.DRAFT: "{bulletin}已编好草稿，请审阅、点评后送签",
    BulletinState.SUBMITTED: "{bulletin}待您签批（{submitter} {day}送签）",
    BulletinState.SIGNED: "{bulletin}已签批，请签发",
}
_BACK: Final = "{bulletin}被退回，请修改后再送签：{reason}"


def untold(*, at: datetime, urgent: bool) -> Iterator[Tiding]:
    """Bulletins with which somebody must still be told that it is his turn. None of them is urgent."""
    if urgent:
        return
    waiting = Bulletin.objects.unfinished().light().filter(tell_since__lte=at).select_related("unit", "submitter")
    roster: DutyRoster | None = None
    for bulletin in waiting.order_by("pk"):
        roster = roster or DutyRoster(at)
        assert bulletin.tell_since is not None
        for officer_id in _whose_turn(bulletin, roster):
            yield Tiding(
                key=_KEY.format(pk=bulletin.pk, state=bulletin.state),
                officer_id=officer_id,
                since=bulletin.tell_since,
                about=ABOUT,
                text=_sentence(bulletin),
                link=reverse("bulletins:bulletin", args=(bulletin.pk,)),
            )


def _whose_turn(bulletin: Bulletin, roster: DutyRoster) -> list[int]:
    if bulletin.state != BulletinState.SUBMITTED:
        return list(roster.answering(Rung.LEGAL, unit_id=bulletin.unit_id, officer_id=None))
    rung = Rung.LEADER
    if bulletin.unit.level == UnitLevel.STATION:
        heads = Post.objects.current().filter(unit=bulletin.unit, role=Role.UNIT_HEAD, officer__is_active=True)
        rung = Rung.HEAD if heads.exclude(officer=bulletin.submitter).exists() else Rung.LEADER
    # Nobody signs what he submitted himself: then it is the turn of who stands above him.
    unit = bulletin.unit
    while True:
        signing = roster.answering(rung, unit_id=unit.pk, officer_id=None)
        if others := [one for one in signing if one != bulletin.submitter_id]:
            return others
        if unit.parent is None:
            return []
        rung, unit = Rung.LEADER, unit.parent


def _sentence(bulletin: Bulletin) -> str:
    last = bulletin.steps.order_by("-pk").first()
    if bulletin.state == BulletinState.DRAFT and last is not None and last.action == "send_back":
        return _BACK.format(bulletin=bulletin, reason=last.note)[:300]
    day = "" if bulletin.submitted_at is None else f"{timezone.localtime(bulletin.submitted_at):%m-%d} "
    words = _SENTENCES[BulletinState(bulletin.state)]
    return words.format(bulletin=bulletin, submitter=bulletin.submitter or "", day=day)[:300]


def still_stands(keys: Iterable[str]) -> set[str]:
    """Those of the keys whose bulletins still stand where they stood when they were told of."""
    asked = _numbers(keys)
    wanted = Q(pk__in=())
    for pk, state in asked.values():
        wanted |= Q(pk=pk, state=state)
    standing = set(Bulletin.objects.filter(wanted).values_list("pk", "state"))
    return {key for key, one in asked.items() if one in standing}


def mark_told(keys: Iterable[str], *, at: datetime) -> None:
    """Everybody whose turn it is knows, since `at`; they are reminded from the next working day on."""
    for pk, state in _numbers(keys).values():
        Bulletin.objects.filter(pk=pk, state=state).update(tell_since=None, told_at=at)


def tell_again(keys: Iterable[str], *, at: datetime) -> None:
    """Whoever was to be told of these was gone before he was: somebody else is to be told, from `at` on."""
    for pk, state in _numbers(keys).values():
        Bulletin.objects.filter(pk=pk, state=state).update(tell_since=at)


def _numbers(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """The bulletin and the state each key names; keys of anything else are left out."""
    found = {}
    for key in keys:
        head, _, rest = key.partition(":")
        number, _, state = rest.partition(":")
        if head == "bulletins.bulletin" and number.isdigit() and state in BulletinState.unfinished():
            found[key] = (int(number), state)
    return found
