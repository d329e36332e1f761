"""What the database itself refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.exports.models import ExportRequest, ExportStep, RequestState
from supervision.exports.services import approve_export
from tests.supervision.exports.factories import AT, Desk, ask


def test_nobody_decides_about_his_own_request(desk: Desk) -> None:
    row = ExportRequest.objects.filter(pk=ask(desk).pk)

    with pytest.raises(IntegrityError, match="export_decided_by_another"), transaction.atomic():
        row.update(state=RequestState.APPROVED, decider=desk.asker, decided_at=AT, valid_until=AT, downloads_allowed=1)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"state": "approved"}, "export_decision_is_somebodys|approved_export_says_how_long"),
        ({"state": "refused", "decided_at": AT}, "export_decision_is_somebodys|refused_export_says_why"),
        ({"downloads": 1}, "approved_export_says_how_long|export_taken_no_oftener"),
        ({"valid_until": AT}, "approved_export_says_how_long"),
    ],
)
def test_a_decision_is_whole_or_none(desk: Desk, changes: dict[str, Any], refused: str) -> None:
    ask(desk)

    with pytest.raises(IntegrityError, match=refused), transaction.atomic():
        ExportRequest.objects.update(**changes)


def test_no_more_is_taken_than_was_approved(desk: Desk) -> None:
    row = approve_export(request=ask(desk), by=desk.leader, at=AT)

    with pytest.raises(IntegrityError, match="export_taken_no_oftener_than_approved"), transaction.atomic():
        ExportRequest.objects.filter(pk=row.pk).update(downloads=4)


@pytest.mark.parametrize(
    "changes",
    [{"rows": 9}, {"path": "/x/"}, {"query": "a=1"}, {"what": "通报"}, {"purpose": "别的"}, {"method": "POST"}, {"form": "x"}],
)  # fmt: skip
def test_what_was_asked_for_stays_what_it_was(desk: Desk, changes: dict[str, Any]) -> None:
    ask(desk)

    with pytest.raises(DatabaseError, match="申请的内容不能改"), transaction.atomic():
        ExportRequest.objects.update(**changes)
    with pytest.raises(DatabaseError, match="申请的内容不能改"), transaction.atomic():
        ExportRequest.objects.update(asker=desk.legal)


def test_the_ledger_is_only_added_to(desk: Desk) -> None:
    ask(desk)

    with pytest.raises(DatabaseError, match="台账"), transaction.atomic():
        ExportStep.objects.update(at=AT + timedelta(days=1))
    with pytest.raises(DatabaseError, match="台账"), transaction.atomic():
        ExportStep.objects.all()._raw_delete("default")


@pytest.mark.parametrize("wrong", [{"action": "taken"}, {"action": "asked", "rows": 3}, {"action": "taken", "rows": 3}])
def test_what_was_taken_says_how_much_and_under_which_code(desk: Desk, wrong: dict[str, Any]) -> None:
    row = ask(desk)

    with pytest.raises(IntegrityError, match="taken_export_bears_its_code"), transaction.atomic():
        ExportStep.objects.create(request=row, by=desk.asker, at=AT, **wrong)
