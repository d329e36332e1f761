"""The verbs of the room; everything that changes a followed case comes through here."""

from supervision.followup.refusals import FollowupRefused
from supervision.followup.services.closing import (
    ask_closing,
    consent_closing,
    refuse_closing,
    reopen,
    stands_against_closing,
)
from supervision.followup.services.entering import enter, enter_by_rules
from supervision.followup.services.instructions import give_instruction, reply_instruction, withdraw_instruction
from supervision.followup.services.outline import add_item, finish_item, move_item, return_item, strike_item
from supervision.followup.services.parties import follow_merger, hand_over, name_parties
from supervision.followup.services.rounds import RoundFailed, RoundReport
from supervision.followup.services.telling import mark_told, tell_again
from supervision.followup.services.watching import watch

__all__ = [
    "FollowupRefused",
    "RoundFailed",
    "RoundReport",
    "add_item",
    "ask_closing",
    "consent_closing",
    "enter",
    "enter_by_rules",
    "finish_item",
    "follow_merger",
    "give_instruction",
    "hand_over",
    "mark_told",
    "move_item",
    "name_parties",
    "refuse_closing",
    "reopen",
    "reply_instruction",
    "return_item",
    "stands_against_closing",
    "strike_item",
    "tell_again",
    "watch",
    "withdraw_instruction",
]
