"""The filter of the list forgets nothing that is supervised."""

import pytest

from supervision.proceedings.filters import FIGURES, ProceedingFilter
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.proceedings.queries import MEASURES

# What of a row nobody looks for by itself, and why.
NOT_FILTERED = {
    "matter",  # by number, unit, officer
    "mediated_by", "mediation_began_on", "ended_on", "result", "rechecked_on", "recheck_result",  # read on its page
    "act", "against", "answered_on", "absence_reason", "document_number", "opinion_on", "correction",  # so are these
    "documents", "decided_on", "reason", "returned_on", "appeal_decided_on", "supplement_asked",
    "hearing_on",  # by figure
    "hearing_head",  # read on its page
    "tell_since",  # the house's own memory of what was told
    "to_correct", "corrected_on", "appealed_on",  # by what waits
}  # fmt: skip
FILTERED_AS = {"head_appeared": "head", "recheck_due_on": "recheck", "hearing_set_on": "hearing"}


@pytest.mark.parametrize(
    ("model", "stage"), [(Dispute, "dispute_stage"), (Review, "review_stage"), (Transfer, "transfer_stage")]
)
def test_no_supervised_field_is_forgotten(model: type[Dispute | Review | Transfer], stage: str) -> None:
    fields = {field.name for field in model._meta.concrete_fields} - NOT_FILTERED

    known = {**FILTERED_AS, "stage": stage}
    assert {known.get(name, name) for name in fields} - ProceedingFilter.base_filters.keys() == set()


def test_what_stands_in_front_exists() -> None:
    assert set(ProceedingFilter.in_front) <= ProceedingFilter.base_filters.keys()


def test_every_measure_can_be_asked_for_whole_and_in_part() -> None:
    assert {value for value, _ in FIGURES} == {f"{one.code}.{part}" for one in MEASURES for part in ("of", "counted")}
