"""The filter of the warnings forgets nothing that is supervised."""

import pytest

from cases.desk.filtering import ListFilter
from supervision.alerts.filters import AlertFilter, StandingFilter
from supervision.alerts.models import Alert

# What of a warning nobody looks for, and why.
NOT_FILTERED = {
    "id",
    "city", "county", "station",  # by unit
    "ended_at", "order", "demands",  # by state and level
    "climbs_at", "tell_since",  # by rung
    "said", "said_by", "said_at",  # by the day that was promised
    "restricted",  # by its matter
}  # fmt: skip
FILTERED_AS = {"due_at": "due_on", "raised_at": "raised"}


def test_no_supervised_field_is_forgotten() -> None:
    fields = {field.name for field in Alert._meta.concrete_fields} - NOT_FILTERED

    assert {FILTERED_AS.get(name, name) for name in fields} - AlertFilter.base_filters.keys() == set()


@pytest.mark.parametrize("kind", [AlertFilter, StandingFilter])
def test_what_stands_in_front_exists(kind: type[ListFilter]) -> None:
    assert set(kind.in_front) <= kind.base_filters.keys()
