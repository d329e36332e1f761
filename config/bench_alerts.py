"""The benchmark of the first day: everything is warned of at once; and the great bureau that the lists are tried on too."""

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cases.bulk import insert_rows, moment
from cases.models import EventKind, Limit, Matter, Officer, Role, Unit, UnitLevel
from cases.models.matter import MatterKind
from cases.services import add_officer, add_unit, assign_post
from cases.winding import catalogue
from config import bench
from config.bench import Ratio, scratch_database, timed, without_indexes
from supervision.alerts.services import sweep

# The first day of the storm.
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)

COUNTIES, STATIONS, OFFICERS = 20, 15, 10


# -- the data ----------------------------------------------------------------------------------------------------------


class Place:
    """A city of many counties, so that a county's share of the rows is that of a real one."""

    def __init__(self) -> None:
        self.city = add_unit(code="L1", name="众多市局", level=UnitLevel.CITY)
        self.counties: list[Unit] = []
        self.stations: list[Unit] = []
        self.officers: list[Officer] = []
        for county in range(COUNTIES):
            bureau = add_unit(code=f"L1-{county}", name=f"众多县局{county}", level=UnitLevel.COUNTY, parent=self.city)
            self.counties.append(bureau)
            for number in range(STATIONS):
                name = f"基准所{county}-{number}"
                self.stations.append(
                    add_unit(code=f"L1-{county}-{number}", name=name, level=UnitLevel.STATION, parent=bureau)
                )
        rows = [
            Officer(police_number=f"B{number:06}", name=f"民警{number}", unit=self.stations[number // OFFICERS])
            for number in range(len(self.stations) * OFFICERS)
        ]
        self.officers = Officer.objects.bulk_create(rows)

    def busy_one(self) -> Officer:
        officer = self.officers[7]
        assign_post(officer=officer, unit=officer.unit, role=Role.CASE_OFFICER, from_on=timezone.localdate())
        return officer

    def who(self, number: str, unit: Unit, role: Role) -> Officer:
        officer = add_officer(police_number=number, name=role.label, unit=unit)
        assign_post(officer=officer, unit=unit, role=role, from_on=timezone.localdate())
        return officer


_CLOCK_COLUMNS = (
    *("matter_id", "limit_id", "start_event_id", "unit_id", "city_id", "county_id", "station_id", "officer_id"),
    *(
        "restricted",
        "started_at",
        "nominal_on",
        "due_on",
        "due_at",
        "yellow_at",
        "orange_at",
        "next_level_at",
        "level",
        "state",
    ),
    *("ended_at", "late", "provisional", "tier", "faults", "unsettled", "manner_id"),
)


def lay_clocks(
    first: int, rows: int, place: Place, limits: Sequence[int], due: Callable[[int], datetime], ended: int
) -> None:
    """Clocks of `rows` matters, `ended` in ten of them ended long ago; `due` says when each is due."""
    starts = _starts()
    manner = catalogue().courses.at("bench", "", place.city.pk).manner_id
    chance = random.Random(3)

    def lines() -> Iterator[Sequence[Any]]:
        for n in range(rows):
            station = place.stations[n % len(place.stations)]
            officer = place.officers[(n % len(place.stations)) * OFFICERS + chance.randrange(OFFICERS)]
            over = n % 10 < ended
            due_at = due(n) - timedelta(days=365) if over else due(n)
            yellow, orange = due_at - timedelta(days=7), due_at - timedelta(days=3)
            state = 3 if over else 1
            yield (
                *(first + n, limits[n % len(limits)], starts[first + n], *station.scope_ids.values(), officer.pk),
                *(
                    n % 50 == 0,
                    moment(due_at - timedelta(days=30)),
                    str(due_at.date()),
                    str(due_at.date()),
                    moment(due_at),
                ),
                *(moment(yellow), moment(orange), None if over else moment(yellow), 0, state),
                *(moment(due_at - timedelta(days=1)) if over else None, False, False, "", "[]", False, manner),
            )

    insert_rows("cases_clock", _CLOCK_COLUMNS, lines())


def _starts() -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT matter_id, id FROM cases_event")
        return dict(cursor.fetchall())


def lay_matters(place: Place, kind: MatterKind, count: int) -> int:
    """Bare matters spread over the stations, each with its start; the id of the first."""
    columns = ("kind_id", "number", "title", "unit_id", "city_id", "county_id", "station_id", "facts", "restricted")
    first = (Matter.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1

    def lines() -> Iterator[Sequence[Any]]:
        for n in range(count):
            scope = place.stations[n % len(place.stations)].scope_ids
            yield (kind.pk, f"基{first + n}", "", *scope.values(), "{}", n % 50 == 0)

    insert_rows("cases_matter", columns, lines())
    found = Matter.objects.order_by("pk").filter(pk__gte=first).values_list("pk", flat=True)[0]
    bench._events(found, count, 0, dict(EventKind.objects.values_list("code", "pk")))
    return int(found)


# -- the first day -----------------------------------------------------------------------------------------------------


def storming(rows: int, rounds: int = 3) -> list[Ratio]:
    """`rows` clocks that are all warned of in one sweep, against inserting the very same rows and nothing else."""
    ours, plain = [], []
    with scratch_database():
        kind, limits, place = great_bureau()
        with without_indexes("cases_clock", "cases_matter", "cases_event"), transaction.atomic():
            first = lay_matters(place, kind, rows)
            # A quarter each is yellow, orange, a little over and long over.
            over = (-5, -2, 1, 60)
            lay_clocks(first, rows, place, limits, lambda n: NOW - timedelta(days=over[n % 4], minutes=n % 1440), 0)
        for _ in range(rounds):
            ours.append(timed(partial(sweep, at=NOW)))
            steps, alerts, clocks = (_rows_of(table) for table in ("alerts_alertstep", "alerts_alert", "cases_clock"))
            _forget()
            plain.append(timed(partial(_put, steps, alerts, clocks)))
            _forget()
    return [Ratio(f"storm_{rows}", statistics.median(ours), statistics.median(plain))]


def great_bureau() -> tuple[MatterKind, list[int], Place]:
    _, kind, _ = bench._bureau()
    return kind, list(Limit.objects.order_by("pk").values_list("pk", flat=True)), Place()


def _rows_of(table: str) -> str:
    """Keep a table's rows aside, in the engine."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS kept_{table}")
        cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        cursor.execute(f"CREATE UNIQUE INDEX kept_{table}_id ON kept_{table} (id)")
        cursor.execute("ANALYZE")
    return table


def _put(steps: str, alerts: str, clocks: str) -> None:
    """The raw inserts, in bare statements: every step, every warning, and the clocks' new level and moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (steps, alerts):
            cursor.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
        cursor.execute(
            f"UPDATE {clocks} SET level = (SELECT k.level FROM kept_{clocks} k WHERE k.id = {clocks}.id), "
            f"next_level_at = (SELECT k.next_level_at FROM kept_{clocks} k WHERE k.id = {clocks}.id)"
            if connection.vendor == "sqlite"
            else f"UPDATE {clocks} SET level = k.level, next_level_at = k.next_level_at "
            f"FROM kept_{clocks} k WHERE k.id = {clocks}.id"
        )


def _forget() -> None:
    """Everything as before the first sweep; the ledger's guard is put aside for it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The archives name warnings; theirs are empty here, and guarded as well.
            guarded = ("alerts_alertstep", "archives_archiveentry", "archives_archivereply")
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute("TRUNCATE alerts_alertstep, alerts_alert CASCADE")
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER alerts_alertstep_no_delete")
            cursor.execute("DELETE FROM alerts_alertstep")
            cursor.execute("DELETE FROM alerts_alert")
            cursor.execute(
                "CREATE TRIGGER alerts_alertstep_no_delete BEFORE DELETE ON alerts_alertstep "
                "BEGIN SELECT RAISE(ABORT, ''); END"
            )
        cursor.execute("UPDATE cases_clock SET level = 0, next_level_at = yellow_at")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE cases_clock, alerts_alert, alerts_alertstep")
