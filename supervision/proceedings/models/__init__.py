"""The rows of the room: what is known of a dispute, of a review and of a transfer beside its matter, and their ledger."""

from supervision.proceedings.models.dispute import Channel, Dispute, DisputeStage, Risk, Sort
from supervision.proceedings.models.review import Instance, Outcome, Review, ReviewStage, Track
from supervision.proceedings.models.step import Action, ProceedingStep
from supervision.proceedings.models.transfer import Direction, Supervision, Transfer, TransferStage

__all__ = [
    "Action",
    "Channel",
    "Direction",
    "Dispute",
    "DisputeStage",
    "Instance",
    "Outcome",
    "ProceedingStep",
    "Review",
    "ReviewStage",
    "Risk",
    "Sort",
    "Supervision",
    "Track",
    "Transfer",
    "TransferStage",
]
