"""The rows of the room."""

from supervision.custody.models.centre import Centre, Room, RoomKind
from supervision.custody.models.fault import Fault, FaultQuerySet, FaultSort, FaultState
from supervision.custody.models.step import Action, VisitStep
from supervision.custody.models.visit import Basis, Stage, StageKind, Visit

__all__ = [
    "Action",
    "Basis",
    "Centre",
    "Fault",
    "FaultQuerySet",
    "FaultSort",
    "FaultState",
    "Room",
    "RoomKind",
    "Stage",
    "StageKind",
    "Visit",
    "VisitStep",
]
