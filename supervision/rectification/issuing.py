"""Orders come into being: one by hand, or thousands asked for by another room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from cases.bulk import execute_many, row_adapter
from cases.duty import work_calendar
from cases.models import Clock, Matter, Officer, Unit
from cases.queries import handlers_in_sight
from supervision.rectification import refusals, rules
from supervision.rectification.models import Action, Grade, Order, OrderQuerySet, OrderStep, Problem, Source
from supervision.rectification.refusals import RectificationRefused

CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order asked for by another room. `problem` is a code of the catalogue; without grade or working days those of
    the problem are taken. `text` says what was found and what is asked."""

    source: Source | str
    source_number: str
    problem: str
    unit_id: int
    text: str
    officer_id: int | None = None
    matter_id: int | None = None
    clock_id: int | None = None
    grade: Grade | str | None = None
    workdays: int | None = None


def issue_order(
    *,
    source: Source | str,
    source_number: str,
    problem: Problem | str,
    unit: Unit,
    officer: Officer | None,
    text: str,
    by: Officer | None,
    at: datetime,
    grade: Grade | str | None = None,
    matter: Matter | None = None,
    clock: Clock | None = None,
    workdays: int | None = None,
) -> Order:
    """Order a unit to put something right; due `workdays` working days after the local day of `at`.

    The officer, or whoever answers for him, is to be told. Refuses a second open order for the same source, an unknown
    problem, an empty text, a unit that was merged away, an officer out of use, and for a restricted matter an officer
    who does not handle it or is kept away from it.
    """
    known = problem if isinstance(problem, Problem) else _problems({problem})[problem]
    if not source_number.strip():
        raise RectificationRefused(refusals.NO_SOURCE_NUMBER)
    check_text(text, refusals.NO_TEXT)
    check_responsible(unit, officer, matter)
    order = _draft(
        OrderRequest(
            source=source,
            source_number=source_number.strip(),
            problem=known.code,
            unit_id=unit.pk,
            text=text.strip(),
            officer_id=officer.pk if officer is not None else None,
            matter_id=matter.pk if matter is not None else None,
            clock_id=clock.pk if clock is not None else None,
            grade=grade,
            workdays=workdays,
        ),
        known,
        unit,
        DueDays(at),
        by,
        at,
    )
    with transaction.atomic():
        _close_restricted([order])
        _count_repeats([order])
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError as error:
            standing = Order.objects.open().filter(source=order.source, source_number=order.source_number).first()
            if standing is None:
                raise
            raise RectificationRefused(
                refusals.ALREADY_ORDERED.format(number=standing.number, state=standing.get_state_display())
            ) from error
        _first_step(order).save(force_insert=True)
    return order


def issue_orders(requests: Sequence[OrderRequest], *, at: datetime, by: Officer | None = None) -> int:
    """Issue many orders at once; answers how many are new.

    A source that ever had an order is passed over, whether that order is open or ended: so it is harmless twice, from
    two workers at once, and after a kill at any line. Chunks of one transaction each, unless the caller is in one.
    Refuses an unknown problem before anything is written. Units that were merged away and officers who left are taken
    as they come: their orders are found in the list and reassigned there.
    """
    problems = _problems({request.problem for request in requests})
    units = Unit.objects.in_bulk({request.unit_id for request in requests})
    due_days = DueDays(at)
    issued = 0
    for chunk in _chunks(_once(requests), CHUNK):
        with transaction.atomic():
            ordered = set(_of_sources(chunk).values_list("source", "source_number"))
            drafts = [
                _draft(request, problems[request.problem], units[request.unit_id], due_days, by, at)
                for request in chunk
                if _key(request) not in ordered
            ]
            _close_restricted(drafts)
            _count_repeats(drafts)
            before = Order.objects.aggregate(last=Max("pk"))["last"] or 0
            _add_orders(drafts)
            issued += _add_first_steps(before)
    return issued


_COLUMNS: Final = tuple(field for field in Order._meta.concrete_fields if not field.primary_key)
_MOMENTS: Final = tuple(n for n, field in enumerate(_COLUMNS) if isinstance(field, models.DateTimeField))
_DAYS: Final = tuple(n for n, field in enumerate(_COLUMNS) if type(field) is models.DateField)
_ADD_ORDER: Final = (
    f'INSERT INTO "{Order._meta.db_table}" ({", ".join(str(field.column) for field in _COLUMNS)}) '
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))}) ON CONFLICT DO NOTHING"
)
_ADD_FIRST_STEPS: Final = f"""
    INSERT INTO "{OrderStep._meta.db_table}" (order_id, number, action, at, by_id, text, due_on, unit_id, officer_id)
    SELECT o.id, 1, '{Action.ISSUED.value}', o.issued_at, o.by_id, o.text, o.due_on, o.unit_id, o.officer_id
    FROM "{Order._meta.db_table}" o
    WHERE o.id > %s AND NOT EXISTS (SELECT 1 FROM "{OrderStep._meta.db_table}" s WHERE s.order_id = o.id)"""


def _add_orders(orders: Sequence[Order]) -> None:
    """Write new rows. Whoever else issued the same meanwhile keeps it: his row stands, with his step."""
    adapt = row_adapter(_MOMENTS, _DAYS)
    execute_many(_ADD_ORDER, [adapt([getattr(order, field.attname) for field in _COLUMNS]) for order in orders])


def _add_first_steps(after: int) -> int:
    """The first step of each order after that id which has none yet: those of this transaction; how many they are.

    What others issued meanwhile is seen with its step or not at all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADD_FIRST_STEPS, [after])
        return cursor.rowcount


def _key(one: OrderRequest | Order) -> tuple[str, str]:
    return str(Source(one.source).value), one.source_number


def _once(requests: Iterable[OrderRequest]) -> list[OrderRequest]:
    """Each source once, the first that names it; in one order for all, so that no two workers wait for each other."""
    first = {_key(request): request for request in reversed(list(requests))}
    return [first[key] for key in sorted(first)]


def _chunks(rows: Iterable[OrderRequest], size: int) -> Iterator[list[OrderRequest]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, size)):
        yield chunk


def _of_sources(rows: Sequence[OrderRequest] | Sequence[Order]) -> OrderQuerySet:
    wanted = Q(pk__in=())
    for source in Source:
        if numbers := [row.source_number for row in rows if row.source == source]:
            wanted |= Q(source=source, source_number__in=numbers)
    return Order.objects.filter(wanted)


def _problems(codes: Iterable[str]) -> dict[str, Problem]:
    wanted = set(codes)
    found = {problem.code: problem for problem in Problem.objects.filter(code__in=wanted)}
    if missing := sorted(wanted - found.keys()):
        raise RectificationRefused(refusals.UNKNOWN_PROBLEM.format(code="、".join(missing)))
    return found


class DueDays:
    """Due days counted from one moment; the calendar is read once."""

    def __init__(self, at: datetime) -> None:
        self.zone = ZoneInfo(settings.TIME_ZONE)
        self.today = timezone.localtime(at, self.zone).date()
        self.calendar = work_calendar(at)
        self._known: dict[int, rules.Due] = {}

    def after(self, workdays: int) -> rules.Due:
        if not 1 <= workdays <= rules.MOST_WORKDAYS:
            raise RectificationRefused(refusals.WORKDAYS_OUT_OF_RANGE.format(most=rules.MOST_WORKDAYS))
        if workdays not in self._known:
            self._known[workdays] = rules.due_after(self.today, workdays, self.calendar, self.zone)
        return self._known[workdays]


def _draft(
    request: OrderRequest, problem: Problem, unit: Unit, due_days: DueDays, by: Officer | None, at: datetime
) -> Order:
    workdays = request.workdays if request.workdays is not None else problem.workdays
    due = due_days.after(workdays)
    return Order(
        source=Source(request.source).value,
        source_number=request.source_number,
        matter_id=request.matter_id,
        clock_id=request.clock_id,
        problem=problem,
        grade=Grade(request.grade or problem.grade).value,
        text=request.text,
        officer_id=request.officer_id,
        issued_at=at,
        by=by,
        workdays=workdays,
        first_due_on=due.on,
        due_on=due.on,
        due_at=due.at,
        provisional=due.provisional,
        tell_number=1,
        tell_since=at,
        **unit.scope_ids,
    )


def _close_restricted(orders: Sequence[Order]) -> None:
    """Mark the orders about matters that only their handlers may see; one question."""
    about = {order.matter_id for order in orders if order.matter_id is not None}
    closed = set(Matter.objects.filter(pk__in=about, restricted=True).values_list("pk", flat=True)) if about else set()
    for order in orders:
        order.restricted = order.matter_id in closed


def _count_repeats(orders: Sequence[Order]) -> None:
    """Note on each how often its unit and officer had the same problem within the year before; those before it in the
    same batch count too."""
    if not orders:
        return
    at = orders[0].issued_at
    rows = (
        Order.objects.founded()
        .filter(
            unit_id__in={order.unit_id for order in orders},
            problem_id__in={order.problem_id for order in orders},
            issued_at__gt=at - rules.REPEATED_WITHIN,
            issued_at__lte=at,
        )
        .order_by()
        .values_list("unit_id", "officer_id", "problem_id")
        .annotate(times=Count("pk"))
    )
    known = {(unit, officer, problem): times for unit, officer, problem, times in rows}
    for order in orders:
        kind = (order.unit_id, order.officer_id, order.problem_id)
        order.repeats = min(known.get(kind, 0), 32767)
        known[kind] = known.get(kind, 0) + 1


def _first_step(order: Order) -> OrderStep:
    return OrderStep(
        order=order,
        number=1,
        action=Action.ISSUED,
        at=order.issued_at,
        by_id=order.by_id,
        text=order.text,
        due_on=order.due_on,
        unit_id=order.unit_id,
        officer_id=order.officer_id,
    )


def own_number(*, matter: Matter | None, unit: Unit, problem: Problem) -> str:
    """The number of the source where it has none of its own: the matter, or the unit, and the problem name it, so that the
    same thing found twice makes one order."""
    about = f"{matter.kind.code}/{matter.number}" if matter is not None else unit.code
    return f"{about}/{problem.code}"


def check_text(text: str, refusal: str) -> None:
    if not text.strip():
        raise RectificationRefused(refusal)


def check_responsible(unit: Unit, officer: Officer | None, matter: Matter | None) -> None:
    if unit.valid_until is not None:
        raise RectificationRefused(refusals.UNIT_GONE.format(unit=unit, on=f"{unit.valid_until:%Y-%m-%d}"))
    if officer is None:
        return
    if not officer.is_active:
        raise RectificationRefused(refusals.OFFICER_GONE.format(officer=officer))
    if matter is None or not matter.restricted:
        return
    if officer.pk not in {one.officer_id for one in handlers_in_sight([matter.pk]).get(matter.pk, ())}:
        raise RectificationRefused(refusals.NOT_A_HANDLER.format(matter=matter, officer=officer))
