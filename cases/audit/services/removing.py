"""Removes logs whose time is over, and seals that they were removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from cases.audit.declared import REMOVABLE
from cases.audit.models import Seal, SealKind
from cases.audit.queries import removed_up_to
from cases.audit.rules import BEGINNING, removable_before
from cases.audit.services.sealing import SealedReport, hang
from cases.audit.watching import models_by_table
from cases.ledgers import lift_guard, put_guard
from cases.models import Officer


@dataclass(slots=True)
class Removed:
    """What was removed: rows of each table, and before which moment they were written."""

    before: datetime
    rows: dict[str, int] = field(default_factory=dict)


def remove_old(
    *,
    by: Officer | None,
    at: datetime,
    confirmed_by: Officer | None = None,
    written_before: datetime | None = None,
    dry_run: bool = False,
) -> Removed:
    """Remove the change log and the record of ways out written before the time they must be kept (`AUDIT_KEEP_DAYS`).

    Only whole sealed batches go, from the oldest on, and their seals stay; each table's removal is sealed in the same
    transaction. Six months stay whatever the setting (网络安全法 2025, 23 (3)). With `written_before` nothing written
    later goes either. The seal names who asked and who confirmed it. With `dry_run` only counts.

    Refuses (ValueError) one person who is both.
    """
    if by is not None and confirmed_by is not None and by.pk == confirmed_by.pk:
        raise ValueError("a removal takes two persons")
    before = removable_before(at, settings.AUDIT_KEEP_DAYS)
    done = Removed(min(before, written_before) if written_before is not None else before)
    whom = "、".join(f"{one.name}（{one.police_number}）" for one in (by, confirmed_by) if one is not None)
    for table, moment in REMOVABLE.items():
        with transaction.atomic():
            done.rows[table] = _remove(table, moment, done.before, whom or "管理命令", at, dry_run)
    return done


def _remove(table: str, moment: str, before: datetime, whom: str, at: datetime, dry_run: bool) -> int:
    model = models_by_table()[table]
    start = removed_up_to(table)
    young = model._base_manager.filter(pk__gt=start, **{f"{moment}__gte": before}).order_by("pk")
    limit = young.values_list("pk", flat=True).first()
    batches = Seal.objects.filter(table_name=table, kind=SealKind.ROWS, last_id__gt=start)
    if limit is not None:
        batches = batches.filter(last_id__lt=limit)
    last = batches.order_by("-number").values_list("last_id", flat=True).first()
    if last is None:
        return 0
    old = model._base_manager.filter(pk__gt=start, pk__lte=last)
    count, first = old.count(), old.order_by("pk").values_list("pk", flat=True).first()
    if dry_run or first is None:
        return count
    editor = connection.schema_editor()
    lift_guard(editor, model)
    # Row by row nothing is to be told: no key points here.
    old._raw_delete(old.db)
    put_guard(editor, model, ("by", "via") if table == "audit_rowchange" else ())
    newest = Seal.objects.order_by("-number").first()
    report = SealedReport()
    report.number, report.chain = (newest.number, newest.chain) if newest is not None else (0, BEGINNING)
    hang(
        report,
        Seal(
            kind=SealKind.REMOVAL,
            table_name=table,
            first_id=first,
            last_id=last,
            count=count,
            columns="",
            digest=BEGINNING,
            marks=b"",
            note=f"{whom}清理 {before:%Y-%m-%d} 以前的记录 {count} 行",
            sealed_at=at,
        ),
    )
    return count
