"""A year's notice as people hand it in: typed in lines, or as the JSON public calendars are kept in.

Nothing is known here of a database; everything that is wrong is told at once, with its row and field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cases.statute.workdays import SATURDAY, WEEKDAY_NAMES, SpecialDay

# The years a calendar may speak of.
YEARS = range(1949, 2200)
# No holiday is longer, no year has fewer or more days off by notice; anything else is a slip of the pen.
LONGEST_HOLIDAY = 31
FEWEST_OFF, MOST_OFF = 5, 60
LONGEST_NAME = 40

Problems = list[tuple[str, str]]

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_RANGE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:/|至|～|~|—|-)\s*(\d{4}-\d{1,2}-\d{1,2}))?")


@dataclass(slots=True)
class Notice:
    """What a notice arranges: its year, its name or number, and its days. `problems` are (where, what is wrong)."""

    year: int | None = None
    notice: str = ""
    days: list[SpecialDay] = field(default_factory=list)
    problems: Problems = field(default_factory=list)

    def wrong(self, where: str, text: str) -> None:
        self.problems.append((where, text))


def read_lines(year: int, notice: str, off: str, worked: str) -> Notice:
    """Days as typed, a line a holiday: its name, then dates or `first/last`, several with blanks between."""
    read = Notice(year, notice)
    for part, text, working in (("off", off, False), ("worked", worked, True)):
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                _read_line(read, part, f"第{number}行", line.strip(), working)
    return read


def _read_line(read: Notice, part: str, where: str, line: str, working: bool) -> None:
    name = _RANGE.split(line, maxsplit=1)[0].strip(" \t　：:，,")
    if not name:
        read.wrong(part, f"{where}：要先写名称，如“元旦 2027-01-01/2027-01-03”")
        return
    found = list(_RANGE.finditer(line))
    left = _RANGE.sub("", line[len(name) :]).strip(" \t　：:，,、；;")
    if not found or left:
        read.wrong(part, f"{where}：“{left or line}”不是日期，应写成 2027-01-01 或 2027-01-01/2027-01-03")
        return
    for match in found:
        first = _day(read, part, where, match[1])
        last = _day(read, part, where, match[2]) if match[2] else first
        if first is None or last is None:
            continue
        if not first <= last < first + timedelta(days=LONGEST_HOLIDAY):
            read.wrong(
                part, f"{where}：“{match[0]}”的起止日期不对，止日不能早于起日，一次放假不超过{LONGEST_HOLIDAY}天"
            )
            continue
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        read.days += [SpecialDay(day, working, name, read.notice) for day in days]


def _day(read: Notice, part: str, where: str, text: str) -> date | None:
    try:
        year, month, day = (int(piece) for piece in text.split("-"))
        return date(year, month, day)
    except ValueError:
        read.wrong(part, f"{where}：没有“{text}”这一天，请核对")
        return None


def read_public(text: str) -> Notice:
    """The JSON of public calendars: `{"year": …, "papers": […], "days": [{"name", "date", "isOffDay"}, …]}`."""
    read = Notice()
    try:
        told = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        read.wrong("json", f"第{line}行不合 JSON 的写法，请检查引号、逗号和括号，或者重新下载")
        return read
    if not isinstance(told, dict) or not isinstance(told.get("days"), list):
        read.wrong("json", '应为 {"year": 2027, "papers": […], "days": […]}，没有找到 days')
        return read
    year = told.get("year")
    if isinstance(year, bool) or not isinstance(year, int):
        read.wrong("json", f"字段 year：应为年份数字，现为 {year!r}")
    else:
        read.year = year
    read.notice = _papers(told.get("papers"))
    for number, entry in enumerate(told["days"], 1):
        _read_entry(read, f"days 第{number}条", entry)
    return read


def _papers(papers: Any) -> str:
    """The first paper a public calendar gives for its year; the form lets it be put better."""
    many = papers if isinstance(papers, list) else [papers]
    return next((paper for paper in many if isinstance(paper, str) and paper), "")[:200]


def _read_entry(read: Notice, where: str, entry: Any) -> None:
    if not isinstance(entry, Mapping):
        read.wrong("json", f"{where}：应为一组字段 name、date、isOffDay")
        return
    name, text, off = entry.get("name"), entry.get("date"), entry.get("isOffDay")
    if not isinstance(name, str) or not name.strip():
        read.wrong("json", f"{where}，字段 name：必填，写节日名称")
    if not isinstance(off, bool):
        read.wrong("json", f"{where}，字段 isOffDay：应为 true（放假）或 false（上班），现为 {off!r}")
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        read.wrong("json", f"{where}，字段 date：“{text}”不是日期，应写成 2027-01-01")
        return
    day = _day(read, "json", where, text)
    if day is not None and isinstance(name, str) and isinstance(off, bool):
        read.days.append(SpecialDay(day, not off, name.strip()))


def check_notice(read: Notice, *, supplement: bool, off_now: Iterable[date] = ()) -> Problems:
    """What is wrong with the days taken together.

    Refuses a day outside the year (but for the December before, which a year's notice arranges too), a day written
    twice, a worked day that is worked anyway, and a number of days off no year has. A `supplement` arranges a few days
    only, and may have a day worked that is off by now: `off_now` are those.
    """
    problems: Problems = []
    year = read.year
    if year is None or year not in YEARS:
        return [("year", f"年份应在 {YEARS.start} 与 {YEARS.stop - 1} 之间")]
    if len(read.notice) > 200:
        problems.append(("notice", f"最多200个字，现有{len(read.notice)}个，请缩短"))
    seen: dict[date, SpecialDay] = {}
    may_be_worked = set(off_now) if supplement else set()
    for special in read.days:
        day, part = special.day, "worked" if special.working else "off"
        if day in seen:
            problems.append((part, f"{day} 写了不止一次（{seen[day].name}、{special.name}），请只留一处"))
            continue
        seen[day] = special
        if day.year != year and (day.year, day.month) != (year - 1, 12):
            problems.append((part, f"{day} 不在{year}年，也不在上一年十二月"))
        if special.working and day.weekday() < SATURDAY and day not in may_be_worked:
            problems.append((part, f"{day} 是{WEEKDAY_NAMES[day.weekday()]}，本来就上班，请删去"))
        if len(special.name) > LONGEST_NAME:
            problems.append((part, f"名称“{special.name[:12]}…”最多{LONGEST_NAME}个字，请缩短"))
    off = sum(not special.working for special in seen.values())
    if not read.days:
        problems.append(("off", "没有写任何一天"))
    elif not supplement and not FEWEST_OFF <= off <= MOST_OFF:
        problems.append(
            ("off", f"全年只写了放假{off}天，不像一年的安排；如果只是临时增减几天，请选“补充通知”")
            if off < FEWEST_OFF
            else ("off", f"全年写了放假{off}天，不像一年的安排，请核对起止日期")
        )
    # A name too long is so on each of its days.
    return list(dict.fromkeys(problems))


def as_payload(read: Notice, *, calendar: str, supplement: bool) -> dict[str, Any]:
    """A notice as it is kept with a change."""
    days = sorted(read.days, key=lambda special: special.day)
    return {
        "calendar": calendar,
        "year": read.year,
        "notice": read.notice,
        "supplement": supplement,
        "days": [{"day": str(one.day), "working": one.working, "name": one.name} for one in days],
    }


def days_of(payload: Mapping[str, Any]) -> list[SpecialDay]:
    """The days of a notice as it is kept; each is set by that notice."""
    rows: Sequence[Mapping[str, Any]] = payload["days"]
    return [SpecialDay(date.fromisoformat(row["day"]), row["working"], row["name"], payload["notice"]) for row in rows]
