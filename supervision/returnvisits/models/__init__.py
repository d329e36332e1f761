"""The rows of the room: rounds and their units, visits, checks of negative evaluations, the ledger, word to be given."""

from supervision.returnvisits.models.check import Check, CheckQuerySet, Finding
from supervision.returnvisits.models.round import Basis, RoundUnit, VisitRound, VisitRoundQuerySet
from supervision.returnvisits.models.step import Action, Notice, VisitStep, What
from supervision.returnvisits.models.visit import Channel, Visit, VisitQuerySet, VisitState

__all__ = [
    "Action",
    "Basis",
    "Channel",
    "Check",
    "CheckQuerySet",
    "Finding",
    "Notice",
    "RoundUnit",
    "Visit",
    "VisitQuerySet",
    "VisitRound",
    "VisitRoundQuerySet",
    "VisitState",
    "VisitStep",
    "What",
]
