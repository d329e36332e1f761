"""The verbs of the room; everything that changes a round, a visit or a check comes through here."""

from supervision.returnvisits.refusals import ReturnVisitRefused
from supervision.returnvisits.services.checking import assign_check, conclude_check
from supervision.returnvisits.services.drawing import check_scope, close_round, draw_round
from supervision.returnvisits.services.importing import RepliesReport, load_replies
from supervision.returnvisits.services.marking import mark_told, tell_again
from supervision.returnvisits.services.slips import SlipRefused, answer_by_slip, issue_slip, slip_of
from supervision.returnvisits.services.visiting import (
    assign_visit,
    give_up,
    invalidate_answer,
    list_for_messages,
    note_attempt,
    record_answer,
    set_aside,
)
from supervision.returnvisits.services.watching import WatchReport, watch

__all__ = [
    "RepliesReport",
    "ReturnVisitRefused",
    "SlipRefused",
    "WatchReport",
    "answer_by_slip",
    "assign_check",
    "assign_visit",
    "check_scope",
    "close_round",
    "conclude_check",
    "draw_round",
    "give_up",
    "invalidate_answer",
    "issue_slip",
    "list_for_messages",
    "load_replies",
    "mark_told",
    "note_attempt",
    "record_answer",
    "set_aside",
    "slip_of",
    "tell_again",
    "watch",
]
