"""Which clocks a changed day of the calendar may move.

A clock is counted by a calendar in five places, and each is asked for here by what stands on its row: where its last
day is carried to, how many working days lie in its course, where its warnings are set, whether something came in time,
and what is counted back from its expiry. Never a clock too few; hardly any too many, so that a changed day costs as
much as it touches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Clock, ClockState, Event, Ladder, Limit
from cases.statute.limits import Limit as Rule
from cases.statute.limits import Unit
from cases.statute.workdays import Calendar

ONE_DAY = timedelta(days=1)
# Changed days this near one another are asked for together; a year's notice is then a handful of stretches.
NEAR = timedelta(days=15)
# No unit is longer; for what is counted back from an expiry.
_DAYS = {Unit.MINUTE: 1, Unit.HOUR: 1, Unit.DAY: 1, Unit.WORKDAY: 3, Unit.MONTH: 31, Unit.YEAR: 366}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Changed days from `first` to `last`, and how far around them an unbroken run of days off may carry a last day."""

    first: date
    last: date
    carried_from: date
    carried_to: date
    warned_to: date

    def near(self, back: timedelta = timedelta(0)) -> Q:
        """Clocks whose last day, before or after it is carried, lies in reach; `back` further for what counts back."""
        first, last = self.carried_from - ONE_DAY - back, max(self.carried_to, self.warned_to) + ONE_DAY + back
        by_day = Q(nominal_on__gte=first, nominal_on__lte=last)
        # A due day ends at the midnight after it, whatever the zone.
        return by_day | Q(due_at__gte=_midnight(first), due_at__lte=_midnight(last + 2 * ONE_DAY))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def stretches(days: Iterable[date], known: Calendar, lead: int) -> Iterator[Stretch]:
    """The changed days as stretches. `known` is the calendar before or after: they differ in these days only.

    `lead` is the longest warning given in working days.
    """
    changed = set(days)

    def off(day: date) -> bool:
        return day in changed or not known.is_working(day, provisional=True)

    for first, last in _together(changed):
        begin, end = first, last
        while off(begin - ONE_DAY):
            begin -= ONE_DAY
        while off(end + ONE_DAY):
            end += ONE_DAY
        warned, left = end, lead
        while left:
            warned += ONE_DAY
            left -= not off(warned)
        yield Stretch(first, last, begin, end, warned)


def _together(days: Collection[date]) -> Iterator[tuple[date, date]]:
    ordered = sorted(days)
    if not ordered:
        return
    first = last = ordered[0]
    for day in ordered[1:]:
        if day - last > NEAR:
            yield first, last
            first = day
        last = day
    yield first, last


def clocks_reached(
    calendar: str, days: Iterable[date], *, known: Calendar | None, announced: bool
) -> Iterator[QuerySet[Clock]]:
    """Sets of clocks that the changed days may move, or, where a year is newly `announced`, make firm."""
    clocks = Clock.objects.exclude(state=ClockState.VOID)
    if announced:
        # What counts from a provisional date is provisional too, by whatever calendar.
        yield clocks.filter(provisional=True)
    if known is None:
        return
    rules = {row.pk: row.rule() for row in Limit.objects.all()}
    mine = {pk: rule for pk, rule in rules.items() if rule.calendar == calendar}
    by_workdays = {pk: rule for pk, rule in mine.items() if _counts_workdays(rule)}
    forwards = [pk for pk, rule in by_workdays.items() if not rule.backward]
    decided = {pk: rule for pk, rule in mine.items() if rule.decisions or rule.pauses}
    counted_back = dict(_counted_back(rules, mine))
    for stretch in stretches(days, known, _longest_lead()):
        yield clocks.filter(stretch.near(), limit__in=list(mine))
        if forwards:
            # Working days are counted from the start to the last day; a paused clock has none yet.
            course = Q(nominal_on__gte=stretch.first - ONE_DAY) | Q(nominal_on=None, state=ClockState.PAUSED)
            yield clocks.filter(course, limit__in=forwards, started_at__lt=_midnight(stretch.last + 2 * ONE_DAY))
        for back in {*counted_back.values()}:
            limits = [pk for pk, length in counted_back.items() if length == back]
            yield clocks.filter(stretch.near(back), limit__in=limits)
        yield from _decided_near(clocks, decided, stretch)


def _counts_workdays(rule: Rule) -> bool:
    return Unit.WORKDAY in {rule.unit, *(t.unit for t in rule.tiers), *(e.unit for e in rule.extensions)}


def _longest_lead() -> int:
    leads = [lead.get("workdays") or 0 for row in Ladder.objects.all() for lead in (row.yellow, row.orange)]
    return max(leads, default=0)


def _counted_back(rules: Mapping[int, Rule], mine: Mapping[int, Rule]) -> Iterator[tuple[int, timedelta]]:
    """Limits that count back from a day, and how far at most.

    From an expiry they count back from each stage of it, of which the clock that expires tells only the last; so their
    own last day is looked at, their length further off.
    """
    named: dict[str, list[Rule]] = {}
    for rule in rules.values():
        named.setdefault(rule.family, []).append(rule)
        named.setdefault(rule.code, []).append(rule)
    ours = {rule.code for rule in mine.values()}
    for pk, rule in rules.items():
        if not rule.backward:
            continue
        length, reached, following, seen = _most_days(rule), rule.code in ours, rule.before_expiry_of, {rule.code}
        while following and following not in seen:
            seen.add(following)
            anchors = named.get(following, [])
            reached = reached or any(anchor.code in ours for anchor in anchors)
            length += max((_most_days(anchor) for anchor in anchors if anchor.backward), default=0)
            following = next((anchor.before_expiry_of for anchor in anchors), "")
        if reached:
            yield pk, timedelta(days=length)


def _most_days(rule: Rule) -> int:
    lengths = [(rule.length or 0) * _DAYS[rule.unit], *(tier.length * _DAYS[tier.unit] for tier in rule.tiers)]
    return max(lengths) + NEAR.days


def _decided_near(clocks: QuerySet[Clock], decided: Mapping[int, Rule], stretch: Stretch) -> Iterator[QuerySet[Clock]]:
    """Clocks on which something was decided, or a pause began, just when a changed day says whether it was in time."""
    begins, ends = _midnight(stretch.carried_from - 2 * ONE_DAY), _midnight(stretch.carried_to + 3 * ONE_DAY)
    for turned in (False, True):
        rules = {pk: rule for pk, rule in decided.items() if any(tier.by for tier in rule.tiers) is turned}
        kinds = {kind for rule in rules.values() for kind in (*rule.decisions, *_notices(rule))}
        if not kinds:
            continue
        near = Event.objects.filter(
            matter=OuterRef("matter_id"), kind__code__in=kinds, occurred_at__gte=begins, occurred_at__lte=ends
        )
        running = clocks.filter(Exists(near), limit__in=list(rules), started_at__lte=ends)
        # A later decision only moves the last day on, unless it turns the run to a shorter length.
        course = Q(nominal_on__gte=stretch.carried_from - ONE_DAY) | Q(nominal_on=None)
        yield running if turned else running.filter(course)


def _notices(rule: Rule) -> Iterator[str]:
    for pause in rule.pauses:
        yield pause.begins
        yield pause.ends
    yield from (step.requires for step in rule.extensions if step.requires)
