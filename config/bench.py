"""The benchmarks: our way and the plain way over the same rows, in one run, as ratios.

Everything happens in a database made for the purpose and dropped afterwards; the configured one only says which engine.
"""

import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from cases.bulk import insert_rows, moment
from cases.catalogue.answers import columns_as_answered
from cases.changes.services import apply_change, carry_on, preview_change, propose
from cases.intake import load_file, parse_mapping
from cases.models import (
    CalendarYear,
    ChangeKind,
    Clock,
    ClockState,
    Event,
    EventKind,
    Ladder,
    Limit,
    Matter,
    MatterKind,
    Unit,
    UnitLevel,
    WorkCalendar,
)
from cases.services import add_unit
from cases.statute.limits import parse_limit
from cases.winding import catalogue, wind_matters
from supervision.alerts.services import sweep

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)

# Four limits on a matter, as in a real log, where a matter carries four clocks.
LENGTHS = (30, 60, 90, 150)


def _limit_row(days: int) -> dict[str, Any]:
    return {
        "code": f"bench_{days}d",
        "name": f"基准期限{days}日",
        "law": "基准",
        "kinds": ["bench"],
        "starts": ["bench_start"],
        "stops": ["bench_stop"],
        "length": days,
        "unit": "day",
    }


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours against the plain way, seconds of the median round; `micros` where what one costs is of interest."""

    name: str
    ours: float
    plain: float
    micros: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.plain


@contextmanager
def scratch_database() -> Iterator[None]:
    """A fresh database of the configured engine, dropped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        else:
            connection.settings_dict["TEST"]["NAME"] = f"bench_{random.randrange(10**9)}"
        original = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(original, verbosity=0)


@contextmanager
def without_indexes(*tables: str) -> Iterator[None]:
    """Load many rows first and build the secondary indexes after, all at once: an hour's set-up in minutes."""
    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(_INDEXES[connection.vendor], [table])
            found += cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        for _, statement in found:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


# Those that keep no constraint of the table itself: name and the statement that makes it again.
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s "
    "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)",
}


def timed(act: Callable[[], Any]) -> float:
    begins = perf_counter()
    act()
    return perf_counter() - begins


def _bureau() -> tuple[Unit, MatterKind, Limit]:
    city = add_unit(code="B1", name="基准市局", level=UnitLevel.CITY)
    county = add_unit(code="B2", name="基准县局", level=UnitLevel.COUNTY, parent=city)
    station = add_unit(code="B3", name="基准派出所", level=UnitLevel.STATION, parent=county)
    kind = MatterKind.objects.create(code="bench", name="基准事项")
    EventKind.objects.create(code="bench_start", name="开始", opens=True)
    EventKind.objects.create(code="bench_stop", name="结束", closes=True)
    ladder = Ladder.objects.create(
        code="bench", name="基准", counts="day", from_length=1, yellow={"days": 7}, orange={"days": 3}
    )
    limits = []
    for days in LENGTHS:
        row = _limit_row(days)
        rule = parse_limit(row)
        limit = Limit.objects.create(
            code=rule.code,
            family=rule.family,
            name=rule.name,
            nature=rule.nature.value,
            law=rule.law,
            length=rule.length,
            unit=rule.unit.value,
            rollover=rule.rollover.value,
            status=rule.status.value,
            ladder=ladder,
            definition=row,
        )
        limit.kinds.add(kind)
        limits.append(limit)
    return station, kind, limits[0]


def _matters(station: Unit, kind: MatterKind, count: int) -> int:
    """Put `count` bare matters in; the id of the first."""
    scope = station.scope_ids
    columns = ("kind_id", "number", "title", *scope, "facts", "restricted")
    first = (Matter.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    insert_rows(
        "cases_matter", columns, ((kind.pk, f"基{first + n}", "", *scope.values(), "{}", False) for n in range(count))
    )
    return Matter.objects.order_by("pk").filter(pk__gte=first).values_list("pk", flat=True)[0]


def _events(first: int, count: int, stops: int, kinds: dict[str, int]) -> None:
    """A start for each matter, a stop for the first `stops` of them."""
    columns = (
        *("matter_id", "kind_id", "occurred_at", "day_only", "recorded_at", "only_voids"),
        *("source", "source_number", "document_number", "approver", "ground", "tier", "reference", "note"),
    )
    chance = random.Random(7)

    def rows() -> Iterator[Sequence[Any]]:
        for n in range(count):
            begins = BEGINS + timedelta(minutes=chance.randrange(300 * 1440))
            yield (first + n, kinds["bench_start"], moment(begins), False, moment(begins), False, *("",) * 8)
            if n < stops:
                ends = begins + timedelta(days=chance.randrange(60))
                yield (first + n, kinds["bench_stop"], moment(ends), False, moment(ends), False, *("",) * 8)

    insert_rows("cases_event", columns, rows())


def _codes() -> dict[str, int]:
    return dict(EventKind.objects.values_list("code", "pk"))


# -- rewinding -------------------------------------------------------------------------------------------------------


def rewinding(rows: int, rounds: int = 3) -> list[Ratio]:
    """Winding `rows` matters from their events, against inserting the very same clock rows and nothing else."""
    with scratch_database():
        station, kind, _ = _bureau()
        first = _matters(station, kind, rows)
        _events(first, rows, rows // 2, _codes())
        ids = list(range(first, first + rows))
        at = BEGINS + timedelta(days=400)
        law = catalogue()
        ours, plain = [], []
        for _ in range(rounds):
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM cases_clock")
            ours.append(timed(lambda: _wind_in_chunks(ids, at, law)))
            names, data = _clock_rows()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM cases_clock")
            plain.append(timed(partial(_plain_insert, names, data)))
        result = [Ratio("rewind_all", statistics.median(ours), statistics.median(plain))]
        again = [timed(lambda: _wind_in_chunks(ids, at, law)) for _ in range(rounds)]
        result.append(Ratio("rewind_unchanged", statistics.median(again), statistics.median(plain)))
        return result


def _wind_in_chunks(ids: Sequence[int], at: datetime, law: Any, chunk: int = 2000) -> None:
    for begins in range(0, len(ids), chunk):
        wind_matters(ids[begins : begins + chunk], at=at, cause="基准", law=law)


def _clock_rows() -> tuple[list[str], list[Sequence[Any]]]:
    names = [str(field.column) for field in Clock._meta.concrete_fields if not field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM cases_clock")
        return names, [tuple(_stored(value) for value in row) for row in cursor.fetchall()]


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    return str(value) if isinstance(value, date) and connection.vendor == "sqlite" else value


def _plain_insert(names: Sequence[str], data: Sequence[Sequence[Any]], chunk: int = 2000) -> None:
    for begins in range(0, len(data), chunk):
        with transaction.atomic():
            insert_rows("cases_clock", names, data[begins : begins + chunk])


# -- changes -----------------------------------------------------------------------------------------------------------


class PreviewDiffers(Exception):
    """What was previewed is not what happened; no ratio is worth anything then."""


def changing(rows: int) -> list[Ratio]:
    """Changes over `rows` clocks: the preview against carrying it out, and what they say is compared.

    The first is a new version that rules everything open. The second is a notice that moves a hundredth of the clocks,
    and the third how its cost grew from a tenth of the rows to all of them, while it touched as many.
    """
    matters = max(rows // len(LENGTHS), 10)
    touched = max(matters // 100, 1)
    with scratch_database():
        _changeable(matters, touched)
        law = _looked_at_and_carried_out(ChangeKind.LIMIT, _new_version())
        days = _looked_at_and_carried_out(ChangeKind.CALENDAR, _new_notice())
    with scratch_database():
        _changeable(max(matters // 10, touched), touched)
        less = sum(_looked_at_and_carried_out(ChangeKind.CALENDAR, _new_notice()))
    growth = Ratio("change_growth", sum(days), less)
    return [Ratio(f"change_limit_{rows}", *law), Ratio(f"change_days_{rows}", *days), growth]


def _changeable(matters: int, touched: int) -> None:
    """Matters that were filed in 2026; the last of a working-day limit of `touched` of them lies in 2027."""
    station, kind, _ = _bureau()
    calendar = WorkCalendar.objects.create(code="bench", name="基准")
    CalendarYear.objects.create(calendar=calendar, year=2026)
    row = {**_limit_row(10), "code": "bench_late", "starts": ["bench_late"], "unit": "workday", "calendar": "bench"}
    ladder = Ladder.objects.get()
    columns = columns_as_answered({**row, "ladder": ladder.code}, (), {ladder.code: ladder})
    Limit.objects.create(code=row["code"], **columns).kinds.add(kind)
    second = EventKind.objects.create(code="bench_late", name="岁末开始")
    first = _matters(station, kind, matters)
    _events(first, matters, 0, _codes())
    ends = datetime(2026, 12, 28, tzinfo=UTC)
    names = (
        *("matter_id", "kind_id", "occurred_at", "day_only", "recorded_at", "only_voids"),
        *("source", "source_number", "document_number", "approver", "ground", "tier", "reference", "note"),
    )
    lates = ((first + n, second.pk, moment(ends), False, moment(ends), False, *("",) * 8) for n in range(touched))
    insert_rows("cases_event", names, lates)
    _wind_in_chunks(range(first, first + matters), BEGINS + timedelta(days=364), catalogue())


def _new_version() -> dict[str, Any]:
    days = LENGTHS[-1]
    definition = {**_limit_row(days), "code": f"bench_{days}d_v2026", "length": days + 30, "transition": "running"}
    return {"from": f"bench_{days}d", "definition": {**definition, "in_force_from": "2026-06-01"}}


def _new_notice() -> dict[str, Any]:
    days = [{"day": f"2027-01-0{n}", "working": False, "name": "基准假日"} for n in range(1, 9)]
    return {"calendar": "bench", "year": 2027, "notice": "基准通知", "supplement": False, "days": days}


def _looked_at_and_carried_out(kind: ChangeKind, payload: dict[str, Any]) -> tuple[float, float]:
    """Seconds of the preview, and of carrying it out. Refuses a result that is not what the preview said."""
    at = BEGINS + timedelta(days=364)
    change = propose(kind=kind, payload=payload, by=None, at=at)
    looking = timed(lambda: preview_change(change=change, at=at))

    def carry_out() -> None:
        apply_change(change=change, by=None, at=at)
        while carry_on(change=change, at=at):
            pass

    carrying = timed(carry_out)
    if not change.result or change.result != change.preview or not change.result["moved"]:
        raise PreviewDiffers(f"预览 {change.preview}，结果 {change.result}")
    return looking, carrying


# -- the sweep -------------------------------------------------------------------------------------------------------


def sweeping(rows: int, crossings: int = 1000, rounds: int = 7) -> list[Ratio]:
    """A sweep with `crossings` clocks due, against the plain SQL for the same rows; at a tenth of the rows and at all.

    The third ratio is how the sweep grew from a tenth of the rows to all of them.
    """
    small = _sweep_at(rows // 10, crossings, rounds)
    large = _sweep_at(rows, crossings, rounds)
    return [
        Ratio(f"sweep_{rows // 10}", *small),
        Ratio(f"sweep_{rows}", *large),
        Ratio("sweep_growth", large[0], small[0]),
    ]


def _sweep_at(rows: int, crossings: int, rounds: int) -> tuple[float, float]:
    with scratch_database():
        station, kind, limit = _bureau()
        with without_indexes("cases_matter", "cases_event", "cases_clock"):
            first = _matters(station, kind, rows)
            _events(first, rows, 0, _codes())
            _open_clocks(station, limit, first, rows, crossings)
        at = BEGINS
        ours, plain = [], []
        for number in range(2 * rounds + 2):
            at += timedelta(hours=1)
            if number < 2:
                sweep(at=at)
            elif number % 2:
                ours.append(timed(partial(sweep, at=at)))
            else:
                plain.append(timed(partial(_plain_sweep, at)))
        return statistics.median(ours), statistics.median(plain)


def _open_clocks(station: Unit, limit: Limit, first: int, rows: int, crossings: int) -> None:
    """Open clocks of which `crossings` turn yellow each hour from BEGINS on, on scattered rows."""
    starts = dict(Event.objects.values_list("matter_id", "pk"))
    scope = station.scope_ids
    columns = (
        *("matter_id", "limit_id", "start_event_id", *scope, "started_at", "nominal_on", "due_on", "due_at"),
        *("yellow_at", "orange_at", "next_level_at", "level", "state", "late", "provisional", "tier", "faults"),
        *("unsettled", "manner_id", "restricted"),
    )
    manner = catalogue().courses.at("bench", "", station.pk).manner_id
    order = list(range(rows))
    random.Random(11).shuffle(order)

    def lines() -> Iterator[Sequence[Any]]:
        for n in range(rows):
            yellow = BEGINS + timedelta(seconds=3600 * order[n] / crossings)
            due = yellow + timedelta(days=3650)
            yield (
                *(first + n, limit.pk, starts[first + n], *scope.values(), moment(BEGINS)),
                *(str(due.date()), str(due.date()), moment(due)),
                *(moment(yellow), moment(yellow + timedelta(days=1000)), moment(yellow)),
                *(0, ClockState.RUNNING.value, False, False, "", "[]", False, manner, False),
            )

    insert_rows("cases_clock", columns, lines())


def _plain_sweep(at: datetime) -> None:
    """The same three writes as bare statements, with no claim, no reopening, no settling and no second worker in mind."""
    params = {"at": connection.ops.adapt_datetimefield_value(at)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason, rung, text) "
            "SELECT id, due_at, 'raised', 1, yellow_at, %(at)s, '', 0, '' FROM cases_clock WHERE next_level_at <= %(at)s",
            params,
        )
        cursor.execute(
            "INSERT INTO alerts_alert (clock_id, due_at, level, state, raised_at, reason, rung, demands, climbs_at, "
            "tell_since, said, unit_id, city_id, county_id, station_id, officer_id, restricted) "
            "SELECT id, due_at, 1, 'open', %(at)s, '', 0, 1, %(at)s, %(at)s, '', "
            "unit_id, city_id, county_id, station_id, officer_id, restricted FROM cases_clock WHERE next_level_at <= %(at)s",
            params,
        )
        cursor.execute(
            "UPDATE cases_clock SET level = 1, next_level_at = orange_at WHERE next_level_at <= %(at)s", params
        )


# -- intake ----------------------------------------------------------------------------------------------------------

MAPPING = {
    "name": "基准日志",
    "source": "bench",
    "format": "csv",
    "rows": "event",
    "matter": {"kind": {"fixed": "bench"}, "number": "number", "unit": {"fixed": "B3"}},
    "event": {
        "kind": {"column": "step", "values": {"start": "bench_start", "stop": "bench_stop"}},
        "when": {"column": "date", "as": "day"},
        "source_number": ["number", "step"],
    },
}


def taking_in(rows: int, rounds: int = 3) -> list[Ratio]:
    """Importing a log of `rows` events, against putting the very same matters and events in and nothing else."""
    ours, plain = [], []
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.csv"
        _write_log(log, rows)
        mapping = parse_mapping(MAPPING)
        for _ in range(rounds):
            with scratch_database():
                _bureau()
                ours.append(timed(partial(load_file, log, mapping, at=BEGINS + timedelta(days=400))))
                matters, events = _table_rows("cases_matter"), _table_rows("cases_event")
            with scratch_database():
                _bureau()
                with connection.cursor() as cursor:
                    cursor.execute(
                        "INSERT INTO cases_batch (id, file_name, digest, mapping, source, started_at, state, rows_read, "
                        "matters_new, events_new, rows_unchanged, rows_refused, error) "
                        "VALUES (1, '', '', '', '', '2026-01-01', 'loading', 0, 0, 0, 0, 0, '')"
                    )
                plain.append(timed(partial(_plain_load, matters, events)))
    return [Ratio(f"intake_{rows}", statistics.median(ours), statistics.median(plain))]


def _write_log(log: Path, rows: int) -> None:
    chance = random.Random(5)
    with log.open("w", encoding="utf-8") as stream:
        stream.write("number,step,date\n")
        for n in range(rows // 2):
            begins = date(2026, 1, 1) + timedelta(days=chance.randrange(300))
            stream.write(f"N{n},start,{begins}\nN{n},stop,{begins + timedelta(days=chance.randrange(60))}\n")


def _table_rows(table: str) -> tuple[str, list[str], list[Sequence[Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description or ()]
        return table, names, [tuple(_stored(value) for value in row) for row in cursor.fetchall()]


def _plain_load(*tables: tuple[str, list[str], list[Sequence[Any]]], chunk: int = 5000) -> None:
    for table, names, data in tables:
        for begins in range(0, len(data), chunk):
            with transaction.atomic():
                insert_rows(table, names, data[begins : begins + chunk])
