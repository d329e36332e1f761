"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.retention.models import DisposalItem, DisposalList, Hold, ListState, Outcome
from supervision.retention.services import hold_matter, propose_list
from tests.supervision.retention.factories import AT, Archive, make_answer


@pytest.fixture
def proposed(archive: Archive) -> DisposalList:
    make_answer(archive.matter)
    return propose_list(kind="answer_texts", by=archive.legal, at=AT)


def test_nobody_approves_his_own_list(archive: Archive, proposed: DisposalList) -> None:
    with pytest.raises(IntegrityError, match="disposal_list_takes_two_persons"), transaction.atomic():
        DisposalList.objects.update(state=ListState.APPROVED, decider=archive.legal, decided_at=AT)


@pytest.mark.parametrize("changes", [{"state": "approved"}, {"done_at": AT}, {"state": "done", "done_at": AT}])
def test_no_list_is_approved_by_nobody(proposed: DisposalList, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="disposal_list_"), transaction.atomic():
        DisposalList.objects.update(**changes)


@pytest.mark.parametrize("changes", [{"kind": "logs"}, {"before": AT}, {"rule": "x"}])
def test_what_is_on_a_list_stays_what_it_was(archive: Archive, proposed: DisposalList, changes: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match="清单的内容不能改"), transaction.atomic():
        DisposalList.objects.update(**changes)
    with pytest.raises(DatabaseError, match="清单的内容不能改"), transaction.atomic():
        DisposalList.objects.update(proposer=archive.other_legal)
    with pytest.raises(DatabaseError, match="台账"), transaction.atomic():
        DisposalItem.objects.update(count=9)


def test_the_outcome_of_a_piece_is_written_once(proposed: DisposalList) -> None:
    DisposalItem.objects.update(outcome=Outcome.HELD, done_at=AT)

    with pytest.raises(DatabaseError, match="台账"), transaction.atomic():
        DisposalItem.objects.update(outcome=Outcome.DESTROYED)


def test_who_put_a_matter_on_hold_does_not_let_it_go(archive: Archive) -> None:
    hold_matter(matter=archive.matter, reason="复议", by=archive.legal, at=AT)

    with pytest.raises(IntegrityError, match="hold_lifted_by_another"), transaction.atomic():
        Hold.objects.update(lifted_by=archive.legal, lifted_at=AT, lift_reason="x")
    with pytest.raises(IntegrityError, match="hold_lifted_says_why"), transaction.atomic():
        Hold.objects.update(lifted_by=archive.leader, lifted_at=AT)
