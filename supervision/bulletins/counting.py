"""What a bulletin counts itself: warnings, limits missed, what is overdue, orders overdue, what falls due next.

Whatever is an indicator is counted by `supervision.evaluation`. A fixed number of questions, whatever the number of units,
limits and matters.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases.models import Clock, ClockState, Level, Limit, Unit, UnitLevel
from cases.models.scope import FEW
from cases.models.unit import STEP_WIDTH
from supervision.alerts.models import Action, Alert, AlertStep
from supervision.bulletins.figures import (
    AlertCount,
    ClockCount,
    Counts,
    Figures,
    LimitRow,
    Overdue,
    OverdueClock,
    OverdueOrder,
    OverdueOrders,
    Place,
    late_by,
)
from supervision.bulletins.rules import Period
from supervision.rectification.models import Order, OrderState

# How many overdue clocks a bulletin names.
NAMED = 10

_COLUMNS = {UnitLevel.CITY: "city", UnitLevel.COUNTY: "county", UnitLevel.STATION: "station"}

# What falls due next is told for a week at least.
NEXT_AT_LEAST = timedelta(days=7)

OWN = "本级"


def read_figures(unit: Unit, period: Period) -> Figures:
    """The figures of a unit's subtree for a period. Rows of the tables are the units right below it, and itself."""
    tree = _Tree(unit)
    limits, clocks = _clocks(tree, period)
    return Figures(
        code=unit.code,
        name=unit.name,
        period=period,
        places=tree.places(),
        limits=limits,
        alerts=_alerts(tree, period),
        clocks=clocks,
        overdue=_overdue(tree, period),
        orders=_orders(tree, period),
        due_next=_due_next(tree, period),
    )


class _Tree:
    """A unit and what lies below it, folded to the rows of a table.

    A row of a table is a unit right below, and sums its own subtree; whatever hangs on the unit itself is a row too.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        rows = list(Unit.objects.under(unit).values_list("pk", "code", "short_name", "name", "path", "valid_until"))
        depth = len(unit.path) + STEP_WIDTH
        self.below = [row for row in rows if len(row[4]) == depth]
        code_of_path = {row[4]: row[1] for row in self.below}
        self.row_of = {pk: code_of_path.get(path[:depth], unit.code) for pk, _, _, _, path, _ in rows}
        self.name_of = {pk: short or name for pk, _, short, name, _, _ in rows}
        self.counted: set[str] = set()

    def within(self, prefix: str = "") -> Q:
        """Rows that hang on the unit or on anything below it."""
        column = _COLUMNS.get(UnitLevel(self.unit.level))
        if column is None:
            return Q()
        if getattr(self.unit, f"{column}_id") != self.unit.pk:
            # Merged into another of its level, whose name the columns bear.
            return Q(**{f"{prefix}unit__path__startswith": self.unit.path})
        return Q(**{f"{prefix}{column}_id": self.unit.pk})

    def fold(self, unit_id: int) -> str | None:
        """The code of the row a unit is counted in; none for a unit that is not ours."""
        code = self.row_of.get(unit_id)
        if code is not None:
            self.counted.add(code)
        return code

    def places(self) -> tuple[Place, ...]:
        """The rows: every unit that exists, those gone with something to count, and the unit itself if it has."""
        rows = [
            Place(code, short or name)
            for _, code, short, name, _, until in self.below
            if until is None or code in self.counted
        ]
        if self.unit.code in self.counted or not rows:
            rows.insert(0, Place(self.unit.code, OWN if rows else self.name_of[self.unit.pk]))
        return tuple(rows)


def _tells_closed(number: int, period: Period) -> bool:
    """Whether so many on restricted matters may be told at all: not few of them, and only of whole months that are over, for
    a number that grew from one day to the next would tell that somebody complained that day (信访工作条例 30)."""
    whole = period.begins.day == period.ends.day == 1 and period.over
    return whole and number >= FEW


def _alerts(tree: _Tree, period: Period) -> dict[str, AlertCount]:
    found: dict[str, AlertCount] = defaultdict(AlertCount)
    for rows in (
        [(unit_id, closed, n, AlertCount(raised=n)) for unit_id, closed, n in _raised(tree, period)],
        [(unit_id, closed, n, AlertCount(withdrawn=n)) for unit_id, closed, n in _withdrawn(tree, period)],
        [(unit_id, closed, n, _at_level(level, n)) for unit_id, closed, level, n in _open(tree, period)],
    ):
        # Those on restricted matters are told for the unit as a whole, and not at all where they are few.
        told = _tells_closed(sum(n for _, closed, n, _ in rows if closed), period)
        for unit_id, closed, _, count in rows:
            if told or not closed:
                _add(found, tree.fold(tree.unit.pk if closed else unit_id), count)
    return dict(found)


def _at_level(level: int, count: int) -> AlertCount:
    return AlertCount(
        open_yellow=count if level == Level.YELLOW else 0,
        open_orange=count if level == Level.ORANGE else 0,
        open_red=count if level == Level.RED else 0,
    )


def _raised(tree: _Tree, period: Period) -> Iterable[Any]:
    raised = Alert.objects.filter(tree.within(), raised_at__gte=period.begins, raised_at__lt=period.cutoff)
    return raised.order_by().values_list("unit_id", "restricted").annotate(n=Count("pk"))


def _withdrawn(tree: _Tree, period: Period) -> Iterable[Any]:
    """From the ledger, for a warning that has been reopened since no longer says it was ever withdrawn."""
    steps = AlertStep.objects.filter(
        tree.within("clock__alerts__"),
        action=Action.WITHDRAWN,
        found_at__gte=period.begins,
        found_at__lt=period.cutoff,
        clock__alerts__due_at=F("due_at"),
    )
    counted = steps.order_by().values_list("clock__alerts__unit_id", "clock__restricted")
    return counted.annotate(n=Count("clock__alerts", distinct=True))


def _open(tree: _Tree, period: Period) -> Iterable[Any]:
    """Open at the cutoff, with the level reached by then, however long ago the cutoff is.

    Open now, or withdrawn since; but not if the first thing that happened since was that it came back.
    """
    steps = AlertStep.objects.filter(found_at__gte=period.cutoff, clock__alerts__due_at=F("due_at"))
    came_back = (
        steps.values("clock__alerts")
        .annotate(
            back=Min("pk", filter=Q(action=Action.REOPENED)),
            gone=Min("pk", filter=Q(action=Action.WITHDRAWN)),
        )
        .filter(back__isnull=False)
        .filter(Q(gone=None) | Q(back__lt=F("gone")))
        .values("clock__alerts")
    )
    reached = (
        AlertStep.objects.filter(
            clock=OuterRef("clock"), due_at=OuterRef("due_at"), action=Action.RAISED, found_at__lt=period.cutoff
        )
        .order_by()
        .values("clock")
        .annotate(level=Max("level"))
        .values("level")
    )
    return (
        Alert.objects.filter(tree.within(), raised_at__lt=period.cutoff)
        .filter(Q(ended_at=None) | Q(ended_at__gte=period.cutoff))
        .exclude(pk__in=came_back)
        .annotate(level_then=Coalesce(Subquery(reached), F("level")))
        .values_list("unit_id", "restricted", "level_then")
        .annotate(n=Count("pk"))
    )


def _clocks(tree: _Tree, period: Period) -> tuple[dict[str, LimitRow], dict[tuple[str, str], ClockCount]]:
    ended = Q(state=ClockState.STOPPED, ended_at__gte=period.begins, ended_at__lt=period.cutoff)
    # A due day ends at the midnight after it, so the last of the month runs out when the next month begins.
    ran_out = Q(due_at__gt=period.begins, due_at__lte=period.cutoff) & _still_running(period)
    restarted_late = Q(state=ClockState.RESTARTED, late=True, due_at__gt=period.begins, due_at__lte=period.cutoff)
    expired = ran_out | restarted_late
    rows = (
        Clock.objects.counted()
        .filter(tree.within())
        .filter(ended | expired)
        .values_list("unit_id", "limit_id", "restricted")
        .annotate(
            in_time=Count("pk", filter=ended & Q(late=False)),
            late_ones=Count("pk", filter=ended & Q(late=True)),
            expired=Count("pk", filter=expired),
        )
    )
    read = [(unit_id, limit_id, hidden, ClockCount(*counts)) for unit_id, limit_id, hidden, *counts in rows]
    limits = {
        row.pk: row
        for row in Limit.objects.filter(pk__in={limit_id for _, limit_id, _, _ in read}).annotate(
            all_kinds=Count("kinds"), restricted_kinds=Count("kinds", filter=Q(kinds__restricted=True))
        )
    }
    # What runs on restricted matters only is told for the unit as a whole, and not at all where that is few; of other
    # limits the few that run on restricted matters are left out.
    closed = {pk for pk, row in limits.items() if row.all_kinds and row.all_kinds == row.restricted_kinds}
    read = [row for row in read if not row[2] or row[1] in closed]
    few = {
        pk
        for pk in closed
        if not _tells_closed(sum(one.on_time.denominator for _, limit_id, _, one in read if limit_id == pk), period)
    }
    counted = [
        (tree.fold(tree.unit.pk if limit_id in closed else unit_id), limit_id, count)
        for unit_id, limit_id, _, count in read
        if limit_id not in few
    ]
    limits = {pk: limits[pk] for pk in dict.fromkeys(limit_id for _, limit_id, _ in counted)}
    names = _distinct_names(limits.values())
    found: dict[tuple[str, str], ClockCount] = defaultdict(ClockCount)
    for code, limit_id, count in counted:
        if code is not None:
            _add(found, (code, limits[limit_id].code), count)
    in_order = sorted(limits.values(), key=lambda row: row.pk)
    told = {row.code: LimitRow(row.code, names[row.pk], row.citation, row.pk in closed) for row in in_order}
    return told, dict(found)


def _still_running(period: Period) -> Q:
    """Running when the cutoff came: running now, or ended since, and then too late."""
    return Q(state=ClockState.RUNNING) | Q(
        state__in=(ClockState.STOPPED, ClockState.RESTARTED), ended_at__gte=period.cutoff, late=True
    )


def _distinct_names(limits: Iterable[Limit]) -> dict[int, str]:
    """Two versions of a limit share a name; in one table each says of which text it is."""
    rows = list(limits)
    shared = Counter(row.name for row in rows)
    return {row.pk: f"{row.name}（{_version(row)}）" if shared[row.name] > 1 else row.name for row in rows}


def _version(limit: Limit) -> str:
    since = f"{limit.in_force_from.year}年起" if limit.in_force_from else limit.code
    return limit.text_version or since


def _overdue(tree: _Tree, period: Period) -> Overdue:
    clocks = Clock.objects.counted().filter(tree.within(), _still_running(period), due_at__lte=period.cutoff)
    counted = clocks.aggregate(count=Count("pk"), restricted=Count("pk", filter=Q(matter__restricted=True)))
    named = (
        clocks.filter(matter__restricted=False)
        .order_by("due_at", "pk")
        .values_list("matter__number", "matter__kind__name", "unit_id", "limit__name", "due_on", "due_at")
    )
    longest = tuple(
        OverdueClock(
            number=number,
            kind=kind,
            unit=tree.name_of.get(unit_id, ""),
            limit=limit,
            due_on=due_on,
            due_at=due_at.astimezone(period.cutoff.tzinfo),
            late_by=late_by(due_on, due_at, period),
        )
        for number, kind, unit_id, limit, due_on, due_at in named[:NAMED]
        if due_at is not None
    )
    if not _tells_closed(counted["restricted"], period):
        # Not even by what is missing between two sums.
        return Overdue(counted["count"] - counted["restricted"], 0, longest)
    return Overdue(counted["count"], counted["restricted"], longest)


def _orders(tree: _Tree, period: Period) -> OverdueOrders:
    """Orders that had run out at the cutoff and had not ended, whenever they ran out; none on a restricted matter."""
    open_then = (
        Q(state__in=OrderState.open_states()) | Q(verified_at__gte=period.cutoff) | Q(withdrawn_at__gte=period.cutoff)
    )
    orders = Order.objects.filter(tree.within(), open_then, due_at__lte=period.cutoff)
    orders = orders.filter(Q(matter=None) | Q(matter__restricted=False))
    rows = tuple(
        OverdueOrder(
            number=row.number,
            problem=str(row.problem),
            unit=tree.name_of.get(row.unit_id, ""),
            due_on=row.due_on,
            late_by=late_by(row.due_on, row.due_at, period),
        )
        for row in orders.select_related("problem").order_by("due_at", "pk")[:NAMED]
    )
    return OverdueOrders(orders.count(), rows)


def _due_next(tree: _Tree, period: Period) -> tuple[tuple[str, int], ...]:
    """What was running at the cutoff and falls due in the same length of time after the period, by limit, most first."""
    length = max(period.ends - period.begins, NEXT_AT_LEAST)
    running = (
        Clock.objects.counted()
        .filter(tree.within(), restricted=False, started_at__lt=period.cutoff)
        .filter(due_at__gt=period.cutoff, due_at__lte=period.ends + length)
        .filter(Q(state=ClockState.RUNNING) | Q(ended_at__gte=period.cutoff, state=ClockState.STOPPED))
    )
    rows = running.order_by().values_list("limit__name").annotate(n=Count("pk"))
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


def _add(found: dict[Any, Any], key: Any, count: Counts) -> None:
    if key is not None:
        found[key] = found[key] + count
