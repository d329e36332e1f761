"""Reading the times of a file: every way in which exports write a day or a moment, and why one is impossible.

A day alone becomes local midnight of the matter's zone; a moment is local time of the file's zone unless it carries an
offset. What comes out is aware UTC.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.statute.periods import start_of_day

FIRST_YEAR, LAST_YEAR = 1900, 2199
# Excel counts days from here; the numbers taken for days are those of 1954 to 2105.
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (local time, the zone comes later)
EXCEL_DAYS = range(20_000, 75_001)
REMEMBERED = 200_000

_DAY = r"(?P<year>\d{4})\s*(?:[-/.]|年)\s*(?P<month>\d{1,2})\s*(?:[-/.]|月)\s*(?P<day>\d{1,2})\s*日?"
_TIME = r"(?P<hour>\d{1,2})\s*(?:[::]|时|点)\s*(?:(?P<minute>\d{1,2})(?:\s*(?:[::]|分)\s*(?:(?P<second>\d{1,2})(?:[.,]\d+)?\s*秒?)?)?)?"
_OFFSET = r"(?P<offset>Z|[+-]\d{2}:?\d{2})"
_WRITTEN = re.compile(rf"{_DAY}(?:\s*T?\s*{_TIME}\s*{_OFFSET}?)?", re.IGNORECASE)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[T\s]?(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")

NOT_A_TIME = "“{value}”不是日期或时间；可写成 2026-03-02、2026/3/2 10:05、2026年3月2日"
ONLY_A_TIME = "“{value}”只有时刻，没有日期"
ONLY_A_DAY = "“{value}”只有日期，应写明时刻"
NO_MONTH = "“{value}”不存在：没有{month}月"
NO_DAY = "“{value}”不存在：{year}年{month}月没有{day}日"
NO_YEAR = f"“{{value}}”不可信：年份应在{FIRST_YEAR}至{LAST_YEAR}之间"
MIDNIGHT = "“{value}”不存在：一天到23:59为止，24:00应写成次日00:00"
NO_TIME = "“{value}”不存在：没有{hour}时{minute}分{second}秒"
SKIPPED = "“{value}”不存在：当地时钟在这一刻拨快，跳过了它"


class BadTime(ValueError):
    """A time that cannot be read or cannot have been; the message is fit to be shown to an officer."""


class TimeReader:
    """Reads one column's times; what was read once is remembered, since logs repeat their days."""

    def __init__(
        self, *, day_zone: ZoneInfo, zone: ZoneInfo | None = None, reading: str = "auto", formats: Sequence[str] = ()
    ) -> None:
        self.day_zone = day_zone
        self.zone = zone or day_zone
        self.reading = reading
        self.formats = tuple(formats)
        self._known: dict[Any, tuple[datetime, bool]] = {}

    def read(self, value: Any) -> tuple[datetime, bool]:
        """(moment in UTC, only the day is known). Raises BadTime."""
        key = (value.__class__, value)
        found = self._known.get(key)
        if found is None:
            found = self._read(value)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def read_day(self, value: Any) -> date:
        """The local day of a time, for a document that sets a day."""
        return self.read(value)[0].astimezone(self.day_zone).date()

    def _read(self, value: Any) -> tuple[datetime, bool]:
        local, has_time = self._local(value)
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            raise BadTime(NO_YEAR.format(value=value))
        if self.reading == "moment" and not has_time:
            raise BadTime(ONLY_A_DAY.format(value=value))
        if self.reading == "day" or not has_time:
            on = local.astimezone(self.day_zone).date() if local.tzinfo is not None else local.date()
            return start_of_day(on, self.day_zone), True
        if local.tzinfo is not None:
            return local.astimezone(UTC), False
        moment = local.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) != local:
            raise BadTime(SKIPPED.format(value=value))
        return moment, False

    def _local(self, value: Any) -> tuple[datetime, bool]:
        """Local time (or with its offset) and whether it has a time of day."""
        if isinstance(value, datetime):
            return value, True
        if isinstance(value, date):
            return datetime.combine(value, time.min), False
        if isinstance(value, bool | time | timedelta):
            raise BadTime((NOT_A_TIME if isinstance(value, bool) else ONLY_A_TIME).format(value=value))
        if isinstance(value, int | float):
            return _from_serial(float(value), value)
        text = str(value).strip()
        for form in self.formats:
            try:
                return datetime.strptime(text, form), any(part in form for part in ("%H", "%I", "%X", "%c"))  # noqa: DTZ007
            except ValueError:
                continue
        return _from_text(text)


def _from_serial(days: float, shown: object) -> tuple[datetime, bool]:
    """An unformatted cell of a spreadsheet: days since the end of 1899, the time of day as a fraction."""
    if int(days) not in EXCEL_DAYS:
        raise BadTime(NOT_A_TIME.format(value=shown))
    return EXCEL_EPOCH + timedelta(seconds=round(days * 86400)), days != int(days)


def _from_text(text: str) -> tuple[datetime, bool]:
    # Full-width figures and signs as they come from Chinese input methods.
    plain = unicodedata.normalize("NFKC", text)
    if _SERIAL.fullmatch(plain):
        return _from_serial(float(plain), text)
    match = _WRITTEN.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if match is None:
        raise BadTime(NOT_A_TIME.format(value=text))
    parts = match.groupdict()
    year, month, day = int(parts["year"]), int(parts["month"]), int(parts["day"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadTime(NO_YEAR.format(value=text))
    if not 1 <= month <= 12:
        raise BadTime(NO_MONTH.format(value=text, month=month))
    try:
        on = date(year, month, day)
    except ValueError as error:
        raise BadTime(NO_DAY.format(value=text, year=year, month=month, day=day)) from error
    if parts["hour"] is None:
        return datetime.combine(on, time.min), False
    hour, minute, second = int(parts["hour"]), int(parts["minute"] or 0), int(parts["second"] or 0)
    if (hour, minute, second) == (24, 0, 0):
        raise BadTime(MIDNIGHT.format(value=text))
    try:
        moment = datetime.combine(on, time(hour, minute, second))
    except ValueError as error:
        raise BadTime(NO_TIME.format(value=text, hour=hour, minute=minute, second=second)) from error
    return _with_offset(moment, parts.get("offset")), True


def _with_offset(moment: datetime, offset: str | None) -> datetime:
    if not offset:
        return moment
    if offset in ("Z", "z"):
        return moment.replace(tzinfo=UTC)
    sign = -1 if offset[0] == "-" else 1
    shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return (moment - sign * shift).replace(tzinfo=UTC)
