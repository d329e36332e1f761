"""The verbs of the room: sweeping, saying a word, climbing, ordering, and having told."""

from supervision.alerts.services.acts import ManyReport, acknowledge, acknowledge_many, why_not_answered
from supervision.alerts.services.climbing import ClimbFailed, ClimbReport, climb
from supervision.alerts.services.ordering import OrderReport, order_alert, order_due, order_many, why_not_ordered
from supervision.alerts.services.sweeping import SweepFailed, SweepReport, sweep
from supervision.alerts.services.telling import mark_told, tell_again

__all__ = [
    "ClimbFailed",
    "ClimbReport",
    "ManyReport",
    "OrderReport",
    "SweepFailed",
    "SweepReport",
    "acknowledge",
    "acknowledge_many",
    "climb",
    "mark_told",
    "order_alert",
    "order_due",
    "order_many",
    "sweep",
    "tell_again",
    "why_not_answered",
    "why_not_ordered",
]
