"""What there is to hand over, as it stands at a moment: each thing with its open limits, and why it could not be moved.

A preview and the first state of a hand-over's lines are made by the same reading. A fixed number of questions, whatever
there is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from cases.desk.words import Standing, due_words, level_at, standing
from cases.models import Clock, ClockState, Matter, Officer, Unit
from cases.queries import clocks_of
from cases.statute import periods
from supervision.followup.models import FollowedCase, Instruction, InstructionState, ItemState, OutlineItem
from supervision.followup.queries import left_until
from supervision.handovers import queries
from supervision.handovers.refusals import ALREADY_THERE, BARRED, BARRED_UNIT, NEEDS_OFFICER
from supervision.handovers.rules import MOST, Mark, Running, Thing, most_urgent_first
from supervision.rectification.models import Order
from supervision.rectification.words import standing as standing_of_order


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose is to be handed over: an officer's, a unit's, an officer's in one unit, or matters picked out by id."""

    officer: Officer | None = None
    unit: Unit | None = None
    matters: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.officer or self.unit or self.matters)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes it over; without an officer the head of the unit distributes."""

    unit: Unit
    officer: Officer | None = None


@dataclass(slots=True)
class Line:
    """One thing that could be handed over. `why` says why it cannot be, and is empty where it can; `about` is the matter
    behind it, if there is one."""

    mark: Mark
    number: str
    name: str
    unit: Unit
    officer: Officer | None
    about: int | None
    link: str
    running: list[Running] = field(default_factory=list)
    why: str = ""

    @property
    def urgency(self) -> tuple[bool, float, str]:
        moments = [one.due_at for one in self.running if one.due_at is not None]
        return most_urgent_first((min(moments) if moments else None, self.number))

    @property
    def stays(self) -> bool:
        """Whether some of its limits stay with those who let them run out."""
        return self.mark.thing == Thing.MATTER and any(one.stays for one in self.running)


def gather(asked: Asked, *, to: Receiver | None, by: Officer, at: datetime) -> list[Line]:
    """Everything asked for that `by` may hand over, as it stands at an aware moment: matters, orders awaiting the unit's
    reply, and what the officer has open in followed cases; each kind with the most urgent first.

    Of a unit as a whole the followed cases go with their matters and are not asked for. No more than can be handed over
    at once, the oldest matters first.
    """
    lines = [
        *_lines_of_matters(_matters(asked, by).order_by("opened_at", "pk")[:MOST], by, at),
        *_lines_of_orders(_orders(asked, by).order_by("due_at", "pk")[:MOST], at),
        *_lines_of_followed_by(asked, by, at),
    ]
    lines.sort(key=lambda line: (list(Thing).index(line.mark.thing), *line.urgency))
    del lines[MOST:]
    if to is not None:
        judge(lines, to)
    return lines


def read_again(marks: Iterable[Mark], *, by: Officer, at: datetime) -> dict[str, Line]:
    """The things that were marked on a preview, as they are now, by their keys, wherever they lie by now; what only
    handlers see is never among them. Limits only as `by` may see them."""
    ids: dict[Thing, list[int]] = defaultdict(list)
    holders: dict[int | None, list[int]] = defaultdict(list)
    for mark in marks:
        if mark.thing == Thing.FOLLOWED:
            holders[mark.officer_id].append(mark.pk)
        ids[mark.thing].append(mark.pk)
    matters = Matter.objects.filter(pk__in=ids[Thing.MATTER], restricted=False)
    orders = Order.objects.filter(pk__in=ids[Thing.ORDER], restricted=False)
    lines = [*_lines_of_matters(matters, by, at), *_lines_of_orders(orders, at)]
    for officer in Officer.objects.filter(pk__in=[one for one in holders if one is not None]):
        cases = FollowedCase.objects.filter(pk__in=holders[officer.pk], restricted=False)
        lines += _lines_of_followed(cases, officer, at)
    return {line.mark.key: line for line in lines}


def judge(lines: Sequence[Line], to: Receiver) -> None:
    """Write on each line why this receiver cannot take it, if so."""
    about = {line.about for line in lines if line.about is not None}
    barred_units, barred = queries.barred_among(about, unit=to.unit, officer=to.officer)
    for line in lines:
        line.why = _why(line, to, barred, barred_units)


def _why(line: Line, to: Receiver, barred: set[int], barred_units: set[int]) -> str:
    if line.mark.thing == Thing.FOLLOWED:
        if to.officer is None:
            return NEEDS_OFFICER
        if line.mark.officer_id == to.officer.pk:
            return ALREADY_THERE.format(unit="", officer=to.officer)
    elif (line.mark.unit_id, line.mark.officer_id) == (to.unit.pk, to.officer.pk if to.officer else None):
        return ALREADY_THERE.format(unit=to.unit, officer=to.officer or "")
    if line.about in barred_units:
        return BARRED_UNIT.format(unit=to.unit)
    if line.about in barred:
        return BARRED.format(officer=to.officer)
    return ""


# -- matters ---------------------------------------------------------------------------------------------------------


def _matters(asked: Asked, by: Officer) -> Any:
    rows = queries.matters_to_hand(by)
    if asked.matters:
        return rows.filter(pk__in=asked.matters)
    return _of(rows, asked)


def _of(rows: Any, asked: Asked) -> Any:
    if asked.officer is not None:
        rows = rows.filter(officer=asked.officer)
    if asked.unit is not None:
        rows = rows.filter(unit=asked.unit)
    return rows if asked else rows.none()


def _lines_of_matters(rows: Any, by: Officer, at: datetime) -> list[Line]:
    found = list(rows.select_related("kind", "unit", "officer").defer("facts"))
    running = _running_on([matter.pk for matter in found], by, at)
    return [
        Line(
            mark=Mark(Thing.MATTER, matter.pk, matter.unit_id, matter.officer_id),
            number=matter.number,
            name=f"{matter.kind}　{matter.title}".strip("　"),
            unit=matter.unit,
            officer=matter.officer,
            about=matter.pk,
            link=reverse("desk:matter", args=(matter.pk,)),
            running=running.get(matter.pk, []),
        )
        for matter in found
    ]


def _running_on(matters: Sequence[int], by: Officer, at: datetime) -> dict[int, list[Running]]:
    """The open limits of matters as `by` may see them, the one that runs out first in front."""
    found: dict[int, list[Running]] = defaultdict(list)
    if not matters:
        return found
    clocks = clocks_of(by).open().filter(matter__in=matters).select_related("limit").defer("limit__definition")
    for clock in clocks.order_by("due_at", "pk"):
        found[clock.matter_id].append(as_it_runs(clock, at))
    return found


def as_it_runs(clock: Clock, at: datetime) -> Running:
    """A limit as it stands at a moment, to be kept."""
    how = standing(clock, at)
    paused = clock.state != ClockState.RUNNING or clock.due_at is None
    return Running(
        name=clock.limit.name,
        due="暂停" if paused else due_words(clock),
        due_at=None if paused else clock.due_at,
        level=None if paused else level_at(clock, at).value,
        left=how.text,
        sign=how.sign,
        tone=how.tone,
    )


# -- orders ----------------------------------------------------------------------------------------------------------


def _orders(asked: Asked, by: Officer) -> Any:
    rows = queries.orders_to_hand(by)
    return rows.none() if asked.matters else _of(rows, asked)


def _lines_of_orders(rows: Any, at: datetime) -> list[Line]:
    return [
        Line(
            mark=Mark(Thing.ORDER, order.pk, order.unit_id, order.officer_id, order.step_number),
            number=order.number,
            name=f"{order.problem}" + (f"　{order.matter.number}" if order.matter is not None else ""),
            unit=order.unit,
            officer=order.officer,
            about=order.matter_id,
            link=reverse("rectification:order", args=(order.pk,)),
            running=[_asked_for("答复整改", order.due_on, order.due_at, standing_of_order(order, at))],
        )
        for order in rows.select_related("problem", "matter", "unit", "officer")
    ]


def _asked_for(name: str, due_on: date, due_at: datetime, how: Standing) -> Running:
    tones = ("green", "yellow", "orange", "red")
    level = tones.index(how.tone) if how.tone in tones else None
    return Running(name, f"{due_on:%Y-%m-%d}", due_at, level, how.text, how.sign, how.tone)


# -- followed cases --------------------------------------------------------------------------------------------------


def _lines_of_followed_by(asked: Asked, by: Officer, at: datetime) -> list[Line]:
    """What the officer has open in followed cases: those he is named for, items of the outline, instructions to him."""
    if asked.officer is None or asked.matters:
        return []
    rows = queries.followed_to_hand(by)
    if asked.unit is not None:
        rows = rows.filter(unit=asked.unit)
    items = _his_items(asked.officer).values("case")
    instructions = _to_him(asked.officer).values("case")
    concerned = Q(officer=asked.officer) | Q(pk__in=items) | Q(pk__in=instructions)
    return _lines_of_followed(FollowedCase.objects.filter(concerned, pk__in=rows.values("pk")), asked.officer, at)


def _his_items(officer: Officer) -> QuerySet[OutlineItem]:
    return OutlineItem.objects.order_by().filter(officer=officer, state__in=ItemState.open_states())


def _to_him(officer: Officer) -> QuerySet[Instruction]:
    return Instruction.objects.order_by().filter(to=officer, state=InstructionState.OPEN)


def _lines_of_followed(cases: QuerySet[FollowedCase], officer: Officer, at: datetime) -> list[Line]:
    """Followed cases as lines: what the officer answers for in each, with its day."""
    found = list(cases.select_related("matter", "unit").defer("matter__facts").order_by("pk"))
    owed: dict[int, list[tuple[date, str]]] = defaultdict(list)
    parts: dict[int, Counter[str]] = defaultdict(Counter)
    for item in _his_items(officer).filter(case__in=found).order_by("due_on", "pk"):
        owed[item.case_id].append((item.due_on, f"提纲事项“{item.title}”"))
        parts[item.case_id]["提纲事项"] += 1
    for instruction in _to_him(officer).filter(case__in=found).order_by("due_on", "pk"):
        owed[instruction.case_id].append((instruction.due_on, f"批示“{instruction.text[:20]}”"))
        parts[instruction.case_id]["批示"] += 1
    return [
        Line(
            mark=Mark(Thing.FOLLOWED, case.pk, case.unit_id, officer.pk),
            number=case.matter.number,
            name="、".join(
                [
                    *(["盯办责任人"] if case.officer_id == officer.pk else []),
                    *(f"{what} {count} 件" for what, count in parts[case.pk].items()),
                ]
            ),
            unit=case.unit,
            officer=officer,
            about=case.matter_id,
            link=reverse("followup:case", args=(case.pk,)),
            running=[
                _asked_for(
                    name,
                    due_on,
                    periods.end_of_day(due_on, ZoneInfo(settings.TIME_ZONE)),
                    Standing(*left_until(due_on, at)),
                )
                for due_on, name in sorted(owed[case.pk])
            ],
        )
        for case in found
    ]
