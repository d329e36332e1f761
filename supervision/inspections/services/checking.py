"""Inspections: stepping aside, what it came to, and making that public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from cases.duty import work_calendar
from cases.models import Officer
from supervision.inspections import rules
from supervision.inspections.models import Action, Check, CheckInspector, CheckState, Finding, Outcome
from supervision.inspections.queries import local_day
from supervision.inspections.refusals import (
    FINDINGS_IN_CLEAN,
    FINDINGS_MISSING,
    INSPECTED_AHEAD,
    INSPECTED_BEFORE_DRAW,
    MOVED_ON,
    NO_ARTICLE,
    NO_FINDING_TEXT,
    NO_RESULT,
    NO_SUBSTITUTE,
    NO_WHERE,
    NO_WHY,
    NOT_AT_THIS_STATE,
    NOT_ON_THE_CHECK,
    NOT_THE_INSPECTOR,
    PUBLISHED_AHEAD,
    PUBLISHED_BEFORE,
    UNKNOWN_PROBLEM,
    InspectionRefused,
)
from supervision.inspections.services.ledger import hold_open, required, settle_draw, step
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import OrderRequest, issue_orders


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: which problem of the catalogue it is to be put right as, against which article, and what."""

    problem: str
    article: str
    text: str


def step_aside(*, check: Check, officer: Officer, why: str, by: Officer, at: datetime) -> CheckInspector:
    """An inspector keeps away from what he was drawn for (回避); the next by the lot of the draw steps in.

    Refuses no reason, who is not on the inspection, one that is over, and where nobody of the register is left.
    """
    why = required(why, NO_WHY, 200)
    draw = check.draw
    with transaction.atomic():
        _hold(check, (CheckState.DRAWN,), "更换检查人员")
        rows = list(CheckInspector.objects.filter(check_row=check).select_related("officer"))
        besides = [row.officer.police_number for row in rows]
        standing = CheckInspector.objects.on_duty().filter(check_row=check, officer=officer)
        if not standing.exists():
            raise InspectionRefused(NOT_ON_THE_CHECK.format(officer=officer))
        pool = Officer.objects.filter(police_number__in=draw.pool, is_active=True)
        there = list(pool.values_list("police_number", flat=True))
        number = rules.next_by_lot(check.candidate, there, draw.away, seed=draw.seed, besides=besides)
        if number is None:
            raise InspectionRefused(NO_SUBSTITUTE)
        if not standing.update(stepped_aside_at=at, why=why):
            raise InspectionRefused(MOVED_ON)
        row = CheckInspector.objects.create(check_row=check, officer=Officer.objects.get(police_number=number))
        text = f"{officer}回避：{why}；由{row.officer}接替"
        step(draw.item.plan, Action.RECUSED, by=by, at=at, item=draw.item, check=check, text=text)
    return row


def record_result(
    *,
    check: Check,
    outcome: Outcome | str,
    inspected_on: date,
    text: str,
    findings: Sequence[Found] = (),
    by: Officer,
    at: datetime,
) -> Check:
    """Put on record what an inspection came to. Every finding becomes an order to the unit the target lies in, in the same
    transaction; the result is due to be public within the working days of the plan.

    Refuses whoever was not drawn for it, one recorded already, a day ahead or before the draw, findings in a clean result
    and none in a faulty one, and a problem the catalogue does not know.
    """
    outcome = Outcome(outcome)
    if not CheckInspector.objects.on_duty().filter(check_row=check, officer=by).exists():
        raise InspectionRefused(NOT_THE_INSPECTOR)
    text = required(text, NO_RESULT)
    _check_day(inspected_on, local_day(check.drawn_at), local_day(at), INSPECTED_AHEAD, INSPECTED_BEFORE_DRAW)
    if outcome == Outcome.FAULTS and not findings:
        raise InspectionRefused(FINDINGS_MISSING)
    if outcome != Outcome.FAULTS and findings:
        raise InspectionRefused(FINDINGS_IN_CLEAN)
    problems = _problems(findings)
    plan, item = check.draw.item.plan, check.draw.item
    with transaction.atomic():
        _claim(
            check,
            (CheckState.DRAWN,),
            "登记结果",
            state=CheckState.INSPECTED,
            outcome=outcome,
            inspected_on=inspected_on,
            text=text,
            recorded_by=by,
            publish_due_on=rules.publish_until(inspected_on, plan.publish_workdays, work_calendar(at)),
        )
        Finding.objects.bulk_create(
            Finding(
                check_row=check,
                problem=problems[one.problem],
                article=required(one.article, NO_ARTICLE, 200),
                text=required(one.text, NO_FINDING_TEXT, 500),
                found_at=at,
            )
            for one in findings
        )
        orders = _order(check, by, at)
        said = f"{outcome.label}{f'，下达整改 {orders} 件' if orders else ''}"
        step(plan, Action.INSPECTED, by=by, at=at, item=item, check=check, text=said)
        settle_draw(check.draw, at=at)
    check.refresh_from_db()
    return check


def _problems(findings: Iterable[Found]) -> dict[str, Problem]:
    wanted = {one.problem for one in findings}
    known = {row.code: row for row in Problem.objects.filter(code__in=wanted)}
    for code in sorted(wanted - known.keys()):
        raise InspectionRefused(UNKNOWN_PROBLEM.format(code=code))
    return known


def _order(check: Check, by: Officer, at: datetime) -> int:
    """One order for each finding that has none; in the caller's transaction."""
    rows = {f"inspection-{row.pk}": row for row in Finding.objects.filter(check_row=check, order=None)}
    if not rows:
        return 0
    problems = dict(Problem.objects.values_list("pk", "code"))
    issued = issue_orders(
        [
            OrderRequest(
                source=Source.SUPERVISOR,
                source_number=number,
                problem=problems[row.problem_id],
                unit_id=check.unit_id,
                officer_id=check.matter.officer_id if check.matter is not None else None,
                matter_id=check.matter_id,
                text=f"双随机检查 {check.number}（{check.subject}）发现：{row.text}。违反{row.article}。",
            )
            for number, row in rows.items()
        ],
        at=at,
        by=by,
    )
    orders = Order.objects.filter(source=Source.SUPERVISOR, source_number__in=list(rows))
    for number, pk in orders.values_list("source_number", "pk"):
        rows[number].order_id = pk
    Finding.objects.bulk_update(list(rows.values()), ("order",))
    return issued


def publish_result(*, check: Check, on: date, where: str, by: Officer, at: datetime) -> Check:
    """Note that a result was made public, on which local day and where. Refuses no place, a day ahead or before the
    inspection, and one that does not wait for it."""
    where = required(where, NO_WHERE, 200)
    _check_day(on, check.inspected_on, local_day(at), PUBLISHED_AHEAD, PUBLISHED_BEFORE)
    return _settle(
        check, "公示", Action.PUBLISHED, f"{on:%Y-%m-%d}，{where}", by, at,
        state=CheckState.PUBLISHED, published_on=on, published_where=where,
    )  # fmt: skip


def withhold_result(*, check: Check, why: str, by: Officer, at: datetime) -> Check:
    """Note that a result is not made public, and why. Refuses no reason, and one that does not wait for it."""
    why = required(why, NO_WHY, 200)
    return _settle(check, "记为不公示", Action.WITHHELD, why, by, at, state=CheckState.WITHHELD, withheld_why=why)


def _settle(check: Check, act: str, action: Action, text: str, by: Officer, at: datetime, **changes: object) -> Check:
    item = check.draw.item
    with transaction.atomic():
        _claim(check, (CheckState.INSPECTED,), act, settled_by=by, **changes)
        step(item.plan, action, by=by, at=at, item=item, check=check, text=text)
        settle_draw(check.draw, at=at)
    check.refresh_from_db()
    return check


def _check_day(day: date, not_before: date | None, today: date, ahead: str, before: str) -> None:
    if day > today:
        raise InspectionRefused(ahead.format(day=f"{day:%Y-%m-%d}"))
    if not_before is not None and day < not_before:
        raise InspectionRefused(before.format(day=f"{day:%Y-%m-%d}"))


def _hold(check: Check, states: Iterable[CheckState], act: str) -> None:
    """Keep an inspection of an open plan as it was seen until the caller's transaction ends."""
    if check.state not in tuple(states):
        raise InspectionRefused(NOT_AT_THIS_STATE.format(state=check.get_state_display(), act=act))
    hold_open(check.draw.item.plan)
    rows = Check.objects.select_for_update(no_key=True).filter(pk=check.pk, state=check.state)
    if not list(rows.values_list("pk", flat=True)):
        raise InspectionRefused(MOVED_ON)


def _claim(check: Check, states: Iterable[CheckState], act: str, **changes: object) -> None:
    _hold(check, states, act)
    if not Check.objects.filter(pk=check.pk, state=check.state).update(**changes):
        raise InspectionRefused(MOVED_ON)
