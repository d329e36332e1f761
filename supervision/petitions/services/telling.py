"""What the mouth of the house reports back: these have been told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from supervision.petitions.queries import TOLD_OF, pk_of


def mark_told(keys: Iterable[str], at: datetime) -> int:
    """Remember that these tidings were told, so that nobody is told twice; returns how many were still to be told."""
    told = 0
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        wanted = [pk for key in keys if (pk := pk_of(key, noun)) is not None]
        if wanted:
            rows = source.model._default_manager.filter(pk__in=wanted, tell_since__lte=at)
            told += rows.update(tell_since=None)
    return told
