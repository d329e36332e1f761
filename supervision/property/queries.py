"""What the screens and the rooms above read of property: items, places, excesses, and what should have been released."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.desk.words import moment_words
from cases.models import ApproverLevel, Clock, ClockState, Event, Matter, Officer, Unit
from cases.models.limit import LimitNature, LimitStatus
from cases.models.matter import MatterQuerySet
from cases.queries import matters_of, units_of
from supervision.property import rules
from supervision.property.models import CaseAmount, Excess, ExcessQuerySet, Item, ItemState, Place, PropertyStep, Side
from supervision.property.rules import Facts, Late, Rank, Reason

KIND: Final = "seized_item"
# Events from which the limits run that this room tells apart: which kind of lateness a clock shows is told by its start.
TAKEN_ON_SPOT: Final = "measure_taken_on_spot"
FOUND_UNRELATED: Final = "found_unrelated"
FILED: Final = "case_filed"
TRUSTED: Final = (LimitStatus.VERIFIED, LimitStatus.SECONDARY)


def local_day(at: datetime) -> date:
    return timezone.localdate(at)


# -- rows ----------------------------------------------------------------------------------------------------------------


def items_of(officer: Officer) -> MatterQuerySet:
    """The matters of items an officer may see, with what is known of each."""
    return matters_of(officer).filter(property_item__isnull=False)


def unentered_of(officer: Officer) -> MatterQuerySet:
    """Seized items an officer may see of which nothing is known here: imported, or entered as bare matters."""
    return matters_of(officer).filter(kind__code=KIND, property_item=None)


def cases_of(officer: Officer) -> MatterQuerySet:
    """The cases an officer may see in which property may be taken."""
    return matters_of(officer).filter(kind__family__in=list(rules.FAMILIES))


def excesses_of(officer: Officer) -> ExcessQuerySet:
    """The excesses of items an officer may see."""
    return Excess.objects.visible_to(officer)


def places_of(officer: Officer) -> QuerySet[Place]:
    """The places in use in the units an officer may see, and those of the bureaus above them: where property of theirs
    may be kept."""
    units = units_of(officer)
    return Place.objects.filter(
        Q(unit__in=units) | Q(unit__in=units.values("county")) | Q(unit__in=units.values("city")), closed_at=None
    ).select_related("unit")


def keeps_for(place: Place, unit: Unit) -> bool:
    """Whether a place may keep what was taken by a unit: its own, its county's or its city's."""
    return place.unit_id in (unit.pk, unit.station_id, unit.county_id, unit.city_id)


def steps_of(officer: Officer) -> QuerySet[PropertyStep]:
    """What happened to the items, and was noted of the cases, that an officer may see."""
    return PropertyStep.objects.filter(matter__in=matters_of(officer).values("pk"))


def steps_on(matter: Matter) -> list[PropertyStep]:
    """The ledger of one item with what was noted of its case, the latest first."""
    rows = PropertyStep.objects.filter(matter__in=[one for one in (matter.pk, matter.parent_id) if one])
    return list(rows.select_related("by", "event__kind", "from_place", "to_place").order_by("-at", "-pk"))


def clocks_on(matter: Matter) -> list[Clock]:
    """The clocks of one item, those that run first; without the void ones."""
    rows = Clock.objects.filter(matter=matter).exclude(state=ClockState.VOID)
    return list(rows.select_related("limit", "start_event__kind").order_by("state", "due_at", "pk"))


def amount_of(case: Matter | None) -> CaseAmount | None:
    """How much a case is about, where it was noted."""
    return CaseAmount.objects.filter(matter=case).select_related("by").first() if case is not None else None


# -- what the rules look at ----------------------------------------------------------------------------------------------


def ranks() -> dict[str, Rank]:
    """The levels that approve, by code; one question."""
    rows = ApproverLevel.objects.values_list("code", "line", "rank", "name")
    return {code: Rank(line, rank, name) for code, line, rank, name in rows}


def facts_of(items: Collection[Item], at: datetime) -> dict[int, Facts]:
    """What the rules look at, of items read with their matter, by matter; at the aware moment `at`. Five questions,
    whatever their number."""
    cases = {one.matter.parent_id for one in items if one.matter.parent_id is not None}
    amounts = dict(CaseAmount.objects.filter(matter__in=cases).values_list("matter", "amount"))
    filed: dict[int, datetime] = {}
    # Of several filings the first: before it there was no case.
    for case, occurred in (
        Event.objects.standing()
        .filter(only_voids=False, matter__in=cases, kind__code=FILED)
        .values_list("matter", "occurred_at")
    ):
        filed[case] = min(occurred, filed.get(case, occurred))
    late = _late([one.pk for one in items], at)
    before = _taken_before(items, cases)
    found = {}
    for one in items:
        funds, everything = before[one.pk]
        found[one.pk] = Facts(
            side=rules.Side(one.side),
            measure=rules.Measure(one.measure),
            asset=rules.Asset(one.asset),
            owner=rules.Owner(one.owner),
            taken_at=one.taken_at,
            approver=one.approver,
            on_spot=one.on_spot,
            valuable=one.valuable,
            necessity=one.necessity,
            held_elsewhere=one.held_elsewhere,
            value=one.value,
            funds_before=funds,
            all_before=everything,
            case_amount=amounts.get(one.matter.parent_id or 0),
            filed_at=filed.get(one.matter.parent_id or 0),
            late=tuple(late[one.pk]),
        )
        if not one.is_held:
            # What is no longer held is held against no sum; the other excesses stay what they were.
            found[one.pk] = replace(found[one.pk], case_amount=None)
    return found


def _taken_before(items: Collection[Item], cases: Collection[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Of each item, how much money was frozen, and how much was taken in all, earlier in its case and is still held."""
    held: dict[int, list[tuple[tuple[datetime, int], bool, Decimal]]] = defaultdict(list)
    rows = Item.objects.filter(matter__parent__in=cases, state=ItemState.HELD, value__isnull=False)
    for other in rows.only("taken_at", "asset", "value", "matter__parent").select_related("matter"):
        assert other.value is not None
        held[other.matter.parent_id or 0].append(
            ((other.taken_at, other.pk), other.asset == rules.Asset.DEPOSIT, other.value)
        )
    found = {}
    for one in items:
        earlier = [taken for taken in held[one.matter.parent_id or 0] if taken[0] < (one.taken_at, one.pk)]
        funds = sum((value for _, is_money, value in earlier if is_money), Decimal(0))
        found[one.pk] = (funds, sum((value for _, _, value in earlier), Decimal(0)))
    return found


def _late(matters: Collection[int], at: datetime) -> dict[int, list[Late]]:
    """Of each item the ceilings on its measure, and the duty to report one taken on the spot, that ran over: verified ones
    or at second hand."""
    found: dict[int, list[Late]] = defaultdict(list)
    rows = (
        Clock.objects.filter(matter__in=matters, limit__status__in=TRUSTED)
        .filter(_ran_over(at))
        .filter(Q(limit__nature=LimitNature.CEILING) | Q(start_event__kind__code=TAKEN_ON_SPOT))
        .select_related("limit", "start_event__kind")
        .order_by("pk")
    )
    for clock in rows:
        of_approval = clock.start_event.kind.code == TAKEN_ON_SPOT
        found[clock.matter_id].append(
            Late(clock.pk, clock.limit.name, clock.limit.citation, _due_words(clock), of_approval)
        )
    return found


def _due_words(clock: Clock) -> str:
    """Its last day, or, of a limit counted in hours, its last moment."""
    return f"{clock.due_on}" if clock.due_on is not None else moment_words(clock.due_at)


def _ran_over(at: datetime) -> Q:
    return Q(state=ClockState.STOPPED, late=True) | Q(state=ClockState.RUNNING, ended_at=None, due_at__lte=at)


# -- what should have been released --------------------------------------------------------------------------------------


def release_overdue(officer: Officer, at: datetime) -> MatterQuerySet:
    """The items an officer may see that are still held at the aware moment `at` and should not be: found unrelated, out of
    time, or left open when an administrative case ended."""
    expired = _running_over(at).filter(limit__nature=LimitNature.CEILING)
    release = _running_over(at).filter(start_event__kind__code=FOUND_UNRELATED)
    criminal = Q(property_item__side=Side.CRIMINAL)
    unrelated = Q(property_item__unrelated_on__isnull=False) & (~criminal | Exists(release))
    left_open = ~criminal & Q(parent__closed_at__lte=at)
    held = items_of(officer).filter(closed_at=None, property_item__state=ItemState.HELD)
    return held.filter(unrelated | Exists(expired) | left_open)


def _running_over(at: datetime) -> QuerySet[Clock]:
    return Clock.objects.overdue(at).filter(matter=OuterRef("pk"), limit__status__in=TRUSTED)


def reasons_of(matters: Iterable[Matter], at: datetime) -> dict[int, list[tuple[Reason, str]]]:
    """Why each of the items, read with `property_item` and `parent`, should have been released; one question whatever
    their number."""
    rows = list(matters)
    expired, release = set(), set()
    late = Clock.objects.overdue(at).filter(matter__in=[one.pk for one in rows], limit__status__in=TRUSTED)
    for pk, nature, start in late.values_list("matter", "limit__nature", "start_event__kind__code"):
        if nature == LimitNature.CEILING:
            expired.add(pk)
        if start == FOUND_UNRELATED:
            release.add(pk)
    found = {}
    for row in rows:
        item: Item = row.property_item
        ended = row.parent is not None and row.parent.closed_at is not None and row.parent.closed_at <= at
        found[row.pk] = (
            rules.reasons_to_release(
                side=rules.Side(item.side),
                unrelated=item.unrelated_on is not None,
                release_late=row.pk in release,
                expired=row.pk in expired,
                case_ended=ended,
            )
            if item.is_held
            else []
        )
    return found
