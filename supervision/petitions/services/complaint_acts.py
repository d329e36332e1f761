"""How every act on a complaint begins and ends: who may, from which stage, and what is written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases.models import Barring, BarringGround, Event, Handling, Officer, Unit
from cases.models.scope import restricted_matters
from supervision.petitions import sealing
from supervision.petitions.models import Complaint, ComplaintStage, ComplaintStep
from supervision.petitions.refusals import COMPLAINT_NOT_NOW, LAST_HANDLER, ONLY_HANDLERS, PetitionRefused


def take_complaint(
    complaint: Complaint, *, act: str, by: Officer, stages: tuple[ComplaintStage, ...] = ()
) -> Complaint:
    """The complaint as it stands now, locked. Refuses who does not handle it, and a stage the act does not fit."""
    officer = Officer.objects.get(pk=by.pk)
    if complaint.pk not in restricted_matters(officer):
        raise PetitionRefused(ONLY_HANDLERS)
    held = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if stages and held.stage not in stages:
        raise PetitionRefused(COMPLAINT_NOT_NOW.format(stage=held.get_stage_display(), act=act))
    return held


def move_complaint(held: Complaint, to: ComplaintStage, act: str, **fields: object) -> None:
    """Claim the step from the stage seen to the next; somebody who was quicker is not overwritten."""
    if not Complaint.objects.filter(pk=held.pk, stage=held.stage).update(stage=to, **fields):
        raise PetitionRefused(COMPLAINT_NOT_NOW.format(stage=held.get_stage_display(), act=act))
    held.refresh_from_db()


def note_complaint(held: Complaint, act: str, text: str, *, by: Officer | None, at: datetime) -> None:
    """Write the step into the ledger."""
    ComplaintStep.objects.create(complaint=held, act=act, stage=held.stage, text=text[:500], by=by, at=at)


def require_handler_left(held: Complaint) -> None:
    """Refuse to leave a complaint without handlers."""
    if not Handling.objects.filter(matter=held.matter_id, until_at=None).exists():
        raise PetitionRefused(LAST_HANDLER)


def accused_of(held: Complaint) -> tuple[list[Unit], list[Officer]]:
    """The units and officers barred from a complaint for being complained about."""
    rows: Iterable[Barring] = (
        Barring.objects.in_force()
        .filter(matter=held.matter_id, ground=BarringGround.ACCUSED)
        .select_related("unit", "officer__unit")
    )
    rows = list(rows)
    return [one.unit for one in rows if one.unit], [one.officer for one in rows if one.officer]


def complainant_facts(held: Complaint) -> dict[str, str]:
    """Who complained, in the clear, for comparing only; empty where nobody gave a name or it was disposed of."""
    row = getattr(held, "complainant", None)
    if row is None or row.erased_at is not None:
        return {}
    return sealing.unseal(row.key, row.sealed, place=row.place)


def with_taken_in(held: Complaint) -> list[Complaint]:
    """A complaint and those taken into it."""
    return [held, *held.taken_in.select_related("matter__kind")]


def complaint_stands(complaint: Complaint, kind: str) -> bool:
    """Whether an event of the kind is on record and counts."""
    rows = Event.objects.standing().filter(matter=complaint.pk, only_voids=False)
    return rows.filter(kind__code=kind).exists()
