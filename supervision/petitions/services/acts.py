"""How every act of this room begins and ends: who may, from which stage, and what is written down."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from cases.duty import working_time
from cases.models import ApproverLevel, Event, Matter, Officer
from cases.models.scope import restricted_matters
from cases.services import CaseRefused, record_event
from cases.statute import periods
from supervision.petitions.models import Petition, PetitionStep, Stage
from supervision.petitions.refusals import FUTURE_DAY, NOT_NOW, ONLY_HANDLERS, PetitionRefused


def take(petition: Petition, *, act: str, by: Officer, stages: tuple[Stage, ...] = ()) -> Petition:
    """The petition as it stands now, locked. Refuses who does not handle it, and a stage the act does not fit."""
    officer = Officer.objects.get(pk=by.pk)
    if petition.pk not in restricted_matters(officer):
        raise PetitionRefused(ONLY_HANDLERS)
    held = Petition.objects.select_for_update().get(pk=petition.pk)
    if stages and held.stage not in stages:
        raise PetitionRefused(NOT_NOW.format(stage=held.get_stage_display(), act=act))
    return held


def move(held: Petition, to: Stage, act: str, **fields: object) -> None:
    """Claim the step from the stage seen to the next; somebody who was quicker is not overwritten."""
    if not Petition.objects.filter(pk=held.pk, stage=held.stage).update(stage=to, **fields):
        raise PetitionRefused(NOT_NOW.format(stage=held.get_stage_display(), act=act))
    held.refresh_from_db()


def note(held: Petition, act: str, text: str, *, by: Officer | None, at: datetime) -> None:
    """Write the step into the ledger."""
    PetitionStep.objects.create(petition=held, act=act, stage=held.stage, text=text[:500], by=by, at=at)


def happened(
    matter: Matter,
    kind: str,
    on: date,
    *,
    by: Officer | None,
    at: datetime,
    document_number: str = "",
    approver: str = "",
    ground: str = "",
) -> Event:
    """The event behind an act, from which the clocks are wound; refuses a day that has not come."""
    if on > timezone.localdate(at, ZoneInfo(settings.TIME_ZONE)):
        raise PetitionRefused(FUTURE_DAY)
    try:
        return record_event(
            matter=matter,
            kind=kind,
            occurred_at=midnight(on),
            day_only=True,
            by=by,
            at=at,
            document_number=document_number,
            approver=approver,
            ground=ground,
        )
    except CaseRefused as refusal:
        raise PetitionRefused(str(refusal)) from refusal


def midnight(on: date) -> datetime:
    return periods.start_of_day(on, ZoneInfo(settings.TIME_ZONE))


def approved_by(code: str) -> str:
    """The name of the level that approved something, for the ledger."""
    level = ApproverLevel.objects.filter(code=code).first()
    return f"{level}批准" if level is not None else "没有写明批准层级"


def today(at: datetime) -> date:
    return timezone.localdate(at, ZoneInfo(settings.TIME_ZONE))


def opening_of(on: date, at: datetime) -> datetime:
    """When people are to be told of something due on a day: as work opens that day, or on the next worked one."""
    return working_time(at).next_open(midnight(on))
