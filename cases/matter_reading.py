"""Matters and their events as rows, read in a fixed number of queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from cases.bulk import fetch_rows
from cases.models import Event, Matter, Unit
from cases.statute.events import Occurrence, standing
from cases.statute.limits import Facts, fact_text

if TYPE_CHECKING:
    from cases.winding import Catalogue


class MatterRow(NamedTuple):
    id: int
    number: str
    kind_id: int
    unit_id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    officer_id: int | None
    facts: dict[str, Any]
    unit_kind: str
    unit_level: int
    case_kind_id: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    withdrawn_at: datetime | None
    restricted: bool


class Holder(NamedTuple):
    """Whose clock it is: the unit's columns and the officer, and whether the matter is closed to all but its handlers."""

    unit_id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    officer_id: int | None
    restricted: bool


# City, county and station of a unit.
Place = tuple[int | None, int | None, int | None]


class Transfer(NamedTuple):
    at: datetime
    from_unit: int
    from_officer: int | None


_EVENT_COLUMNS = (
    "id",
    "matter_id",
    "kind_id",
    "occurred_at",
    "day_only",
    "recorded_at",
    "voids_id",
    "only_voids",
    "tier",
    "approver",
    "ground",
    "amount",
    "sets_at",
    "sets_on",
    "reference",
    "from_unit_id",
    "from_officer_id",
)


_EVENT_MOMENTS = tuple(_EVENT_COLUMNS.index(name) for name in ("occurred_at", "recorded_at", "sets_at"))
_EVENT_DAYS = (_EVENT_COLUMNS.index("sets_on"),)


def marks(ids: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(ids))


@dataclass(slots=True)
class Story:
    """The events of one matter: all of them, and the hand-overs among them."""

    events: list[Occurrence] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)


def read_matters(ids: Sequence[int], lock: bool) -> list[MatterRow]:
    rows = Matter.objects.filter(pk__in=ids).order_by("pk")
    if lock and connection.features.has_select_for_update:
        # Two windings of one matter take turns; the second sees what the first wrote.
        list(rows.select_for_update().values_list("pk"))
    return [
        MatterRow(*row)
        for row in rows.values_list(
            "id",
            "number",
            "kind_id",
            "unit_id",
            "city_id",
            "county_id",
            "station_id",
            "officer_id",
            "facts",
            "unit__kind",
            "unit__level",
            "parent__kind_id",
            "opened_at",
            "closed_at",
            "withdrawn_at",
            "restricted",
        )
    ]


def read_stories(ids: Sequence[int], kind_of: Mapping[int, int], law: Catalogue) -> dict[int, Story]:
    stories: dict[int, Story] = defaultdict(Story)
    days: dict[tuple[datetime, int], date] = {}
    rows = fetch_rows(
        Event._meta.db_table,
        _EVENT_COLUMNS,
        f'"matter_id" IN ({marks(ids)}) AND "withdrawn_at" IS NULL',
        ids,
        moments=_EVENT_MOMENTS,
        days=_EVENT_DAYS,
    )
    for row in rows:
        matter_id, at, kind_id = row[1], row[3], kind_of[row[1]]
        on = days.get((at, kind_id))
        if on is None:
            on = days[(at, kind_id)] = at.astimezone(law.zones[kind_id]).date()
        kind = "" if row[7] else law.event_kinds[row[2]]
        story = stories[matter_id]
        story.events.append(
            Occurrence(
                row[0],
                kind,
                at,
                on,
                row[5],
                row[4],
                row[6],
                row[8],
                row[9],
                row[10],
                row[11],
                row[12],
                row[13],
                row[14],
            )
        )
        if row[15] is not None:
            story.transfers.append(Transfer(at, row[15], row[16]))
    for story in stories.values():
        story.transfers.sort()
    return stories


def facts_of(matter: MatterRow, law: Catalogue) -> Facts:
    facts = {name: fact_text(value) for name, value in matter.facts.items()}
    facts["unit_kind"] = matter.unit_kind
    facts["unit_level"] = str(matter.unit_level)
    if matter.case_kind_id is not None:
        # Measures, seized items and visits stand under the law of the case they belong to.
        facts.setdefault("case_kind", law.kinds[matter.case_kind_id])
    facts["kind"] = law.kinds[matter.kind_id]
    return facts


def life_of(matter: MatterRow, story: Story, at: datetime, law: Catalogue) -> tuple[datetime | None, datetime | None]:
    """When the matter opened and closed: its first opening event (or first event), and its last closing event.

    An opening event after the last closing one opens it again.
    """
    first = opened = reopened = closed = None
    for event in standing(story.events, at):
        if not event.kind:
            continue
        opens, closes = law.marks[event.kind]
        first = first or event.at
        if opens:
            opened, reopened = opened or event.at, event.at
        if closes:
            closed = event.at
    return opened or first, None if closed and reopened and reopened > closed else closed


def units_of(stories: Mapping[int, Story]) -> dict[int, Place]:
    ids = {handed.from_unit for story in stories.values() for handed in story.transfers}
    if not ids:
        return {}
    rows = Unit.objects.filter(pk__in=ids).values_list("pk", "city_id", "county_id", "station_id")
    return {pk: (city, county, station) for pk, city, county, station in rows}
