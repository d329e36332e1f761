"""Every kind of list is held back at the one place where files are handed over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from cases.audit.declared import EXPORTS
from cases.audit.handing import CODE, hand_out, hand_out_table
from cases.audit.models import WayOut
from cases.models import Officer
from supervision.exports.gate import read, sign
from supervision.exports.models import Action, ExportRequest, ExportStep
from supervision.exports.rules import Why
from supervision.exports.services import approve_export, ask_export
from tests.supervision.exports.factories import AT, LIST, Desk

LISTS = [name for name, kind in EXPORTS.items() if kind.rows]


def asking(officer: Officer, path: str = LIST.path) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = officer
    return request


@pytest.mark.parametrize("what", LISTS)
def test_a_list_longer_than_leaves_freely_leads_to_the_request(desk: Desk, settings: Any, what: str) -> None:
    settings.EXPORT_ROWS_FREELY = 10

    table = hand_out_table(asking(desk.asker), iter(()), name="a.csv", what=what, rows=11)
    file = hand_out(asking(desk.asker), b"x", name="a.csv", content_type="text/csv", what=what, rows=11)

    for answer in (table, file):
        assert answer.status_code == 302 and answer["Location"].startswith("/exports/ask/?of=")
    assert not WayOut.objects.exists()


@pytest.mark.parametrize("what", LISTS)
def test_a_short_list_leaves_as_before_unless_it_is_sensitive(desk: Desk, settings: Any, what: str) -> None:
    settings.EXPORT_ROWS_FREELY = 10

    answer = hand_out_table(asking(desk.asker), iter(()), name="a.csv", what=what, rows=10)

    assert answer.has_header(CODE) is not bool(EXPORTS[what].sensitive)


def test_small_lists_one_after_the_other_are_added_up_for_a_day(
    desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EXPORT_ROWS_FREELY = 10

    def take(officer: Officer, rows: int) -> bool:
        answer = hand_out_table(asking(officer), iter(()), name="a.csv", what=LIST.what, rows=rows)
        return answer.has_header(CODE)

    assert [take(desk.asker, rows) for rows in (6, 4, 1)] == [True, True, False]
    # What another takes is his own, and what is a day old no longer counts.
    assert take(desk.legal, 10)
    later = _now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert take(desk.asker, 10)


def test_what_was_taken_with_leave_is_not_added_to_what_leaves_freely(desk: Desk, settings: Any) -> None:
    row = ask_export(export=LIST, why=Why.MANY, purpose="核对", by=desk.asker, at=AT)
    approve_export(request=row, by=desk.leader, at=_now())
    assert hand_out_table(asking(desk.asker), iter(["a"]), name="a.csv", what=LIST.what, rows=1250).has_header(CODE)

    other = hand_out_table(asking(desk.asker, "/elsewhere/"), iter(()), name="b.csv", what=LIST.what, rows=900)

    assert other.has_header(CODE)


def test_what_was_approved_leaves_under_its_code_and_is_counted(desk: Desk) -> None:
    row = ask_export(export=LIST, why=Why.MANY, purpose="核对", by=desk.asker, at=AT)
    approve_export(request=row, by=desk.leader, at=_now())

    answer = hand_out_table(asking(desk.asker), iter(["a"]), name="a.csv", what=LIST.what, rows=1250)

    taken = ExportStep.objects.get(action=Action.TAKEN)
    assert answer[CODE] == taken.code == WayOut.objects.get().code
    assert (taken.rows, ExportRequest.objects.get().downloads) == (1250, 1)
    # By another, or with another filter, it is not what was approved.
    others = (asking(desk.legal), asking(desk.asker, f"{LIST.path}?unit=3"))
    assert [hand_out_table(one, iter(()), name="a.csv", what=LIST.what, rows=1250).status_code for one in others] == [302, 302]  # fmt: skip


def test_a_download_that_could_not_be_put_on_record_is_not_used_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask_export(export=LIST, why=Why.MANY, purpose="核对", by=desk.asker, at=AT)
    approve_export(request=row, by=desk.leader, at=_now())

    def broken(**_: Any) -> None:
        raise OSError("no space")

    monkeypatch.setattr("cases.audit.handing.note_way_out", broken)
    with pytest.raises(OSError, match="no space"):
        hand_out_table(asking(desk.asker), iter(()), name="a.csv", what=LIST.what, rows=1200)

    assert ExportRequest.objects.get().downloads == 0
    assert not ExportStep.objects.filter(action=Action.TAKEN).exists()


def test_what_was_pressed_is_read_back_by_nobody_else_and_cannot_be_changed(desk: Desk) -> None:
    export = replace(LIST, query="q=%E5%BC%A0")
    text = sign(export, Why.MANY, desk.asker)

    assert read(text, desk.asker) == (export, Why.MANY)
    assert read(text, desk.legal) is None
    assert read(text[:-1] + ("a" if text[-1] != "a" else "b"), desk.asker) is None
    assert read("", desk.asker) is None


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()
