"""Looking at who is behind a petition, and keeping the seals under the newest key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from cases.audit.models import Way
from cases.audit.services import note_way_out
from cases.models import Officer
from supervision.petitions import sealing
from supervision.petitions.models import Complainant, IdentityLook, Petition, Petitioner
from supervision.petitions.refusals import NO_IDENTITY, REASON_NEEDED, PetitionRefused
from supervision.petitions.services.acts import take

NAMES = {"name": "姓名", "identity": "证件号码", "phone": "电话", "address": "住址"}


def look_at_identity(
    *, petition: Petition, reason: str, by: Officer, at: datetime
) -> list[tuple[Petitioner, dict[str, str]]]:
    """Who is behind a petition, in the clear. The look is on record before anything is shown.

    Refuses who does not handle it, a look without a reason, and where nobody gave a name.
    """
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="查看身份", by=by)
        rows = list(held.petitioners.filter(erased_at=None))
        if not rows:
            raise PetitionRefused(NO_IDENTITY)
        IdentityLook.objects.create(petition=held, officer=by, looked_at=at, reason=reason.strip()[:200])
        about = f"petitions.petition:{held.pk}"
        note_way_out(way=Way.LOOK, what="信访人身份", about=about, rows=len(rows), by=by, at=at)
    return [(row, sealing.unseal(row.key, row.sealed, place=row.place)) for row in rows]


@dataclass(slots=True)
class Rotation:
    """What a rotation did: seals put under the newest key, rows it could not open, and how many are left under which
    other key. A key under which none is left may go."""

    key: str
    resealed: int = 0
    left: dict[str, int] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)


def rotate_keys(*, chunk: int = 500) -> Rotation:
    """Put every seal and digest under the newest key, `chunk` rows a transaction.

    Rows are found by the key they are under, so a run that was killed is finished by the next, and one more changes
    nothing. A row that cannot be opened is left as it is and named at the end.
    """
    done = Rotation(sealing.newest_key())
    for people in _sealed():
        _rotate(people, done, chunk)
    for people in _sealed():
        for key, count in people.exclude(key=done.key).values_list("key").annotate(Count("pk")).order_by("key"):
            done.left[key] = done.left.get(key, 0) + count
    return done


def _sealed() -> tuple[QuerySet[Any], ...]:
    """Every table that holds a seal, without what was disposed of: a new one is added here, and rotates with the others."""
    return Petitioner.objects.filter(erased_at=None), Complainant.objects.filter(erased_at=None)


def _rotate(people: QuerySet[Any], done: Rotation, chunk: int) -> None:
    last = 0
    while True:
        with transaction.atomic():
            stale = people.select_for_update().filter(pk__gt=last).exclude(key=done.key)
            rows = list(stale.order_by("pk")[:chunk])
            if not rows:
                return
            changed = []
            for row in rows:
                try:
                    facts = sealing.unseal(row.key, row.sealed, place=row.place)
                except PetitionRefused:
                    done.unreadable.append(row.pk)
                    continue
                row.key, row.sealed = sealing.seal(facts, place=row.place)
                row.identity_digest = sealing.digest(facts.get("identity", ""), what="identity")
                row.phone_digest = sealing.digest(facts.get("phone", ""), what="phone")
                changed.append(row)
            people.model._default_manager.bulk_update(changed, ["key", "sealed", "identity_digest", "phone_digest"])
            done.resealed += len(changed)
            last = rows[-1].pk
