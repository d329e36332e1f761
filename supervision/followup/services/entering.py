"""How a matter comes under follow-up: by hand, or by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from cases.duty import work_calendar, working_time
from cases.models import Level, Matter, Officer, Post, Unit, UnitKind
from cases.models.matter import MatterQuerySet
from cases.statute.workdays import Calendar
from cases.statute.working_time import WorkingTime
from supervision.alerts.models import Alert
from supervision.followup import rules
from supervision.followup.models import (
    Action,
    EntryRule,
    FollowedCase,
    FollowStep,
    Notice,
    OutlineItem,
    OutlineTemplate,
    Stage,
    TemplateItem,
    What,
)
from supervision.followup.queries import local_day
from supervision.followup.refusals import (
    ALREADY_FOLLOWED,
    CLOSED_MATTER,
    OFFICER_AWAY,
    RESTRICTED,
    WITHDRAWN,
    FollowupRefused,
)
from supervision.followup.services.ledger import is_there, required
from supervision.followup.services.rounds import RoundFailed, RoundReport, walk

# The family of matters that are petitions and complaints (`seeds/kinds.yaml`).
PETITIONS = "信访"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every entry of one round is made with, read once."""

    at: datetime
    calendar: Calendar
    time: WorkingTime
    templates: Sequence[OutlineTemplate]
    items: Sequence[TemplateItem]
    legal: Sequence[Unit]
    branches: Sequence[Unit]

    @classmethod
    def at_moment(cls, at: datetime) -> _Desk:
        known = Unit.objects.in_force().order_by("path")
        return cls(
            at,
            work_calendar(at),
            working_time(at),
            list(OutlineTemplate.objects.filter(active=True)),
            list(TemplateItem.objects.filter(template__active=True)),
            list(known.filter(kind=UnitKind.LEGAL)),
            list(known.filter(kind__in=(UnitKind.BRANCH, UnitKind.SQUAD))),
        )

    def template_for(self, matter: Matter, chosen: OutlineTemplate | None) -> OutlineTemplate | None:
        if chosen is not None:
            return chosen
        fitting = [one for one in self.templates if matter.kind.code in one.kinds]
        return next(iter(fitting or [one for one in self.templates if not one.kinds]), None)

    def supervisory(self, matter: Matter) -> Unit | None:
        """The legal department of the county, or of the city for what hangs on the city itself."""
        return _nearest(self.legal, matter)

    def line(self, matter: Matter, word: str) -> Unit | None:
        return _nearest([unit for unit in self.branches if word in unit.name], matter) if word else None


def _nearest(units: Iterable[Unit], matter: Matter) -> Unit | None:
    place = (matter.city_id, matter.county_id)
    return next((unit for unit in units if (unit.city_id, unit.county_id) == place), None)


# -- by hand ---------------------------------------------------------------------------------------------------------


def enter(
    *,
    matter: Matter,
    reason: str,
    by: Officer,
    at: datetime,
    officer: Officer | None = None,
    line_unit: Unit | None = None,
    template: OutlineTemplate | None = None,
) -> FollowedCase:
    """Put a matter under close follow-up, with the outline for its kind.

    The case unit bears main, the legal department of the county supervisory responsibility; without `officer` the one who
    handles the matter is the named officer. What is still missing shows as incomplete. Refuses a matter that is
    restricted, closed, withdrawn or followed already, and no reason.
    """
    reason = required(reason)
    if officer is not None and not is_there(officer):
        raise FollowupRefused(OFFICER_AWAY.format(officer=officer))
    desk = _Desk.at_moment(at)
    try:
        with transaction.atomic():
            # Not its key: a round that enters many at once only looks that the matter is there, and must not wait for us
            # while we wait for it.
            locked = Matter.objects.select_for_update(of=("self",), no_key=True)
            seen = locked.select_related("kind").get(pk=matter.pk)
            if seen.restricted:
                raise FollowupRefused(RESTRICTED)
            if seen.withdrawn_at is not None:
                raise FollowupRefused(WITHDRAWN)
            if seen.closed_at is not None:
                raise FollowupRefused(CLOSED_MATTER)
            case = _row(seen, desk, reason=reason, by=by, officer_id=officer.pk if officer else seen.officer_id)
            case.line_unit = line_unit
            case.template = desk.template_for(seen, template)
            _settle(case, desk, _present([case.officer_id]))
            case.save(force_insert=True)
            _furnish([case], desk, by)
    except IntegrityError as error:
        if FollowedCase.objects.filter(matter=matter).exclude(stage=Stage.ENDED).exists():
            raise FollowupRefused(ALREADY_FOLLOWED) from error
        raise
    return case


def _row(matter: Matter, desk: _Desk, *, reason: str, by: Officer | None, officer_id: int | None) -> FollowedCase:
    supervisory = desk.supervisory(matter)
    return FollowedCase(
        matter=matter,
        unit_id=matter.unit_id,
        city_id=matter.city_id,
        county_id=matter.county_id,
        station_id=matter.station_id,
        officer_id=officer_id,
        main_unit_id=matter.unit_id,
        supervisory_unit_id=supervisory.pk if supervisory else None,
        reason=reason,
        entered_at=desk.at,
        entered_by=by,
        last_progress_at=desk.at,
    )


def _present(officers: Iterable[int | None]) -> set[int]:
    """Which of the officers have an account in use and hold a post."""
    ids = {one for one in officers if one is not None}
    held = Post.objects.current().filter(officer__in=ids, officer__is_active=True)
    return set(held.values_list("officer_id", flat=True))


def _settle(case: FollowedCase, desk: _Desk, present: set[int]) -> None:
    """Stage and stagnation of a case about to be entered."""
    complete = case.parties(officer_there=case.officer_id in present).complete
    case.stage = Stage.MOVING if complete else Stage.INCOMPLETE
    case.stagnation_days = case.template.stagnation_days if case.template else rules.STAGNATION_DAYS
    case.stagnant_at = desk.time.after_days(desk.at, case.stagnation_days)


def _furnish(cases: Sequence[FollowedCase], desk: _Desk, by: Officer | None) -> None:
    """Outline, step and notices of cases just entered."""
    entered_on = local_day(desk.at)
    items, notices = [], []
    for case in cases:
        items += [
            OutlineItem(
                case=case,
                order=item.order,
                title=item.title,
                due_on=rules.due_on(entered_on, item.working_days, desk.calendar),
            )
            for item in desk.items
            if item.template_id == case.template_id
        ]
        notices.append(Notice(case=case, what=What.ENTERED, tell_since=desk.at))
        if case.stage == Stage.INCOMPLETE:
            notices.append(Notice(case=case, what=What.INCOMPLETE, tell_since=desk.at))
    OutlineItem.objects.bulk_create(items, batch_size=500)
    FollowStep.objects.bulk_create(
        [FollowStep(case=case, action=Action.ENTERED, at=desk.at, by=by, text=case.reason) for case in cases],
        batch_size=500,
    )
    Notice.objects.bulk_create(notices, batch_size=500)


# -- by rule ---------------------------------------------------------------------------------------------------------


def enter_by_rules(*, at: datetime) -> RoundReport:
    """Put under follow-up whatever the active rules ask for at a moment.

    1. Take the rules in their order; one whose condition cannot be understood is set aside.
    2. Find the open head matters (no parent, not restricted) that it asks for and that are not followed, by what is
       stored now: a silence of any length is made good.
    3. Enter them chunk by chunk, with parties, outline, step and notices; somebody else's entry meanwhile wins.
    4. Fail aloud at the end, naming the rules and matters that could not be worked.
    A matter whose follow-up has ended comes in again only for a limit that has run out since. Harmless twice, and from
    two workers at once.
    """
    report = RoundReport()
    broken: list[str] = []
    desk = _Desk.at_moment(at)
    for rule in EntryRule.objects.filter(active=True).select_related("template"):
        try:
            condition = rules.parse_condition(rule.condition)
        except rules.WrongCondition as error:
            broken.append(f"规则“{rule}”（{error}）")
            continue
        refused: list[int] = []
        report.entered += walk(
            lambda after, most, condition=condition: list(  # type: ignore[misc]
                candidates(condition, at).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most]
            ),
            lambda ids, rule=rule: _enter_all(ids, rule, desk),  # type: ignore[misc]
            refused,
        )
        broken += Matter.objects.filter(pk__in=refused).order_by("pk").values_list("number", flat=True)
    if broken:
        raise RoundFailed(report, broken)
    return report


def candidates(condition: rules.Condition, at: datetime) -> MatterQuerySet:
    """Open head matters that a condition asks for and that are not under follow-up."""
    followed = FollowedCase.objects.filter(matter=OuterRef("pk"))
    rows = Matter.objects.open().filter(restricted=False, parent=None).exclude(Exists(_open(followed)))
    if condition.kinds:
        rows = rows.filter(kind__code__in=condition.kinds)
    if condition.families:
        rows = rows.filter(kind__family__in=condition.families)
    for name, values in condition.facts:
        wanted = Q()
        for value in values:
            wanted |= Q(**{f"facts__{name}": value})
        rows = rows.filter(wanted)
    if condition.open_days is not None:
        rows = rows.filter(opened_at__lte=at - timedelta(days=condition.open_days))
    if condition.petition:
        petitions = Matter.objects.standing().filter(kind__family=PETITIONS, parent__isnull=False)
        rows = rows.filter(pk__in=petitions.values("parent"))
    if condition.overdue_days is None:
        return rows.exclude(Exists(followed))
    # Whatever was said about it or ordered: it has run out.
    red = Alert.objects.standing().filter(level=Level.RED, due_at__lte=at - timedelta(days=condition.overdue_days))
    rows = rows.filter(
        Q(pk__in=red.values("clock__matter"))
        | Q(pk__in=red.exclude(clock__matter__parent=None).values("clock__matter__parent"))
    )
    last_end = followed.order_by("-ended_at").values("ended_at")[:1]
    since = red.filter(
        Q(clock__matter=OuterRef("pk")) | Q(clock__matter__parent=OuterRef("pk")), due_at__gt=OuterRef("last_end")
    )
    return rows.annotate(last_end=Subquery(last_end)).filter(Q(last_end=None) | Exists(since))


def _open(followed: QuerySet[FollowedCase]) -> QuerySet[FollowedCase]:
    return followed.exclude(stage=Stage.ENDED)


def _enter_all(ids: Sequence[int], rule: EntryRule, desk: _Desk) -> int:
    """Enter the matters, in the caller's transaction; those that somebody else entered meanwhile are passed over."""
    matters = list(Matter.objects.filter(pk__in=ids).select_related("kind").order_by("pk"))
    present = _present(matter.officer_id for matter in matters)
    rows = []
    for matter in matters:
        case = _row(matter, desk, reason=rule.told_as, by=None, officer_id=matter.officer_id)
        case.rule = rule
        case.line_unit = desk.line(matter, rule.line_word)
        case.template = desk.template_for(matter, rule.template)
        _settle(case, desk, present)
        rows.append(case)
    FollowedCase.objects.bulk_create(rows, ignore_conflicts=True)
    # What is ours has no step yet: whoever entered a matter before us wrote one in the same transaction.
    ours = list(
        FollowedCase.objects.filter(matter__in=ids, steps=None).exclude(stage=Stage.ENDED).select_related("template")
    )
    _furnish(ours, desk, None)
    return len(ours)
