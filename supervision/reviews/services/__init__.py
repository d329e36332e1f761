"""The verbs of the room; everything that changes a round or a form comes through here."""

from supervision.reviews.refusals import ReviewRefused
from supervision.reviews.services.drawing import Drawn, Plan, allocation, check_plan, draw_round, draw_sample

__all__ = [
    "Drawn",
    "Plan",
    "ReviewRefused",
    "allocation",
    "check_plan",
    "draw_round",
    "draw_sample",
]
