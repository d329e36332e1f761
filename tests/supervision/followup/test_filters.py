"""The filter of the list forgets nothing that is supervised, and finds what it says."""

import pytest

from supervision.followup.filters import BoardFilter, FollowedFilter
from supervision.followup.models import FollowedCase

# What of a case nobody looks for, and why.
NOT_FILTERED = {
    "id",
    "city", "county", "station",  # by unit
    "entered_by", "asked_by", "consented_by", "template", "stagnation_days",  # read on its page
    "stagnant_at", "stagnant_since",  # by trouble
    "restricted", "withdrawn",  # by who looks
}  # fmt: skip
FILTERED_AS = {
    "matter": "q",
    "entered_at": "entered",
    "last_progress_at": "progressed",
    "asked_at": "asked",
    "ended_at": "ended",
}


def test_no_supervised_field_is_forgotten() -> None:
    fields = {field.name for field in FollowedCase._meta.concrete_fields} - NOT_FILTERED

    assert {FILTERED_AS.get(name, name) for name in fields} - FollowedFilter.base_filters.keys() == set()


@pytest.mark.parametrize("filter_class", [BoardFilter, FollowedFilter])
def test_what_stands_in_front_exists(filter_class: type[BoardFilter]) -> None:
    assert set(filter_class.in_front) <= filter_class.base_filters.keys()
