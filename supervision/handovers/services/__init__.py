"""The verbs of the room; everything that changes a hand-over comes through here."""

from supervision.handovers.refusals import HandoverRefused
from supervision.handovers.services.carrying import CarriedOut, CarryingFailed, carry_on, carry_out, take_up
from supervision.handovers.services.handing import begin_handover
from supervision.handovers.services.telling import mark_told, tell_again

__all__ = [
    "CarriedOut",
    "CarryingFailed",
    "HandoverRefused",
    "begin_handover",
    "carry_on",
    "carry_out",
    "mark_told",
    "take_up",
    "tell_again",
]
