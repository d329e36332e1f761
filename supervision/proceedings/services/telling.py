"""What the mouth of the house reports back: these have been told, or are to be told once more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from cases.duty import opening_of
from supervision.proceedings.tidings import TOLD_OF, day_of, rows_told


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Remember that these were told, so that nobody is told twice; returns how many were still to be told. Once it is told
    that a hearing comes, the next thing is to put it on record, from the day after it. Harmless twice."""
    with transaction.atomic():
        told = 0
        for noun, row in list(rows_told(keys)):
            day = day_of(row)
            then = opening_of(day + timedelta(days=1), at) if noun == "hearing" and day is not None else None
            told += (
                type(row)
                ._base_manager.filter(pk=row.pk, tell_since=row.tell_since, tell_since__lte=at)
                .update(tell_since=then)
            )
        return told


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, from `at` on, to whoever answers for it by then; returns how many they
    were. What is done meanwhile is passed over."""
    with transaction.atomic():
        return sum(
            type(row)._base_manager.filter(TOLD_OF[noun].open, pk=row.pk).update(tell_since=at)
            for noun, row in list(rows_told(keys))
        )
