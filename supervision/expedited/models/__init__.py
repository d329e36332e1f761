"""The rows of the room."""

from supervision.expedited.models.case import CaseState, ExpeditedCase, StatedFact, Telling, Verdict
from supervision.expedited.models.fault import Fault, FaultQuerySet, FaultRule, FaultState
from supervision.expedited.models.step import TEXT_WIDTH, Action, ExpeditedStep

__all__ = [
    "TEXT_WIDTH",
    "Action",
    "CaseState",
    "ExpeditedCase",
    "ExpeditedStep",
    "Fault",
    "FaultQuerySet",
    "FaultRule",
    "FaultState",
    "StatedFact",
    "Telling",
    "Verdict",
]
