"""What the mouth of the house reports back: these have been told, or are to be told once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from cases.duty import opening_of
from cases.models import Absence
from supervision.petitions.models import Complaint, Petition
from supervision.petitions.services.acts import today
from supervision.petitions.tidings import TOLD_OF, UNATTENDED, Source, away, pk_of


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Remember that these tidings were told, so that nobody is told twice; returns how many were still to be told. Keys of
    other rooms are passed over. Harmless twice."""
    keys = list(keys)
    with transaction.atomic():
        told = sum(
            rows.filter(**{f"{source.since}__lte": at}).update(**{source.since: None}) for source, rows in _named(keys)
        )
        return told + _mark_unattended(keys, at, before=None)


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, to whoever handles it by then; returns how many they were.

    From `at` on, where a handler is there to be told. Where all of them are away he has been told already and is told
    once more when he is back, and not every day until then. What is done meanwhile is passed over.
    """
    keys = list(keys)
    with transaction.atomic():
        gone = away(keys, at=at)
        back = _back_at(set(gone.values()), at)
        later: dict[datetime, list[str]] = defaultdict(list)
        for key in keys:
            later[back.get(gone.get(key, 0), at)].append(key)
        again = sum(
            rows.filter(source.open).update(**{source.since: moment})
            for moment, named in later.items()
            for source, rows in _named(named)
        )
        return again + _mark_unattended(keys, None, before=at)


def _back_at(officers: set[int], at: datetime) -> dict[int, datetime]:
    """When officers who are away are back at work."""
    rows = Absence.objects.on(today(at)).filter(officer__in=officers).order_by("until_on")
    return {pk: opening_of(until + timedelta(days=1), at) for pk, until in rows.values_list("officer_id", "until_on")}


def _named(keys: Iterable[str]) -> Iterator[tuple[Source, QuerySet]]:
    """By noun the rows that the keys name."""
    keys = list(keys)
    for noun, source in TOLD_OF.items():
        if wanted := [pk for key in keys if (pk := pk_of(key, noun)) is not None]:
            yield source, source.model._default_manager.filter(pk__in=wanted)


def _mark_unattended(keys: Iterable[str], told_at: datetime | None, *, before: datetime | None) -> int:
    """Note of what nobody handles when it was told, or that it is to be told again; what is so already is passed over."""
    wanted = [pk for key in keys if (pk := pk_of(key, UNATTENDED)) is not None]
    if not wanted:
        return 0
    seen = {"unhandled_told_at": None} if before is None else {"unhandled_told_at__isnull": False}
    return sum(
        model.objects.filter(pk__in=wanted, **seen).update(unhandled_told_at=told_at) for model in (Petition, Complaint)
    )
