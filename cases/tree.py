"""The tree of units changed: a unit goes under another, or is merged into another. What hangs on it keeps its unit, and is
seen from then on by whoever is above it now.

These are the acts themselves; who proposes and approves them is the business of the room of unit changes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Substr

from cases.audit.declared import LEDGERS
from cases.models import Barring, Event, EventKind, Matter, Officer, Unit, UnitLadder, UnitLevel
from cases.models.unit import STEP_WIDTH
from cases.services import HAND_OVER, LEVEL_ORDER, UNKNOWN_KIND, CaseRefused, bar, next_path, transfer_matter
from cases.winding import ask_winding

UNIT_ENDED = "{unit}已于 {on} 撤并，不能再变动"
PLACE_ENDED = "{unit}已于 {on} 撤并，请选择在用的单位"
SAME_PARENT = "{unit}的上级现在就是{parent}"
WITHIN_ITSELF = "{parent}就是{unit}或者在其之下"
INTO_LOWER = "{unit}不能并入层级更低的{into}"
AT_THE_TOP = "{unit}是最上级单位，不能并入别的单位"
TOO_DEEP = "{parent}之下的层次已经太多，放不下{unit}"
BEFORE_IT_BEGAN = "{unit}设立于 {since}，不能在此以前撤并"

# So many matters are handed over by one statement.
CHUNK = 2000

_COLUMNS = {UnitLevel.CITY: "city_id", UnitLevel.COUNTY: "county_id", UnitLevel.STATION: "station_id"}

log = logging.getLogger(__name__)


# -- what may be done ------------------------------------------------------------------------------------------------


def check_move(unit: Unit, parent: Unit) -> None:
    """Refuse a move that makes no tree: ended units, under itself or where it is, under a unit not above its level."""
    _check_standing(unit, parent)
    if unit.parent_id == parent.pk:
        raise CaseRefused(SAME_PARENT.format(unit=unit, parent=parent))
    if unit.level <= parent.level:
        raise CaseRefused(LEVEL_ORDER.format(name=unit, parent=parent))
    _check_depth(unit, parent)


def check_merger(unit: Unit, into: Unit, on: date) -> None:
    """Refuse a merger of or into an ended unit, of the topmost, into itself or what is below it, into a lower level, and
    one before the unit began; `on` is the local day it ends."""
    _check_standing(unit, into)
    if unit.parent_id is None:
        raise CaseRefused(AT_THE_TOP.format(unit=unit))
    if into.level > unit.level:
        raise CaseRefused(INTO_LOWER.format(unit=unit, into=into))
    if unit.valid_from is not None and on < unit.valid_from:
        raise CaseRefused(BEFORE_IT_BEGAN.format(unit=unit, since=unit.valid_from))
    _check_depth(unit, into)


def _check_standing(unit: Unit, place: Unit) -> None:
    if unit.valid_until is not None:
        raise CaseRefused(UNIT_ENDED.format(unit=unit, on=unit.valid_until))
    if place.valid_until is not None:
        raise CaseRefused(PLACE_ENDED.format(unit=place, on=place.valid_until))
    if place.path.startswith(unit.path):
        raise CaseRefused(WITHIN_ITSELF.format(parent=place, unit=unit))


def _check_depth(unit: Unit, place: Unit) -> None:
    deepest = max(len(path) for path in Unit.objects.under(unit).values_list("path", flat=True))
    if len(place.path) + STEP_WIDTH + deepest - len(unit.path) > (Unit._meta.get_field("path").max_length or 0):
        raise CaseRefused(TOO_DEEP.format(parent=place, unit=unit))


# -- the acts --------------------------------------------------------------------------------------------------------


def move_unit(*, unit: Unit, parent: Unit, at: datetime) -> Unit:
    """Put a unit with all below it under another, in one transaction; `at` is an aware moment.

    Every row below is seen by the new line from then on and no longer by the old. Matters that a unit now above them is
    barred from go to the nearest unit that is not. Refuses what `check_move` refuses.
    """
    with transaction.atomic():
        unit, parent = _locked(unit, parent)
        check_move(unit, parent)
        _regraft(unit, parent, at)
        rewrite_scope(unit)
        _go_by_new_ladders(unit, at)
        _keep_apart(unit, at)
    unit.refresh_from_db()
    return unit


def merge_unit(*, unit: Unit, into: Unit, on: date, ground: str, at: datetime) -> Unit:
    """End a unit on a local day and put another in its place, in one transaction; `at` is an aware moment.

    What is below it goes under the other. Its open matters are handed over with their officers (`ground` is the document
    that says so), its people belong to the other; what was done and closed stays its own, below the other, and is seen
    from there. Clocks that have run out stay with the unit that let them. Who was barred from a matter as one of the
    unit is barred as one of the other. Refuses what `check_merger` refuses, and a house without the catalogue's kind of
    event for it.
    """
    with transaction.atomic():
        unit, into = _locked(unit, into)
        check_merger(unit, into, on)
        for child in Unit.objects.in_force().filter(parent=unit).order_by("path"):
            _regraft(child, into, at)
            rewrite_scope(child)
        Unit.objects.filter(pk=unit.pk).update(valid_until=on, merged_into=into)
        unit.refresh_from_db()
        _regraft(unit, into, at)
        rewrite_scope(unit)
        hand_over_what_is_left(unit, ground=ground, at=at)
        Officer.objects.filter(unit=unit).update(unit=into)
        UnitLadder.objects.filter(unit=unit).delete()
        for child in Unit.objects.in_force().filter(parent=into, regrafted_at=at):
            _go_by_new_ladders(child, at)
        _bar_the_heir(unit, into, at)
        _keep_apart(into, at)
    unit.refresh_from_db()
    return unit


def settle(unit: Unit, *, ground: str, at: datetime) -> int:
    """Bring into line what was written below a changed unit while it changed, by whoever had read the tree before.

    Answers how many rows that was; nothing to do is no fault.
    """
    with transaction.atomic():
        (unit,) = _locked(unit)
        late = rewrite_scope(unit)
        if unit.merged_into_id is not None:
            late += hand_over_what_is_left(unit, ground=ground, at=at)
    return late


def _locked(*units: Unit) -> list[Unit]:
    """The units as they stand, while nobody else changes the tree."""
    # One lock for all of it: two changes at once could each be right and together make a ring.
    list(Unit.objects.select_for_update().filter(parent=None).order_by("pk").values_list("pk"))
    found = Unit.objects.in_bulk([unit.pk for unit in units])
    return [found[unit.pk] for unit in units]


def _regraft(unit: Unit, parent: Unit, at: datetime) -> None:
    """Give a unit and all below it their place in the tree and the names of the units above them."""
    old = unit.path
    new = old if unit.parent_id == parent.pk else next_path(parent)
    Unit.objects.filter(pk=unit.pk).update(parent=parent)
    Unit.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr("path", len(old) + 1)), regrafted_at=at
    )
    known = {parent.pk: parent}
    rows = list(Unit.objects.filter(path__startswith=new).order_by("path"))
    for row in rows:
        above = known[row.parent_id]  # type: ignore[index]
        row.city_id, row.county_id, row.station_id = above.city_id, above.county_id, above.station_id
        # A unit merged into one of its level is a part of that one: the columns go on naming the whole.
        if row.level > above.level and row.level in _COLUMNS:
            setattr(row, _COLUMNS[UnitLevel(row.level)], row.pk)
        known[row.pk] = row
    Unit.objects.bulk_update(rows, ("city", "county", "station"), batch_size=200)
    unit.refresh_from_db()


# -- what hangs on it ------------------------------------------------------------------------------------------------


def scoped_models() -> Iterator[type[models.Model]]:
    """Every table with the copies of a unit's columns, but sealed ledgers: these say what was, and are read by the unit."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if {"unit", "city", "county", "station"} <= names and model._meta.db_table not in LEDGERS:
            yield model


def rewrite_scope(unit: Unit) -> int:
    """Bring the copies on the rows of a unit and of all below it into line with the tree; answers how many differed.

    One statement a table. The rows are found by what they bear: the name of the unit at its own level, as they were
    written while it stood there. What lay below a merged unit lies below the one it is part of now.
    """
    column = _COLUMNS.get(UnitLevel(unit.level))
    if column is None:
        return 0
    changed = 0
    for model in scoped_models():
        table = model._meta.db_table
        differs = " OR ".join(
            f'COALESCE("{table}"."{name}", 0) <> COALESCE(u."{name}", 0)' for name in _COLUMNS.values()
        )
        sets = ", ".join(f'"{name}" = u."{name}"' for name in _COLUMNS.values())
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{table}" SET {sets} FROM "cases_unit" u WHERE u."id" = "{table}"."unit_id" '  # nosec B608
                f'AND "{table}"."{column}" = %s AND u."path" LIKE %s AND ({differs})',
                [unit.pk, f"{heir(unit).path}%"],
            )
            changed += cursor.rowcount
    return changed


def open_matters(unit: Unit) -> QuerySet[Matter]:
    """The standing matters of a unit itself that are not closed."""
    return Matter.objects.open().filter(unit=unit)


def hand_over_what_is_left(unit: Unit, *, ground: str, at: datetime) -> int:
    """Hand the open matters of a merged unit over to the one it is part of, with the officers they have; in the caller's
    transaction. Clocks follow by the winding they are noted for. Answers how many."""
    kind = EventKind.objects.filter(code=HAND_OVER).first()
    if kind is None:
        raise CaseRefused(UNKNOWN_KIND.format(code=HAND_OVER))
    into = heir(unit)
    done = 0
    while some := list(open_matters(unit).order_by("pk").values_list("pk", "officer_id")[:CHUNK]):
        Event.objects.bulk_create(
            Event(
                matter_id=pk,
                kind=kind,
                occurred_at=at,
                recorded_at=at,
                document_number=ground[: Event._meta.get_field("document_number").max_length],
                from_unit=unit,
                from_officer_id=officer_id,
                to_unit=into,
                to_officer_id=officer_id,
            )
            for pk, officer_id in some
        )
        ids = [pk for pk, _ in some]
        Matter.objects.filter(pk__in=ids).update(**into.scope_ids)
        ask_winding(ids, cause=f"{unit}并入{into}", at=at)
        done += len(ids)
    return done


def take_over_named(model: type[models.Model], *, unit: Unit, into: Unit) -> int:
    """Give the rows in use that a merged unit has under a name of its own (places, centres) to the other; in the caller's
    transaction. A name that both use is told apart by the name of the unit that is no more. Answers how many."""
    rows = model._default_manager.filter(closed_at=None)
    taken = set(rows.filter(unit=into).values_list("name", flat=True))
    most: int = model._meta.get_field("name").max_length or 0  # type: ignore[union-attr]
    found: list[Any] = list(rows.filter(unit=unit))
    for row in found:
        row.unit = into
        if row.name in taken:
            former = f"（原{unit}）"
            row.name = row.name[: most - len(former)] + former
    model._default_manager.bulk_update(found, ("unit", "name"))
    return len(found)


def heir(unit: Unit) -> Unit:
    """The unit in force that a merged unit is part of now; a unit that was not merged is its own."""
    while unit.merged_into_id is not None:
        unit = Unit.objects.get(pk=unit.merged_into_id)
    return unit


def _go_by_new_ladders(unit: Unit, at: datetime) -> None:
    """Where any unit has a ladder of its own, the line above tells by which one open clocks go."""
    if UnitLadder.objects.exists():
        open_below = Matter.objects.open().filter(unit__path__startswith=unit.path)
        ask_winding(open_below.order_by().values_list("pk", flat=True).iterator(), cause=f"{unit}的上级已变动", at=at)


# -- who must be kept away -------------------------------------------------------------------------------------------


def _bar_the_heir(unit: Unit, into: Unit, at: datetime) -> None:
    """Who was kept away from a matter as one of the unit is one of the other now."""
    for barring in Barring.objects.in_force().filter(unit=unit).select_related("matter__unit"):
        _lift_above(barring.matter, into, at)
        try:
            bar(matter=barring.matter, unit=into, ground=barring.ground, by=None, at=at, reason=f"{unit}已并入{into}")
        except CaseRefused:
            # A matter that is over hangs there for good; nobody handles it any more.
            log.warning("matter %s stays with unit %s, which is barred from it", barring.matter_id, into.pk)


def _keep_apart(unit: Unit, at: datetime) -> None:
    """No unit handles what one above it is barred from (信访工作条例 30): such matters go to the nearest above that is not."""
    barrings = Barring.objects.in_force().filter(unit__isnull=False, matter__unit__path__startswith=unit.path)
    for barring in barrings.select_related("matter__unit", "unit"):
        assert barring.unit is not None
        if barring.matter.unit.path.startswith(barring.unit.path):
            _lift_above(barring.matter, barring.unit, at)


def _lift_above(matter: Matter, barred: Unit, at: datetime) -> None:
    """Hand a matter that hangs on a barred unit, or below, to the nearest unit above it that is not barred."""
    matter.refresh_from_db()
    if not matter.unit.path.startswith(barred.path) or matter.closed_at is not None or matter.withdrawn_at is not None:
        return
    kept_away = list(
        Barring.objects.in_force().filter(matter=matter, unit__isnull=False).values_list("unit__path", flat=True)
    )
    path = barred.path[:-STEP_WIDTH]
    while path and any(path.startswith(away) for away in kept_away):
        path = path[:-STEP_WIDTH]
    above = Unit.objects.filter(path=path, valid_until=None).first() if path else None
    if above is None:
        log.warning("no unit above %s may handle matter %s", barred.pk, matter.pk)
        return
    transfer_matter(matter=matter, to_unit=above, to_officer=None, occurred_at=at, by=None, at=at)
