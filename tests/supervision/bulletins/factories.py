"""Rows for the bulletin's tests: a county of three stations, and clocks and matters written as the winding leaves them.

Times are local. Nothing is random and nothing is added unasked.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from cases.models import (
    CalendarYear,
    Clock,
    ClockState,
    DayOff,
    Event,
    EventKind,
    Limit,
    Matter,
    MatterKind,
    Officer,
    Unit,
    UnitKind,
    UnitLevel,
    WorkCalendar,
)
from cases.models.limit import LimitNature
from cases.services import add_officer, add_unit
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinPlan, Letter, Recipient
from supervision.bulletins.services import add_recipient, compose_monthly, issue

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = date(2026, 3, 1)

_numbers = count(1)


def moment(text: str) -> datetime:
    """Local time: `2026-03-02` (its midnight) or `2026-03-02 10:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# The morning of Wednesday 1 April 2026, a working day: March's bulletins come out.
APRIL_FIRST = moment("2026-04-01 08:30")


@dataclass(frozen=True)
class County:
    """The county of the stories: it supervises; stations A and B have cases, C has none. D lies next door."""

    city: Unit
    county: Unit
    a: Unit
    b: Unit
    c: Unit
    other_county: Unit
    d: Unit


def make_county() -> County:
    city = add_unit(code="S", name="某市公安局", level=UnitLevel.CITY, kind=UnitKind.BUREAU)
    county = add_unit(
        code="X", name="某县公安局", level=UnitLevel.COUNTY, kind=UnitKind.BUREAU, parent=city, short_name="县局"
    )
    other = add_unit(code="Y", name="邻县公安局", level=UnitLevel.COUNTY, kind=UnitKind.BUREAU, parent=city)
    stations = {
        code: add_unit(code=code, name=name, level=UnitLevel.STATION, parent=parent)
        for code, name, parent in (
            ("A", "城关派出所", county),
            ("B", "城东派出所", county),
            ("C", "河口派出所", county),
            ("D", "邻县派出所", other),
        )
    }
    return County(
        city=city,
        county=county,
        a=stations["A"],
        b=stations["B"],
        c=stations["C"],
        other_county=other,
        d=stations["D"],
    )


def make_kind(code: str, name: str, *, family: str = "", restricted: bool = False, order: int = 1) -> MatterKind:
    return MatterKind.objects.create(code=code, name=name, family=family, restricted=restricted, order=order)


def make_limit(code: str, name: str, *, nature: str = LimitNature.DUTY, **fields: Any) -> Limit:
    given = {
        "family": code,
        "law": "测试法",
        "article": "第一条",
        "length": 30,
        "unit": "day",
        "rollover": "none",
        "status": "verified",
        "definition": {"code": code, "calendar": "cn"},
        **fields,
    }
    return Limit.objects.create(code=code, name=name, nature=nature, **given)


def make_matter(
    number: str,
    unit: Unit,
    kind: MatterKind,
    *,
    opened: str = "2026-01-05 09:00",
    closed: str | None = None,
    **fields: Any,
) -> Matter:
    """A matter with its life as the winding would have read it."""
    return Matter.objects.create(
        kind=kind,
        number=number,
        opened_at=moment(opened),
        closed_at=moment(closed) if closed else None,
        **{"restricted": kind.restricted, **fields},
        **unit.scope_ids,
    )


def make_clock(
    matter: Matter,
    limit: Limit,
    *,
    due_on: str | None = None,
    due_at: str | None = None,
    ended: str | None = None,
    late: bool = False,
    state: ClockState | None = None,
    unit: Unit | None = None,
) -> Clock:
    """A clock due on a day, or with `due_at` at a moment; with `ended` it has stopped. Yellow a week ahead, orange three
    days."""
    last_day = date.fromisoformat(due_on) if due_on else None
    due = moment(due_at) if due_at else moment(str(last_day + timedelta(days=1))) if last_day else None
    filed, _ = EventKind.objects.get_or_create(code="filed", defaults={"name": "立案", "opens": True})
    start = Event.objects.create(
        matter=matter, kind=filed, occurred_at=moment("2026-01-05 09:00"), recorded_at=moment("2026-01-05 09:00")
    )
    standing = state or (ClockState.STOPPED if ended else ClockState.RUNNING)
    yellow = due - timedelta(days=7) if due else None
    return Clock.objects.create(
        matter=matter,
        limit=limit,
        start_event=start,
        officer=matter.officer,
        started_at=start.occurred_at,
        due_on=last_day,
        due_at=due,
        yellow_at=yellow,
        orange_at=due - timedelta(days=3) if due else None,
        next_level_at=yellow if standing == ClockState.RUNNING else None,
        state=standing,
        ended_at=moment(ended) if ended else None,
        late=late,
        restricted=matter.restricted,
        **(unit or matter.unit).scope_ids,
    )


def make_calendar() -> WorkCalendar:
    """2025 and 2026 with the holidays around the turn of the year, of spring, of Qingming, of May and of October."""
    calendar = WorkCalendar.objects.create(code="cn", name="工作日历")
    CalendarYear.objects.bulk_create(CalendarYear(calendar=calendar, year=year) for year in (2025, 2026))
    off = {
        "元旦": ("2026-01-01", "2026-01-02", "2026-01-03"),
        "劳动节": ("2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"),
        "国庆节": tuple(f"2026-10-{day:02d}" for day in range(1, 8)),
    }
    DayOff.objects.bulk_create(
        DayOff(calendar=calendar, day=day, working=False, name=name) for name, days in off.items() for day in days
    )
    return calendar


def make_officer(unit: Unit, *, email: str = "", name: str = "李明") -> Officer:
    return add_officer(police_number=f"{next(_numbers):06d}", name=name, unit=unit, email=email)


def make_reader(unit: Unit, address: str, *, entered: str = "2026-01-01") -> Recipient:
    return add_recipient(unit=unit, name=address.partition("@")[0], address=address, at=moment(entered))


def issued(unit: Unit, *addresses: str) -> Bulletin:
    """March's bulletin, issued on 1 April to these addresses."""
    for address in addresses:
        make_reader(unit, address)
    draft = compose_monthly(unit=unit, month=MARCH, at=APRIL_FIRST)
    return issue(bulletin=draft, by=None, at=APRIL_FIRST)


def letter_to(address: str) -> Letter:
    return Letter.objects.get(recipient__address=address)


def story_of(letter: Letter) -> list[str]:
    """The ledger of a letter, as actions in order."""
    return list(letter.steps.values_list("action", flat=True))


def months_by_themselves() -> None:
    """Of the plans only the months are left in use, and they go out without a signature."""
    BulletinPlan.objects.exclude(kind=BulletinKind.MONTHLY).update(active=False)
    BulletinPlan.objects.filter(kind=BulletinKind.MONTHLY).update(waits=False)
