"""What the bulletins report back: who has been told, and what is to be told again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from supervision.returnvisits.models import Notice
from supervision.returnvisits.telling import notice_ids, standing_notices


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Note that what the keys name has been told; told already or gone: nothing happens. How many were new."""
    return Notice.objects.filter(pk__in=notice_ids(keys), told_at=None).update(told_at=at)


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what the keys name told once more, from `at` on, to whoever answers for it by then; how many they were."""
    again = list(standing_notices().filter(pk__in=notice_ids(keys)).values_list("pk", flat=True))
    return Notice.objects.filter(pk__in=again).update(told_at=None, tell_since=at)
