"""Folding: what changed is counted again, day by day and unit by unit, and the figures of the months it touches follow.

1. Take the marks that the triggers left (`watching`): of each source the days whose rows may count differently.
2. Add the days that came since the last time: what runs out runs out without anybody changing a row. A month that has
   ended since is counted once more as a whole, by its own end.
3. Of each source, month and moment, one grouped question counts the days again; differences go to the unit and to all
   above it (`DayCount`).
4. Of the units and months that differ the figures are added up from the days (`Figure`), a new row where they changed.

All in one transaction: a fold that is killed has done nothing, and its marks stay. What is counted is what `counting` counts
at the same cutoff; `rebuild` throws the days away and comes to the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Min
from django.db.models.functions import TruncDate
from django.utils import timezone

from cases.bulk import insert_rows, row_adapter
from cases.models import Matter, Unit
from supervision.evaluation.counted import Moment, local_zone
from supervision.evaluation.counting import alike, by_holder
from supervision.evaluation.models import DayCount, Figure, Folding, Indicator, Shape, Term
from supervision.evaluation.queries.figures import Sides, cutoff_of, sums_of
from supervision.evaluation.queries.versions import above, versions_for, with_parts
from supervision.evaluation.rules.periods import ONE_DAY, Period, following, month_of, previous, span
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.watching import HEAP, TREE

# Months before these are counted from the rows when somebody asks for them.
KEPT_MONTHS: Final = 36
_INSTANT: Final = timedelta(microseconds=1)
# Rows asked for or written in one statement.
_MANY: Final = 2000
_FOLD_LOCK: Final = 7_240_313


@dataclass(slots=True)
class FoldReport:
    """What a fold did: marks taken, days counted again (one for each source and day), day counts and figures written."""

    marks: int = 0
    days: int = 0
    counts: int = 0
    figures: int = 0


# A day and from when on its change matters; None: to everything.
Since = dict[date, datetime | None]


@dataclass(slots=True)
class _Marks:
    """What has to be counted again, by source and local day."""

    taken: int = 0
    tree: bool = False
    days: dict[str, Since] = field(default_factory=lambda: defaultdict(dict))

    def add(self, source: str, day: date, since: datetime | None) -> None:
        known = self.days[source]
        if day not in known:
            known[day] = since
        elif (held := known[day]) is not None:
            known[day] = None if since is None else min(held, since)


def fold(*, at: datetime) -> FoldReport:
    """Bring the stored figures up to `at`, an aware moment. Harmless twice, and from two workers at once; a silence of
    days is made good by one fold. Nothing is done where nothing has come in since the last."""
    with transaction.atomic():
        if not _alone():
            return FoldReport()
        return _Fold(at).run()


def rebuild(*, at: datetime) -> FoldReport:
    """Throw all day counts away and count everything anew; figures that come out otherwise get a new row."""
    with transaction.atomic():
        if not _alone():
            return FoldReport()
        forget_days()
        return _Fold(at).run()


def recount(month: Period, *, at: datetime) -> FoldReport:
    """Throw the day counts of one month away and count it anew from the rows, as of its end, or of `at` while it runs."""
    with transaction.atomic():
        if not _alone():
            return FoldReport()
        DayCount.objects.filter(day__gte=month.begins_on, day__lt=month.ends_on).delete()
        return _Fold(at).recount(month)


def forget_days() -> None:
    """Throw away what can be counted again; what was known on which day stays."""
    DayCount.objects.all().delete()
    Folding.objects.all().delete()


def _alone() -> bool:
    """One fold at a time; SQLite lets only one write anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLD_LOCK])
        return bool(cursor.fetchone()[0])


class _Fold:
    """One fold, from the marks to the figures."""

    def __init__(self, at: datetime) -> None:
        self.at, self.today = at, timezone.localdate(at, local_zone())
        self.report = FoldReport()
        self.paths = dict(Unit.objects.values_list("pk", "path"))
        self.ids = {path: pk for pk, path in self.paths.items()}
        self.lines: dict[int, list[int]] = {}
        # By month the units whose figures may come out otherwise.
        self.touched: dict[Period, set[int]] = defaultdict(set)

    def run(self) -> FoldReport:
        marks = take_marks()
        if marks.tree:
            # Who lies below whom is in every sum.
            forget_days()
        known = {one.indicator_id: one for one in Folding.objects.all()}
        indicators = list(with_parts(Indicator.objects.filter(draft=False, shape=Shape.RATE)))
        fresh = [one for one in indicators if one.pk not in known]
        counted = {term.pk for one in indicators if one.pk in known for term in _of([one])}
        by_source: dict[str, dict[int, Term]] = defaultdict(dict)
        for term in _of(indicators):
            by_source[term.source][term.pk] = term
        first = min((one.first_month for one in known.values()), default=None) or self._first_month()
        last = min((one.folded_at for one in known.values()), default=self.at)
        for source, terms in by_source.items():
            if old := [term for term in terms.values() if term.pk in counted]:
                self._again(old, marks.days.get(source, {}), first, last)
            if new := [term for term in terms.values() if term.pk not in counted]:
                for month in self._months(first):
                    self._count(new, month, None)
                    self._stock([term for term in new if term.stock], month)
        if fresh:
            self._touch_all(first)
        Folding.objects.update(folded_at=self.at)
        Folding.objects.bulk_create(
            [Folding(indicator=one, first_month=first, folded_at=self.at) for one in fresh], batch_size=_MANY
        )
        self._figures()
        self.report.marks = marks.taken
        return self.report

    def recount(self, month: Period) -> FoldReport:
        by_source: dict[str, dict[int, Term]] = defaultdict(dict)
        for term in _of(with_parts(Indicator.objects.filter(draft=False, shape=Shape.RATE))):
            by_source[term.source][term.pk] = term
        for terms in by_source.values():
            self._count(list(terms.values()), month, None)
            self._stock([term for term in terms.values() if term.stock], month)
        self._touch(month)
        self._figures()
        return self.report

    def _first_month(self) -> date:
        """The month of the earliest matter, but not longer ago than is kept."""
        earliest = Matter.objects.filter(withdrawn_at=None).aggregate(first=Min("opened_at"))["first"]
        month = month_of(self.today)
        begun = month.begins_on if earliest is None else timezone.localdate(earliest, local_zone()).replace(day=1)
        for _ in range(KEPT_MONTHS - 1):
            month = previous(month)
        return max(begun, month.begins_on)

    def _months(self, first: date) -> Iterator[Period]:
        """From the first month to the one that runs."""
        month = month_of(first)
        while month.begins_on <= self.today:
            yield month
            month = following(month)

    def _again(
        self, terms: Sequence[Term], marked: Mapping[date, datetime | None], first: date, last: datetime
    ) -> None:
        """Count again what the marks name of a source, and what time alone has changed since the last fold."""
        last_day = min(timezone.localdate(last, local_zone()), self.today)
        stocks = [term for term in terms if term.stock]
        for month in self._months(first):
            ends = month.ends(local_zone())
            days: set[date] | None = {
                day
                for day, since in marked.items()
                if month.begins_on <= day <= month.last_on and (since is None or since < ends)
            }
            if last < ends <= self.at:
                # It ran when it was last counted, and is over now.
                days = None
            elif month.begins_on <= self.today < month.ends_on and days is not None:
                days |= {last_day + ONE_DAY * n for n in range((self.today - last_day).days + 1)}
                days = {day for day in days if day >= month.begins_on}
            if days is None or days:
                self._count(terms, month, days)
            begins = month.begins(local_zone())
            again = [term for term in stocks if begins > last or _moves(term, marked, month, begins, ends)]
            self._stock(again, month)

    def _count(self, terms: Sequence[Term], month: Period, days: Collection[date] | None) -> None:
        """Count days of a month again, all of them without `days`; one question for each moment of the source."""
        cutoff = cutoff_of(month, self.at)
        within = month if not days else span(min(days), max(days))
        self.report.days += len(days) if days is not None else (month.ends_on - month.begins_on).days
        for of in alike(term for term in terms if not term.stock):
            moment = SOURCES[of[0].source].moments[of[0].at]
            self._write(of, _count_by_day(of, within, cutoff, _day_of(moment), days), within, days, month)

    def _stock(self, terms: Sequence[Term], month: Period) -> None:
        """Count the stocks of the morning a month begins with; they stand on its first day."""
        cutoff = cutoff_of(month, self.at)
        first = span(month.begins_on, month.begins_on)
        for of in alike(terms):
            found = {
                (unit, term.pk, month.begins_on): number
                for unit, *numbers in by_holder(of, month, cutoff)
                for term, number in zip(of, numbers, strict=True)
                if number
            }
            self._write(of, found, first, None, month)

    def _write(
        self,
        terms: Sequence[Term],
        found: Mapping[tuple[int, int, date], int],
        within: Period,
        days: Collection[date] | None,
        month: Period,
    ) -> None:
        """Put the differences to what stands into the day counts of the units and of all above them."""
        rows = DayCount.objects.filter(
            term__in=terms, day__gte=within.begins_on, day__lt=within.ends_on, own__gt=0
        ).values_list("unit_id", "term_id", "day", "own")
        stood = {(unit, term, day): own for unit, term, day, own in rows if days is None or day in days}
        moved: dict[tuple[int, int, date], list[int]] = {}
        for key in found.keys() | stood.keys():
            difference = found.get(key, 0) - stood.get(key, 0)
            if not difference:
                continue
            unit, term, day = key
            moved.setdefault(key, [0, 0])[0] += difference
            for one in self._line(unit):
                moved.setdefault((one, term, day), [0, 0])[1] += difference
        if not moved:
            return
        self.touched[month] |= {unit for unit, _, _ in moved}
        self.report.counts += len(moved)
        self._add(terms, moved, within)

    def _line(self, unit: int) -> list[int]:
        """The unit and all above it."""
        if unit not in self.lines:
            self.lines[unit] = [self.ids[path] for path in above(self.paths[unit])]
        return self.lines[unit]

    def _add(self, terms: Sequence[Term], moved: Mapping[tuple[int, int, date], Sequence[int]], within: Period) -> None:
        standing: dict[tuple[int, int, date], tuple[int, int]] = {}
        for units in _pieces({unit for unit, _, _ in moved}):
            held = DayCount.objects.filter(
                unit__in=units, term__in=terms, day__gte=within.begins_on, day__lt=within.ends_on
            )
            for unit, term, day, *numbers in held.values_list("unit_id", "term_id", "day", "own", "total"):
                standing[unit, term, day] = (numbers[0], numbers[1])
        changed = [
            DayCount(unit_id=unit, term_id=term, day=day, own=stood[0] + own, total=stood[1] + total)
            for (unit, term, day), (own, total) in moved.items()
            if (stood := standing.get((unit, term, day))) is not None
        ]
        adapt = row_adapter((), (2,))
        # A month anew is hundreds of thousands of rows: they go in as they are, without an object each.
        fresh = (
            (unit, term, day, own, total)
            for (unit, term, day), (own, total) in moved.items()
            if (unit, term, day) not in standing
        )
        insert_rows("evaluation_daycount", ("unit_id", "term_id", "day", "own", "total"), map(adapt, fresh))
        DayCount.objects.bulk_create(
            changed,
            batch_size=_MANY,
            update_conflicts=True,
            unique_fields=("unit", "term", "day"),
            update_fields=("own", "total"),
        )

    def _touch_all(self, first: date) -> None:
        """Let the figures of all units be added up: an indicator is new, or what was stored was thrown away. What nobody
        counts for any more comes to nothing."""
        for month in self._months(first):
            self._touch(month)

    def _touch(self, month: Period) -> None:
        days = DayCount.objects.filter(day__gte=month.begins_on, day__lt=month.ends_on)
        for rows in (days, Figure.objects.filter(month=month.begins_on)):
            self.touched[month] |= set(rows.order_by().values_list("unit_id", flat=True).distinct())

    # -- figures -------------------------------------------------------------------------------------------------------

    def _figures(self) -> None:
        """The figures of the units and months that differ, added up from their days; a row where they came out otherwise."""
        known_on = self.today
        for month, touched in sorted(self.touched.items()):
            cutoff = cutoff_of(month, self.at)
            for ids in _pieces(touched):
                units = list(Unit.objects.filter(pk__in=ids))
                versions = versions_for(units, month.begins_on)
                once = {one.pk: one for of in versions.values() for one in of}.values()
                sums = sums_of(ids, {term.pk for term in _of(once)}, month)
                last = _last_figures(ids, month)
                rates = {
                    one.pk: one for of in versions.values() for one in of if not one.draft and one.shape == Shape.RATE
                }
                sides_by = {pk: Sides.of(one) for pk, one in rates.items()}
                rows = []
                for unit in units:
                    for one in versions[unit.pk]:
                        if one.pk not in rates:
                            continue
                        sides = sides_by[one.pk].added_up(unit.pk, sums)
                        if last.get((unit.pk, one.pk), (0, 0)) != sides:
                            rows.append(
                                Figure(
                                    unit=unit,
                                    indicator=one,
                                    month=month.begins_on,
                                    known_on=known_on,
                                    numerator=sides[0],
                                    denominator=sides[1],
                                    cutoff=cutoff,
                                )
                            )
                self.report.figures += len(rows)
                Figure.objects.bulk_create(
                    rows,
                    batch_size=_MANY,
                    update_conflicts=True,
                    unique_fields=("unit", "indicator", "month", "known_on"),
                    update_fields=("numerator", "denominator", "cutoff"),
                )


def take_marks() -> _Marks:
    """Take all marks away in one statement, so that one written meanwhile stays for the next fold."""
    marks, zone = _Marks(), local_zone()
    as_moment = ExpressionWrapper(F("at"), output_field=DateTimeField())
    read = connection.ops.get_db_converters(as_moment)

    def moment(value: Any) -> Any:
        for one in read:
            value = one(value, as_moment, connection)
        return value

    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM {HEAP} RETURNING source, at, "on", since')
        for source, at, on, since in cursor.fetchall():
            marks.taken += 1
            if source == TREE:
                marks.tree = True
                continue
            later = moment(since) if since is not None else None
            if on is not None:
                marks.add(source, on if isinstance(on, date) else date.fromisoformat(on), later)
                continue
            counted = moment(at)
            # What ends at midnight counts for the day before.
            for one in (counted, counted - _INSTANT):
                marks.add(source, one.astimezone(zone).date(), later)
    return marks


def _pieces(ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids in an order of their own, so many as one statement takes."""
    every = sorted(ids)
    yield from (every[start : start + _MANY] for start in range(0, len(every), _MANY))


def _moves(term: Term, marked: Mapping[date, datetime | None], month: Period, begins: datetime, ends: datetime) -> bool:
    """Whether a stock may have come out otherwise: by a row that came before the month, or left before it."""
    conditions = SOURCES[term.source].conditions
    # What is asked as of the cutoff may change while the month runs.
    until = ends if any(conditions[name].looks for name in term.where) else begins
    return any(day < month.begins_on and (since is None or since < until) for day, since in marked.items())


def _day_of(moment: Moment) -> Any:
    """The local day a row counts for."""
    if moment.is_day:
        return F(moment.column)
    counted: Any = F(moment.column)
    if moment.closes:
        counted = ExpressionWrapper(F(moment.column) - _INSTANT, output_field=DateTimeField())
    return TruncDate(counted, tzinfo=local_zone())


def _count_by_day(
    terms: Sequence[Term], within: Period, cutoff: datetime, day: Any, days: Collection[date] | None
) -> dict[tuple[int, int, date], int]:
    """How many rows terms that are `alike` count, by (unit, term, day); of these `days` alone."""
    return {
        (unit, term.pk, on): number
        for unit, on, *numbers in by_holder(terms, within, cutoff, day)
        if days is None or on in days
        for term, number in zip(terms, numbers, strict=True)
        if number
    }


def _of(versions: Iterable[Indicator]) -> Iterator[Term]:
    for one in versions:
        for part in one.parts.all():
            yield part.term


def _last_figures(units: Iterable[int], month: Period) -> dict[tuple[int, int], tuple[int, int]]:
    rows = Figure.objects.filter(unit__in=list(units), month=month.begins_on).order_by("known_on")
    return {
        (unit, indicator): (numerator, denominator)
        for unit, indicator, numerator, denominator in rows.values_list(
            "unit_id", "indicator_id", "numerator", "denominator"
        )
    }
