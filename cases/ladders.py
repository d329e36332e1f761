"""A unit's own ladders: copied from what holds above it, made stricter, given up again.

Whoever changes one has the open clocks concerned rewound, as they turn yellow and orange at other moments then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from cases.courses import Courses, read_copy, read_ladder
from cases.models import Clock, Ladder, Limit, Officer, Role, Unit, UnitLadder
from cases.models.scope import posts_of
from cases.queries import in_unit
from cases.services import CaseRefused
from cases.statute.ladders import LEVELS, Lead, Said, slacker
from cases.statute.ladders import Ladder as StatuteLadder
from cases.statute.limits import InvalidLimit, default_ladder, parse_ladder
from cases.winding import ask_winding

NOT_YOURS = "{officer}不能设定{unit}的阶梯：单位负责人设定本单位的，法制民警设定本局及以下单位的"
SLACKER = "{parts}比上级的阶梯宽，或者计量单位与上级不同；单位只能比上级更早、更严、更快上报"
WRONG = "阶梯写得不对：{problems}"
OTHER_LADDER = "“{limit}”用的不是“{ladder}”这个阶梯"
TAKEN = "{unit}已有这个阶梯，请在原来那一份上修改"
GONE = "{unit}已撤并，不能再设阶梯"

PARTS = {
    "yellow": "黄色提前量",
    "orange": "橙色提前量",
    "yellow_said": "黄色的通知和要求",
    "orange_said": "橙色的通知和要求",
    "red_said": "超期的通知和要求",
    "climbs": "逐级上报的天数",
}


def ladders_of(officer: Officer) -> QuerySet[UnitLadder]:
    """The unit ladders an officer may look at: those of the units whose rows he may change, and above them none."""
    return UnitLadder.objects.filter(unit__in=units_to_set(officer)).select_related("unit", "ladder", "limit", "by")


def units_to_set(officer: Officer) -> QuerySet[Unit]:
    """The units whose ladders an officer may set: a head his own and below, a legal officer his bureau and below."""
    units = Unit.objects.in_force().order_by("path")
    if officer.is_superuser:
        return units
    wanted = Unit.objects.none()
    for role, unit_id, _ in posts_of(officer):
        if role in (Role.UNIT_HEAD, Role.LEGAL_OFFICER):
            wanted = wanted | Unit.objects.under(Unit.objects.get(pk=unit_id))
    return units.filter(pk__in=wanted.values("pk"))


def copy_ladder(*, unit: Unit, ladder: Ladder, limit: Limit | None = None, by: Officer, at: datetime) -> UnitLadder:
    """Give a unit its own copy of what holds above it; nothing changes until the copy is.

    Refuses a unit that is none of the officer's, one that was merged away, a second copy, and a limit that does not run
    by that ladder.
    """
    _check_unit(unit, by)
    if limit is not None and limit.ladder_id != ladder.pk:
        raise CaseRefused(OTHER_LADDER.format(limit=limit, ladder=ladder))
    with transaction.atomic():
        if UnitLadder.objects.filter(unit=unit, ladder=ladder, limit=limit).exists():
            raise CaseRefused(TAKEN.format(unit=unit))
        return UnitLadder.objects.create(
            unit=unit, ladder=ladder, limit=limit, by=by, at=at, **levels_of(above(unit, ladder, limit))
        )


def set_ladder(*, own: UnitLadder, levels: Mapping[str, Any], by: Officer, at: datetime) -> UnitLadder:
    """Say what a unit's own ladder is, in the words of the catalogue: `yellow`, `orange`, `red`, `climbs`.

    The open clocks concerned are asked to be rewound. Refuses what the catalogue would refuse, anything slacker than
    what holds above or counted in another measure, and a unit that is none of the officer's.
    """
    _check_unit(own.unit, by)
    row = {"code": own.ladder.code, "name": own.ladder.name, "counts": own.ladder.counts, **levels}
    try:
        wanted = parse_ladder(row)
    except InvalidLimit as refusal:
        problems = "；".join(f"{name} {text}" for name, text in refusal.problems)
        raise CaseRefused(WRONG.format(problems=problems)) from refusal
    if parts := [PARTS[part] for part in slacker(wanted, above(own.unit, own.ladder, own.limit))]:
        raise CaseRefused(SLACKER.format(parts="、".join(parts)))
    with transaction.atomic():
        for name, value in levels_of(wanted).items():
            setattr(own, name, value)
        own.by, own.at = by, at
        own.save(update_fields=("yellow", "orange", "red", "climbs", "by", "at"))
        _ask(own, at)
    return own


def copy_again(*, own: UnitLadder, by: Officer, at: datetime) -> UnitLadder:
    """Make a unit's ladder what holds above it again, as the copying did."""
    return set_ladder(own=own, levels=levels_of(above(own.unit, own.ladder, own.limit)), by=by, at=at)


def drop_ladder(*, own: UnitLadder, by: Officer, at: datetime) -> None:
    """Give a unit's own ladder up: what holds above holds there again. Refuses a unit that is none of the officer's."""
    _check_unit(own.unit, by)
    with transaction.atomic():
        _ask(own, at)
        own.delete()


def above(unit: Unit, ladder: Ladder, limit: Limit | None) -> StatuteLadder:
    """What would hold in a unit had it said nothing itself."""
    courses = Courses({}, {} if limit is None else {limit.pk: limit.code})
    return (
        courses.at(ladder.code, limit.code if limit is not None else "", unit.parent_id).ladder
        if unit.parent_id is not None
        else read_ladder(ladder)
    )


def held(own: UnitLadder) -> StatuteLadder:
    """A unit's ladder as it stands written."""
    return read_copy(own, read_ladder(own.ladder))


def levels_of(ladder: StatuteLadder) -> dict[str, Any]:
    """A ladder as it is stored: its levels in the words of the catalogue."""
    leads: dict[str, Lead | None] = {"yellow": ladder.yellow, "orange": ladder.orange, "red": None}
    levels: dict[str, Any] = {
        level: {**_lead(leads[level]), **_words(said)} for level, said in zip(LEVELS, ladder.said, strict=True)
    }
    return {**levels, "climbs": list(ladder.climbs)}


def _lead(lead: Lead | None) -> dict[str, Any]:
    if lead is None:
        return {}
    known = {name: value for name, value in asdict(lead).items() if value is not None and name != "at"}
    return known if lead.at == time.min else {**known, "at": f"{lead.at:%H:%M}"}


def _words(said: Said) -> dict[str, Any]:
    words: dict[str, Any] = {}
    if said.loud is not None:
        words["loud"] = said.loud
    if said.demands is not None:
        words["demands"] = said.demands.name.lower()
    if (said.grade, said.within) != (Said().grade, Said().within):
        words |= {"grade": said.grade, "within": said.within}
    return words


def _check_unit(unit: Unit, by: Officer) -> None:
    if unit.valid_until is not None:
        raise CaseRefused(GONE.format(unit=unit))
    if not units_to_set(by).filter(pk=unit.pk).exists():
        raise CaseRefused(NOT_YOURS.format(officer=by, unit=unit))


def _ask(own: UnitLadder, at: datetime) -> None:
    """Ask for the rewinding of the matters with open clocks that may run by the ladder, in the unit and below."""
    limits = [own.limit_id] if own.limit_id is not None else _running_by(own.ladder)
    clocks = Clock.objects.open().filter(in_unit(own.unit), limit__in=limits)
    matters = clocks.order_by().values_list("matter_id", flat=True).distinct()
    ask_winding(matters.iterator(), cause=f"{own.unit}的预警阶梯已修改", at=at)


def _running_by(ladder: Ladder) -> list[int]:
    """The limits that run by a ladder, in one of their tiers at least."""
    defaults = [read_ladder(row) for row in Ladder.objects.all()]
    found = []
    for limit in Limit.objects.active():
        rule = limit.rule()
        tiers = (
            default_ladder(tier.length, tier.unit, defaults)
            for tier in rule.tiers
            if tier.unit.exact != rule.unit.exact
        )
        if limit.ladder_id == ladder.pk or any(one is not None and one.code == ladder.code for one in tiers):
            found.append(limit.pk)
    return found
