"""What the statute's tests are told in: a calendar from the notices, events and limits in one line each."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from cases.statute.clocks import Clock, wind
from cases.statute.events import Occurrence
from cases.statute.limits import Limit, parse_limit
from cases.statute.workdays import Calendar, SpecialDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROME = ZoneInfo("Europe/Rome")

# When everything that the tests tell has long been known.
LATER = datetime(2040, 1, 1, tzinfo=SHANGHAI)

# 国务院办公厅关于2025年、2026年部分节假日安排的通知
FESTIVALS = {
    "元旦": ["2025-01-01", "2026-01-01/2026-01-03"],
    "春节": ["2025-01-28/2025-02-04", "2026-02-15/2026-02-23"],
    "清明节": ["2025-04-04/2025-04-06", "2026-04-04/2026-04-06"],
    "劳动节": ["2025-05-01/2025-05-05", "2026-05-01/2026-05-05"],
    "端午节": ["2025-05-31/2025-06-02", "2026-06-19/2026-06-21"],
    "国庆节": ["2025-10-01/2025-10-08", "2026-10-01/2026-10-07"],
    "中秋节": ["2026-09-25/2026-09-27"],
}
WORKED = {
    "春节": ["2025-01-26", "2025-02-08", "2026-02-14", "2026-02-28"],
    "劳动节": ["2025-04-27", "2026-05-09"],
    "国庆节": ["2025-09-28", "2025-10-11", "2026-09-20", "2026-10-10"],
    "元旦": ["2026-01-04"],
}


def days_of(text: str) -> Iterator[date]:
    """Every day of `2026-01-01/2026-01-03`, or the one day."""
    first, _, last = text.partition("/")
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last or first):
        yield day
        day += timedelta(days=1)


def special_days() -> list[SpecialDay]:
    off = [SpecialDay(day, False, name) for name, spans in FESTIVALS.items() for text in spans for day in days_of(text)]
    worked = [SpecialDay(day, True, name) for name, spans in WORKED.items() for text in spans for day in days_of(text)]
    return off + worked


CHINA = Calendar("cn", special_days(), {2025, 2026})

# Tests that give keys of their own take small ones.
_keys = count(1000)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def happened(kind: str, when: str, *, known: str = "", zone: ZoneInfo = SHANGHAI, **more: Any) -> Occurrence:
    """An event on a day (`2026-03-02`) or at a moment (`2026-03-02 10:00`), known at once unless said otherwise."""
    moment = at(when, zone)
    return Occurrence(
        key=more.pop("key", None) or next(_keys),
        kind=kind,
        at=moment,
        day=moment.date(),
        known_at=at(known, zone) if known else moment,
        day_only=len(when) == len("2026-03-02"),
        **more,
    )


def limit(**fields: Any) -> Limit:
    """A limit from `began` to `done`, thirty days unless said otherwise."""
    row = {
        "code": "case",
        "name": "办案期限",
        "law": "某法",
        "article": "第一条",
        "length": 30,
        "unit": "day",
        "calendar": "cn",
    }
    if not (fields.get("before_expiry_of") or fields.get("after_expiry_of")):
        row |= {"starts": ["began"]}
    return parse_limit(row | {"stops": ["done"]} | fields)


def clocks(limits: Limit | Iterable[Limit], *events: Occurrence, known: datetime = LATER, **more: Any) -> list[Clock]:
    many = [limits] if isinstance(limits, Limit) else limits
    return wind(events, many, more.pop("calendar", CHINA), known, **more)


def clock(limits: Limit | Iterable[Limit], *events: Occurrence, **more: Any) -> Clock:
    """The only clock there is."""
    (only,) = clocks(limits, *events, **more)
    return only
