"""Sealing: what was written, once, batch by batch; and the chain names what is not as it was."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.audit import services
from cases.audit.declared import LEDGERS
from cases.audit.models import RowChange, Seal, Way, WayOut
from cases.audit.rules import BEGINNING, Fault, link
from cases.audit.services import note_way_out, seal_ledgers, sealing
from cases.audit.verifying import verify
from tests.rigs.ledgers import guards_lifted

pytestmark = pytest.mark.django_db

AT = timezone.now()


def take_out(count: int) -> list[WayOut]:
    return [note_way_out(way=Way.EXPORT, what=f"表{n}", by=None, at=AT, rows=n) for n in range(count)]


def tampered(statement: str, *values: Any) -> None:
    """As somebody would who has the database in his hands."""
    with guards_lifted(connection), connection.cursor() as cursor:
        cursor.execute(statement, values)


def seals() -> list[Seal]:
    return list(Seal.objects.order_by("number"))


@pytest.fixture
def chain() -> list[WayOut]:
    """Ten rows in batches of four, and nothing wrong."""
    rows = take_out(10)
    seal_ledgers(at=AT, batch=4)
    assert verify().holds
    return rows


def test_what_was_written_is_sealed_in_batches_that_hang_together() -> None:
    take_out(10)

    report = seal_ledgers(at=AT, batch=4)

    ours = [one for one in seals() if one.table_name == "audit_wayout"]
    assert [one.count for one in ours] == [4, 4, 2]
    assert [one.number for one in seals()] == list(range(1, report.seals + 1))
    assert [one.previous for one in seals()] == [BEGINNING, *(one.chain for one in seals()[:-1])]
    assert (report.number, report.chain) == (seals()[-1].number, seals()[-1].chain)
    assert report.rows == sum(one.count for one in seals())


def test_sealing_twice_seals_nothing_more(chain: list[WayOut]) -> None:
    before = [one.chain for one in seals()]

    report = seal_ledgers(at=AT)

    assert (report.seals, report.rows, report.chain) == (0, 0, before[-1])
    assert [one.chain for one in seals()] == before


def test_later_rows_hang_on_the_same_chain(chain: list[WayOut]) -> None:
    take_out(1)

    report = seal_ledgers(at=AT + timedelta(minutes=1))

    assert (report.seals, report.rows) == (1, 1)
    assert verify().holds


def test_a_round_killed_in_the_middle_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(10)
    hang, hung = sealing.hang, []

    def killed(*args: Any) -> None:
        if len(hung) == 1:
            raise KeyboardInterrupt
        hung.append(1)
        hang(*args)

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "hang", killed)
        with pytest.raises(KeyboardInterrupt):
            seal_ledgers(at=AT, batch=4)
    half = len(seals())

    seal_ledgers(at=AT, batch=4)

    assert half == 1
    done = verify()
    assert done.holds and done.unsealed == 0
    assert sum(one.count for one in seals() if one.table_name == "audit_wayout") == 10


def test_a_round_that_was_overtaken_stops_and_leaves_the_chain_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(3)
    settled, inside = sealing.settled_top, []

    def overtaken(model: Any) -> int | None:
        if not inside:
            inside.append(1)
            seal_ledgers(at=AT)
        return settled(model)

    monkeypatch.setattr(sealing, "settled_top", overtaken)

    report = seal_ledgers(at=AT)

    assert report.seals == 0 and report.more
    assert verify().holds


def test_a_round_takes_no_more_than_it_is_told_and_says_that_more_waits() -> None:
    take_out(10)

    first = seal_ledgers(at=AT, batch=2, most=4)
    second = seal_ledgers(at=AT)

    assert first.more and first.rows >= 4
    assert not second.more and verify().unsealed == 0


def test_with_nothing_new_a_round_asks_a_fixed_number_of_questions(
    chain: list[WayOut], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1 + 2 * len(LEDGERS)):
        seal_ledgers(at=AT)


def test_the_other_digest_may_take_over_in_the_middle_of_a_chain(chain: list[WayOut], settings: Any) -> None:
    settings.AUDIT_DIGEST = "sm3"
    take_out(2)

    seal_ledgers(at=AT)

    assert {one.algorithm for one in seals()} == {"sha256", "sm3"}
    assert verify().holds


# -- what verification names ---------------------------------------------------------------------------------------------


def _alter(rows: list[WayOut]) -> tuple[Fault, int]:
    tampered("UPDATE audit_wayout SET rows = 99 WHERE id = %s", rows[5].pk)
    return Fault.ALTERED, rows[5].pk


def _alter_two(rows: list[WayOut]) -> tuple[Fault, int]:
    tampered("UPDATE audit_wayout SET what = '' WHERE id IN (%s, %s)", rows[8].pk, rows[3].pk)
    return Fault.ALTERED, rows[3].pk


def _delete(rows: list[WayOut]) -> tuple[Fault, int]:
    tampered("DELETE FROM audit_wayout WHERE id = %s", rows[4].pk)
    return Fault.MISSING, rows[4].pk


def _cut_tail(rows: list[WayOut]) -> tuple[Fault, int]:
    tampered("DELETE FROM audit_wayout WHERE id >= %s", rows[8].pk)
    return Fault.MISSING, rows[8].pk


def _empty(rows: list[WayOut]) -> tuple[Fault, int]:
    tampered("DELETE FROM audit_wayout")
    return Fault.MISSING, rows[0].pk


def _insert_in_a_gap(rows: list[WayOut]) -> tuple[Fault, int]:
    """An id that a batch had jumped over: it lies between two batches, in neither."""
    tampered(
        "INSERT INTO audit_wayout (id, way, what, about, form, rows, code, digest, asked, at) "
        "SELECT %s, way, what, about, form, rows, 'FORGED', digest, asked, at FROM audit_wayout WHERE id = %s",
        rows[0].pk - 1,
        rows[0].pk,
    )
    return Fault.INSERTED, rows[0].pk - 1


def _swap_in(rows: list[WayOut]) -> tuple[Fault, int]:
    tampered("DELETE FROM audit_wayout WHERE id = %s", rows[2].pk)
    tampered(
        "INSERT INTO audit_wayout (id, way, what, about, form, rows, code, digest, asked, at) "
        "SELECT %s, way, what, about, form, rows, 'FORGED', digest, asked, at FROM audit_wayout WHERE id = %s",
        rows[2].pk,
        rows[3].pk,
    )
    return Fault.ALTERED, rows[2].pk


@pytest.mark.parametrize("act", [_alter, _alter_two, _delete, _cut_tail, _empty, _insert_in_a_gap, _swap_in])
def test_the_first_row_that_is_not_as_it_was_is_named(
    chain: list[WayOut], act: Callable[[list[WayOut]], tuple[Fault, int]]
) -> None:
    fault, row = act(chain)

    done = verify()

    assert [(one.fault, one.table, one.row) for one in done.troubles] == [(fault, "audit_wayout", row)]
    assert f"第 {row} 行" in done.troubles[0].sentence


def test_a_row_inserted_in_the_middle_of_a_batch_is_named() -> None:
    rows = take_out(4)
    tampered("DELETE FROM audit_wayout WHERE id = %s", rows[1].pk)
    seal_ledgers(at=AT)

    tampered(
        "INSERT INTO audit_wayout (id, way, what, about, form, rows, code, digest, asked, at) "
        "SELECT %s, way, what, about, form, rows, 'FORGED', digest, asked, at FROM audit_wayout WHERE id = %s",
        rows[1].pk,
        rows[0].pk,
    )

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.row) == (Fault.INSERTED, rows[1].pk)


@pytest.mark.parametrize(
    ("column", "value"),
    [("count", 3), ("digest", "0" * 64), ("chain", "1" * 64), ("note", "x"), ("marks", b"x"), ("last_id", 10**9)],
)
def test_an_altered_seal_is_named(chain: list[WayOut], column: str, value: Any) -> None:
    number = seals()[-1].number

    tampered(f'UPDATE audit_seal SET "{column}" = %s WHERE number = %s', value, number)

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.seal) == (Fault.SEAL_ALTERED, number)


def test_a_missing_seal_is_named(chain: list[WayOut]) -> None:
    tampered("DELETE FROM audit_seal WHERE number = %s", 2)

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.seal) == (Fault.SEAL_MISSING, 2)


def test_a_row_altered_with_its_seal_made_to_fit_is_found_by_the_next_seal(chain: list[WayOut]) -> None:
    second = next(one for one in seals() if one.table_name == "audit_wayout")
    tampered("UPDATE audit_wayout SET rows = 99 WHERE id = %s", chain[0].pk)
    rows = sealing.seal_rows(
        "sha256",
        sealing.read_rows("audit_wayout", second.columns.split(","), second.first_id, second.last_id),
    )
    second.digest, second.marks = rows.digest, rows.marks
    second.chain = link("sha256", second.previous, second.said, rows.marks)
    with guards_lifted(connection):
        second.save()

    [trouble] = verify().troubles
    assert (trouble.fault, trouble.seal) == (Fault.SEAL_ALTERED, second.number + 1)


def test_a_chain_cut_at_its_end_is_told_by_the_anchor_on_paper(chain: list[WayOut]) -> None:
    last = seals()[-1]
    tampered("DELETE FROM audit_seal WHERE number = %s", last.number)
    seal_ledgers(at=AT + timedelta(hours=1))

    assert verify().holds
    [trouble] = verify(anchors=[last.chain]).troubles
    assert (trouble.fault, trouble.text) == (Fault.ANCHOR_MISSING, last.chain)
    assert verify(anchors=[seals()[0].chain.upper()]).holds


def test_verification_may_begin_at_a_seal_that_is_trusted(chain: list[WayOut]) -> None:
    number = seals()[-1].number

    whole, tail = verify(), verify(since=number)

    assert tail.holds and (tail.seals, tail.chain) == (1, whole.chain)
    tampered("DELETE FROM audit_wayout WHERE id = %s", chain[-1].pk)
    assert verify(since=number).troubles[0].row == chain[-1].pk


def test_a_seal_cannot_be_altered_or_removed_by_the_program(chain: list[WayOut]) -> None:
    for act in (lambda: Seal.objects.update(note="x"), lambda: Seal.objects.all().delete()):
        with pytest.raises(Exception, match="台账只能追加"), transaction.atomic():
            act()


def test_the_doors_are_what_the_room_offers() -> None:
    offered = {"Removed", "SealedReport", "note_way_out", "remove_old", "seal_ledgers", "settled_top"}

    assert set(services.__all__) == offered
    assert RowChange._meta.db_table in LEDGERS
