"""What the screens and the rooms above read: campaigns, the matters they look at, and what they came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases.models import Clock, ClockState, Matter, MatterKind, Officer, Unit
from cases.models.limit import LimitStatus
from cases.models.matter import MatterQuerySet
from cases.models.scope import over_units
from cases.queries import in_unit, matters_of
from cases.statute import periods
from supervision.campaigns import rules
from supervision.campaigns.models import (
    Campaign,
    CampaignOrder,
    CampaignQuerySet,
    CampaignRound,
    CampaignStep,
    Member,
    Task,
)
from supervision.campaigns.rules import FEW_FOR_A_SHARE, Standing, Standstill
from supervision.campaigns.telling import still_stands, untold
from supervision.rectification.models import Order, OrderQuerySet, OrderState
from supervision.rectification.queries import orders_of
from supervision.reviews.models import Line, ReviewRound
from supervision.reviews.queries import rounds_of

__all__ = ["FEW_FOR_A_SHARE", "Standing", "Standstill", "still_stands", "untold"]


def local_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def local_day(at: datetime) -> date:
    """The day of the bureau that a moment lies in."""
    return at.astimezone(local_zone()).date()


# -- rows --------------------------------------------------------------------------------------------------------------


def campaigns_of(officer: Officer) -> CampaignQuerySet:
    """The campaigns an officer may see."""
    return Campaign.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[CampaignStep]:
    """What happened in the campaigns an officer may see."""
    return CampaignStep.objects.filter(campaign__in=campaigns_of(officer))


def may_direct(officer: Officer, campaign: Campaign) -> bool:
    """Whether an officer directs a campaign: by his role, and the unit that holds it lies in his scope."""
    if not officer.has_perm("campaigns.add_campaign"):
        return False
    own = over_units(officer)
    return own is None or Campaign.objects.filter(own, pk=campaign.pk).exists()


def rounds_offered(officer: Officer, campaign: Campaign) -> QuerySet[ReviewRound]:
    """The rounds of review that may still be linked."""
    linked = CampaignRound.objects.filter(campaign=campaign).values("round")
    return rounds_of(officer).exclude(pk__in=linked).order_by("-drawn_at")


# -- what it looks at --------------------------------------------------------------------------------------------------


def words_of(campaigns: Iterable[Campaign]) -> dict[int, str]:
    """What each campaign looks at, in words, by id; one question."""
    names = dict(MatterKind.objects.values_list("code", "name"))
    return {one.pk: one.looked_at.words(names) for one in campaigns}


def late(at: datetime) -> Exists:
    """That a matter has a limit that is or was over at `at`: one that binds the unit itself, verified or at second hand."""
    over = Q(state=ClockState.STOPPED, late=True) | Q(state=ClockState.RUNNING, ended_at=None, due_at__lte=at)
    clocks = Clock.objects.counted().filter(over, matter=OuterRef("pk"), restricted=False)
    return Exists(clocks.filter(limit__status__in=(LimitStatus.VERIFIED, LimitStatus.SECONDARY)))


def matters_in(campaign: Campaign, *, at: datetime) -> MatterQuerySet:
    """The matters a campaign looks at as they stand at the aware moment `at`: of the units that take part, open to all who
    supervise."""
    looked = campaign.looked_at
    units = Q(pk__in=())
    for unit in Unit.objects.filter(pk__in=Member.objects.filter(campaign=campaign).values("unit")):
        units |= in_unit(unit)
    rows = Matter.objects.standing().filter(
        units,
        restricted=False,
        kind__code__in=looked.kinds,
        kind__restricted=False,
        opened_at__gte=periods.start_of_day(looked.from_on, local_zone()),
        opened_at__lt=periods.end_of_day(looked.until_on, local_zone()),
    )
    if looked.fact:
        rows = rows.filter(**{f"facts__{looked.fact.value}": True})
    if looked.standstill == Standstill.OPEN:
        rows = rows.filter(closed_at=None)
    if looked.standstill == Standstill.OVER:
        rows = rows.filter(late(at))
    return rows


def matters_seen(campaign: Campaign, officer: Officer, *, at: datetime) -> MatterQuerySet:
    """Of the matters a campaign looks at those an officer may see."""
    return matters_of(officer).filter(pk__in=matters_in(campaign, at=at).values("pk"))


def orders_under(campaign: Campaign, officer: Officer) -> OrderQuerySet:
    """The orders of a campaign an officer may see: issued under it, or for what its rounds of review found; without those
    withdrawn as unfounded."""
    return orders_of(officer).founded().filter(_of(campaign))


def _of(campaign: Campaign) -> Q:
    """Orders issued under a campaign, or for what its rounds of review found."""
    own = CampaignOrder.objects.filter(campaign=campaign).values("order")
    found = Line.objects.filter(
        form__round__in=CampaignRound.objects.filter(campaign=campaign).values("round"), order__isnull=False
    ).values("order")
    return Q(pk__in=own) | Q(pk__in=found)


# -- how it is getting on ----------------------------------------------------------------------------------------------


def standing_of(task: Task, today: date) -> Standing:
    """How a step stands on a local day."""
    return rules.standing(task.due_on, task.warn_on, task.done_on, today)


@dataclass(slots=True)
class Progress:
    """Steps of a campaign: how many, done, over and not done, put off or done late."""

    tasks: int = 0
    done: int = 0
    over: int = 0
    slipped: int = 0


def progress_of(campaigns: Iterable[Campaign], *, today: date) -> dict[int, Progress]:
    """How far the steps of each campaign have come, by id; one question whatever their number."""
    found = {one.pk: Progress() for one in campaigns}
    for task in Task.objects.filter(campaign__in=list(found)):
        of = found[task.campaign_id]
        of.tasks += 1
        of.done += task.done_on is not None
        of.over += standing_of(task, today) == Standing.OVER
        of.slipped += task.slipped
    return found


@dataclass(slots=True)
class UnitLine:
    """What one unit has of a campaign: matters looked at, those closed and those with a limit over; orders, those verified
    and those overdue. Numbers of a unit, never of a person."""

    unit: str
    code: str = ""
    matters: int = 0
    closed: int = 0
    late: int = 0
    orders: int = 0
    verified: int = 0
    overdue: int = 0

    @property
    def late_share(self) -> str:
        return rules.share(self.late, self.matters)

    @property
    def verified_share(self) -> str:
        return rules.share(self.verified, self.orders)


@dataclass(slots=True)
class Figures:
    """What a campaign came to: a line of each unit and the sum, and findings by kind."""

    units: list[UnitLine]
    whole: UnitLine
    kinds: list[tuple[str, int]]


def figures_of(campaign: Campaign, officer: Officer, *, at: datetime) -> Figures:
    """Of the matters and orders an officer may see, counted anew, in a fixed number of questions whatever their number."""
    return _counted(matters_seen(campaign, officer, at=at), orders_under(campaign, officer), at)


def figures_within(campaign: Campaign, unit: Unit, *, at: datetime) -> Figures:
    """The same of all matters and orders in a unit that anybody may be told of: nothing restricted."""
    orders = Order.objects.founded().filter(in_unit(unit), _of(campaign), restricted=False)
    return _counted(matters_in(campaign, at=at).filter(in_unit(unit)), orders, at)


def is_in(unit: Unit, campaign: Campaign) -> bool:
    """Whether a unit, or one below it or above it, takes part in a campaign."""
    paths = Member.objects.filter(campaign=campaign).values_list("unit__path", flat=True)
    return any(path.startswith(unit.path) or unit.path.startswith(path) for path in paths)


def tasks_of(campaign: Campaign) -> QuerySet[Task]:
    """The steps of a campaign, the next due first."""
    return Task.objects.filter(campaign=campaign)


def _counted(rows: MatterQuerySet, orders: OrderQuerySet, at: datetime) -> Figures:
    lines: dict[int, UnitLine] = defaultdict(lambda: UnitLine(""))
    matters = rows.annotate(is_late=late(at)).order_by().values_list("unit_id")
    for unit_id, *numbers in matters.annotate(
        n=Count("pk"), closed=Count("pk", filter=Q(closed_at__isnull=False)), late=Count("pk", filter=Q(is_late=True))
    ):
        one = lines[unit_id]
        one.matters, one.closed, one.late = numbers
    overdue = Q(state__in=OrderState.open_states(), due_at__lte=at)
    for unit_id, *numbers in (
        orders.order_by()
        .values_list("unit_id")
        .annotate(
            n=Count("pk"),
            verified=Count("pk", filter=Q(state=OrderState.VERIFIED)),
            overdue=Count("pk", filter=overdue),
        )
    ):
        one = lines[unit_id]
        one.orders, one.verified, one.overdue = numbers
    units = []
    for unit in Unit.objects.filter(pk__in=list(lines)).order_by("path"):
        lines[unit.pk].unit, lines[unit.pk].code = str(unit), unit.code
        units.append(lines[unit.pk])
    whole = UnitLine("合计")
    for line in units:
        for name in ("matters", "closed", "late", "orders", "verified", "overdue"):
            setattr(whole, name, getattr(whole, name) + getattr(line, name))
    kinds = orders.order_by().values_list("problem__fault").annotate(n=Count("pk"))
    return Figures(units, whole, sorted(kinds, key=lambda pair: (-pair[1], pair[0])))
