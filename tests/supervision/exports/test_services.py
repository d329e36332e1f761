"""Asking, deciding, withdrawing, taking."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Officer
from supervision.exports.models import Action, ExportRequest, ExportStep, RequestState
from supervision.exports.refusals import (
    ASKED_ALREADY,
    NO_PURPOSE,
    NO_REASON,
    NOT_HIS_OWN,
    NOT_OVER_HIM,
    NOT_WAITING,
    OWN_REQUEST,
)
from supervision.exports.rules import Why
from supervision.exports.services import (
    Export,
    ExportRefused,
    approve_export,
    ask_export,
    refuse_export,
    take_export,
    withdraw_request,
)
from tests.supervision.exports.factories import AT, LIST, Desk, ask


def steps(row: ExportRequest) -> list[str]:
    return list(row.steps.order_by("pk").values_list("action", flat=True))


def take(desk: Desk, export: Export = LIST, *, by: Officer | None = None, after: timedelta = timedelta(0)) -> bool:
    return take_export(export=export, code="CODE", by=by or desk.asker, at=AT + after) is not None


def test_a_request_is_decided_by_another_and_taken_by_its_asker(desk: Desk, settings: Any) -> None:
    settings.EXPORT_DAYS, settings.EXPORT_DOWNLOADS = 2, 3
    row = ask(desk)
    assert not take(desk)

    approve_export(request=row, answer="可以", by=desk.legal, at=AT)

    assert (row.valid_until, row.downloads_allowed, row.decider) == (AT + timedelta(days=2), 3, desk.legal)
    assert take(desk)
    assert steps(row) == [Action.ASKED, Action.APPROVED, Action.TAKEN]
    taken = ExportStep.objects.get(action=Action.TAKEN)
    assert (taken.by, taken.rows, taken.code) == (desk.asker, 1200, "CODE")


def test_it_is_good_for_so_many_downloads_and_so_many_days(desk: Desk, settings: Any) -> None:
    settings.EXPORT_DAYS, settings.EXPORT_DOWNLOADS = 2, 2
    approve_export(request=ask(desk), by=desk.leader, at=AT)

    assert not take(desk, after=timedelta(days=2))
    assert [take(desk), take(desk), take(desk)] == [True, True, False]


def test_it_is_bound_to_the_asker_the_page_the_filter_the_kind_and_the_form(desk: Desk) -> None:
    approve_export(request=ask(desk, query="state=open"), by=desk.leader, at=AT)
    export = replace(LIST, query="state=open")

    for other in (LIST, replace(export, path="/x/"), replace(export, what="导入拒收的行"), replace(export, form="xlsx"), replace(export, method="POST")):  # fmt: skip
        assert not take(desk, other), other
    assert not take(desk, export, by=desk.legal)
    assert take(desk, export)


def test_more_than_a_tenth_beyond_what_was_approved_is_asked_for_again(desk: Desk) -> None:
    approve_export(request=ask(desk, rows=1200), by=desk.leader, at=AT)

    assert not take(desk, replace(LIST, rows=1321))
    assert take(desk, replace(LIST, rows=1320))

    again = ask(desk, rows=1321)
    approve_export(request=again, by=desk.leader, at=AT)
    assert take_export(export=replace(LIST, rows=1321), code="X", by=desk.asker, at=AT) == again


@pytest.mark.parametrize(
    ("who", "why"), [("asker", OWN_REQUEST), ("stranger", NOT_OVER_HIM), ("head", NOT_OVER_HIM), ("auditor", NOT_OVER_HIM)]
)  # fmt: skip
def test_only_another_whose_post_is_over_the_asker_decides(desk: Desk, who: str, why: str) -> None:
    row = ask(desk)

    for decide in (approve_export, refuse_export):
        with pytest.raises(ExportRefused, match=why):
            decide(request=row, answer="x", by=getattr(desk, who), at=AT)

    assert steps(row) == [Action.ASKED]


def test_a_refusal_says_why_and_lets_nothing_out(desk: Desk) -> None:
    row = ask(desk)
    with pytest.raises(ExportRefused, match=NO_REASON):
        refuse_export(request=row, answer=" ", by=desk.leader, at=AT)

    refuse_export(request=row, answer="用途不明", by=desk.leader, at=AT)

    assert (row.state, row.answer) == (RequestState.REFUSED, "用途不明")
    assert not take(desk)
    assert ask(desk).pk != row.pk


def test_what_is_decided_or_withdrawn_is_decided_once(desk: Desk) -> None:
    decided, withdrawn = ask(desk), ask(desk, query="a=1")
    seen_before = ExportRequest.objects.get(pk=decided.pk)
    approve_export(request=decided, by=desk.leader, at=AT)
    withdraw_request(request=withdrawn, by=desk.asker, at=AT)

    for row in (decided, withdrawn, seen_before):
        with pytest.raises(ExportRefused, match=NOT_WAITING):
            refuse_export(request=row, answer="不", by=desk.legal, at=AT)
        with pytest.raises(ExportRefused, match=NOT_WAITING):
            withdraw_request(request=row, by=desk.asker, at=AT)


def test_nobody_withdraws_for_another(desk: Desk) -> None:
    with pytest.raises(ExportRefused, match=NOT_HIS_OWN):
        withdraw_request(request=ask(desk), by=desk.leader, at=AT)


def test_the_same_export_waits_once_and_needs_a_purpose(desk: Desk) -> None:
    ask(desk)

    with pytest.raises(ExportRefused, match=ASKED_ALREADY):
        ask(desk)
    with pytest.raises(ExportRefused, match=NO_PURPOSE):
        ask_export(export=LIST, why=Why.MANY, purpose=" \n", by=desk.asker, at=AT)

    assert ExportRequest.objects.count() == 1 == ExportStep.objects.count()
