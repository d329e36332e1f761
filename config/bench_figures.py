"""The benchmark of the figures: a great many matters, all indicators of one month for every unit.

Stored figures are read, the same are counted from the rows, a month's days and figures are thrown away and stored anew, a
day's changes are folded, and a unit's last ninety days are read. The yardstick is DuckDB, which scans the same rows in a
table of its own and adds them up over the same tree.
"""

from __future__ import annotations

import gc
import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cases.bulk import insert_rows, moment
from cases.models import Matter, MatterKind, Unit, UnitLevel
from cases.services import add_unit
from config.bench import Ratio, scratch_database, timed, without_indexes
from config.webserver import settle
from supervision.evaluation.counted import local_zone
from supervision.evaluation.models import Indicator, Stale
from supervision.evaluation.queries import daily, figures_of
from supervision.evaluation.rules.periods import Period, read_period
from supervision.evaluation.services import fold, load_indicators, rebuild
from supervision.evaluation.services.folding import recount

NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)
MONTH = read_period("2026-05")
# So long ago the first matter was opened.
DAYS = 1826
# A province: 1 + 21 + 150 + 2,000 units.
CITIES, COUNTIES, STATIONS = 21, 150, 2000
_KINDS = ("administrative_case", "public_order_case", "criminal_case", "incident")
_COLUMNS = (
    *("kind_id", "number", "title", "unit_id", "city_id", "county_id", "station_id", "facts", "restricted"),
    *("opened_at", "closed_at"),
)
# With fewer rows than this nothing is measured, only tried out.
FEW = 10_000
NO_DUCKDB = "没有 duckdb，无法作比较；它在 tests/requirements.txt 里"
TREND_WITHIN = 0.010


def reading_figures(rows: int) -> list[Ratio]:
    """With `rows` matters: serving, counting and storing anew against DuckDB, serving against that of a tenth of the matters, a
    day's fold against writing the day's changes, and a trend's slowest against ten milliseconds."""
    try:
        import duckdb
    except ImportError as error:
        raise CommandError(NO_DUCKDB) from error
    rounds = 5 if rows > FEW else 1
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        call_command("load_catalogue", verbosity=0)
        load_indicators(settings.ROOT / "seeds" / "indicators.yaml", at=datetime(2020, 1, 1, tzinfo=UTC))
        stations = _province() if rows > FEW else _province(2, 3, 20)
        tenth = rows // 10
        _lay(stations, 0, tenth)
        rebuild(at=NOW)
        # As the web server does before its first page; whoever asked for the figures is left as he was.
        settle()
        served_tenth = _median(rounds, _serve)
        _lay(stations, tenth, rows)
        all_anew = timed(partial(rebuild, at=NOW))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yardstick = duckdb.connect()
        yardstick.execute("SET threads = 2")
        _hand_over(yardstick, Path(folder))
        settle()
        scanned = _median(rounds, partial(_scan, yardstick, MONTH))
        by_unit = _median(rounds, partial(_scan_by_unit, yardstick, MONTH))
        served = _median(rounds, _serve)
        from_rows = _median(rounds, _count)
        anew = _median(min(rounds, 3), partial(recount, MONTH, at=NOW))
        gc.unfreeze()
        _hold_together(yardstick, MONTH)
        trends = _trends(stations, 200 if rows > FEW else 5)
        written, folded = _day(stations, rows)
    return [
        Ratio(f"figures_served_{rows}", served, scanned),
        Ratio(f"figures_counted_from_rows_{rows}", from_rows, scanned),
        Ratio(f"figures_month_stored_anew_{rows}", anew, scanned),
        Ratio("figures_served_to_a_scan_by_unit_first", served, by_unit),
        Ratio("figures_counted_from_rows_to_a_scan_by_unit_first", from_rows, by_unit),
        Ratio("figures_month_stored_anew_to_a_scan_by_unit_first", anew, by_unit),
        Ratio("figures_served_ten_times_the_matters", served, served_tenth),
        Ratio("figures_day_folded_to_its_writing", folded, written),
        Ratio("figures_trend_90_days_p95_to_10_ms", trends, TREND_WITHIN),
        Ratio("figures_36_months_anew_to_one", all_anew, anew),
    ]


def _median(rounds: int, act: Any) -> float:
    act()
    return statistics.median(timed(act) for _ in range(rounds))


def _province(cities: int = CITIES, counties: int = COUNTIES, stations: int = STATIONS) -> list[Unit]:
    province = add_unit(code="F", name="基准省厅", level=UnitLevel.PROVINCE)
    above = [add_unit(code=f"F{n}", name=f"基准市局{n}", level=UnitLevel.CITY, parent=province) for n in range(cities)]
    middle = [
        add_unit(code=f"F-{n}", name=f"基准县局{n}", level=UnitLevel.COUNTY, parent=above[n % cities])
        for n in range(counties)
    ]
    return [
        add_unit(code=f"F--{n}", name=f"基准所{n}", level=UnitLevel.STATION, parent=middle[n % counties])
        for n in range(stations)
    ]


@contextmanager
def _unmarked() -> Iterator[None]:
    """Rows that are laid down at once need no marks: everything is counted anew after."""
    _triggers("DISABLE")
    with transaction.atomic():
        yield
    _triggers("ENABLE")
    Stale.objects.all().delete()


def _triggers(what: str) -> None:
    # In a transaction of its own, as the keys of the rows are checked when theirs ends.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE cases_matter {what} TRIGGER USER")


def _lay(stations: Sequence[Unit], first: int, last: int) -> None:
    # Asked before: nothing can be while rows are being copied in.
    kinds = [MatterKind.objects.get(code=code).pk for code in _KINDS]
    with without_indexes("cases_matter"), _unmarked():
        insert_rows("cases_matter", _COLUMNS, _lines(stations, kinds, first, last))


def _lines(stations: Sequence[Unit], kinds: Sequence[int], first: int, last: int) -> Iterator[Sequence[Any]]:
    """Matters spread over five years and all stations; seven in ten are closed, after a few days or months."""
    dice = random.Random(first)
    scopes = [tuple(station.scope_ids.values()) for station in stations]
    begun = NOW - timedelta(days=DAYS)
    for n in range(first, last):
        # To the minute, so that a moment is one of few texts.
        opened = begun + timedelta(minutes=dice.randrange(DAYS * 1440))
        closed = opened + timedelta(days=dice.randrange(1, 120)) if dice.random() < 0.7 else None
        facts = '{"expedited": true}' if n % 5 == 0 else "{}"
        yield (
            *(kinds[n % len(kinds)], f"基{n}", "", *scopes[dice.randrange(len(scopes))], facts, False),
            *(moment(opened), moment(closed) if closed is not None and closed < NOW else None),
        )


# -- ours --------------------------------------------------------------------------------------------------------------


def _serve() -> int:
    return len(figures_of(Unit.objects.order_by("path"), MONTH, at=NOW))


def _count() -> int:
    """The same figures with nothing stored to help."""
    every = Unit.objects.order_by("path")
    return len(figures_of(every, MONTH, at=NOW, cutoff=MONTH.ends(local_zone())))


def _trends(stations: Sequence[Unit], times: int) -> float:
    """The 95th percentile of reading ninety days of a unit of any level, in the database and out of it."""
    dice = random.Random(9)
    closing = Indicator.objects.prefetch_related("parts__term").get(code="close_adm_cohort")
    units = [*stations, *Unit.objects.exclude(level=UnitLevel.STATION)]
    above = [unit for unit in units if unit.level != UnitLevel.STATION]
    taken = []
    for n in range(times):
        unit = dice.choice(above if n % 2 else units)
        taken.append(timed(partial(daily, unit, closing, date(2026, 3, 1), date(2026, 5, 29))))
    return sorted(taken)[int(len(taken) * 0.95)]


def _day(stations: Sequence[Unit], rows: int) -> tuple[float, float]:
    """Write a day's changes, as many matters come and go as on any other; then fold them."""
    fold(at=NOW)
    many = max(1, rows // DAYS)
    later = NOW + timedelta(hours=1)
    begins = perf_counter()
    with transaction.atomic():
        kind = MatterKind.objects.get(code=_KINDS[0]).pk
        scopes = [tuple(station.scope_ids.values()) for station in stations]
        insert_rows(
            "cases_matter",
            _COLUMNS,
            ((kind, f"日{n}", "", *scopes[n % len(scopes)], "{}", False, moment(NOW), None) for n in range(many)),
        )
        open_ones = list(
            Matter.objects.filter(closed_at=None, opened_at__lt=NOW - timedelta(days=1))
            .order_by("-opened_at")
            .values_list("pk", flat=True)[:many]
        )
        for start in range(0, len(open_ones), 2000):
            Matter.objects.filter(pk__in=open_ones[start : start + 2000]).update(closed_at=NOW)
    written = perf_counter() - begins
    return written, timed(partial(fold, at=later))


# -- the yardstick -----------------------------------------------------------------------------------------------------

# What the house's indicators count of matters, and the numbers they stand at in the answer of `_scan`.
_COUNTS = """
  count(*) FILTER (WHERE adm AND opened >= $begins AND opened < $ends),
  count(*) FILTER (WHERE adm AND opened >= $begins AND opened < $ends AND closed < $ends),
  count(*) FILTER (WHERE adm AND opened < $begins AND (closed IS NULL OR closed >= $begins)),
  count(*) FILTER (WHERE adm AND closed >= $begins AND closed < $ends),
  count(*) FILTER (WHERE crim AND opened >= $begins AND opened < $ends),
  count(*) FILTER (WHERE crim AND opened >= $begins AND opened < $ends AND closed < $ends),
  count(*) FILTER (WHERE crim AND opened < $begins AND (closed IS NULL OR closed >= $begins)),
  count(*) FILTER (WHERE crim AND closed >= $begins AND closed < $ends),
  count(*) FILTER (WHERE adm AND expedited AND closed >= $begins AND closed < $ends),
  count(*) FILTER (WHERE incident AND opened >= $begins AND opened < $ends)"""
_NUMBERS = 10
# Row by row to all units above it, as one would write it down; and by unit first, which spares three quarters of that.
_SCAN = f"SELECT t.above, {_COUNTS} FROM m JOIN t ON t.unit = m.unit GROUP BY t.above"
_SCAN_BY_UNIT = (
    f"WITH u(unit, {', '.join(f'n{n}' for n in range(_NUMBERS))}) AS (SELECT unit, {_COUNTS} FROM m GROUP BY unit) "
    f"SELECT t.above, {', '.join(f'sum(n{n})::BIGINT' for n in range(_NUMBERS))} "
    "FROM u JOIN t ON t.unit = u.unit GROUP BY t.above"
)


def _hand_over(yardstick: Any, folder: Path) -> None:
    """The same rows in a table of its own, and for each unit all above it."""
    kinds = dict(MatterKind.objects.values_list("pk", "code"))
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8") as paper:
        columns = ("unit_id", "kind_id", "facts", "opened_at", "closed_at")
        for unit, kind, facts, opened, closed in Matter.objects.values_list(*columns).iterator(chunk_size=50_000):
            code = kinds[kind]
            flags = (code in _KINDS[:2], code == _KINDS[2], code == _KINDS[3], bool(facts))
            told = ",".join(str(int(flag)) for flag in flags)
            paper.write(f"{unit},{told},{int(opened.timestamp())},{int(closed.timestamp()) if closed else ''}\n")
    yardstick.execute(
        "CREATE TABLE m AS SELECT column0::INTEGER AS unit, column1::BOOLEAN AS adm, column2::BOOLEAN AS crim, "
        "column3::BOOLEAN AS incident, column4::BOOLEAN AS expedited, column5::BIGINT AS opened, "
        f"column6::BIGINT AS closed FROM read_csv('{path}', header = false)"
    )
    paths = dict(Unit.objects.values_list("path", "pk"))
    tree = [(pk, above) for path_, pk in paths.items() for above_, above in paths.items() if path_.startswith(above_)]
    yardstick.execute("CREATE TABLE t (unit INTEGER, above INTEGER)")
    yardstick.executemany("INSERT INTO t VALUES (?, ?)", tree)


def _scan(yardstick: Any, period: Period, by: str = _SCAN) -> dict[int, tuple[int, ...]]:
    asked = {
        "begins": int(period.begins(local_zone()).timestamp()),
        "ends": int(period.ends(local_zone()).timestamp()),
    }
    return {above: tuple(numbers) for above, *numbers in yardstick.execute(by, asked).fetchall()}


def _scan_by_unit(yardstick: Any, period: Period) -> dict[int, tuple[int, ...]]:
    return _scan(yardstick, period, _SCAN_BY_UNIT)


def _hold_together(yardstick: Any, period: Period) -> None:
    """Both have counted the same, or the comparison would be of nothing."""
    theirs = _scan(yardstick, period)
    if _scan_by_unit(yardstick, period) != theirs:
        raise CommandError("两种扫描数得不一样")
    for cell in figures_of(Unit.objects.order_by("path"), period, at=NOW):
        numbers = theirs.get(cell.unit.pk, (0,) * 10)
        expected = {"close_adm_cohort": (numbers[1], numbers[0]), "close_crim_cohort": (numbers[5], numbers[4])}
        wanted = expected.get(cell.indicator.code)
        if wanted is not None and wanted != (cell.numerator, cell.denominator):
            raise CommandError(
                f"两边数得不一样：{cell.unit} {cell.indicator.code} {cell.numerator}/{cell.denominator}，{wanted}"
            )
