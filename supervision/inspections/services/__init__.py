"""The verbs of the room; everything that changes a plan, a draw or an inspection comes through here."""

from supervision.inspections.refusals import InspectionRefused
from supervision.inspections.services.checking import (
    Found,
    publish_result,
    record_result,
    step_aside,
    withhold_result,
)
from supervision.inspections.services.drawing import Ready, draw_item, look_before
from supervision.inspections.services.planning import Wanted, add_item, close_plan, make_plan, move_step
from supervision.inspections.services.registers import (
    declare_interest,
    list_inspector,
    list_target,
    remove_inspector,
    remove_target,
)
from supervision.inspections.services.telling import mark_told, tell_again

__all__ = [
    "Found",
    "InspectionRefused",
    "Ready",
    "Wanted",
    "add_item",
    "close_plan",
    "declare_interest",
    "draw_item",
    "list_inspector",
    "list_target",
    "look_before",
    "make_plan",
    "mark_told",
    "move_step",
    "publish_result",
    "record_result",
    "remove_inspector",
    "remove_target",
    "step_aside",
    "tell_again",
    "withhold_result",
]
