"""What every verb of the room does: keep the plan open, write the step, refuse what is no text, settle what is done."""

from __future__ import annotations

from datetime import date, datetime

from cases.duty import opening_before, opening_of
from cases.models import Officer
from supervision.inspections import rules
from supervision.inspections.models import (
    Action,
    Check,
    CheckState,
    Draw,
    InspectionPlan,
    InspectionStep,
    ItemStep,
    PlannedItem,
    Stage,
)
from supervision.inspections.queries import first_publish_day, local_day
from supervision.inspections.refusals import PLAN_CLOSED, TOO_LONG, InspectionRefused


def hold_open(plan: InspectionPlan) -> None:
    """Keep a plan from being closed until the caller's transaction ends. Refuses one that is closed."""
    rows = InspectionPlan.objects.select_for_update(no_key=True).filter(pk=plan.pk, closed_at=None)
    if not list(rows.values_list("pk", flat=True)):
        raise InspectionRefused(PLAN_CLOSED)


def step(
    plan: InspectionPlan,
    action: Action,
    *,
    by: Officer,
    at: datetime,
    item: PlannedItem | None = None,
    check: Check | None = None,
    text: str = "",
) -> InspectionStep:
    return InspectionStep.objects.create(
        plan=plan, item=item, check_row=check, action=action, by=by, at=at, text=text[:1000]
    )


def required(text: str, refusal: str, most: int = rules.MOST_TEXT) -> str:
    """The text without the space around it; refuses none at all, and more than fits."""
    text = text.strip()
    if not text:
        raise InspectionRefused(refusal)
    if len(text) > most:
        raise InspectionRefused(TOO_LONG.format(most=most, length=len(text)))
    return text


def tell_from(due_on: date, at: datetime) -> datetime:
    """When people are to be told of something due on a local day: some working days before, as work opens; at once where
    that is past."""
    return max(opening_before(due_on, rules.WARN_WORKDAYS, at), at)


def finish(item: PlannedItem, stage: Stage, *, at: datetime) -> None:
    """A step of an item is done on the local day of `at`; harmless twice."""
    ItemStep.objects.filter(item=item, stage=stage, done_on=None).update(done_on=local_day(at), tell_since=None)


def settle_draw(draw: Draw, *, at: datetime) -> None:
    """What a change of one inspection means for its draw: steps that are done by it, and the first day on which a result is
    to be public. In the caller's transaction."""
    checks = Check.objects.filter(draw=draw)
    if not checks.filter(state=CheckState.DRAWN).exists():
        finish(draw.item, Stage.INSPECT, at=at)
        if not checks.exclude(state__in=CheckState.settled()).exists():
            finish(draw.item, Stage.PUBLISH, at=at)
    day = first_publish_day(draw.pk)
    known = Draw.objects.filter(pk=draw.pk).values_list("publish_due_on", flat=True).get()
    if day != known:
        Draw.objects.filter(pk=draw.pk).update(
            publish_due_on=day, tell_since=tell_from(day, at) if day is not None else None
        )


def told_next(row: ItemStep | Draw, key: str, at: datetime) -> datetime | None:
    """When the next thing is to be told of a row after this key was: of a step that is near, that it slipped, from the day
    after its own."""
    if isinstance(row, Draw) or not key.endswith(":near"):
        return None
    return opening_of(date.fromordinal(row.due_on.toordinal() + 1), at)
