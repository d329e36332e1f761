"""What the database itself keeps, whatever the code above it does."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from cases.models import Officer
from supervision.rectification.models import Action, Evidence, Grade, Order, OrderState, OrderStep, Problem
from supervision.rectification.services import verify_order
from tests.cases.factories import moment
from tests.supervision.rectification.factories import AT, replied

THURSDAY = moment("2026-05-21 10:00")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": OrderState.VERIFIED}, "verified without a verifier"),
        ({"verified_at": AT}, "a moment of verification without the state"),
        ({"state": OrderState.REPLIED}, "replied by nobody"),
        ({"state": OrderState.WITHDRAWN}, "withdrawn at no time"),
        ({"withdrawn_at": AT}, "a moment of withdrawal without the state"),
        ({"due_on": date(2026, 5, 21)}, "due before the day first set"),
        ({"tell_number": None}, "something to tell that is no step"),
    ],
)
def test_rows_that_cannot_be(order: Order, changes: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**changes)

    order.refresh_from_db()
    assert order.state == OrderState.ISSUED, constraint


def test_the_head_who_replied_does_not_endorse(order: Order, officer: Officer, evidence_folder: Path) -> None:
    replied(order, officer, AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(endorsed_by=officer, endorsed_at=AT)


def test_a_step_is_made_once_and_an_extension_by_an_approver(order: Order, officer: Officer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderStep.objects.create(order=order, number=1, action=Action.REPLIED, at=AT, by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderStep.objects.create(order=order, number=2, action=Action.EXTENDED, at=AT, by=officer)


def test_the_ledger_and_the_evidence_are_only_added_to(order: Order, officer: Officer, evidence_folder: Path) -> None:
    replied(order, officer, AT)

    for rows, changes in ((OrderStep.objects.all(), {"text": "改"}), (Evidence.objects.all(), {"name": "改.pdf"})):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changes)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_a_problem_leaves_at_least_a_day(catalogue: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.update(workdays=0)


def test_grades_are_known_from_the_mildest() -> None:
    assert sorted(Grade, key=lambda grade: grade.weight) == [Grade.REMINDER, Grade.SUPERVISED, Grade.LISTED]


def test_an_order_names_the_article_of_the_limit_that_ran_out(order: Order) -> None:
    assert order.ground == "《测试法》第一条"


def test_a_verification_within_minutes_is_found(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, THURSDAY)
    verify_order(order=order, by=legal_officer, at=moment("2026-05-21 10:05"))
    assert list(Order.objects.hasty()) == [order]

    Order.objects.filter(pk=order.pk).update(verified_at=moment("2026-05-21 10:20"))
    assert not Order.objects.hasty().exists()


def test_an_order_is_overdue_until_it_ends(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    late = moment("2026-05-23")
    assert not Order.objects.overdue(moment("2026-05-22 23:59")).exists()

    replied(order, officer, AT)
    assert list(Order.objects.overdue(late)) == [order] and order.is_overdue(late)

    verify_order(order=order, by=legal_officer, at=late)
    assert not Order.objects.overdue(late).exists() and not order.is_overdue(late)
