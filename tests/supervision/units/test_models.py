"""What the database keeps of changes of units, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from supervision.units.models import State, UnitChange
from tests.supervision.units.factories import AT, Tree, approved, proposed


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"state": "approved"}, "unit_change_decision_is_somebodys"),
        ({"state": "refused", "answer": "不同意"}, "unit_change_decision_is_somebodys"),
        ({"carried_out_at": AT}, "unit_change_carried_out_says_when"),
        ({"done_at": AT}, "unit_change_done_says_when"),
        ({"ground": ""}, "unit_change_has_a_ground"),
    ],
)
def test_a_row_that_does_not_hang_together_is_refused(tree: Tree, values: dict[str, Any], rule: str) -> None:
    row = proposed(tree)

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        UnitChange.objects.filter(pk=row.pk).update(**values)


def test_nobody_approves_what_he_proposed_and_a_refusal_says_why(tree: Tree) -> None:
    row = proposed(tree)
    decided = {"decided_at": AT, "decider": tree.proposer}

    with pytest.raises(IntegrityError, match="unit_change_takes_two_persons"), transaction.atomic():
        UnitChange.objects.filter(pk=row.pk).update(state=State.APPROVED, **decided)
    with pytest.raises(IntegrityError, match="unit_change_refused_says_why"), transaction.atomic():
        UnitChange.objects.filter(pk=row.pk).update(state=State.REFUSED, **{**decided, "decider": tree.decider})


def test_a_unit_changes_once_at_a_time_and_to_another(tree: Tree) -> None:
    row = approved(tree)

    with pytest.raises(IntegrityError), transaction.atomic():
        UnitChange.objects.create(
            kind=row.kind, unit=row.unit, target=row.target, effective_on=row.effective_on, ground="另一号",
            proposer=tree.proposer, proposed_at=AT,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="unit_change_is_to_another"), transaction.atomic():
        UnitChange.objects.filter(pk=row.pk).update(target=row.unit)
