"""Seals what was written in the ledgers since the last time, batch by batch, each seal hanging on the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max, Model

from cases.audit.declared import LEDGERS
from cases.audit.models import Seal, SealKind
from cases.audit.rules import BEGINNING, link, seal_rows
from cases.audit.watching import models_by_table

BATCH = 5000
# One round takes no more than this, so that the first over a large bureau is done in several.
MOST_ROWS = 200_000
# Rows of some ledgers hold whole papers.
AT_ONCE = 500


@dataclass(slots=True)
class SealedReport:
    """What a round sealed: batches, rows; tables that were being written and are left for the next; the chain's last
    number and value; whether more is waiting."""

    seals: int = 0
    rows: int = 0
    busy: list[str] = field(default_factory=list)
    number: int = 0
    chain: str = BEGINNING
    more: bool = False


class _Overtaken(Exception):
    """Another round has sealed meanwhile."""


def seal_ledgers(*, at: datetime, batch: int = BATCH, most: int = MOST_ROWS) -> SealedReport:
    """Seal what no seal covers yet; `at` is the aware moment written in the seals.

    1. Of each ledger, up to where every row is there: nobody may still hold an id below.
    2. Batch by batch: digest the rows, and hang the seal on the last, in a transaction of its own.
    3. Where another round was quicker, stop: it does the rest.

    Nothing new seals nothing. A round killed anywhere leaves whole seals only, and the next goes on after them.
    """
    report = SealedReport()
    last = Seal.objects.order_by("-number").only("number", "chain").first()
    report.number, report.chain = (last.number, last.chain) if last is not None else (0, BEGINNING)
    try:
        for table in LEDGERS:
            _seal_table(table, report, at, batch, most)
            if report.rows >= most:
                report.more = True
                break
    except _Overtaken:
        report.more = True
    return report


def _seal_table(table: str, report: SealedReport, at: datetime, batch: int, most: int) -> None:
    model = models_by_table()[table]
    sealed = (
        Seal.objects.filter(table_name=table, kind=SealKind.ROWS).order_by("-number").values_list("last_id", flat=True)
    )
    done = sealed.first() or 0
    if not model._base_manager.filter(pk__gt=done).exists():
        return
    top = settled_top(model)
    if top is None:
        report.busy.append(table)
        return
    columns = sealed_columns(table)
    while done < top and report.rows < most:
        ids = model._base_manager.filter(pk__gt=done, pk__lte=top).order_by("pk").values_list("pk", flat=True)
        chosen = list(ids[:batch])
        if not chosen:
            return
        rows = seal_rows(settings.AUDIT_DIGEST, read_rows(table, columns, chosen[0], chosen[-1]))
        hang(
            report,
            Seal(
                kind=SealKind.ROWS,
                table_name=table,
                first_id=chosen[0],
                last_id=chosen[-1],
                count=rows.count,
                columns=",".join(columns),
                digest=rows.digest,
                marks=rows.marks,
                sealed_at=at,
            ),
        )
        report.rows += rows.count
        done = chosen[-1]


def hang(report: SealedReport, seal: Seal) -> None:
    """Write a seal after the last one the report knows; raises where there is another after it by now."""
    seal.number, seal.previous = report.number + 1, report.chain
    seal.algorithm = settings.AUDIT_DIGEST
    seal.chain = link(seal.algorithm, seal.previous, seal.said, bytes(seal.marks))
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
    except IntegrityError as error:
        if Seal.objects.filter(number=seal.number).exists():
            raise _Overtaken from error
        raise
    report.number, report.chain = seal.number, seal.chain
    report.seals += 1


def settled_top(model: type[Model]) -> int | None:
    """The highest id below which no row can still come; none where the table is being written too busily to say.

    PostgreSQL gives out ids before rows are committed: whoever has one holds the table, so once nobody does, all are there.
    SQLite has one writer, and ids come as rows do.
    """
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '1s'")
                    cursor.execute(f'LOCK TABLE "{model._meta.db_table}" IN SHARE MODE')
            top: int | None = model._base_manager.aggregate(top=Max("pk"))["top"]
            return top or 0
    except OperationalError:
        if connection.vendor != "postgresql":
            raise
        return None


def sealed_columns(table: str) -> list[str]:
    """The columns of a ledger that are sealed, the id first: all but those that may be filled in later."""
    model, later = models_by_table()[table], LEDGERS[table]
    columns = sorted(str(field.column) for field in model._meta.concrete_fields if field.name not in later)
    key = str(model._meta.pk.column)
    return [key, *(column for column in columns if column != key)]


def read_rows(table: str, columns: list[str], first: int, last: int) -> Iterator[tuple[Any, ...]]:
    """Rows of a ledger with these columns, in the order of their ids. Refuses (KeyError) a column there is none of now."""
    model = models_by_table()[table]
    named = {str(field.column): field.attname for field in model._meta.concrete_fields}
    rows = model._base_manager.filter(pk__gte=first, pk__lte=last).order_by("pk")
    return rows.values_list(*(named[column] for column in columns)).iterator(chunk_size=AT_ONCE)
