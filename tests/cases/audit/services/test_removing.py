"""Removing logs whose time is over: whole sealed batches, the removal sealed too, and six months never touched."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cases.audit.models import RowChange, Seal, SealKind, Way, WayOut
from cases.audit.rules import BEGINNING, Fault
from cases.audit.services import note_way_out, remove_old, removing, seal_ledgers
from cases.audit.services.sealing import hang
from cases.audit.verifying import verify
from cases.audit.watching import unguarded
from tests.cases.factories import Bureau, make_officer
from tests.rigs.ledgers import guards_lifted

pytestmark = pytest.mark.django_db

AT = timezone.now()


def take_out(count: int, at: datetime) -> list[WayOut]:
    return [note_way_out(way=Way.EXPORT, what=f"表{n}", by=None, at=at) for n in range(count)]


@pytest.fixture
def old(settings: Any) -> list[WayOut]:
    """Six rows of long ago in batches of two, and three of today."""
    settings.AUDIT_KEEP_DAYS = 400
    rows = take_out(6, AT - timedelta(days=401))
    seal_ledgers(at=AT - timedelta(days=401), batch=2)
    take_out(3, AT)
    seal_ledgers(at=AT, batch=2)
    return rows


def test_what_is_over_goes_and_the_chain_still_holds(old: list[WayOut], bureau: Bureau) -> None:
    by = make_officer("1", bureau.legal)

    done = remove_old(by=by, at=AT)

    assert done.rows == {"audit_rowchange": 0, "audit_wayout": 6}
    assert WayOut.objects.count() == 3
    seal = Seal.objects.order_by("-number")[0]
    assert (seal.kind, seal.table_name, seal.first_id, seal.last_id) == (
        SealKind.REMOVAL, "audit_wayout", old[0].pk, old[-1].pk,
    )  # fmt: skip
    assert by.police_number in seal.note and "6 行" in seal.note
    assert verify().holds


def test_removing_twice_removes_nothing_more(old: list[WayOut]) -> None:
    remove_old(by=None, at=AT)
    before = Seal.objects.count()

    again = remove_old(by=None, at=AT)

    assert again.rows == {"audit_rowchange": 0, "audit_wayout": 0}
    assert Seal.objects.count() == before


def test_a_batch_with_one_young_row_stays_whole(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 400
    take_out(3, AT - timedelta(days=401))
    take_out(1, AT)
    seal_ledgers(at=AT, batch=2)

    assert remove_old(by=None, at=AT).rows["audit_wayout"] == 2
    assert WayOut.objects.count() == 2


def test_what_is_not_sealed_is_not_removed(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 400
    take_out(3, AT - timedelta(days=500))

    assert remove_old(by=None, at=AT).rows["audit_wayout"] == 0


def test_six_months_stay_whatever_the_setting(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 1
    take_out(2, AT - timedelta(days=184))
    take_out(2, AT - timedelta(days=183))
    seal_ledgers(at=AT, batch=2)

    assert remove_old(by=None, at=AT + timedelta(seconds=1)).rows["audit_wayout"] == 2


def test_the_change_log_goes_in_the_same_way(bureau: Bureau, settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 400
    seal_ledgers(at=AT)
    count = RowChange.objects.count()

    done = remove_old(by=None, at=timezone.now() + timedelta(days=500))

    assert done.rows["audit_rowchange"] == count > 0
    assert not RowChange.objects.exists()
    assert verify().holds


def test_counting_only_removes_nothing(old: list[WayOut]) -> None:
    assert remove_old(by=None, at=AT, dry_run=True).rows["audit_wayout"] == 6
    assert WayOut.objects.count() == 9
    assert not Seal.objects.filter(kind=SealKind.REMOVAL).exists()


def test_after_removing_the_log_is_guarded_as_before(old: list[WayOut]) -> None:
    remove_old(by=None, at=AT)

    assert unguarded(connection) == []
    with pytest.raises(Exception, match="台账只能追加"), transaction.atomic():
        WayOut.objects.all().delete()


def test_a_removal_that_is_killed_removes_nothing(old: list[WayOut], monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(removing, "hang", killed)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        remove_old(by=None, at=AT)

    assert WayOut.objects.count() == 9
    assert unguarded(connection) == []
    assert verify().holds


def test_a_row_put_back_where_rows_were_removed_is_named(old: list[WayOut]) -> None:
    remove_old(by=None, at=AT)

    with guards_lifted(connection):
        WayOut(pk=old[2].pk, way=Way.LOOK, what="x", code="BACK", at=AT).save(force_insert=True)

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.row) == (Fault.INSERTED, old[2].pk)


def test_a_removal_that_was_altered_covers_nothing(old: list[WayOut]) -> None:
    remove_old(by=None, at=AT)
    number = Seal.objects.order_by("-number")[0].number

    with guards_lifted(connection):
        Seal.objects.filter(number=number).update(table_name="cases_event")

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.row) == (Fault.MISSING, old[0].pk)


def test_a_removal_from_a_ledger_that_is_never_removed_is_a_forgery(bureau: Bureau) -> None:
    seal_ledgers(at=AT)
    report = seal_ledgers(at=AT)
    hang(
        report,
        Seal(
            kind=SealKind.REMOVAL, table_name="cases_event", first_id=1, last_id=9, count=9, columns="",
            digest=BEGINNING, marks=b"", sealed_at=AT,
        ),
    )  # fmt: skip

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.seal) == (Fault.SEAL_ALTERED, report.number)
