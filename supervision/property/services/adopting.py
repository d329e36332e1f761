"""Ends that were recorded on the matter itself, imported or entered as bare events, are taken over by the item."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from cases.models import Event
from supervision.property.models import Action, Item, ItemState, PropertyStep

_ENDS = {
    "property_returned": (ItemState.RETURNED, Action.RETURNED),
    "asset_unfrozen": (ItemState.RETURNED, Action.RETURNED),
    "property_disposed": (ItemState.DISPOSED, Action.DISPOSED),
    "evidence_disposed": (ItemState.DISPOSED, Action.DISPOSED),
}


def adopt_ends(items: Collection[int], *, at: datetime) -> int:
    """End every held item of these on whose matter an end is on record; answers how many. Harmless twice.

    Registered evidence that is then seized is not at its end: only a matter that is closed has one.
    """
    ended = 0
    with transaction.atomic():
        held = Item.objects.select_for_update(of=("self",)).filter(
            pk__in=items, state=ItemState.HELD, matter__closed_at__isnull=False
        )
        rows = {one.pk: one for one in held.order_by("pk")}
        events: dict[int, Event] = {}
        known = Event.objects.standing().filter(matter__in=rows, kind__code__in=_ENDS, only_voids=False)
        for event in known.select_related("kind").order_by("occurred_at", "pk"):
            events[event.matter_id] = event
        steps = []
        for pk, event in events.items():
            state, action = _ENDS[event.kind.code]
            number = f"，{event.document_number}" if event.document_number else ""
            text = f"按事项节点：{event.kind}{number}"
            ended += Item.objects.filter(pk=pk, state=ItemState.HELD).update(
                state=state, ended_at=max(event.occurred_at, rows[pk].taken_at), outcome=text
            )
            steps.append(PropertyStep(matter_id=pk, action=action, at=at, text=text, event=event))
        PropertyStep.objects.bulk_create(steps)
    return ended
