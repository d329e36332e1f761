"""The timetable's round: plans for units that somebody reads about, what is owed, whose turn it is. Enter through
`services`."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from cases.duty import work_calendar
from cases.models import Unit
from cases.statute.workdays import Calendar
from supervision.bulletins.drafting import compose
from supervision.bulletins.issuing import issue
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinPlan, BulletinState
from supervision.bulletins.queries import units_with_readers
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import Span, life
from supervision.bulletins.rules.planning import MONTHS_MADE_UP, owed

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RoundReport:
    """What a round did: bulletins issued, drafts made that wait for a signature, and what failed, with the reason."""

    issued: list[Bulletin] = field(default_factory=list)
    drafted: list[Bulletin] = field(default_factory=list)
    failed: list[tuple[Unit, str, str]] = field(default_factory=list)


def plan_unit(*, unit: Unit, at: datetime) -> int:
    """Write the plans a unit has not got yet, in use from `at` on; how many. What there is stays as it is."""
    rows = [
        BulletinPlan(unit=unit, kind=kind, waits=life.Kind(kind).waits, entered_at=at)
        for kind in BulletinKind.planned()
    ]
    before = BulletinPlan.objects.filter(unit=unit).count()
    if before == len(rows):
        return 0
    BulletinPlan.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - before


def issue_due(*, at: datetime) -> RoundReport:
    """Make the bulletins that are owed at `at`; harmless twice, and a round that was missed is made good by the next.

    1. Write the plans of units with readers that have none.
    2. Take every plan in use whose unit exists and is read about by somebody.
    3. Find what it owes: the days since the last look, the week, the months; by the calendar of working days.
    4. Compose each, oldest first, a transaction each; issue it unless it waits for a signature, else have whoever
       prepares it told. One made meanwhile by somebody else is left alone.
    5. A plan that fails is recorded and the round goes on.
    6. On a working day, have those reminded whose turn it has been since an earlier day.
    """
    report = RoundReport()
    local = timezone.localtime(at, timezone.get_default_timezone())
    calendar = work_calendar(at)
    read_about = {unit.pk: (unit, since) for unit, since in units_with_readers()}
    planned = set(BulletinPlan.objects.values_list("unit_id", flat=True))
    for pk, (unit, since) in read_about.items():
        if pk not in planned:
            plan_unit(unit=unit, at=since)
    plans = BulletinPlan.objects.filter(active=True, unit__in=read_about).order_by("unit_id", "pk")
    made = _made(since=local.date() - timedelta(days=31 * (MONTHS_MADE_UP + 1)))
    for plan in plans:
        unit = read_about[plan.unit_id][0]
        for span in owed(plan.rule(), at=local, calendar=calendar, made=made[plan.unit_id, plan.kind]):
            _make_one(plan, unit, span, at, report)
    remind(at=at, calendar=calendar)
    return report


def _made(*, since: date) -> dict[tuple[int, str], set[Span]]:
    """What there is already, by unit and kind, in whatever state: what somebody decided not to send is not made again."""
    found: dict[tuple[int, str], set[Span]] = defaultdict(set)
    rows = Bulletin.objects.originals().filter(ends_on__gte=since)
    for unit_id, kind, first, until in rows.values_list("unit_id", "kind", "begins_on", "ends_on"):
        found[unit_id, kind].add(Span(first, until))
    return found


def _make_one(plan: BulletinPlan, unit: Unit, span: Span, at: datetime, report: RoundReport) -> None:
    try:
        draft = compose(unit=unit, kind=life.Kind(plan.kind), span=span, at=at)
        if plan.waits:
            Bulletin.objects.filter(pk=draft.pk, state=BulletinState.DRAFT).update(tell_since=at)
            draft.refresh_from_db()
            report.drafted.append(draft)
        else:
            report.issued.append(issue(bulletin=draft, by=None, at=at))
    except BulletinRefused:
        # Made by somebody else since we looked.
        log.info("bulletin %s of unit %s on %s is not ours to make", plan.kind, unit.pk, span.first)
    except Exception as error:
        log.exception("bulletin %s of unit %s on %s failed", plan.kind, unit.pk, span.first)
        label = f"{span.name}{plan.get_kind_display()}"
        report.failed.append((unit, label, f"{type(error).__name__}: {error}"))


def remind(*, at: datetime, calendar: Calendar) -> int:
    """Have whoever was told on an earlier day that a bulletin waits for him told again; how many bulletins it is about.

    Once each working day, and nobody of a draft that nobody was ever told of.
    """
    local = timezone.localtime(at, timezone.get_default_timezone())
    if not calendar.is_working(local.date(), provisional=True):
        return 0
    midnight = datetime.combine(local.date(), time.min, tzinfo=local.tzinfo)
    waiting = Bulletin.objects.unfinished().filter(Q(tell_since=None), told_at__lt=midnight)
    return waiting.update(tell_since=at)


def units_named(failed: Iterable[tuple[Unit, str, str]]) -> str:
    """What failed, in one line for whoever looks after the machine."""
    return "；".join(f"{unit} {label}：{words}" for unit, label, words in failed)
