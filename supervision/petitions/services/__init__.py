"""The verbs of the room: everything that changes a petition comes through here."""

from supervision.petitions.refusals import PetitionRefused
from supervision.petitions.services.deciding import (
    REMEDIES,
    answer,
    ask_evaluation,
    decide,
    decline,
    deliver,
    extend,
    extension_untold,
    notify,
    record_remedy,
    stands,
    take_evaluation,
    tell_extension,
)
from supervision.petitions.services.identity import NAMES, Rotation, look_at_identity, rotate_keys
from supervision.petitions.services.leading import (
    add_measure,
    assign_lead,
    finish_measure,
    hold_contact,
    make_plan,
    plan_contact,
    set_rank_rule,
)
from supervision.petitions.services.likeness import decide_likeness, suggest_likenesses
from supervision.petitions.services.looking_back import decide_at_meeting, hold_meeting, look_back, order_fault, reply
from supervision.petitions.services.registering import (
    accuse,
    add_petitioner,
    assign_handler,
    lift,
    recuse,
    register,
    release_handler,
)
from supervision.petitions.services.resting import ask_disposal, confirm_disposal, recheck, reopen, resolve
from supervision.petitions.services.telling import mark_told

__all__ = [
    "NAMES",
    "REMEDIES",
    "PetitionRefused",
    "Rotation",
    "accuse",
    "add_measure",
    "add_petitioner",
    "answer",
    "ask_disposal",
    "ask_evaluation",
    "assign_handler",
    "assign_lead",
    "confirm_disposal",
    "decide",
    "decide_at_meeting",
    "decide_likeness",
    "decline",
    "deliver",
    "extend",
    "extension_untold",
    "finish_measure",
    "hold_contact",
    "hold_meeting",
    "lift",
    "look_at_identity",
    "look_back",
    "make_plan",
    "mark_told",
    "notify",
    "order_fault",
    "plan_contact",
    "recheck",
    "record_remedy",
    "recuse",
    "register",
    "release_handler",
    "reopen",
    "reply",
    "resolve",
    "rotate_keys",
    "set_rank_rule",
    "stands",
    "suggest_likenesses",
    "take_evaluation",
    "tell_extension",
]
