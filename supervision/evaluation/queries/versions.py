"""Which indicators, and which version of each, hold for a unit on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from cases.models import Officer, Role, Unit
from cases.models.scope import posts_of
from cases.models.unit import STEP_WIDTH
from supervision.evaluation.models import Indicator, Part


def above(path: str) -> list[str]:
    """The paths of a unit and everything above it, the highest first."""
    return [path[:end] for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH)]


def with_parts(rows: QuerySet[Indicator]) -> QuerySet[Indicator]:
    """Indicators with what they count, by one question more."""
    return rows.select_related("unit").prefetch_related(
        Prefetch("parts", Part.objects.select_related("term").order_by("order"))
    )


def versions_for(units: Iterable[Unit], day: date) -> dict[int, list[Indicator]]:
    """By unit the versions in force on a day, drafts too, in their order: of each code the nearest bureau's own, else the
    house's; two questions whatever the number of units."""
    units = list(units)
    paths = {path for unit in units for path in above(unit.path)}
    rows = Indicator.objects.in_force_on(day).filter(Q(unit=None) | Q(unit__path__in=paths))
    by_maker: dict[str, list[Indicator]] = defaultdict(list)
    for row in with_parts(rows.order_by("order", "code", "version")):
        by_maker[row.unit.path if row.unit is not None else ""].append(row)
    # Units under the same makers have the same versions, and share one list.
    by_line: dict[tuple[str, ...], list[Indicator]] = {}
    found = {}
    for unit in units:
        line = tuple(path for path in above(unit.path) if path in by_maker)
        if line not in by_line:
            chosen: dict[str, Indicator] = {}
            for maker in ("", *line):
                chosen |= {row.code: row for row in by_maker.get(maker, ())}
            by_line[line] = sorted(chosen.values(), key=lambda row: (row.order, row.code))
        found[unit.pk] = by_line[line]
    return found


def version_for(unit: Unit, code: str, day: date) -> Indicator | None:
    """The version of one indicator that holds for a unit on a day."""
    return next((row for row in versions_for([unit], day)[unit.pk] if row.code == code), None)


def last_version(unit: Unit, code: str) -> Indicator | None:
    """The newest version of an indicator that holds, held or will hold for a unit; none where it never had one."""
    return with_parts(_made_for(unit, code)).order_by("-version").first()


def version_numbered(unit: Unit, code: str, number: int) -> Indicator | None:
    """That version of an indicator, in force or not, if it was made for a unit or above it."""
    return with_parts(_made_for(unit, code)).filter(version=number).first()


def _made_for(unit: Unit, code: str) -> QuerySet[Indicator]:
    return Indicator.objects.filter(code=code).filter(Q(unit=None) | Q(unit__path__in=above(unit.path)))


def indicators_of(officer: Officer, day: date, units: Collection[Unit]) -> list[Indicator]:
    """The indicators an officer meets: those that hold for any of the units he may look at."""
    met: dict[int, Indicator] = {}
    for rows in versions_for(units, day).values():
        met |= {row.pk: row for row in rows}
    return sorted(met.values(), key=lambda row: (row.order, row.code, row.version))


def beside_those(in_force: Collection[Indicator], day: date, units: Collection[Unit]) -> list[Indicator]:
    """Beside the versions in force on a day, those to come and the last ones of what is measured no more; one question."""
    over = {path for unit in units for path in above(unit.path)}
    rows = Indicator.objects.filter(Q(unit=None) | Q(unit__path__in=over)).select_related("unit")
    measured = {row.code for row in in_force}
    coming: list[Indicator] = []
    gone: dict[str, Indicator] = {}
    for row in rows.filter(Q(in_force_from__gt=day) | Q(in_force_until__lte=day)).order_by("order", "code", "version"):
        # A version that was put off before it began never comes.
        if row.in_force_from > day and row.in_force_until != row.in_force_from:
            coming.append(row)
        elif row.code not in measured:
            gone[row.code] = row
    return [*coming, *gone.values()]


def bureaus_of(officer: Officer) -> list[Unit]:
    """The bureaus an officer may define indicators for: those he is a legal officer of now."""
    ids = [unit_id for role, unit_id, _ in posts_of(officer) if role == Role.LEGAL_OFFICER]
    return list(Unit.objects.filter(pk__in=ids).order_by("path"))
