"""What of this room somebody is still to be told, and by whom it is asked whether it still stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.duty import DutyRoster, Rung
from cases.tidings import Tiding
from supervision.inspections.models import Draw, ItemStep

ABOUT = "双随机"
NEAR, OVER, PUBLISH = "near", "over", "publish"


def standing_steps() -> QuerySet[ItemStep]:
    """Steps of open plans that are not done."""
    return ItemStep.objects.filter(done_on=None, item__plan__closed_at=None).select_related("item__plan")


def standing_draws() -> QuerySet[Draw]:
    """Draws of open plans with results that are not public yet."""
    rows = Draw.objects.filter(publish_due_on__isnull=False, item__plan__closed_at=None)
    return rows.defer("frame", "away", "pool").select_related("item__plan")


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at a moment: of steps near their day and results to publish the legal officers of
    the plan's unit; of steps that slipped the leaders too. Nothing of it is urgent; a handful of questions."""
    if urgent:
        return
    waiting = Q(tell_since__lte=at)
    steps = list(standing_steps().filter(waiting).order_by("tell_since", "pk"))
    draws = list(standing_draws().filter(waiting).order_by("tell_since", "pk"))
    if not (steps or draws):
        return
    roster = DutyRoster(at)
    rows: list[ItemStep | Draw] = [*steps, *draws]
    for row in rows:
        noun = noun_of(row, at)
        plan = row.item.plan
        found = list(roster.answering(Rung.LEGAL, unit_id=plan.unit_id, officer_id=None))
        if noun == OVER:
            found += roster.answering(Rung.LEADER, unit_id=plan.unit_id, officer_id=None)
        for officer_id in dict.fromkeys(found):
            yield Tiding(
                key=key_of(row, noun),
                officer_id=officer_id,
                since=row.tell_since or at,
                about=ABOUT,
                text=_words(row, noun),
                link=reverse("inspections:plan", args=(plan.pk,)),
                rank=2 if noun == OVER else 1,
            )


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those still so: the step not done, the result not public, and the day not moved."""
    return {key for key, _ in rows_named(keys)}


def rows_named(keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The keys that still stand, each with its row; two questions."""
    asked: dict[str, dict[int, list[str]]] = {"step": {}, "draw": {}}
    for key in keys:
        room, _, rest = key.partition(":")
        number, _, _ = rest.partition(":")
        model = room.removeprefix("inspections.")
        known = room.startswith("inspections.") and model in asked
        if known and number.isascii() and number.isdigit() and len(number) <= 18:
            asked[model].setdefault(int(number), []).append(key)
    for model, rows in (("step", standing_steps()), ("draw", standing_draws())):
        for row in rows.filter(pk__in=asked[model]):
            for key in asked[model][row.pk]:
                if key in {key_of(row, noun) for noun in (NEAR, OVER, PUBLISH)}:
                    yield key, row


def noun_of(row: ItemStep | Draw, at: datetime) -> str:
    """What a row has to tell at a moment."""
    if isinstance(row, Draw):
        return PUBLISH
    return OVER if timezone.localdate(at) > row.due_on else NEAR


def key_of(row: ItemStep | Draw, noun: str) -> str:
    """With its day, so that people are told anew of one that is moved."""
    if isinstance(row, Draw):
        return f"inspections.draw:{row.pk}:{row.publish_due_on:%Y-%m-%d}:{noun}"
    return f"inspections.step:{row.pk}:{row.due_on:%Y-%m-%d}:{noun}"


def _words(row: ItemStep | Draw, noun: str) -> str:
    named = f"“{row.item.plan.title}”的“{row.item.name}”"
    if isinstance(row, Draw):
        return f"{named}有检查结果还没有公示，最早的 {row.publish_due_on:%m-%d} 到期"
    if noun == OVER:
        return f"{named}没有按计划{row.get_stage_display()}，期限 {row.due_on:%m-%d} 已过"
    return f"{named}应在 {row.due_on:%m-%d} 前{row.get_stage_display()}"
