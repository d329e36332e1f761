"""What the screens and the rooms above read: plans, their steps, frames, draws and inspections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from cases.milestones import Standing
from cases.models import Barring, Handling, Matter, Officer, Unit
from cases.models.scope import over_units
from cases.queries import in_unit
from cases.statute import periods
from supervision.inspections import rules
from supervision.inspections.models import (
    Check,
    CheckInspector,
    CheckState,
    Draw,
    InspectedQuerySet,
    InspectionPlan,
    InspectionPlanQuerySet,
    InspectionStep,
    Inspector,
    Interest,
    ItemStep,
    Outcome,
    PlannedItem,
    Target,
    TargetQuerySet,
)
from supervision.inspections.telling import still_stands, untold

__all__ = ["still_stands", "untold"]

BATCH = 1000


def local_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def local_day(at: datetime) -> date:
    """The day of the bureau that a moment lies in."""
    return at.astimezone(local_zone()).date()


# -- rows --------------------------------------------------------------------------------------------------------------


def plans_of(officer: Officer) -> InspectionPlanQuerySet:
    """The plans an officer may see."""
    return InspectionPlan.objects.visible_to(officer)


def checks_of(officer: Officer) -> InspectedQuerySet:
    """The inspections an officer may see."""
    return Check.objects.visible_to(officer)


def targets_of(officer: Officer) -> TargetQuerySet:
    """The targets of the register an officer may see."""
    return Target.objects.visible_to(officer)


def ledger_of(officer: Officer) -> QuerySet[InspectionStep]:
    """What happened under the plans and in the inspections an officer may see."""
    of_plans = Q(check_row=None, plan__in=plans_of(officer))
    return InspectionStep.objects.filter(of_plans | Q(check_row__in=checks_of(officer)))


def people_under(officer: Officer) -> QuerySet[Officer]:
    """The officers in use of the units that an officer's posts are over: whom he may put into the register."""
    own = over_units(officer, "unit__")
    rows = Officer.objects.filter(is_active=True)
    return rows if own is None else rows.filter(own)


def inspectors_under(unit: Unit) -> QuerySet[Inspector]:
    """The register of inspectors as it is: of a unit and those below, by police number."""
    rows = Inspector.objects.filter(in_unit_of_officer(unit), removed_at=None, officer__is_active=True)
    return rows.select_related("officer__unit").order_by("officer__police_number")


def in_unit_of_officer(unit: Unit) -> Q:
    """Inspectors who belong to a unit or one below it."""
    return Q(officer__unit__path__startswith=unit.path)


# -- the frame ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Frame:
    """A frame as it stands in the database: candidates, and the target or matter behind each, and its unit and name."""

    targets: dict[rules.Candidate, int]
    matters: dict[rules.Candidate, int]
    units: dict[str, Unit]
    names: dict[rules.Candidate, str]

    @property
    def candidates(self) -> list[rules.Candidate]:
        return [*self.targets, *self.matters]


def frame_of(item: PlannedItem, *, at: datetime) -> Frame:
    """What an item is drawn from at an aware moment: the targets of its category that are in the register, or the standing
    matters of its kinds opened in the year of the plan and open to all who supervise; two questions."""
    unit = item.plan.unit
    if item.category:
        rows = Target.objects.in_force().filter(in_unit(unit), category=item.category)
        targets: dict[rules.Candidate, int] = {}
        names: dict[rules.Candidate, str] = {}
        for pk, code, number, name in rows.order_by("pk").values_list("pk", "unit__code", "code", "name"):
            one = rules.Candidate(code, rules.matter_key(f"{rules.REGISTERED}{item.category}", number))
            targets[one], names[one] = pk, name
        return Frame(targets, {}, _units(targets), names)
    found = Matter.objects.standing().filter(
        in_unit(unit),
        restricted=False,
        kind__code__in=item.kinds,
        kind__restricted=False,
        opened_at__gte=periods.start_of_day(date(item.plan.year, 1, 1), local_zone()),
        opened_at__lte=at,
    )
    matters = {
        rules.Candidate(code, rules.matter_key(kind, number)): pk
        for pk, code, kind, number in found.order_by("pk").values_list("pk", "unit__code", "kind__code", "number")
    }
    return Frame({}, matters, _units(matters), {one: one.number for one in matters})


def _units(candidates: Iterable[rules.Candidate]) -> dict[str, Unit]:
    codes = {one.unit for one in candidates}
    return {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}


def away_from(frame: Frame, inspectors: Sequence[Officer], *, outside: bool) -> dict[str, list[str]]:
    """Who of the inspectors keeps away from which target, by police number: who declared an interest; who handled a matter
    or is barred from it; and with `outside` whoever belongs to the unit it lies in. A fixed number of questions for each
    thousand targets."""
    numbers = {one.pk: one.police_number for one in inspectors}
    places: dict[int, set[str]] = {one.pk: {one.unit.path} for one in inspectors}
    for pk, path in Officer.objects.filter(pk__in=numbers, posts__until_on=None).values_list("pk", "posts__unit__path"):
        places[pk] |= {path} if path else set()
    at_home: dict[str, set[str]] = defaultdict(set)
    for code, unit in frame.units.items():
        at_home[code] = {numbers[pk] for pk, paths in places.items() if unit.path in paths}
    found: dict[str, set[str]] = defaultdict(set)
    for one in frame.candidates:
        if outside or one in frame.matters:
            found[rules.line_of(one)] |= at_home[one.unit]
    by_target = {pk: one for one, pk in frame.targets.items()}
    for target_id, officer_id in Interest.objects.filter(officer__in=numbers).values_list("target", "officer"):
        if target_id in by_target:
            found[rules.line_of(by_target[target_id])].add(numbers[officer_id])
    by_matter = {pk: one for one, pk in frame.matters.items()}
    wanted = sorted(by_matter)
    for begin in range(0, len(wanted), BATCH):
        chunk = wanted[begin : begin + BATCH]
        handled = Handling.objects.filter(matter__in=chunk, officer__in=numbers).values_list("matter", "officer")
        own = Matter.objects.filter(pk__in=chunk, officer__in=numbers).values_list("pk", "officer")
        for matter_id, officer_id in (*handled, *own):
            if officer_id is not None:
                found[rules.line_of(by_matter[matter_id])].add(numbers[officer_id])
        barred = Barring.objects.in_force().filter(matter__in=chunk).values_list("matter", "unit__path", "officer")
        for matter_id, path, officer_id in barred:
            kept = {
                number
                for pk, number in numbers.items()
                if pk == officer_id or (path is not None and any(place.startswith(path) for place in places[pk]))
            }
            found[rules.line_of(by_matter[matter_id])] |= kept
    return {line: sorted(kept) for line, kept in sorted(found.items()) if kept}


# -- drawing again -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DrawnAgain:
    """A draw done once more from what was kept: whether the digest fits, and the same targets and inspectors come out."""

    digest: str
    same_frame: bool
    same_targets: bool
    same_inspectors: bool

    @property
    def agrees(self) -> bool:
        return self.same_frame and self.same_targets and self.same_inspectors


def draw_again(draw: Draw) -> DrawnAgain:
    """Draw once more from the kept frame, register and seed, and hold it against the inspections and who was first drawn for
    them; who stepped in later was drawn by the next lot and is left out."""
    frame = [rules.Candidate(unit, rules.matter_key(kind, number)) for unit, kind, number in draw.frame]
    digest = rules.frame_digest(frame)
    targets = rules.draw_targets(frame, seed=draw.seed, percent=draw.item.percent)
    checks = list(_whole(Check.objects.filter(draw=draw)).order_by("position"))
    chosen = rules.give_out(targets, draw.pool, draw.away, seed=draw.seed, each=draw.item.each)
    named: dict[int, list[str]] = defaultdict(list)
    rows = CheckInspector.objects.filter(check_row__draw=draw).order_by("pk")
    for pk, number in rows.values_list("check_row_id", "officer__police_number"):
        named[pk].append(number)
    same_people = [chosen[one] for one in targets] == [named[row.pk][: draw.item.each] for row in checks]
    return DrawnAgain(digest, digest == draw.frame_digest, targets == [row.candidate for row in checks], same_people)


def _whole(rows: InspectedQuerySet) -> InspectedQuerySet:
    return rows.select_related("draw__item__plan", "target", "matter__kind", "unit")


# -- how plans are getting on ------------------------------------------------------------------------------------------


def standing_of(step: ItemStep, today: date) -> Standing:
    """How a step stands on a local day."""
    return rules.standing(step.due_on, step.warn_on, step.done_on, today)


@dataclass(slots=True)
class Progress:
    """How far a plan has come: items, those of them done, steps that are over and not done, steps put off or done late; and
    of the inspections an officer may see how many stand how, and how many found something."""

    items: int = 0
    done: int = 0
    over: int = 0
    slipped: int = 0
    checks: int = 0
    drawn: int = 0
    inspected: int = 0
    published: int = 0
    withheld: int = 0
    faults: int = 0
    publish_over: int = 0


def progress_of(plans: Iterable[InspectionPlan], *, seen_by: Officer, today: date) -> dict[int, Progress]:
    """How far each plan has come, by id; two questions whatever their number."""
    found = {one.pk: Progress() for one in plans}
    steps: dict[tuple[int, int], list[ItemStep]] = defaultdict(list)
    for step in ItemStep.objects.filter(item__plan__in=list(found)).select_related("item"):
        steps[step.item.plan_id, step.item_id].append(step)
    for (plan_id, _), ones in steps.items():
        of = found[plan_id]
        of.items += 1
        of.done += all(one.done_on is not None for one in ones)
        of.over += sum(standing_of(one, today) == Standing.OVER for one in ones)
        of.slipped += sum(one.slipped for one in ones)
    rows = checks_of(seen_by).filter(draw__item__plan__in=list(found)).order_by().values_list("draw__item__plan_id")
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in CheckState}
    counts["faults"] = Count("pk", filter=Q(outcome=Outcome.FAULTS))
    counts["publish_over"] = Count("pk", filter=Q(state=CheckState.INSPECTED, publish_due_on__lt=today))
    for plan_id, checks, *numbers in rows.annotate(checks=Count("pk"), **counts):
        found[plan_id].checks = checks
        for name, number in zip(counts, numbers, strict=True):
            setattr(found[plan_id], name, number)
    return found


def first_publish_day(draw_id: int) -> date | None:
    """The first day on which a result of a draw that waits is to be public."""
    return Check.objects.waiting().filter(draw=draw_id).aggregate(day=Min("publish_due_on"))["day"]


def inspectors_of(checks: Collection[int]) -> dict[int, list[CheckInspector]]:
    """Who inspects each, those who stepped aside with them, by id; one question."""
    found: dict[int, list[CheckInspector]] = {pk: [] for pk in checks}
    for row in CheckInspector.objects.filter(check_row__in=list(checks)).select_related("officer__unit").order_by("pk"):
        found[row.check_row_id].append(row)
    return found


def may_direct(officer: Officer, plan: InspectionPlan) -> bool:
    """Whether an officer directs the inspections of a plan: by his role, and the plan's unit lies in his scope."""
    if not officer.has_perm("inspections.add_inspectionplan"):
        return False
    own = over_units(officer)
    return own is None or InspectionPlan.objects.filter(own, pk=plan.pk).exists()
