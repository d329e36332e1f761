"""The benchmarks of the warnings: a first day on which everything is warned of at once, and the lists of a great bureau."""

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from cases.bulk import insert_rows, moment
from cases.models import EventKind, Limit, Matter, Officer, Role, Unit, UnitLevel
from cases.models.matter import MatterKind
from cases.roles import plan_roles
from cases.services import add_officer, add_unit, assign_post
from cases.winding import catalogue
from config import bench
from config.bench import Ratio, scratch_database, timed
from supervision.alerts.services import sweep

# The first day of the storm.
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)

COUNTIES, STATIONS, OFFICERS = 20, 15, 10


# -- the data ----------------------------------------------------------------------------------------------------------


class _Place:
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


@contextmanager
def _without_indexes(*tables: str) -> Iterator[None]:
    """Load rows first and build the secondary indexes afterwards: a few minutes become one."""
    kept = [index for table in tables for index in _indexes(table)]
    with connection.cursor() as cursor:
        for name, _ in kept:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        for _, statement in kept:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _indexes(table: str) -> list[tuple[str, str]]:
    """The indexes of a table that no constraint owns: name, and the statement that builds it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s AND NOT EXISTS "
                "(SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
                (table,),
            )
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
                (table,),
            )
        return [(name, statement) for name, statement in cursor.fetchall()]


_CLOCK_COLUMNS = (
    *("matter_id", "limit_id", "start_event_id", "unit_id", "city_id", "county_id", "station_id", "officer_id"),
    *("started_at", "nominal_on", "due_on", "due_at", "yellow_at", "orange_at", "next_level_at", "level", "state"),
    *("ended_at", "late", "provisional", "tier", "faults", "unsettled", "manner_id"),
)


def _clocks(
    first: int, rows: int, place: _Place, limits: Sequence[int], due: Callable[[int], datetime], ended: int
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
                *(moment(due_at - timedelta(days=30)), str(due_at.date()), str(due_at.date()), moment(due_at)),
                *(moment(yellow), moment(orange), None if over else moment(yellow), 0, state),
                *(moment(due_at - timedelta(days=1)) if over else None, False, False, "", "[]", False, manner),
            )

    insert_rows("cases_clock", _CLOCK_COLUMNS, lines())


def _starts() -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT matter_id, id FROM cases_event")
        return dict(cursor.fetchall())


def _matters(place: _Place, kind: MatterKind, count: int) -> int:
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
        kind, limits, place = _bureau()
        with _without_indexes("cases_clock", "cases_matter", "cases_event"), transaction.atomic():
            first = _matters(place, kind, rows)
            # A quarter each is yellow, orange, a little over and long over.
            over = (-5, -2, 1, 60)
            _clocks(first, rows, place, limits, lambda n: NOW - timedelta(days=over[n % 4], minutes=n % 1440), 0)
        for _ in range(rounds):
            ours.append(timed(partial(sweep, at=NOW)))
            steps, alerts, clocks = (_rows_of(table) for table in ("alerts_alertstep", "alerts_alert", "cases_clock"))
            _forget()
            plain.append(timed(partial(_put, steps, alerts, clocks)))
            _forget()
    return [Ratio(f"storm_{rows}", statistics.median(ours), statistics.median(plain))]


def _bureau() -> tuple[MatterKind, list[int], _Place]:
    _, kind, _ = bench._bureau()
    return kind, list(Limit.objects.order_by("pk").values_list("pk", flat=True)), _Place()


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
            cursor.execute("ALTER TABLE alerts_alertstep DISABLE TRIGGER USER")
            cursor.execute("TRUNCATE alerts_alertstep, alerts_alert")
            cursor.execute("ALTER TABLE alerts_alertstep ENABLE TRIGGER USER")
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


# -- lists -------------------------------------------------------------------------------------------------------------

# What a list may take on PostgreSQL, in milliseconds: its questions to the database, and the whole page.
QUESTIONS_WITHIN, PAGE_WITHIN = 20.0, 100.0

LISTS = (
    "/alerts/?state=open",
    "/alerts/?state=standing",
    "/alerts/?state=standing&level=3",
    "/alerts/?state=standing&level=2",
    "/alerts/?state=standing&mine=1",
    "/alerts/?state=withdrawn",
    "/alerts/standing/",
    "/alerts/standing/?longer=30",
    "/clocks/?state=open",
    "/clocks/?due=expired&nature=counted",
)
ASKED = 20
# With fewer rows than this nothing is measured, only tried out.
FEW = 10_000


def listing(rows: int) -> list[Ratio]:
    """Each list with `rows` clocks and a fifth as many warnings: its p95 over what it may take, so below one is within.

    Its questions to the database alone, and the whole page. The slowest seen by a legal officer of a county, a leader of the city and a case officer, first page
    and the page after it.
    """
    with scratch_database():
        plan_roles()
        kind, limits, place = _bureau()
        with _without_indexes("cases_clock", "cases_matter", "cases_event"), transaction.atomic():
            first = _matters(place, kind, rows)
            # Half ended, a fifth warned of, the others far from their end; a few limits count for nobody.
            # The pages ask the clock on the wall, so the rows are laid out around it.
            now = timezone.now()
            _clocks(first, rows, place, limits, partial(_due, now), 5)
        Limit.objects.filter(pk=limits[-1]).update(nature="party_right")
        with _without_indexes("alerts_alert", "alerts_alertstep"):
            sweep(at=now)
        people = {
            "legal": place.who("B9000001", place.counties[0], Role.LEGAL_OFFICER),
            "leader": place.who("B9000002", place.city, Role.LEADER),
            "officer": place.busy_one(),
        }
        # Names of files with their digests are for a place where they have been collected.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
            return _worst(people, ASKED if rows > FEW else 1)


def _due(now: datetime, n: int) -> datetime:
    """Of the five in ten that run, two are warned of: one long over, one soon due; three are due in months."""
    share = n % 10
    spread = timedelta(minutes=(n * 7919) % 86_400)
    if share == 5:
        return now - timedelta(days=1) - spread
    if share == 6:
        return now + timedelta(days=1) + spread / 20
    return now + timedelta(days=60) + spread


def _worst(people: dict[str, Officer], rounds: int) -> list[Ratio]:
    asked: dict[str, float] = {}
    whole: dict[str, float] = {}
    for officer in people.values():
        client = Client(SERVER_NAME="localhost")
        client.force_login(officer)
        for address in LISTS:
            for query in filter(None, (address, _next(client, address))):
                questions, page = _time(client, query, rounds)
                asked[address] = max(asked.get(address, 0), questions)
                whole[address] = max(whole.get(address, 0), page)
    return [
        *(Ratio(f"questions {address}", asked[address] / 1000, QUESTIONS_WITHIN / 1000) for address in LISTS),
        *(Ratio(f"page {address}", whole[address] / 1000, PAGE_WITHIN / 1000) for address in LISTS),
    ]


def _next(client: Client, address: str) -> str:
    """The page after the first."""
    answer = client.get(address, secure=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    found = answer.content.decode()
    _, mark, rest = found.partition('rel="next" href="')
    return f"{address.partition('?')[0]}{rest.partition(chr(34))[0].replace('&amp;', '&')}" if mark else ""


def _time(client: Client, query: str, rounds: int) -> tuple[float, float]:
    """The 95th percentile of a page's questions and of the page, in milliseconds."""
    asked, whole = [], []
    spent = 0.0

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        begins = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += perf_counter() - begins

    client.get(query, secure=True)
    for _ in range(rounds):
        spent = 0.0
        with connection.execute_wrapper(watch):
            begins = perf_counter()
            client.get(query, secure=True)
            whole.append((perf_counter() - begins) * 1000)
        asked.append(spent * 1000)
    return _p95(asked), _p95(whole)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(int(len(values) * 0.95) - 1, 0)]
