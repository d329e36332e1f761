"""What becomes of a form that was reviewed: settled, final, and every finding an order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.duty import work_calendar
from cases.models import Officer
from cases.statute import periods
from supervision.rectification.models import Order, Source
from supervision.rectification.services import OrderRequest, issue_orders
from supervision.reviews import rules
from supervision.reviews.models import Action, FormState, Line, ReviewForm, ReviewRound, ReviewStep
from supervision.reviews.queries import local_day, local_zone
from supervision.reviews.refusals import MOVED_ON, ROUND_CLOSED, STILL_OPEN, ReviewRefused
from supervision.reviews.services.ledger import step

CHUNK = 500


def result_of(form: ReviewForm) -> tuple[int, rules.Verdict]:
    """Score and verdict of the lines that stand now; one question."""
    rows = Line.objects.standing().filter(form=form).values_list("weight", "points")
    marks = [rules.Mark(rules.Weight(weight), points) for weight, points in rows]
    return rules.score(marks), rules.verdict(marks)


def settled_changes(found: rules.Verdict, at: datetime) -> dict[str, object]:
    """What changes on a form as it is settled: the unit may object for some days; to a clean one there is nothing to say,
    and it is final at once."""
    if found == rules.Verdict.CLEAN:
        return {"state": FormState.FINAL, "settled_at": at, "final_at": at, "due_at": None, "tell_since": None}
    until = rules.objection_until(local_day(at), work_calendar(at))
    return {
        "state": FormState.SETTLED,
        "settled_at": at,
        "objection_until": until,
        "due_at": periods.end_of_day(until, local_zone()),
        "tell_since": at,
    }


def make_final(forms: Collection[int], *, by: Officer | None, at: datetime) -> int:
    """Issue an order for every finding on forms that have just become final, and write both on the ledger; in the caller's
    transaction. Answers how many orders are new; harmless twice, as a finding has one order for good."""
    rows = list(Line.objects.findings().filter(form__in=forms, order=None).select_related("form").order_by("pk"))
    numbers = {_source_number(one): one for one in rows}
    issued = issue_orders(
        [
            OrderRequest(
                source=Source.REVIEW,
                source_number=number,
                problem=one.problem,
                unit_id=one.form.unit_id,
                officer_id=one.form.officer_id,
                matter_id=one.form.matter_id,
                text=_words(one),
            )
            for number, one in numbers.items()
        ],
        at=at,
        by=by,
    )
    orders = dict(
        Order.objects.filter(source=Source.REVIEW, source_number__in=list(numbers)).values_list("source_number", "pk")
    )
    for number, one in numbers.items():
        one.order_id = orders[number]
    Line.objects.bulk_update(rows, ("order",), batch_size=CHUNK)
    rounds = dict(ReviewForm.objects.filter(pk__in=forms).values_list("pk", "round_id"))
    steps = [ReviewStep(round_id=rounds[pk], form_id=pk, action=Action.FINAL, at=at, by=by) for pk in sorted(rounds)]
    for one in rows:
        what = f"{one.title}（{one.get_weight_display()}）"
        steps.append(
            ReviewStep(round_id=one.form.round_id, form_id=one.form_id, action=Action.ORDERED, at=at, by=by, text=what)
        )
    ReviewStep.objects.bulk_create(steps, batch_size=CHUNK)
    return issued


def _source_number(line: Line) -> str:
    return f"{line.form_id}-{line.pk}"


def _words(line: Line) -> str:
    where = f"（卷内：{line.evidence}）" if line.evidence else ""
    return f"案件评查认定{line.get_weight_display()}：{line.title}。{line.text}{where}。依据{line.citation}。"


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one watch did: forms that became final, and orders issued for their findings."""

    final: int
    orders: int


def watch(*, at: datetime) -> WatchReport:
    """Make final every settled form to which nobody objected in time; `at` is an aware moment.

    1. Found by the stored moment at which its days for an objection end, so a missed watch is made good by the next.
    2. Five hundred a transaction: claimed by an update that repeats the state; what a unit objects to meanwhile is left.
    3. Every finding gets its order in the same transaction. Twice does nothing the second time.
    """
    final = orders = 0
    while True:
        with transaction.atomic():
            due = ReviewForm.objects.filter(state=FormState.SETTLED, due_at__lte=at, round__closed_at=None)
            chunk = list(
                due.select_for_update(of=("self",)).order_by("due_at", "pk").values_list("pk", flat=True)[:CHUNK]
            )
            if not chunk:
                return WatchReport(final, orders)
            final += ReviewForm.objects.filter(pk__in=chunk, state=FormState.SETTLED).update(
                state=FormState.FINAL, final_at=at, due_at=None, tell_since=None
            )
            orders += make_final(chunk, by=None, at=at)


def close_round(*, review_round: ReviewRound, by: Officer, at: datetime) -> ReviewRound:
    """End a round: nothing of it changes any more. Refuses one that is closed, and one with a form that is not final."""
    if not review_round.is_open:
        raise ReviewRefused(ROUND_CLOSED)
    with transaction.atomic():
        if not ReviewRound.objects.filter(pk=review_round.pk, closed_at=None).update(closed_at=at, closed_by=by):
            raise ReviewRefused(MOVED_ON)
        if left := ReviewForm.objects.open().filter(round=review_round).count():
            raise ReviewRefused(STILL_OPEN.format(forms=left))
        step(review_round, Action.CLOSED, by=by, at=at)
    review_round.refresh_from_db()
    return review_round
