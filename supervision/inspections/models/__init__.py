"""The rows of the room."""

from supervision.inspections.models.draw import (
    Check,
    CheckInspector,
    CheckState,
    Draw,
    Finding,
    InspectedQuerySet,
    Outcome,
)
from supervision.inspections.models.plan import (
    InspectionPlan,
    InspectionPlanQuerySet,
    ItemStep,
    PlannedItem,
    Stage,
)
from supervision.inspections.models.register import Inspector, Interest, Target, TargetQuerySet
from supervision.inspections.models.step import Action, InspectionStep

__all__ = [
    "Action",
    "Check",
    "CheckInspector",
    "CheckState",
    "Draw",
    "Finding",
    "InspectedQuerySet",
    "InspectionPlan",
    "InspectionPlanQuerySet",
    "InspectionStep",
    "Inspector",
    "Interest",
    "ItemStep",
    "Outcome",
    "PlannedItem",
    "Stage",
    "Target",
    "TargetQuerySet",
]
