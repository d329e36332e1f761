"""The verbs of the room; whatever defines an indicator or freezes a figure comes through here."""

from supervision.evaluation.refusals import EvaluationRefused
from supervision.evaluation.services.defining import Wording, define_indicator, end_indicator, revise_indicator
from supervision.evaluation.services.folding import FoldReport, fold, rebuild
from supervision.evaluation.services.freezing import freeze
from supervision.evaluation.services.holding import FiguresDiffer, hold_to_rows
from supervision.evaluation.services.loading import LoadReport, WrongIndicators, load_indicators

__all__ = [
    "EvaluationRefused",
    "FiguresDiffer",
    "FoldReport",
    "LoadReport",
    "Wording",
    "WrongIndicators",
    "define_indicator",
    "end_indicator",
    "fold",
    "freeze",
    "hold_to_rows",
    "load_indicators",
    "rebuild",
    "revise_indicator",
]
