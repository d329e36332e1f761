"""The verbs of the room: a change of units is proposed, decided, withdrawn; a job carries it out on its day."""

from supervision.units.refusals import UnitsRefused
from supervision.units.services.carrying import CarryingFailed, carry_out
from supervision.units.services.proposing import approve_change, propose_change, refuse_change, withdraw_change

__all__ = [
    "CarryingFailed",
    "UnitsRefused",
    "approve_change",
    "carry_out",
    "propose_change",
    "refuse_change",
    "withdraw_change",
]
