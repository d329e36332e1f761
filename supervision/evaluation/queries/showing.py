"""How a counted row is named in a list, and where it leads; and which rows an officer may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from cases.models import Matter, Officer
from cases.queries import clocks_of, matters_of
from supervision.evaluation.counted import CountedSource
from supervision.evaluation.sources import SOURCES
from supervision.petitions.queries import complaints_of, petitions_of
from supervision.rectification.queries import orders_of


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A counted row in a list: its key, what it is called, the unit it hangs on now, the moment it counts by, its page."""

    key: int
    name: str
    title: str
    unit: str
    when: datetime | date | None
    link: str


# What has to be read with a row so that it can be named.
_WITH = {
    "matters": ("kind", "unit"),
    "parts": ("kind", "unit", "parent"),
    "clocks": ("matter", "limit", "unit"),
    "petition_clocks": ("matter", "limit", "unit"),
    "orders": ("problem", "unit"),
    "ratings": ("matter__unit", "matter__kind"),
    "complaints": ("matter", "accused_unit"),
    "petitions": ("matter__unit",),
    "disputes": ("matter__unit", "matter__kind"),
    "reviews": ("matter__unit", "matter__kind"),
    "transfers": ("matter__unit", "matter__kind"),
    "items": ("case__matter", "case__unit"),
}


def show_rows(source: str, keys: Iterable[Any]) -> list[ShownRow]:
    """Rows of a source by their keys, in that order as far as they still are there; one question."""
    keys = list(keys)
    if not keys:
        return []
    found = SOURCES[source].model._base_manager.select_related(*_WITH[source]).in_bulk(keys)
    return [show_row(source, found[key]) for key in keys if key in found]


def read_with(source: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with what their names need."""
    return rows.select_related(*_WITH[source])


def show_row(source: str, row: Any, moment: str = "") -> ShownRow:
    """One row of a source as a list shows it; `moment` names the moment it counts by, else its first."""
    name, title, unit, link = _named(source, row)
    moments = SOURCES[source].moments
    column = moments[moment or next(iter(moments))].column
    when: Any = row
    for step in column.split("__"):
        when = getattr(when, step, None)
    return ShownRow(row.pk, name, title, str(unit or ""), when, link)


def _named(source: str, row: Any) -> tuple[str, str, Any, str]:
    match source:
        case "matters" | "parts":
            return row.number, str(row.kind), row.unit, reverse("desk:matter", args=(row.pk,))
        case "clocks" | "petition_clocks":
            return row.matter.number, str(row.limit), row.unit, reverse("desk:clock", args=(row.pk,))
        case "orders":
            return row.number, str(row.problem), row.unit, reverse("rectification:order", args=(row.pk,))
        case "ratings":
            matter = row.matter
            link = reverse("desk:matter", args=(matter.pk,))
            return matter.number, f"{matter.kind}：{row.get_grade_display()}", matter.unit, link
        case "complaints":
            link = reverse("petitions:complaint", args=(row.pk,))
            return row.matter.number, row.get_channel_display(), row.accused_unit, link
        case "petitions":
            link = reverse("petitions:petition", args=(row.pk,))
            return row.matter.number, row.get_stage_display(), row.matter.unit, link
        case "items":
            return row.case.matter.number, row.title, row.case.unit, reverse("followup:case", args=(row.case_id,))
    return row.matter.number, str(row.matter.kind), row.matter.unit, reverse("desk:matter", args=(row.matter_id,))


def seen_by(source: CountedSource, rows: QuerySet[Any], officer: Officer) -> QuerySet[Any]:
    """Of the rows those an officer may see; a rating only who may read ratings, as a unit that saw each would know where to
    ask who gave it."""
    match source.name:
        case "matters" | "parts":
            return rows.filter(pk__in=matters_of(officer).values("pk"))
        case "clocks" | "petition_clocks":
            return rows.filter(pk__in=clocks_of(officer).values("pk"))
        case "orders":
            return rows.filter(pk__in=orders_of(officer).values("pk"))
        case "complaints":
            return rows.filter(pk__in=complaints_of(officer).values("pk"))
        case "petitions":
            return rows.filter(pk__in=petitions_of(officer).values("pk"))
        case "ratings":
            if not officer.has_perm("cases.view_feedback"):
                return rows.none()
    path = {"items": "case__matter"}.get(source.name, "matter")
    visible: QuerySet[Matter] = matters_of(officer)
    return rows.filter(**{f"{path}__in": visible.values("pk")})
