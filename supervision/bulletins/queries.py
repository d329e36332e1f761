"""What a bulletin reads: a fixed number of questions, whatever the number of units, limits and matters."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.desk.paging import Count as CappedCount
from cases.desk.paging import count_capped
from cases.models import Clock, ClockState, Level, Limit, Matter, MatterKind, Officer, Role, Unit, UnitLevel
from cases.models.scope import FEW
from cases.models.unit import STEP_WIDTH
from supervision.alerts.models import Action, Alert, AlertStep
from supervision.bulletins import sources
from supervision.bulletins.figures import (
    AlertCount,
    ClockCount,
    ClosingCount,
    Counts,
    Family,
    Figures,
    LimitRow,
    Overdue,
    OverdueClock,
    Place,
    late_by,
)
from supervision.bulletins.models import (
    Bulletin,
    BulletinQuerySet,
    BulletinStep,
    Letter,
    LetterState,
    Notice,
    NoticeLine,
    Recipient,
)
from supervision.bulletins.models.notice import NoticeQuerySet
from supervision.bulletins.rules import LINES_SHOWN, Period, percentile

# How many overdue clocks a bulletin names.
NAMED = 10

_COLUMNS = {UnitLevel.CITY: "city", UnitLevel.COUNTY: "county", UnitLevel.STATION: "station"}

OWN = "本级"


def read_figures(unit: Unit, period: Period) -> Figures:
    """The figures of a unit's subtree for a period. Rows of the tables are the units right below it, and itself."""
    tree = _Tree(unit)
    limits, clocks = _clocks(tree, period)
    families, closing = _closing(tree, period)
    return Figures(
        code=unit.code,
        name=unit.name,
        period=period,
        places=tree.places(),
        limits=limits,
        families=families,
        alerts=_alerts(tree, period),
        clocks=clocks,
        closing=closing,
        overdue=_overdue(tree, period),
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
        return Q() if column is None else Q(**{f"{prefix}{column}_id": self.unit.pk})

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


def _alerts(tree: _Tree, period: Period) -> dict[str, AlertCount]:
    found: dict[str, AlertCount] = defaultdict(AlertCount)
    for rows in (
        [(unit_id, closed, n, AlertCount(raised=n)) for unit_id, closed, n in _raised(tree, period)],
        [(unit_id, closed, n, AlertCount(withdrawn=n)) for unit_id, closed, n in _withdrawn(tree, period)],
        [(unit_id, closed, n, _at_level(level, n)) for unit_id, closed, level, n in _open(tree, period)],
    ):
        # Those on restricted matters are told for the unit as a whole, and not at all where they are few.
        few = sum(n for _, closed, n, _ in rows if closed) < FEW
        for unit_id, closed, _, count in rows:
            if not (closed and few):
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
        .values_list("unit_id", "limit_id")
        .annotate(
            in_time=Count("pk", filter=ended & Q(late=False)),
            late_ones=Count("pk", filter=ended & Q(late=True)),
            expired=Count("pk", filter=expired),
        )
    )
    read = [(unit_id, limit_id, ClockCount(*counts)) for unit_id, limit_id, *counts in rows]
    limits = {
        row.pk: row
        for row in Limit.objects.filter(pk__in={limit_id for _, limit_id, _ in read}).annotate(
            all_kinds=Count("kinds"), restricted_kinds=Count("kinds", filter=Q(kinds__restricted=True))
        )
    }
    # What runs on restricted matters only is told for the unit as a whole, and not at all where that is few.
    closed = {pk for pk, row in limits.items() if row.all_kinds and row.all_kinds == row.restricted_kinds}
    few = {pk for pk in closed if sum(one.on_time.denominator for _, limit_id, one in read if limit_id == pk) < FEW}
    counted = [
        (tree.fold(tree.unit.pk if limit_id in closed else unit_id), limit_id, count)
        for unit_id, limit_id, count in read
        if limit_id not in few
    ]
    limits = {pk: row for pk, row in limits.items() if pk not in few}
    names = _distinct_names(limits.values())
    found: dict[tuple[str, str], ClockCount] = defaultdict(ClockCount)
    for code, limit_id, count in counted:
        if code is not None:
            _add(found, (code, limits[limit_id].code), count)
    return {row.code: LimitRow(row.code, names[row.pk], row.citation) for row in limits.values()}, dict(found)


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
    if counted["restricted"] < FEW:
        # Not even by what is missing between two sums.
        return Overdue(counted["count"] - counted["restricted"], 0, longest)
    return Overdue(counted["count"], counted["restricted"], longest)


def _closing(tree: _Tree, period: Period) -> tuple[tuple[Family, ...], dict[tuple[str, str], ClosingCount]]:
    """A measure, an item or a visit that is part of a case is not closed by itself and not counted here."""
    opened = Q(opened_at__gte=period.begins)
    closed_by_now = Q(closed_at__lt=period.cutoff)
    rows = (
        Matter.objects.standing()
        .filter(tree.within(), parent=None, opened_at__lt=period.cutoff)
        .filter(Q(closed_at=None) | Q(closed_at__gte=period.begins))
        .values_list("unit_id", "kind_id")
        .annotate(
            opened=Count("pk", filter=opened),
            opened_closed=Count("pk", filter=opened & closed_by_now),
            on_hand=Count("pk"),
            closed=Count("pk", filter=closed_by_now),
        )
    )
    kinds = MatterKind.objects.in_bulk()
    found: dict[tuple[str, str], ClosingCount] = defaultdict(ClosingCount)
    met: dict[str, set[int]] = defaultdict(set)
    read = list(rows)
    on_hand: Counter[int] = Counter()
    for _, kind_id, _, _, waiting, _ in read:
        on_hand[kind_id] += waiting
    for unit_id, kind_id, *counts in read:
        # Restricted kinds are told for the unit as a whole, and not at all where that is few.
        closed = kinds[kind_id].restricted
        if closed and on_hand[kind_id] < FEW:
            continue
        code, family = tree.fold(tree.unit.pk if closed else unit_id), _family(kinds[kind_id])
        if code is not None:
            met[family].add(kind_id)
            _add(found, (code, family), ClosingCount(*counts))
    return _families(kinds, met), dict(found)


def _family(kind: MatterKind) -> str:
    return kind.family or kind.code


def _families(kinds: Mapping[int, MatterKind], met: Mapping[str, set[int]]) -> tuple[Family, ...]:
    """The families that have something to count, in the catalogue's order; each named by its kinds."""
    in_order = sorted(kinds.values(), key=lambda kind: (kind.order, kind.code))
    names: dict[str, list[str]] = {}
    for kind in in_order:
        if kind.pk in met.get(_family(kind), ()):
            names.setdefault(_family(kind), []).append(kind.name)
    return tuple(Family(code, "、".join(kinds_of)) for code, kinds_of in names.items())


def _add(found: dict[Any, Any], key: Any, count: Counts) -> None:
    if key is not None:
        found[key] = found[key] + count


# -- who is to be told what ------------------------------------------------------------------------------------------


def units_with_readers() -> list[tuple[Unit, datetime]]:
    """Units that somebody reads the bulletins of, with the moment the first of those readers was entered."""
    since = (
        Recipient.objects.active()
        .filter(unit=OuterRef("pk"))
        .order_by()
        .values("unit")
        .annotate(first=Min("entered_at"))
    )
    units = Unit.objects.in_force().annotate(readers_since=Subquery(since.values("first")))
    return [(unit, unit.readers_since) for unit in units.exclude(readers_since=None)]


def bulletins_of(officer: Officer) -> BulletinQuerySet:
    """The bulletins an officer may see, as a list shows them: without their contents."""
    return Bulletin.objects.visible_to(officer).light().select_related("unit")


@dataclass(frozen=True, slots=True)
class Sent:
    """How many letters a bulletin went out in, and how many of them have left."""

    letters: int
    left: int


def sent_of(bulletins: Iterable[Bulletin]) -> dict[int, Sent]:
    """The letters of these bulletins, by bulletin; one question."""
    rows = (
        Letter.objects.filter(bulletin__in=[one.pk for one in bulletins])
        .order_by()
        .values_list("bulletin")
        .annotate(letters=Count("pk"), left=Count("pk", filter=Q(state=LetterState.SENT)))
    )
    return {pk: Sent(letters, left) for pk, letters, left in rows}


def corrected_among(bulletins: Iterable[Bulletin]) -> set[int]:
    """Those of these bulletins that another corrects; one question."""
    rows = Bulletin.objects.filter(corrects__in=[one.pk for one in bulletins])
    return {pk for pk in rows.values_list("corrects_id", flat=True) if pk is not None}


def steps_of(bulletin: Bulletin) -> list[BulletinStep]:
    """What was done to a bulletin, in order."""
    return list(bulletin.steps.select_related("by"))


def letters_of(bulletin: Bulletin) -> list[Letter]:
    """Who was sent a bulletin, and how each letter stands."""
    return list(Letter.objects.filter(bulletin=bulletin).select_related("recipient__officer").order_by("pk"))


def readers_of(unit: Unit) -> int:
    """How many get the bulletins of a unit now."""
    return Recipient.objects.active().filter(unit=unit).count()


def ripe_letters(*, at: datetime, limit: int) -> list[Letter]:
    """What is to be sent now: urgent notices, then whatever has been waiting longest."""
    turn = Case(When(notice__urgent=True, then=0), default=1)
    waiting: QuerySet[Letter] = Letter.objects.ripe(at).order_by(turn, "next_try_at", "pk")
    return list(waiting.select_related("bulletin", "recipient__officer", "notice__officer", "channel")[:limit])


# -- notices ---------------------------------------------------------------------------------------------------------

# From here on the frame of the pages only says that there are more.
UNREAD_CAP = 99


def inbox_of(officer: Officer) -> NoticeQuerySet:
    """The officer's own notices."""
    return Notice.objects.of(officer)


def unread_count(officer: Officer) -> CappedCount:
    """How many of them he has not read."""
    return count_capped(inbox_of(officer).unread(), UNREAD_CAP)


@dataclass(frozen=True, slots=True)
class ShownLines:
    """The lines of a notice that are shown, which of them no longer stand, and what the others are about, counted."""

    lines: list[NoticeLine]
    settled: set[int]
    rest: list[tuple[str, int]]


def lines_shown(notice: Notice) -> ShownLines:
    """The most pressing lines of a notice as they stand now, without those its officer may no longer see; a question or two
    a room, however many lines there are."""
    lines = list(notice.lines.order_by("-rank", "about", "since", "pk")[:LINES_SHOWN])
    hidden = sources.kept_from(notice.officer, (line.key for line in lines))
    lines = [line for line in lines if line.key not in hidden]
    standing = sources.still_standing(line.key for line in lines if line.settled_at is None)
    counts = Counter(dict(notice.lines.order_by().values_list("about").annotate(n=Count("pk"))))
    counts.subtract(line.about for line in lines)
    return ShownLines(
        lines=lines,
        settled={line.pk for line in lines if line.key not in standing},
        rest=[(about, left) for about, left in counts.items() if left],
    )


@dataclass(frozen=True, slots=True)
class Noise:
    """How many messages people got, by person and day; both days included.

    A message is a notice, whatever ways it took. `people` are those who got any, `person_days` how often somebody got
    at least one on a day; the percentiles are taken over these. `spread` says on how many of them there were one, two,
    three, four or more. `letters` are those that left by mail or a gateway.
    """

    since: date
    until: date
    people: int
    person_days: int
    messages: int
    urgent: int
    lines: int
    p50: int
    p95: int
    most: int
    spread: tuple[int, int, int, int]
    letters: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat()}


def measure_noise(*, at: datetime, days: int, seen_by: Officer | None = None) -> Noise:
    """The noise of the last `days` local days, today included; for an officer that of the people in his scope.

    System administrators see the whole: counts hold no case.
    """
    until = timezone.localdate(at)
    since = until - timedelta(days=days - 1)
    notices = Notice.objects.all()
    if seen_by is not None and not seen_by.posts.current().filter(role=Role.SYSTEM_ADMIN).exists():
        notices = Notice.objects.visible_to(seen_by)
    notices = notices.filter(day__gte=since, day__lte=until)
    rows = list(
        notices.order_by()
        .values("officer_id", "day")
        .annotate(messages=Count("pk"), pressing=Count("pk", filter=Q(urgent=True)), told=Sum("size"))
    )
    counts = [row["messages"] for row in rows]
    spread = Counter(min(count, 4) for count in counts)
    return Noise(
        since=since,
        until=until,
        people=len({row["officer_id"] for row in rows}),
        person_days=len(rows),
        messages=sum(counts),
        urgent=sum(row["pressing"] for row in rows),
        lines=sum(row["told"] for row in rows),
        p50=percentile(counts, 50),
        p95=percentile(counts, 95),
        most=max(counts, default=0),
        spread=(spread[1], spread[2], spread[3], spread[4]),
        letters=Letter.objects.filter(notice__in=notices, state=LetterState.SENT).count(),
    )
