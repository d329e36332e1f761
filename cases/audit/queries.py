"""What is read of the audit: the two logs, the chain's end, and what a row looked like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, QuerySet

from cases.audit.models import RowChange, Seal, SealKind, WayOut
from cases.audit.watching import MASK_CHANGED, models_by_table


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of the chain: number, value, and when it was sealed. Whoever holds it on paper can tell a rebuilt chain."""

    number: int
    chain: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of a changed row: its name, what it was and what it is."""

    name: str
    old: str
    new: str


def anchor(at: datetime) -> Anchor | None:
    """The last seal of the moment `at`; none where nothing was sealed by then."""
    row = Seal.objects.filter(sealed_at__lte=at).order_by("-number").only("number", "chain", "sealed_at").first()
    return Anchor(row.number, row.chain, row.sealed_at) if row is not None else None


def removed_up_to(table: str) -> int:
    """The last id of a log that was removed, 0 where none was."""
    rows = Seal.objects.filter(table_name=table, kind=SealKind.REMOVAL).order_by("-number")
    return rows.values_list("last_id", flat=True).first() or 0


def changes() -> QuerySet[RowChange]:
    return RowChange.objects.select_related("by__unit")


def ways_out() -> QuerySet[WayOut]:
    return WayOut.objects.select_related("by__unit")


def table_name(table: str) -> str:
    """What a table is called; its own name where nothing has it any more."""
    model = models_by_table().get(table)
    return _TABLES.get(table) or (str(model._meta.verbose_name) if model is not None else table)


def shown_values(change: RowChange) -> list[Shown]:
    """The columns of a change that moved; of a new or deleted row all that hold something."""
    old, new = (json.loads(text) if text else {} for text in (change.old, change.new))
    model = models_by_table().get(change.table_name)
    fields = {field.column: field for field in model._meta.concrete_fields} if model is not None else {}
    found = []
    for column in dict.fromkeys((*new, *old)):
        before, after = old.get(column), new.get(column)
        if old and new:
            if before == after and after != MASK_CHANGED:
                continue
        elif before in (None, "") and after in (None, ""):
            continue
        field = fields.get(column)
        yes_or_no = isinstance(field, BooleanField)
        name = _column_name(field, column)
        found.append(Shown(name, _said(before, yes_or_no), _said(after, yes_or_no)))
    return found


# Tables that Django makes by itself, and columns that libraries leave in English.
_TABLES = {
    "auth_group_permissions": "权限组的权限",
    "cases_officer_groups": "民警的权限组",
    "cases_officer_user_permissions": "民警的单独权限",
    "cases_limit_kinds": "时限适用的事项种类",
}
_NAMED = {
    "ID": "行号",
    "Task Name": "执行的任务",
    "group": "权限组",
    "permission": "权限",
    "officer": "民警",
    "limit": "时限",
    "matterkind": "事项种类",
    "对象id": "对象行号",
}


def _column_name(field: Any, column: str) -> str:
    name = str(field.verbose_name) if field is not None else column
    return _NAMED.get(name, name)


def _said(value: Any, yes_or_no: bool) -> str:
    if value is None or value == "":
        return "—"
    if yes_or_no:
        return "是" if value else "否"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def seals() -> QuerySet[Seal]:
    """The seals without the marks of their rows, which only verification reads."""
    return Seal.objects.defer("marks")
