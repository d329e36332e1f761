"""Figures of a log, as a YAML file asks for them: what became of the clocks, what stood open on a day, what came in by month.

Only what stands is counted: no withdrawn event, none that was struck out. Days and months are local to the report's zone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth

from cases.intake.refused import IntakeRefused
from cases.models import Clock, ClockState, Event, EventKind, Limit, MatterKind
from cases.statute.periods import end_of_day

CLOCK_COLUMNS = {
    "started": "起算",
    "on_time": "按期",
    "late": "超期",
    "on_last_day": "恰在末日",
    "never_ended": "未办结",
}


@dataclass(frozen=True, slots=True)
class OpenColumn:
    """Matters that have all of some steps and none of others by the end of a day; perhaps only those older than so many
    days, counted from the first step of the kind `since`."""

    name: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    older_than_days: int | None = None
    since: str = ""


@dataclass(frozen=True, slots=True)
class LogReport:
    """What a report asks for."""

    title: str
    zone: ZoneInfo
    kind: str = ""
    clocks: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    columns: tuple[OpenColumn, ...] = ()
    year: int | None = None
    monthly: tuple[str, ...] = ()


def read_report(path: Path | str) -> LogReport:
    """A report from its YAML file. Raises IntakeRefused with everything that is wrong, unknown codes included."""
    path = Path(path)
    try:
        document = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise IntakeRefused(f"读不了报表“{path.name}”：{error}") from error
    if not isinstance(document, Mapping) or not isinstance(document.get("log_report"), Mapping):
        raise IntakeRefused(f"报表“{path.name}”缺少 log_report: 这一段")
    reader = _Reader(document["log_report"])
    report = reader.report()
    if reader.problems:
        raise IntakeRefused(f"报表“{path.name}”：" + "；".join(reader.problems))
    return report


class _Reader:
    def __init__(self, row: Mapping[Any, Any]) -> None:
        self.row = row
        self.problems: list[str] = []

    def report(self) -> LogReport:
        known = {"title", "zone", "kind", "clocks", "open_at", "by_month"}
        self.problems += [f"没有“{key}”这一项" for key in self.row if key not in known]
        open_at = self._section("open_at", {"days", "columns"})
        by_month = self._section("by_month", {"year", "events"})
        kind = str(self.row.get("kind") or "")
        self._known("kind", [kind] if kind else [], MatterKind.objects.values_list("code", flat=True))
        return LogReport(
            title=str(self.row.get("title") or ""),
            zone=self._zone(),
            kind=kind,
            clocks=self._codes("clocks", self.row.get("clocks"), Limit.objects.values_list("code", flat=True)),
            days=tuple(self._days(open_at.get("days") or ())),
            columns=tuple(self._columns(open_at.get("columns") or ())),
            year=self._whole("by_month.year", by_month.get("year")),
            monthly=self._events("by_month.events", by_month.get("events")),
        )

    def _section(self, name: str, known: set[str]) -> Mapping[Any, Any]:
        value = self.row.get(name) or {}
        if not isinstance(value, Mapping):
            self.problems.append(f"{name}：应为一组字段")
            return {}
        self.problems += [f"{name}：没有“{key}”这一项" for key in value if key not in known]
        return value

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(str(self.row.get("zone") or "Asia/Shanghai"))
        except (ZoneInfoNotFoundError, ValueError):
            self.problems.append(f"zone：没有时区“{self.row.get('zone')}”")
            return ZoneInfo("Asia/Shanghai")

    def _codes(self, at: str, value: Any, allowed: Any) -> tuple[str, ...]:
        codes = tuple(map(str, value)) if isinstance(value, list) else ()
        if value is not None and not isinstance(value, list):
            self.problems.append(f"{at}：应为代码的列表")
        self._known(at, codes, allowed)
        return codes

    def _events(self, at: str, value: Any) -> tuple[str, ...]:
        return self._codes(at, value, EventKind.objects.values_list("code", flat=True))

    def _known(self, at: str, codes: Sequence[str], allowed: Any) -> None:
        if codes:
            present = set(allowed)
            self.problems += [f"{at}：目录中没有“{code}”" for code in codes if code not in present]

    def _whole(self, at: str, value: Any) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self.problems.append(f"{at}：应为正整数，现为 {value!r}")
        return None

    def _days(self, values: Any) -> Iterator[date]:
        for value in values:
            if isinstance(value, date) and not isinstance(value, datetime):
                yield value
            else:
                self.problems.append(f"open_at.days：{value!r} 不是日期，应写成 2026-01-31")

    def _columns(self, values: Any) -> Iterator[OpenColumn]:
        for number, value in enumerate(values, 1):
            at = f"open_at.columns[{number}]"
            if not isinstance(value, Mapping):
                self.problems.append(f"{at}：应为一组字段")
                continue
            known = {"name", "has", "lacks", "older_than_days", "since"}
            self.problems += [f"{at}：没有“{key}”这一项" for key in value if key not in known]
            column = OpenColumn(
                name=str(value.get("name") or ""),
                has=self._events(f"{at}.has", value.get("has")),
                lacks=self._events(f"{at}.lacks", value.get("lacks")),
                older_than_days=self._whole(f"{at}.older_than_days", value.get("older_than_days")),
                since="".join(self._events(f"{at}.since", [value["since"]] if value.get("since") else None)),
            )
            if not column.has:
                self.problems.append(f"{at}.has：必填，至少一种节点")
            if (column.older_than_days is None) != (not column.since):
                self.problems.append(f"{at}：older_than_days 与 since 应当同时写")
            yield column


# -- the figures -----------------------------------------------------------------------------------------------------


def figures(report: LogReport) -> dict[str, Any]:
    """Every figure the report asks for: `clocks` by limit, `open_at` by day, `by_month` by month, and the sizes."""
    events = _events(report)
    return {
        "title": report.title,
        "events": events.count(),
        "matters": events.values("matter_id").distinct().count(),
        "clocks": _clocks(report),
        "open_at": _open_at(report, events),
        "by_month": _by_month(report, events),
    }


def _events(report: LogReport) -> QuerySet[Event]:
    events = Event.objects.standing().filter(only_voids=False, matter__withdrawn_at=None)
    return events.filter(matter__kind__code=report.kind) if report.kind else events


def _clocks(report: LogReport) -> list[dict[str, Any]]:
    stopped = Q(state=ClockState.STOPPED)
    clocks = Clock.objects.filter(limit__code__in=report.clocks)
    if report.kind:
        clocks = clocks.filter(matter__kind__code=report.kind)
    counted: dict[str, Any] = {
        row["limit__code"]: row
        for row in clocks.annotate(ended_on=TruncDate("ended_at", tzinfo=report.zone))
        .values("limit__code")
        .annotate(
            started=Count("pk", filter=~Q(state=ClockState.VOID)),
            on_time=Count("pk", filter=stopped & Q(late=False)),
            late=Count("pk", filter=stopped & Q(late=True)),
            on_last_day=Count("pk", filter=stopped & Q(ended_on=F("due_on"))),
            never_ended=Count("pk", filter=Q(state__in=ClockState.open_states())),
        )
    }
    names = dict(Limit.objects.filter(code__in=report.clocks).values_list("code", "name"))
    return [
        {"limit": code, "name": names[code], **{name: counted.get(code, {}).get(name, 0) for name in CLOCK_COLUMNS}}
        for code in report.clocks
    ]


def _open_at(report: LogReport, events: QuerySet[Event]) -> list[dict[str, Any]]:
    """One pass over the matters' first steps of each kind, whatever the number of days and columns."""
    kinds = sorted({code for column in report.columns for code in (*column.has, *column.lacks, column.since) if code})
    if not report.days or not kinds:
        return []
    ends = [(day, end_of_day(day, report.zone)) for day in report.days]
    ages = {
        (day, column.older_than_days): end_of_day(day - timedelta(days=column.older_than_days + 1), report.zone)
        for day in report.days
        for column in report.columns
        if column.older_than_days is not None
    }
    counts: dict[tuple[date, str], int] = defaultdict(int)
    firsts = {f"first_{place}": Min("occurred_at", filter=Q(kind__code=code)) for place, code in enumerate(kinds)}
    places = {code: place for place, code in enumerate(kinds)}
    rows = events.filter(kind__code__in=kinds).order_by().values("matter_id").annotate(**firsts).values_list(*firsts)
    for row in rows.iterator(chunk_size=5000):
        for day, end in ends:
            for column in report.columns:
                if (
                    all(_before(row[places[code]], end) for code in column.has)
                    and not any(_before(row[places[code]], end) for code in column.lacks)
                    and (
                        column.older_than_days is None
                        or _before(row[places[column.since]], ages[day, column.older_than_days])
                    )
                ):
                    counts[day, column.name] += 1
    return [
        {"day": day.isoformat(), **{column.name: counts[day, column.name] for column in report.columns}}
        for day in report.days
    ]


def _before(first: datetime | None, end: datetime) -> bool:
    return first is not None and first < end


def _by_month(report: LogReport, events: QuerySet[Event]) -> list[dict[str, Any]]:
    if report.year is None or not report.monthly:
        return []
    begins = end_of_day(date(report.year - 1, 12, 31), report.zone)
    ends = end_of_day(date(report.year, 12, 31), report.zone)
    rows = (
        events.filter(kind__code__in=report.monthly, occurred_at__gte=begins, occurred_at__lt=ends)
        .order_by()
        .annotate(month=TruncMonth("occurred_at", tzinfo=report.zone))
        .values_list("month", "kind__code")
        .annotate(count=Count("pk"))
    )
    counts = {(month.month, code): count for month, code, count in rows}
    names = dict(EventKind.objects.filter(code__in=report.monthly).values_list("code", "name"))
    return [
        {
            "month": f"{report.year}-{month:02d}",
            **{names[code]: counts.get((month, code), 0) for code in report.monthly},
        }
        for month in range(1, 13)
    ]
