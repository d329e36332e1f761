"""The filter of the warnings forgets nothing that is supervised."""

from supervision.alerts.filters import AlertFilter
from supervision.alerts.models import Alert

# What of a warning nobody looks for, and why.
NOT_FILTERED = {
    "id",
    "city", "county", "station",  # by unit
    "ended_at",  # by state
}  # fmt: skip
FILTERED_AS = {"due_at": "due_on", "raised_at": "raised"}


def test_no_supervised_field_is_forgotten() -> None:
    fields = {field.name for field in Alert._meta.concrete_fields} - NOT_FILTERED

    assert {FILTERED_AS.get(name, name) for name in fields} - AlertFilter.base_filters.keys() == set()


def test_what_stands_in_front_exists() -> None:
    assert set(AlertFilter.in_front) <= AlertFilter.base_filters.keys()
