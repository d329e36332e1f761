"""The rows of the room."""

from supervision.reviews.models.form import (
    FormState,
    Line,
    LineQuerySet,
    ReviewForm,
    ReviewFormQuerySet,
    Stage,
    Verdict,
    Weight,
)
from supervision.reviews.models.round import (
    Basis,
    Kinship,
    Matters,
    ReviewRound,
    ReviewRoundQuerySet,
    RoundReviewer,
    Stratum,
    Template,
)
from supervision.reviews.models.step import Action, ReviewStep

__all__ = [
    "Action",
    "Basis",
    "FormState",
    "Kinship",
    "Line",
    "LineQuerySet",
    "Matters",
    "ReviewForm",
    "ReviewFormQuerySet",
    "ReviewRound",
    "ReviewRoundQuerySet",
    "ReviewStep",
    "RoundReviewer",
    "Stage",
    "Stratum",
    "Template",
    "Verdict",
    "Weight",
]
