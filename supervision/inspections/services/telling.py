"""What the one mouth reports back: that it was told, or that it must be told anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from supervision.inspections.services.ledger import told_next
from supervision.inspections.telling import rows_named


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Remember that these were told, so that nobody is told twice; how many were still to be told. Once it is told that a
    step is near its day, the next thing is that it slipped, from the day after. Harmless twice."""
    with transaction.atomic():
        told = 0
        for key, row in list(rows_named(keys)):
            rows = type(row)._base_manager.filter(pk=row.pk, tell_since=row.tell_since, tell_since__lte=at)
            told += rows.update(tell_since=told_next(row, key, at))
        return told


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, from `at` on, to whoever answers for it by then; how many they were."""
    with transaction.atomic():
        named = {(type(row), row.pk) for _, row in list(rows_named(keys))}
        return sum(model._base_manager.filter(pk=pk).update(tell_since=at) for model, pk in named)
