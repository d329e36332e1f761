"""What the mouth of the house reports back: these have been told, or are to be told once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from supervision.petitions.queries import TOLD_OF, pk_of


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Remember that these tidings were told, so that nobody is told twice; returns how many were still to be told. Keys of
    other rooms are passed over. Harmless twice."""
    with transaction.atomic():
        return sum(rows.filter(tell_since__lte=at).update(tell_since=None) for _, rows in _named(keys))


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, from `at` on, to whoever handles it by then; returns how many they were.
    What is done meanwhile is passed over."""
    with transaction.atomic():
        return sum(rows.filter(TOLD_OF[noun].open).update(tell_since=at) for noun, rows in _named(keys))


def _named(keys: Iterable[str]) -> Iterator[tuple[str, QuerySet]]:
    """By noun the rows that the keys name."""
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        if wanted := [pk for key in keys if (pk := pk_of(key, noun)) is not None]:
            yield noun, source.model._default_manager.filter(pk__in=wanted)
