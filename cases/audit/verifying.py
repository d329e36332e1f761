"""Reads the whole chain again, and names the first thing that is not as it was sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from cases.audit.declared import LEDGERS, REMOVABLE
from cases.audit.models import Seal, SealKind
from cases.audit.queries import table_name
from cases.audit.rules import BEGINNING, FAULT_NAMES, Fault, UnknownAlgorithm, first_difference, link, seal_rows
from cases.audit.services.sealing import read_rows
from cases.audit.watching import models_by_table, unguarded

# Before the first row too nothing may be slipped in, not even under a number no row would get.
LOWEST = -(2**63)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong: of which table and row, or at which seal."""

    fault: Fault
    table: str = ""
    row: int | None = None
    seal: int | None = None
    text: str = ""

    @property
    def sentence(self) -> str:
        named = FAULT_NAMES[self.fault]
        if self.row is not None:
            return f"{table_name(self.table)}（{self.table}）第 {self.row} 行{named}（第 {self.seal} 条封存）"
        where = f"{self.table}" if self.table else ""
        seal = f"第 {self.seal} 条" if self.seal is not None else ""
        return f"{where}{seal}{named}{f'：{self.text}' if self.text else ''}"


@dataclass(slots=True)
class Verified:
    """What was read: seals, rows, rows not sealed yet, the chain's end, and the first trouble of each kind of place."""

    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    number: int = 0
    chain: str = BEGINNING
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.troubles


def verify(*, anchors: Iterable[str] = (), since: int = 1) -> Verified:
    """Check the chain and every row under it, in the order of sealing, up to the first trouble; then the guards.

    `anchors` are chain values from bulletins on paper: one that is not on the chain means that the chain was cut or made
    anew. `since` begins at that seal and trusts what lies before.
    """
    done = Verified()
    gone: dict[str, int] = {}
    removals = Seal.objects.filter(kind=SealKind.REMOVAL, table_name__in=list(REMOVABLE))
    for table, last in removals.values_list("table_name", "last_id"):
        gone[table] = max(gone.get(table, 0), last)
    ends: dict[str, int] = {}
    if since > 1:
        done.number = since - 1
        before = Seal.objects.filter(number=since - 1).only("chain").first()
        if before is None:
            done.troubles.append(Trouble(Fault.SEAL_MISSING, seal=since - 1))
            return done
        done.chain = before.chain
        for table, last in Seal.objects.filter(number__lt=since, kind=SealKind.ROWS).values_list(
            "table_name", "last_id"
        ):
            ends[table] = max(ends.get(table, 0), last)
    for seal in Seal.objects.filter(number__gte=since).order_by("number").iterator(chunk_size=200):
        trouble = _chained(seal, done) or _rows_hold(seal, ends, gone, done)
        if trouble is not None:
            done.troubles.append(trouble)
            break
        done.seals += 1
        done.number, done.chain = seal.number, seal.chain
    for value in anchors:
        if not Seal.objects.filter(chain="".join(value.split()).lower()).exists():
            done.troubles.append(Trouble(Fault.ANCHOR_MISSING, text=value))
    done.troubles += [Trouble(Fault.UNGUARDED, table=table) for table in unguarded(connection)]
    if done.holds:
        done.unsealed = sum(
            models_by_table()[table]._base_manager.filter(pk__gt=ends.get(table, 0)).count() for table in LEDGERS
        )
    return done


def _chained(seal: Seal, done: Verified) -> Trouble | None:
    """The seal is the next, hangs on the last, and says what it said."""
    if seal.number != done.number + 1:
        return Trouble(Fault.SEAL_MISSING, seal=done.number + 1)
    try:
        chain = link(seal.algorithm, done.chain, seal.said, bytes(seal.marks))
    except UnknownAlgorithm as error:
        return Trouble(Fault.UNREADABLE, seal=seal.number, text=str(error))
    if seal.previous != done.chain or seal.chain != chain:
        return Trouble(Fault.SEAL_ALTERED, seal=seal.number)
    return None


def _rows_hold(seal: Seal, ends: dict[str, int], gone: dict[str, int], done: Verified) -> Trouble | None:
    """The rows between the last batch's end and this one's are those that were sealed."""
    if seal.kind != SealKind.ROWS:
        # Nothing but the logs may ever be removed, whatever a seal says.
        return None if seal.table_name in REMOVABLE else Trouble(Fault.SEAL_ALTERED, seal=seal.number)
    table, begin = seal.table_name, ends.get(seal.table_name, LOWEST - 1) + 1
    ends[table] = seal.last_id
    if table not in models_by_table():
        return Trouble(Fault.UNREADABLE, table=table, seal=seal.number, text="表已不存在")
    if seal.last_id <= gone.get(table, 0):
        rows = models_by_table()[table]._base_manager.filter(pk__gte=begin, pk__lte=seal.last_id).order_by("pk")
        back = rows.values_list("pk", flat=True).first()
        return None if back is None else Trouble(Fault.INSERTED, table, back, seal.number)
    try:
        found = seal_rows(seal.algorithm, read_rows(table, seal.columns.split(","), begin, seal.last_id))
    except KeyError as error:
        return Trouble(Fault.UNREADABLE, table=table, seal=seal.number, text=f"没有 {error.args[0]} 列")
    done.rows += found.count
    if found.digest == seal.digest and found.marks == bytes(seal.marks):
        return None
    difference = first_difference(bytes(seal.marks), found.marks)
    if difference is None:
        return Trouble(Fault.SEAL_ALTERED, table=table, seal=seal.number)
    return Trouble(difference.fault, table, difference.row_id, seal.number)
