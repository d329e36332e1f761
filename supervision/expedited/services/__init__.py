"""The verbs of the room."""

from supervision.expedited.refusals import ExpeditedRefused
from supervision.expedited.services.adopting import adopt_matters
from supervision.expedited.services.applying import apply_expedited, state_facts, weigh_case
from supervision.expedited.services.handling import convert_case, record_consent, record_decision
from supervision.expedited.services.judging import WatchReport, check_cases, confirm_fault, dismiss_fault, watch

__all__ = [
    "ExpeditedRefused",
    "WatchReport",
    "adopt_matters",
    "apply_expedited",
    "check_cases",
    "confirm_fault",
    "convert_case",
    "dismiss_fault",
    "record_consent",
    "record_decision",
    "state_facts",
    "watch",
    "weigh_case",
]
