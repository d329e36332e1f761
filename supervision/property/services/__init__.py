"""The verbs of the room."""

from supervision.property.refusals import PropertyRefused
from supervision.property.services.judging import WatchReport, check_items, confirm_excess, dismiss_excess, watch
from supervision.property.services.keeping import add_place, close_place, follow_merger, hand_over, move_item
from supervision.property.services.measures import (
    dispose_item,
    extend_measure,
    note_amount,
    note_unrelated,
    report_measure,
    return_item,
)
from supervision.property.services.registering import Known, describe_item, register_item

__all__ = [
    "Known",
    "PropertyRefused",
    "WatchReport",
    "add_place",
    "check_items",
    "close_place",
    "confirm_excess",
    "describe_item",
    "dismiss_excess",
    "dispose_item",
    "extend_measure",
    "follow_merger",
    "hand_over",
    "move_item",
    "note_amount",
    "note_unrelated",
    "register_item",
    "report_measure",
    "return_item",
    "watch",
]
