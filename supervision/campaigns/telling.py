"""What of this room somebody is still to be told, and by whom it is asked whether it still stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.duty import DutyRoster, Rung
from cases.tidings import Tiding
from supervision.campaigns.models import Task

ABOUT = "专项整治"
KEY = "campaigns.task"
NEAR, OVER = "near", "over"


def standing_tasks() -> QuerySet[Task]:
    """Steps of open campaigns that are not done."""
    return Task.objects.filter(done_on=None, campaign__closed_at=None).select_related("campaign")


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at a moment: of steps near their day the legal officers of the unit that holds the
    campaign; of steps that slipped the leaders too. Nothing of it is urgent; a handful of questions."""
    if urgent:
        return
    rows = list(standing_tasks().filter(tell_since__lte=at).order_by("tell_since", "pk"))
    if not rows:
        return
    roster = DutyRoster(at)
    for row in rows:
        noun = OVER if timezone.localdate(at) > row.due_on else NEAR
        found = list(roster.answering(Rung.LEGAL, unit_id=row.campaign.unit_id, officer_id=None))
        if noun == OVER:
            found += roster.answering(Rung.LEADER, unit_id=row.campaign.unit_id, officer_id=None)
        for officer_id in dict.fromkeys(found):
            yield Tiding(
                key=key_of(row, noun),
                officer_id=officer_id,
                since=row.tell_since or at,
                about=ABOUT,
                text=_words(row, noun),
                link=reverse("campaigns:campaign", args=(row.campaign_id,)),
                rank=2 if noun == OVER else 1,
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those still so: the step not done, and its day not moved."""
    return {key for key, _ in rows_named(keys)}


def rows_named(keys: Iterable[str]) -> Iterator[tuple[str, Task]]:
    """The keys that still stand, each with its row; one question."""
    asked: dict[int, list[str]] = {}
    for key in keys:
        room, _, rest = key.partition(":")
        number, _, _ = rest.partition(":")
        if room == KEY and number.isascii() and number.isdigit() and len(number) <= 18:
            asked.setdefault(int(number), []).append(key)
    for row in standing_tasks().filter(pk__in=asked):
        for key in asked[row.pk]:
            if key in (key_of(row, NEAR), key_of(row, OVER)):
                yield key, row


def key_of(row: Task, noun: str) -> str:
    """With its day, so that people are told anew of one that is moved."""
    return f"{KEY}:{row.pk}:{row.due_on:%Y-%m-%d}:{noun}"


def _words(row: Task, noun: str) -> str:
    named = f"“{row.campaign.title}”的“{row.name}”"
    if noun == OVER:
        return f"{named}没有按期完成，期限 {row.due_on:%m-%d} 已过"
    return f"{named}应在 {row.due_on:%m-%d} 前完成"
