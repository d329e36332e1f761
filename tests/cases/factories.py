"""Rows for tests: one small county with its people, and a catalogue of invented limits short enough to count by hand.

Everything is written through the doors of the room or as plain rows; nothing is random and nothing is added unasked.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases import services
from cases.models import (
    ApproverLevel,
    CalendarYear,
    Clock,
    DayOff,
    Event,
    EventKind,
    Ladder,
    Limit,
    Matter,
    MatterKind,
    Officer,
    Role,
    Unit,
    UnitKind,
    UnitLevel,
    WorkCalendar,
)
from cases.statute.limits import parse_limit

SHANGHAI = ZoneInfo("Asia/Shanghai")
IN_OFFICE_SINCE = date(2025, 1, 1)


def moment(text: str) -> datetime:
    """Local time of the bureau: `2026-03-02` (its midnight) or `2026-03-02 10:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# -- the bureau ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bureau:
    """A county bureau that supervises, two stations it supervises, and a county next door that is none of its business."""

    province: Unit
    city: Unit
    county: Unit
    legal: Unit
    station: Unit
    sibling: Unit
    other_county: Unit
    other_station: Unit


def make_bureau() -> Bureau:
    province = services.add_unit(code="P", name="某省公安厅", level=UnitLevel.PROVINCE, kind=UnitKind.BUREAU)
    city = services.add_unit(code="C", name="某市公安局", level=UnitLevel.CITY, kind=UnitKind.BUREAU, parent=province)
    county = services.add_unit(
        code="X", name="某县公安局", level=UnitLevel.COUNTY, kind=UnitKind.BUREAU, parent=city, short_name="县局"
    )
    other = services.add_unit(code="Y", name="邻县公安局", level=UnitLevel.COUNTY, kind=UnitKind.BUREAU, parent=city)

    def below(county: Unit, code: str, name: str, kind: UnitKind) -> Unit:
        return services.add_unit(code=code, name=name, level=UnitLevel.STATION, kind=kind, parent=county)

    return Bureau(
        province=province,
        city=city,
        county=county,
        legal=below(county, "X0", "法制大队", UnitKind.LEGAL),
        station=below(county, "X1", "城关派出所", UnitKind.STATION),
        sibling=below(county, "X2", "城东派出所", UnitKind.STATION),
        other_county=other,
        other_station=below(other, "Y1", "河口派出所", UnitKind.STATION),
    )


def make_officer(police_number: str, unit: Unit, *roles: Role, post: Unit | None = None) -> Officer:
    """An officer of `unit` who holds each role there, or in `post` where that is another unit."""
    officer = services.add_officer(police_number=police_number, name=f"民警{police_number}", unit=unit)
    for role in roles:
        services.assign_post(officer=officer, unit=post or unit, role=role, from_on=IN_OFFICE_SINCE)
    return officer


# -- the catalogue ---------------------------------------------------------------------------------------------------

# Saturday 9 May 2026 is worked; 1 to 5 May are off. 2027 is not announced.
MAY = {"2026-05-01": False, "2026-05-02": False, "2026-05-03": False, "2026-05-04": False, "2026-05-05": False}
WORKED = {"2026-05-09": True}

KINDS = {"case": "案件", "visit": "入区", "letter": "来信"}
EVENTS = {
    "filed": "立案",
    "test_began": "委托鉴定",
    "test_ended": "收到鉴定意见",
    "longer": "批准延长",
    "decided": "作出决定",
    "closed": "结案",
    "entered": "入区",
    "left": "离区",
    "received": "收到",
    "answered": "答复",
    "matter_transferred": "移交",
}
LIMITS: tuple[dict[str, Any], ...] = (
    # Thirty days, rolled past days off; tests do not count; may be lengthened once by 30 days.
    {
        "code": "decide",
        "name": "作出决定",
        "kinds": ["case"],
        "starts": ["filed"],
        "stops": ["decided"],
        "length": 30,
        "unit": "day",
        "rollover": "forward",
        "pauses": [{"from": "test_began", "to": "test_ended", "name": "鉴定"}],
        "extensions": [{"event": "longer", "length": 30, "unit": "day", "approvers": ["head"]}],
        "calendar": "cn",
        "law": "测试法",
        "article": "第一条",
    },
    # Twenty-four hours to the second.
    {
        "code": "leave",
        "name": "离区",
        "nature": "measure_cap",
        "kinds": ["visit"],
        "starts": ["entered"],
        "stops": ["left"],
        "length": 24,
        "unit": "hour",
        "law": "测试法",
        "article": "第二条",
    },
    # Seven working days.
    {
        "code": "answer",
        "name": "答复来信",
        "kinds": ["letter"],
        "starts": ["received"],
        "stops": ["answered"],
        "length": 7,
        "unit": "workday",
        "calendar": "cn",
        "law": "测试法",
        "article": "第三条",
    },
    # Not verified, so it raises nothing.
    {
        "code": "idea",
        "name": "设想",
        "kinds": ["case"],
        "starts": ["filed"],
        "stops": ["decided"],
        "length": 3,
        "unit": "day",
        "law": "测试法",
        "article": "第四条",
        "status": "draft",
    },
)
LADDERS = (
    ("long", "day", 30, {"days": 7, "at": "00:00"}, {"days": 3, "at": "00:00"}),
    ("middle", "day", 7, {"days": 3, "at": "00:00"}, {"days": 1, "at": "00:00"}),
    ("short", "day", 0, {"days": 1, "at": "00:00"}, {"days": 0, "at": "09:00"}),
    ("hours", "exact", 0, {"share": 0.25}, {"share": 0.1}),
)


def make_catalogue() -> None:
    """Kinds, events, approvers, ladders, a calendar of 2025 and 2026, and the limits above."""
    calendar = WorkCalendar.objects.create(code="cn", name="工作日历")
    CalendarYear.objects.bulk_create(CalendarYear(calendar=calendar, year=year) for year in (2025, 2026))
    DayOff.objects.bulk_create(
        DayOff(calendar=calendar, day=day, working=working, name="劳动节") for day, working in {**MAY, **WORKED}.items()
    )
    for order, (code, name) in enumerate(KINDS.items()):
        MatterKind.objects.create(code=code, name=name, restricted=code == "letter", order=order)
    for order, (code, name) in enumerate(EVENTS.items()):
        opens, closes = code in ("filed", "entered", "received"), code in ("closed", "left", "answered")
        EventKind.objects.create(code=code, name=name, opens=opens, closes=closes, order=order)
    for rank, (code, name) in enumerate((("deputy", "副职"), ("head", "县局负责人"), ("city_head", "市局负责人"))):
        ApproverLevel.objects.create(code=code, name=name, line="police", rank=rank)
    for code, counts, from_length, yellow, orange in LADDERS:
        Ladder.objects.create(
            code=code, name=code, counts=counts, from_length=from_length, yellow=yellow, orange=orange
        )
    for definition in LIMITS:
        add_limit(**definition)


def add_limit(**definition: Any) -> Limit:
    """A limit row as the catalogue would write it."""
    rule = parse_limit(definition)
    row = Limit.objects.create(
        code=rule.code,
        family=rule.family,
        name=rule.name,
        nature=rule.nature,
        law=rule.law,
        article=rule.article,
        length=rule.length,
        unit=rule.unit,
        rollover=rule.rollover,
        in_force_from=rule.in_force_from,
        in_force_until=rule.in_force_until,
        status=rule.status,
        ladder=Ladder.objects.get(code=definition.get("ladder") or _ladder_for(rule)),
        definition=definition,
    )
    row.kinds.set(MatterKind.objects.filter(code__in=rule.kinds))
    return row


def _ladder_for(rule: Any) -> str:
    if rule.unit.exact:
        return "hours"
    days = {"month": 30, "year": 365}.get(rule.unit, 1) * (rule.length or 0)
    return "long" if days >= 30 else "middle" if days >= 7 else "short"


# -- matters ---------------------------------------------------------------------------------------------------------


def make_case(
    number: str,
    unit: Unit,
    officer: Officer | None = None,
    *,
    filed: str | None = None,
    kind: str = "case",
    **fields: Any,
) -> Matter:
    """A matter; with `filed` (local time) it has its opening event too, learnt at the same moment, and is wound."""
    matter = services.open_matter(kind=kind, number=number, unit=unit, officer=officer, **fields)
    if filed is not None:
        record(matter, {"case": "filed", "visit": "entered", "letter": "received"}[kind], filed)
    return matter


def record(matter: Matter, kind: str, occurred: str, *, at: str | None = None, **fields: Any) -> Event:
    """An event that occurred at a local time and is learnt then, or at `at`."""
    when = moment(occurred)
    return services.record_event(
        matter=matter, kind=kind, occurred_at=when, by=fields.pop("by", None), at=moment(at) if at else when, **fields
    )


def clock_of(matter: Matter, limit: str = "decide") -> Clock:
    return Clock.objects.select_related("limit").get(matter=matter, limit__code=limit)


def day(text: str) -> date:
    return date.fromisoformat(text)


ONE_SECOND = timedelta(seconds=1)
