"""The verbs of the room; everything that changes a round or a form comes through here."""

from supervision.reviews.refusals import ReviewRefused
from supervision.reviews.services.drawing import Drawn, Plan, allocation, check_plan, draw_round, draw_sample
from supervision.reviews.services.judging import (
    Finding,
    Struck,
    decide_objection,
    declare_kin,
    file_form,
    give_form,
    may_object,
    object_to,
    review_again,
)
from supervision.reviews.services.marking import mark_told, tell_again
from supervision.reviews.services.settling import WatchReport, close_round, watch

__all__ = [
    "Drawn",
    "Finding",
    "Plan",
    "ReviewRefused",
    "Struck",
    "WatchReport",
    "allocation",
    "check_plan",
    "close_round",
    "decide_objection",
    "declare_kin",
    "draw_round",
    "draw_sample",
    "file_form",
    "give_form",
    "mark_told",
    "may_object",
    "object_to",
    "review_again",
    "tell_again",
    "watch",
]
