"""Whether two loads of the report are the same: one digest over what its rows say, none of their keys."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet

from cases.models import Clock, Event, Feedback, Matter
from supervision.alerts.models import AlertStep
from supervision.petitions.models import Complaint, Petition, Resolution
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.rectification.models import Order, OrderStep


def report_digest() -> str:
    """SHA-256 over the rows of the rooms in an order of their own. What is sealed differs with the key, and is left out."""
    digest = sha256()
    for rows in _tables():
        for row in rows.iterator(chunk_size=5000):
            digest.update(f"{row}\n".encode())
    return digest.hexdigest()


def _tables() -> Iterator[QuerySet[Any, Any]]:
    def told(rows: QuerySet[Any, Any], *names: str) -> QuerySet[Any, Any]:
        return rows.order_by(*names).values_list(*names)

    yield told(Matter.objects.all(), "kind__code", "number", "unit__code", "opened_at", "closed_at")
    yield told(Event.objects.all(), "matter__number", "kind__code", "occurred_at", "recorded_at")
    yield told(
        Clock.objects.all(), "matter__number", "limit__code", "started_at", "state", "due_at", "ended_at", "late"
    )
    yield told(AlertStep.objects.all(), "clock__matter__number", "clock__limit__code", "found_at", "level", "action")
    yield told(Order.objects.all(), "unit__code", "issued_at", "problem__code", "text", "state", "verified_at")
    yield told(
        OrderStep.objects.all(), "order__unit__code", "order__issued_at", "order__text", "number", "action", "at"
    )
    yield told(Feedback.objects.all(), "matter__number", "given_at", "grade", "valid", "channel")
    yield told(Dispute.objects.all(), "matter__number", "sort", "risk", "channel", "stage", "ended_on")
    yield told(Review.objects.all(), "matter__number", "track", "stage", "hearing_on", "head_appeared", "outcome")
    yield told(Transfer.objects.all(), "matter__number", "direction", "stage", "decided_on")
    yield told(Petition.objects.all(), "matter__number", "channel", "stage", "answered_at", "delivered_at")
    yield told(Resolution.objects.all(), "petition__matter__number", "resolved_at", "reopened_at")
    yield told(Complaint.objects.all(), "matter__number", "channel", "stage", "verdict", "enterprise", "found_at")
