"""What the bulletins report back: who has been told, and whether a thing still stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from supervision.followup.models import Notice
from supervision.followup.queries import notice_ids, standing_notices


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Note that what the keys name has been told; told already or gone: nothing happens. How many were new."""
    return Notice.objects.filter(pk__in=notice_ids(keys), told_at=None).update(told_at=at)


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys those whose ground still holds: items not done, replies not given, a case that still stands still."""
    known = notice_ids(keys)
    standing = standing_notices().filter(pk__in=known).values_list("pk", flat=True)
    return {known[pk] for pk in standing}
