"""What the bulletins report back: who has been told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from supervision.handovers.models import Handover, State
from supervision.handovers.queries import named


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Note that what the keys name has been told; told already or gone: nothing happens. How many were new."""
    return Handover.objects.filter(pk__in=named(keys), tell_since__lte=at, told_at=None).update(told_at=at)


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what the keys name told once more, from `at` on, to whoever answers for it by then; how many they were."""
    again = Handover.objects.filter(pk__in=named(keys), state=State.DONE, tell_since__isnull=False)
    return again.update(tell_since=at, told_at=None)
