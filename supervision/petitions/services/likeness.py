"""Setting petitions beside each other: the same person by keyed digest, the same subject by its words."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from cases.models import Officer
from supervision.petitions import rules, sealing
from supervision.petitions.models import Likeness, LikenessGround, LikenessState, Petition, Petitioner
from supervision.petitions.refusals import DONE_ALREADY, PetitionRefused
from supervision.petitions.services.acts import note, take

# As many of the latest petitions of the city as a new one is held against.
LOOKED_THROUGH = 5000


def suggest_likenesses(petition: Petition) -> list[Likeness]:
    """Suggest earlier petitions of the same people, by digest, or on the same subject, by words; for a person to decide.

    Nothing is merged. A pair suggested before is not suggested again.
    """
    matter = petition.matter
    others = Petition.objects.standing().exclude(pk=petition.pk).filter(disposed_at=None, pk__lt=petition.pk)
    found: dict[int, tuple[LikenessGround, float]] = {}
    mine = rules.pairs_of(petition.subject)
    near = others.filter(matter__city=matter.city_id).order_by("-pk")
    for pk, subject in near.values_list("pk", "subject")[:LOOKED_THROUGH]:
        shared = rules.likeness(mine, rules.pairs_of(subject))
        if shared >= rules.LIKE_FROM:
            found[pk] = (LikenessGround.SUBJECT, shared)
    same = same_people(petition).filter(petition__in=others).values_list("petition_id", flat=True)
    for pk in same:
        found[pk] = (LikenessGround.PERSON, found.get(pk, (LikenessGround.PERSON, 0.0))[1])
    rows = [
        Likeness(petition=petition, earlier_id=pk, ground=ground, shared=shared)
        for pk, (ground, shared) in sorted(found.items())
    ]
    Likeness.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def same_people(petition: Petition) -> QuerySet[Petitioner]:
    """The rows of other petitions that are of one of this petition's people, whatever key they are sealed under."""
    wanted = Q(pk__in=())
    for row in petition.petitioners.filter(erased_at=None):
        facts = sealing.unseal(row.key, row.sealed, place=row.place)
        for what, column in (("identity", "identity_digest"), ("phone", "phone_digest")):
            if known := sealing.digests(facts.get(what, ""), what=what):
                wanted |= Q(**{f"{column}__in": known})
    return Petitioner.objects.filter(wanted, erased_at=None).exclude(petition=petition)


def decide_likeness(*, likeness: Likeness, state: LikenessState | str, by: Officer, at: datetime) -> None:
    """Say what two petitions are to each other. Refuses who does not handle both, and a pair decided before."""
    with transaction.atomic():
        held = take(likeness.petition, act="核对重复", by=by)
        take(likeness.earlier, act="核对重复", by=by)
        if state == LikenessState.SUGGESTED:
            raise PetitionRefused(DONE_ALREADY)
        claimed = Likeness.objects.filter(pk=likeness.pk, state=LikenessState.SUGGESTED).update(
            state=state, decided_by=by, decided_at=at
        )
        if not claimed:
            raise PetitionRefused(DONE_ALREADY)
        note(held, "核对重复", LikenessState(state).label, by=by, at=at)
