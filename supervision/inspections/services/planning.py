"""Plans: making one, adding what is to be inspected, putting a step off, ending it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from cases.duty import work_calendar
from cases.models import MatterKind, Officer, Unit
from cases.statute import periods
from supervision.inspections import rules
from supervision.inspections.models import Action, InspectionPlan, ItemStep, PlannedItem, Stage
from supervision.inspections.queries import local_day
from supervision.inspections.refusals import (
    EACH_OUT_OF_RANGE,
    MOVED_INTO_PAST,
    MOVED_ON,
    NO_GROUND,
    NO_NAME,
    NO_TITLE,
    NO_WHY,
    NOT_MOVED,
    ONE_SUBJECT,
    OUTSIDE_YEAR,
    RESTRICTED_KIND,
    SAME_ITEM,
    SAME_PLAN,
    SHARE_OUT_OF_RANGE,
    STEP_DONE,
    STEPS_BACKWARDS,
    STILL_OPEN,
    WORKDAYS_OUT_OF_RANGE,
    YEAR_OUT_OF_RANGE,
    InspectionRefused,
)
from supervision.inspections.services.ledger import hold_open, required, step, tell_from

# Results of what is inspected at the end of a year are made public in the next.
LATEST_MONTH_AFTER = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be inspected: of what (`category` of the register, or `kinds` of matter), by what article, what share, and
    the days by which it is drawn, inspected and made public."""

    name: str
    ground: str
    percent: int
    begins_on: date
    draw_by: date
    inspect_by: date
    publish_by: date
    category: str = ""
    kinds: tuple[str, ...] = ()
    each: int = rules.LEAST_INSPECTORS
    outside: bool = True


def make_plan(
    *, title: str, year: int, unit: Unit, publish_workdays: int = rules.PUBLISH_WORKDAYS, by: Officer, at: datetime
) -> InspectionPlan:
    """Begin the plan of a year. Refuses no title, a year or days out of range, and a second plan of the name."""
    title = required(title, NO_TITLE, 100)
    if not 2000 <= year <= 2100:
        raise InspectionRefused(YEAR_OUT_OF_RANGE)
    if not 1 <= publish_workdays <= rules.MOST_WORKDAYS:
        raise InspectionRefused(WORKDAYS_OUT_OF_RANGE.format(most=rules.MOST_WORKDAYS))
    with transaction.atomic():
        try:
            with transaction.atomic():
                plan = InspectionPlan.objects.create(
                    title=title,
                    year=year,
                    publish_workdays=publish_workdays,
                    made_at=at,
                    made_by=by,
                    **unit.scope_ids,
                )
        except IntegrityError as error:
            raise InspectionRefused(SAME_PLAN.format(year=year, title=title)) from error
        step(plan, Action.PLANNED, by=by, at=at, text=f"{year} 年，结果 {publish_workdays} 个工作日内公示")
    return plan


def add_item(*, plan: InspectionPlan, wanted: Wanted, by: Officer, at: datetime) -> PlannedItem:
    """Put something on a plan, with the days of its steps. The legal officers are to be told before each is due.

    Refuses a closed plan, no article to inspect by, no subject or two, a restricted kind, numbers out of range, and days
    outside the year or out of their order.
    """
    name, ground = required(wanted.name, NO_NAME, 100), required(wanted.ground, NO_GROUND, 200)
    _check_wanted(plan, wanted)
    calendar = work_calendar(at)
    with transaction.atomic():
        hold_open(plan)
        try:
            with transaction.atomic():
                item = PlannedItem.objects.create(
                    plan=plan,
                    name=name,
                    ground=ground,
                    category=wanted.category.strip(),
                    kinds=sorted(wanted.kinds),
                    percent=wanted.percent,
                    begins_on=wanted.begins_on,
                    each=wanted.each,
                    outside=wanted.outside,
                    added_at=at,
                    added_by=by,
                )
        except IntegrityError as error:
            raise InspectionRefused(SAME_ITEM.format(name=name)) from error
        ItemStep.objects.bulk_create(
            ItemStep(
                item=item,
                stage=stage,
                first_due_on=day,
                due_on=day,
                warn_on=periods.working_days_before(day, rules.WARN_WORKDAYS, calendar, provisional=True),
                tell_since=tell_from(day, at),
            )
            for stage, day in _days(wanted)
        )
        words = "，".join(f"{day:%Y-%m-%d} 前{stage.label}" for stage, day in _days(wanted))
        step(plan, Action.ADDED, by=by, at=at, item=item, text=f"{name}，抽 {wanted.percent}%，{words}")
    return item


def _days(wanted: Wanted) -> tuple[tuple[Stage, date], ...]:
    return (
        (Stage.DRAW, wanted.draw_by),
        (Stage.INSPECT, wanted.inspect_by),
        (Stage.PUBLISH, wanted.publish_by),
    )


def _check_wanted(plan: InspectionPlan, wanted: Wanted) -> None:
    if bool(wanted.category.strip()) == bool(wanted.kinds):
        raise InspectionRefused(ONE_SUBJECT)
    if closed := MatterKind.objects.filter(code__in=wanted.kinds, restricted=True).first():
        raise InspectionRefused(RESTRICTED_KIND.format(kind=closed))
    if not 1 <= wanted.percent <= 100:
        raise InspectionRefused(SHARE_OUT_OF_RANGE)
    if not rules.LEAST_INSPECTORS <= wanted.each <= rules.MOST_INSPECTORS:
        raise InspectionRefused(EACH_OUT_OF_RANGE.format(least=rules.LEAST_INSPECTORS, most=rules.MOST_INSPECTORS))
    _check_days(plan, [wanted.begins_on, wanted.draw_by, wanted.inspect_by, wanted.publish_by])


def _check_days(plan: InspectionPlan, days: Sequence[date]) -> None:
    if list(days) != sorted(days):
        raise InspectionRefused(STEPS_BACKWARDS)
    last = days[-1]
    after = last.year == plan.year + 1 and last.month <= LATEST_MONTH_AFTER
    if any(day.year != plan.year for day in days[:-1]) or not (last.year == plan.year or after):
        raise InspectionRefused(OUTSIDE_YEAR.format(year=plan.year))


def move_step(*, row: ItemStep, due_on: date, why: str, by: Officer, at: datetime) -> ItemStep:
    """Put the day of a step off, or forward; the day the plan said at first stays beside it, and who and why on the ledger.

    Refuses no reason, a step that is done, a closed plan, the same day, a day that is past, and one out of its order.
    """
    why = required(why, NO_WHY, 300)
    plan = row.item.plan
    if due_on == row.due_on:
        raise InspectionRefused(NOT_MOVED)
    if due_on < local_day(at):
        raise InspectionRefused(MOVED_INTO_PAST.format(day=f"{due_on:%Y-%m-%d}"))
    with transaction.atomic():
        hold_open(plan)
        days = dict(ItemStep.objects.filter(item=row.item).values_list("stage", "due_on"))
        days[row.stage] = due_on
        _check_days(plan, [row.item.begins_on, *(days[stage] for stage in Stage.values)])
        calendar = work_calendar(at)
        moved = ItemStep.objects.filter(pk=row.pk, due_on=row.due_on, done_on=None).update(
            due_on=due_on,
            warn_on=periods.working_days_before(due_on, rules.WARN_WORKDAYS, calendar, provisional=True),
            moves=row.moves + 1,
            tell_since=tell_from(due_on, at),
        )
        if not moved:
            done = ItemStep.objects.filter(pk=row.pk, done_on__isnull=False).exists()
            raise InspectionRefused(STEP_DONE if done else MOVED_ON)
        text = f"{row.get_stage_display()}由 {row.due_on:%Y-%m-%d} 改为 {due_on:%Y-%m-%d}：{why}"
        step(plan, Action.MOVED, by=by, at=at, item=row.item, text=text)
    row.refresh_from_db()
    return row


def close_plan(*, plan: InspectionPlan, by: Officer, at: datetime) -> InspectionPlan:
    """End a plan: nothing of it changes any more. Refuses one that is closed, and one with a step that is not done."""
    with transaction.atomic():
        hold_open(plan)
        left = ItemStep.objects.filter(item__plan=plan, done_on=None).values("item").distinct().count()
        if left:
            raise InspectionRefused(STILL_OPEN.format(items=left))
        InspectionPlan.objects.filter(pk=plan.pk).update(closed_at=at, closed_by=by)
        step(plan, Action.CLOSED, by=by, at=at)
    plan.refresh_from_db()
    return plan
