"""The filters of the lists forget nothing that is supervised."""

import pytest

from supervision.returnvisits.filters import CheckFilter, RoundFilter, VisitFilter
from supervision.returnvisits.models import Check, Visit, VisitRound

# What nobody looks for, and why.
NOT_FILTERED = {
    VisitRound: {
        "id", "city", "county", "station",  # by unit
        "kinds", "from_on", "until_on", "per_unit", "method", "seed", "seed_given", "frame_size", "frame_digest",  # read
        "drawn_by", "closed_by",
    },
    Visit: {
        "id", "city", "county", "station",  # by unit
        "drawn_at",  # by round
        "attempts", "asked_at", "reason",  # read on its page
        "token_digest", "token_until", "token_used_at",
    },
    Check: {
        "id", "city", "county", "station",  # by unit
        "due_on", "text", "concluded_by", "order",  # read on its page
    },
}  # fmt: skip
FILTERED_AS = {
    "closed_at": "state",
    "drawn_at": "drawn",
    "matter": "q",
    "feedback": "grade",
    "ended_at": "ended",
    "opened_at": "opened",
    "concluded_at": "concluded",
    "due_at": "late",
    "checker": "mine",
}


@pytest.mark.parametrize(
    ("model", "filter_class"), [(VisitRound, RoundFilter), (Visit, VisitFilter), (Check, CheckFilter)]
)
def test_no_supervised_field_is_forgotten(model: type, filter_class: type) -> None:
    fields = {field.name for field in model._meta.concrete_fields} - NOT_FILTERED[model]  # type: ignore[attr-defined]

    assert {FILTERED_AS.get(name, name) for name in fields} - filter_class.base_filters.keys() == set()  # type: ignore[attr-defined]
    assert set(filter_class.in_front) <= filter_class.base_filters.keys()  # type: ignore[attr-defined]
