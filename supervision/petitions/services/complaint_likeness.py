"""Complaints that may be the same through another channel: suggested by digest and words, merged by a person only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from django.db import transaction
from django.db.models import Q

from cases.models import Officer
from supervision.petitions import rules, sealing
from supervision.petitions.models import (
    Complainant,
    Complaint,
    ComplaintLikeness,
    ComplaintStage,
    SameGround,
    SameState,
)
from supervision.petitions.refusals import DONE_ALREADY, MERGED_COMPLAINT, SAME_COMPLAINT, PetitionRefused
from supervision.petitions.services.complaint_acts import (
    accused_of,
    complainant_facts,
    move_complaint,
    note_complaint,
    require_handler_left,
    take_complaint,
)
from supervision.petitions.services.registering import bar_accused

# One that was answered already answers nobody who complains afterwards.
_OPEN = (ComplaintStage.REGISTERED, *ComplaintStage.unanswered(), ComplaintStage.MERGED)

# As many of the latest complaints of the city as a new one is held against.
LOOKED_THROUGH = 5000


@dataclass(slots=True)
class Shelf:
    """The words of the latest complaints of one city, read once; a file of complaints is held against it row by row."""

    city_id: int | None
    words: dict[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of_city(cls, city_id: int | None) -> Self:
        rows = Complaint.objects.standing().filter(matter__city=city_id).order_by("-pk")
        found = rows.values_list("pk", "subject")[:LOOKED_THROUGH]
        return cls(city_id, {pk: rules.pairs_of(subject) for pk, subject in found})


def suggest_same(complaint: Complaint, shelf: Shelf | None = None) -> list[ComplaintLikeness]:
    """Suggest earlier complaints of the same person, by digest, or on the same subject, by words. Nothing is merged.

    A pair suggested before is not suggested again.
    """
    shelf = shelf or Shelf.of_city(complaint.matter.city_id)
    mine = rules.pairs_of(complaint.subject)
    found: dict[int, tuple[SameGround, float]] = {}
    for pk, words in shelf.words.items():
        if pk < complaint.pk and (shared := rules.likeness(mine, words)) >= rules.LIKE_FROM:
            found[pk] = (SameGround.SUBJECT, shared)
    for pk in _same_person(complaint):
        found[pk] = (SameGround.PERSON, found.get(pk, (SameGround.PERSON, 0.0))[1])
    shelf.words[complaint.pk] = mine
    rows = [
        ComplaintLikeness(complaint=complaint, earlier_id=pk, ground=ground, shared=shared)
        for pk, (ground, shared) in sorted(found.items())
    ]
    ComplaintLikeness.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def _same_person(complaint: Complaint) -> list[int]:
    """Earlier complaints of the same person, whatever key they are sealed under."""
    facts, wanted = complainant_facts(complaint), Q(pk__in=())
    for what, column in (("identity", "identity_digest"), ("phone", "phone_digest")):
        if known := sealing.digests(facts.get(what, ""), what=what):
            wanted |= Q(**{f"{column}__in": known})
    rows = Complainant.objects.filter(wanted, complaint__matter__withdrawn_at=None, pk__lt=complaint.pk)
    return list(rows.values_list("complaint_id", flat=True))


def take_in(*, complaint: Complaint, into: Complaint, by: Officer, at: datetime) -> None:
    """Confirm that a complaint is the same as another, which came through another channel; it is counted no more.

    Whoever is complained about in either is from now on kept away from both. The notice owed to whoever complained stays
    owed; the answer to the other is the answer to this one. Refuses who does not handle both, one that is being looked
    into already, and one that was itself taken into another.
    """
    if complaint.pk == into.pk:
        raise PetitionRefused(SAME_COMPLAINT)
    with transaction.atomic():
        held = take_complaint(complaint, act="并入", by=by, stages=(ComplaintStage.REGISTERED,))
        other = take_complaint(into, act="并入其他投诉", by=by, stages=_OPEN)
        if other.same_as_id is not None:
            raise PetitionRefused(MERGED_COMPLAINT.format(number=other.matter.number))
        (units, officers), (other_units, other_officers) = accused_of(held), accused_of(other)
        bar_accused(held.matter, other_units, other_officers, by=by, at=at)
        bar_accused(other.matter, units, officers, by=by, at=at)
        Complaint.objects.filter(same_as=held).update(same_as=other)
        move_complaint(held, ComplaintStage.MERGED, "并入", same_as=other, tell_reply_since=None)
        require_handler_left(held)
        require_handler_left(other)
        pair = Q(complaint=held, earlier=other) | Q(complaint=other, earlier=held)
        ComplaintLikeness.objects.filter(pair).update(state=SameState.SAME, decided_by=by, decided_at=at)
        note_complaint(held, "并入", f"与 {other.matter.number} 是同一件", by=by, at=at)
        note_complaint(other, "并入", f"{held.matter.number}（{held.get_channel_display()}）并入本件", by=by, at=at)


def set_apart(*, likeness: ComplaintLikeness, by: Officer, at: datetime) -> None:
    """Say that two complaints are not the same. Refuses who does not handle both, and a pair decided before."""
    with transaction.atomic():
        held = take_complaint(likeness.complaint, act="核对", by=by)
        take_complaint(likeness.earlier, act="核对", by=by)
        claimed = ComplaintLikeness.objects.filter(pk=likeness.pk, state=SameState.SUGGESTED).update(
            state=SameState.DIFFERENT, decided_by=by, decided_at=at
        )
        if not claimed:
            raise PetitionRefused(DONE_ALREADY)
        note_complaint(held, "核对", SameState.DIFFERENT.label, by=by, at=at)
