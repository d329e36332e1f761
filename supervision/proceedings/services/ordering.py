"""What was lost or refused may be ordered to be put right: one act of a person, never by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.models import Matter, Officer
from cases.queries import matters_of
from supervision.proceedings.models import Action, Review, Transfer
from supervision.proceedings.queries import source_number
from supervision.proceedings.refusals import NO_PROBLEM, NOT_YOURS, NOTHING_TO_ORDER, ProceedingRefused
from supervision.proceedings.services.ledger import step
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import RectificationRefused, issue_order


def order_correction(*, row: Review | Transfer, by: Officer, at: datetime) -> Order:
    """Order the unit to put right what was lost or not taken; in the name of daily supervision, due as its problem says.

    Refuses a review that was not lost, a transfer that was not refused, whoever does not see the matter, and a second
    order while one is open.
    """
    if not (row.is_lost if isinstance(row, Review) else row.is_refused):
        raise ProceedingRefused(NOTHING_TO_ORDER)
    matter = Matter.objects.select_related("unit", "officer", "kind").get(pk=row.matter_id)
    if not matters_of(by).filter(pk=matter.pk).exists():
        raise ProceedingRefused(NOT_YOURS)
    code = "review_lost" if isinstance(row, Review) else "transfer_refused"
    problem = Problem.objects.filter(code=code).first()
    if problem is None:
        raise ProceedingRefused(NO_PROBLEM.format(code=code))
    officer = matter.officer if matter.officer is not None and matter.officer.is_active else None
    with transaction.atomic():
        try:
            order = issue_order(
                source=Source.SUPERVISOR, source_number=source_number(matter), problem=problem,
                unit=matter.unit, officer=officer, text=_found(row, problem), by=by, at=at, matter=matter,
            )  # fmt: skip
        except RectificationRefused as refusal:
            raise ProceedingRefused(str(refusal)) from refusal
        step(row, Action.ORDERED, by=by, at=at, text=order.number)
    return order


def _found(row: Review | Transfer, problem: Problem) -> str:
    if isinstance(row, Review):
        return f"{row.act}被{row.body}{row.get_outcome_display()}。需要纠正：{row.to_correct}。{problem.demand}"
    return f"移送未被接受（{row.agency}）：{row.reason}。{problem.demand}"
