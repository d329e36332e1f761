"""The verbs of the room: everything that changes a petition comes through here."""

from supervision.petitions.refusals import PetitionRefused
from supervision.petitions.services.identity import NAMES, Rotation, look_at_identity, rotate_keys
from supervision.petitions.services.likeness import decide_likeness, suggest_likenesses
from supervision.petitions.services.registering import (
    accuse,
    add_petitioner,
    assign_handler,
    lift,
    recuse,
    register,
    release_handler,
)

__all__ = [
    "NAMES",
    "PetitionRefused",
    "Rotation",
    "accuse",
    "add_petitioner",
    "assign_handler",
    "decide_likeness",
    "lift",
    "look_at_identity",
    "recuse",
    "register",
    "release_handler",
    "rotate_keys",
    "suggest_likenesses",
]
