"""The verbs of the room."""

from supervision.custody.refusals import CustodyRefused
from supervision.custody.services.entering import Known, correct_moment, enter, extend_stay, leave, tell_family
from supervision.custody.services.judging import WatchReport, check_visits, confirm_fault, dismiss_fault, watch
from supervision.custody.services.rooms import add_centre, add_room, close_room, follow_merger
from supervision.custody.services.stages import add_stage, begin_stage, finish_stage, move_room, void_stage

__all__ = [
    "CustodyRefused",
    "Known",
    "WatchReport",
    "add_centre",
    "add_room",
    "add_stage",
    "begin_stage",
    "check_visits",
    "close_room",
    "confirm_fault",
    "correct_moment",
    "dismiss_fault",
    "enter",
    "extend_stay",
    "finish_stage",
    "follow_merger",
    "leave",
    "move_room",
    "tell_family",
    "void_stage",
    "watch",
]
