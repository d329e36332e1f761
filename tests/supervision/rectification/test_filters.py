"""The filter of the orders forgets nothing that is supervised."""

from supervision.rectification.filters import OrderFilter
from supervision.rectification.models import Order

# What of an order nobody looks for, and why.
NOT_FILTERED = {
    "id",
    "city", "county", "station",  # by unit
    "text", "source_number", "by", "workdays", "first_due_on", "provisional", "extensions", "reopened",
    "replied_by", "endorsed_at", "endorsed_by", "verified_by",  # on its page
    "withdrawn_at",  # by state
    "step_number", "tell_number", "tell_since", "overdue_told_at", "restricted",  # no concern of people
}  # fmt: skip
FILTERED_AS = {
    "due_at": "due_on",
    "issued_at": "issued",
    "replied_at": "replied",
    "verified_at": "verified",
    "repeats": "repeated",
}


def test_no_supervised_field_is_forgotten() -> None:
    fields = {field.name for field in Order._meta.concrete_fields} - NOT_FILTERED

    assert {FILTERED_AS.get(name, name) for name in fields} - OrderFilter.base_filters.keys() == set()


def test_what_stands_in_front_exists() -> None:
    assert set(OrderFilter.in_front) <= OrderFilter.base_filters.keys()
