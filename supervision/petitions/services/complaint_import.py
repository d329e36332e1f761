"""Bringing in a register of complaints: read, told what would change, taken in. Nothing of the file is kept.

The file is read by the readers of the house's own import (encodings, workbooks, malicious files). Every row is a
complaint through `register_complaint`, so that who is complained about is barred before anybody sees it, and who
complained is sealed; the general import would leave both lying open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from cases.intake.dates import BadTime, TimeReader
from cases.intake.files import RawRow
from cases.intake.mapping import Field, IntakeMapping
from cases.intake.opening import open_table, read_heads
from cases.intake.report import RowProblem
from cases.intake.xlsx_file import cell_text
from cases.models import HandlingRole, Matter, Officer, Unit
from cases.models.scope import restricted_matters
from cases.queries import matters_of, units_of
from supervision.petitions import sealing
from supervision.petitions.complaint_columns import Column, columns_of
from supervision.petitions.models import Complaint, ComplaintChannel
from supervision.petitions.refusals import NUMBER_UNUSABLE, TOO_MANY_ROWS, PetitionRefused
from supervision.petitions.services.complaining import register_complaint
from supervision.petitions.services.complaint_likeness import Shelf

# Each row is registered by itself, with its clocks; more than a bureau has in a year.
MOST_ROWS = 500
# Whole numbers of a workbook are exact to so many digits.
EXACT_DIGITS = 15
LENGTHS = {"number": 64, "subject": 2000, "name": 60, "identity": 40, "phone": 30, "address": 200}

BLANK = "不能为空"
TOO_LONG = "超过 {limit} 字"
FORMULA_TEXT = "是公式，不是值；请粘贴为数值后再导入"
LOST_DIGITS = "在表格里是数字，末尾的位数已经丢失；请把这一列设为文本后重新导出"
UNKNOWN_UNIT = "没有名称或代码为“{text}”的单位"
OUT_OF_SIGHT = "您管辖的单位中没有“{text}”"
UNKNOWN_OFFICER = "没有警号为“{text}”的在用民警"
UNKNOWN_MATTER = "您可以看到的案件中没有编号“{text}”"
YES_OR_NO = "“{text}”应写“是”或者“否”"
TWICE = "编号与第{row}行相同"
SUBJECT_DIFFERS = "与系统内登记的内容不同，没有覆盖"

_YES, _NO = ("是", "涉企", "1", "true", "Y", "y"), ("否", "非涉企", "0", "false", "N", "n", "")


@dataclass(slots=True)
class ComplaintReport:
    """What an import did, or in a rehearsal would do: rows read, new, unchanged, refused with field and reason."""

    channel: ComplaintChannel
    dry_run: bool
    rows_read: int = 0
    new: int = 0
    unchanged: int = 0
    rows_refused: int = 0
    alike: int = 0
    refusals: list[RowProblem] = field(default_factory=list)
    kept: list[RowProblem] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)


class _Bad(Exception):
    """A cell that cannot be taken: its field and why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def import_complaints(
    path: Path, *, channel: ComplaintChannel | str, by: Officer, at: datetime, dry_run: bool = False
) -> ComplaintReport:
    """Take in a register (CSV, XLSX) of one channel. A rehearsal does the same and takes it all back.

    A row is taken whole or refused whole with every field that is wrong; good rows are taken whatever the others. A number
    on record is left as it is for whoever handles that complaint, and for anybody else it cannot be used, which is all he
    is told. Refuses (IntakeRefused, PetitionRefused) a file that cannot be read, lacks a column, or is too long.
    """
    channel = ComplaintChannel(channel)
    report = ComplaintReport(channel, dry_run)
    columns = columns_of(channel)
    heads = read_heads(path, _mapping(columns, ()))
    present = {one.field: next((head for head in one.heads if head in heads), "") for one in columns}
    mapping = _mapping(columns, [head for head in present.values() if head])
    table = open_table(path, mapping)
    rows = list(table.rows())
    if len(rows) > MOST_ROWS:
        raise PetitionRefused(TOO_MANY_ROWS.format(count=len(rows), limit=MOST_ROWS))
    places = {name: table.heads.index(head) for name, head in present.items() if head}
    with transaction.atomic():
        _Register(report, by, at, places, present).take(rows)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _mapping(columns: Sequence[Column], optional: Sequence[str]) -> IntakeMapping:
    """What the readers are told of the file: the heads it has to have."""
    wanted = list(optional) + [
        one.heads[0] for one in columns if one.required and not any(head in optional for head in one.heads)
    ]
    return IntakeMapping(
        name="投诉举报",
        source="投诉举报",
        shape="matter",
        kind=Field(fixed="complaint"),
        number=Field(columns=(wanted[0],)),
        unit=Field(),
        steps=(),
        facts={head: Field(columns=(head,)) for head in wanted},
    )


class _Register:
    """The rows of one file, held against what is on record: what is asked of the database is asked once."""

    def __init__(
        self, report: ComplaintReport, by: Officer, at: datetime, places: dict[str, int], heads: dict[str, str]
    ) -> None:
        self.report, self.by, self.at = report, by, at
        self.places, self.heads = places, heads
        self.days = TimeReader(day_zone=ZoneInfo(settings.TIME_ZONE), reading="day")
        self.first_rows: dict[str, int] = {}
        self.shelves: dict[int | None, Shelf] = {}

    def take(self, rows: Sequence[RawRow]) -> None:
        texts = [self._texts(row) for row in rows]
        self._look_up(texts)
        for row, told in zip(rows, texts, strict=True):
            if not any(told.values()) and not row.problems:
                continue
            self.report.rows_read += 1
            problems = self._take_row(row, told)
            if problems:
                self.report.rows_refused += 1
                self.report.refusals += [RowProblem(row.number, column, reason) for column, reason in problems]

    def _texts(self, row: RawRow) -> dict[str, str]:
        cells = row.cells
        return {name: cell_text(cells[at]) if at < len(cells) else "" for name, at in self.places.items()}

    def _look_up(self, texts: Sequence[dict[str, str]]) -> None:
        def told(name: str) -> set[str]:
            return {one.get(name, "") for one in texts} - {""}

        city = self.by.unit.city or self.by.unit
        named = told("accused_unit") | told("unit")
        units = (
            Unit.objects.under(city).in_force().filter(Q(code__in=named) | Q(name__in=named) | Q(short_name__in=named))
        )
        self.units: dict[str, list[Unit]] = {}
        for unit in units:
            for name in {unit.code, unit.name, unit.short_name} - {""}:
                self.units.setdefault(name, []).append(unit)
        own = units_of(self.by).filter(pk__in=[unit.pk for unit in units])
        self.own_units = set(own.values_list("pk", flat=True))
        numbers = told("accused_officer") | {one for text in told("handlers") for one in _parted(text)}
        officers = Officer.objects.filter(police_number__in=numbers, is_active=True).select_related("unit")
        self.officers = {officer.police_number: officer for officer in officers}
        matters = matters_of(self.by).filter(number__in=told("about"), restricted=False)
        self.matters = {one.number: one for one in matters.select_related("officer__unit", "unit", "kind")}
        known = Complaint.objects.filter(
            channel=self.report.channel, channel_number__in={sealing.plain_form(one) for one in told("number")}
        )
        self.known = {one.channel_number: one for one in known}
        self.mine = set(restricted_matters(Officer.objects.get(pk=self.by.pk)))

    def _take_row(self, row: RawRow, told: dict[str, str]) -> list[tuple[str, str]]:
        """Take one row, or say of every field that is wrong why."""
        if row.problems:
            return list(row.problems)
        facts, problems = self._read(row, told)
        number = sealing.plain_form(told["number"])
        if not problems:
            first = self.first_rows.setdefault(number, row.number)
            if first != row.number:
                return [(self.heads["number"], TWICE.format(row=first))]
        before = self.known.get(number)
        if before is not None and not problems:
            if before.pk not in self.mine:
                return [(self.heads["number"], NUMBER_UNUSABLE.format(number=told["number"]))]
            self.report.unchanged += 1
            if before.subject != facts["subject"]:
                self.report.kept.append(RowProblem(row.number, self.heads["subject"], SUBJECT_DIFFERS))
            return []
        if problems:
            return problems
        city = facts["unit"].city_id
        shelf = self.shelves.get(city) or self.shelves.setdefault(city, Shelf.of_city(city))
        try:
            with transaction.atomic():
                made = register_complaint(channel=self.report.channel, by=self.by, at=self.at, shelf=shelf, **facts)
        except PetitionRefused as refusal:
            return [("", str(refusal))]
        self.report.new += 1
        self.report.numbers.append(made.matter.number)
        mine = restricted_matters(Officer.objects.get(pk=self.by.pk))
        self.report.alike += made.likenesses.filter(complaint__in=mine, earlier__in=mine).exists()
        return []

    def _read(self, row: RawRow, told: dict[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """What `register_complaint` is told of a row, and (column, reason) of every field that is wrong."""
        facts: dict[str, Any] = {}
        problems: list[tuple[str, str]] = []
        wrong: set[str] = set()
        for name, text in told.items():
            if reason := self._unfit(name, text, row):
                problems.append((self.heads[name], reason))
                wrong.add(name)
        readers = {
            "received_on": lambda: self._day("received_on", row, told),
            "reply_asked_on": lambda: self._day("reply_asked_on", row, told),
            "accused_unit": lambda: self._unit("accused_unit", told),
            "accused_officer": lambda: self._officer("accused_officer", told.get("accused_officer", "")),
            "about": lambda: self._matter(told),
            "enterprise": lambda: self._yes(told),
            "unit": lambda: self._own_unit(told),
            "handlers": lambda: [
                (self._officer("handlers", one), HandlingRole.LEGAL) for one in _parted(told.get("handlers", ""))
            ],
        }
        for name, read in readers.items():
            if name in wrong:
                continue
            try:
                facts[name] = read()
            except _Bad as bad:
                problems.append((self.heads[bad.name], bad.reason))
        person = {name: told.get(name, "") for name in ("name", "identity", "phone", "address")}
        facts |= {
            "channel_number": told["number"],
            "subject": told["subject"],
            "complainant": person,
            "anonymous": not any(person.values()),
        }
        return facts, problems

    def _unfit(self, name: str, text: str, row: RawRow) -> str:
        if not text:
            return BLANK if name in ("number", "received_on", "subject") else ""
        if text.startswith("="):
            return FORMULA_TEXT
        value = row.cells[self.places[name]]
        if name in ("number", "identity", "phone") and isinstance(value, float) and len(text) > EXACT_DIGITS:
            return LOST_DIGITS
        limit = LENGTHS.get(name)
        return TOO_LONG.format(limit=limit) if limit is not None and len(text) > limit else ""

    def _day(self, name: str, row: RawRow, told: dict[str, str]) -> date | None:
        if not told.get(name):
            return None
        try:
            return self.days.read_day(row.cells[self.places[name]])
        except BadTime as bad:
            raise _Bad(name, str(bad)) from bad

    def _unit(self, name: str, told: dict[str, str]) -> Unit | None:
        text = told.get(name, "")
        if not text:
            return None
        found = self.units.get(text, [])
        if len(found) != 1:
            raise _Bad(name, UNKNOWN_UNIT.format(text=text))
        return found[0]

    def _own_unit(self, told: dict[str, str]) -> Unit:
        found = self._unit("unit", told)
        if found is None:
            return self.by.unit
        if found.pk not in self.own_units:
            raise _Bad("unit", OUT_OF_SIGHT.format(text=told["unit"]))
        return found

    def _officer(self, name: str, number: str) -> Officer | None:
        if not number:
            return None
        if number not in self.officers:
            raise _Bad(name, UNKNOWN_OFFICER.format(text=number))
        return self.officers[number]

    def _matter(self, told: dict[str, str]) -> Matter | None:
        number = told.get("about", "")
        if not number:
            return None
        if number not in self.matters:
            raise _Bad("about", UNKNOWN_MATTER.format(text=number))
        return self.matters[number]

    def _yes(self, told: dict[str, str]) -> bool:
        text = told.get("enterprise", "")
        if text not in (*_YES, *_NO):
            raise _Bad("enterprise", YES_OR_NO.format(text=text))
        return text in _YES


def _parted(text: str) -> list[str]:
    for sign in "，,、;；":
        text = text.replace(sign, " ")
    return text.split()
