"""What the bulletins report back: who has been told, and what is to be told again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from supervision.reviews.telling import told_forms


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Note that what the keys name has been told: what was to be told by `at` is told no more. How many forms that were."""
    return sum(rows.filter(tell_since__lte=at).update(tell_since=None) for rows in told_forms(keys))


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what the keys name told once more, from `at` on, to whoever answers for it by then; how many forms they are."""
    return sum(rows.update(tell_since=at) for rows in told_forms(keys))
