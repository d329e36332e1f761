"""The verbs of the room; everything that changes a dispute, a review or a transfer comes through here."""

from supervision.proceedings.refusals import ProceedingRefused
from supervision.proceedings.services.disputes import (
    end_unsettled,
    recheck_dispute,
    register_dispute,
    settle_dispute,
    start_mediation,
)
from supervision.proceedings.services.ordering import order_correction
from supervision.proceedings.services.reviews import (
    answer_review,
    end_review,
    hear_review,
    receive_opinion,
    register_review,
    report_correction,
    set_hearing,
)
from supervision.proceedings.services.supervised import explain_refusal, file_as_ordered, order_filing, require_reasons
from supervision.proceedings.services.telling import mark_told, tell_again
from supervision.proceedings.services.transfers import (
    accept_transfer,
    appeal_refusal,
    ask_supplement,
    decide_appeal,
    redirect_transfer,
    refuse_transfer,
    register_transfer,
)

__all__ = [
    "ProceedingRefused",
    "accept_transfer",
    "answer_review",
    "appeal_refusal",
    "ask_supplement",
    "decide_appeal",
    "end_review",
    "end_unsettled",
    "explain_refusal",
    "file_as_ordered",
    "hear_review",
    "mark_told",
    "order_correction",
    "order_filing",
    "receive_opinion",
    "recheck_dispute",
    "redirect_transfer",
    "refuse_transfer",
    "register_dispute",
    "register_review",
    "register_transfer",
    "report_correction",
    "require_reasons",
    "set_hearing",
    "settle_dispute",
    "start_mediation",
    "tell_again",
]
