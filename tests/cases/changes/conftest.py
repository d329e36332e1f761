"""A county with many matters of every shape, so that no clock a change may move is left out of sight."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import Event, EventKind, Limit, Matter
from cases.winding import wind_matters
from tests.cases.factories import Bureau, add_limit, make_case, moment

AT = moment("2026-12-20 09:00")

# Every way a limit may lean on a calendar: carried, counted, counted back, tied to an expiry, turned to another length.
MORE_LIMITS: tuple[dict[str, Any], ...] = (
    {
        "code": "remind", "name": "届满前提示", "kinds": ["case"], "before_expiry_of": "decide", "stops": ["answered"],
        "length": 3, "unit": "workday", "rollover": "backward", "calendar": "cn", "law": "测试法", "article": "第五条",
    },
    {
        "code": "warn", "name": "届满前催办", "kinds": ["case"], "before_expiry_of": "decide", "stops": ["answered"],
        "length": 20, "unit": "day", "law": "测试法", "article": "第十一条",
    },
    {
        "code": "report", "name": "届满后报告", "kinds": ["case"], "after_expiry_of": "decide", "stops": ["answered"],
        "length": 5, "unit": "workday", "calendar": "cn", "law": "测试法", "article": "第六条",
    },
    {
        "code": "count", "name": "工作日办理", "kinds": ["case"], "starts": ["filed"], "stops": ["closed"],
        "length": 40, "unit": "workday", "calendar": "cn", "law": "测试法", "article": "第七条",
        "pauses": [{"from": "test_began", "to": "test_ended"}],
        "extensions": [{"event": "longer", "length": 10, "unit": "workday"}],
    },
    {
        "code": "turn", "name": "换档", "kinds": ["case"], "starts": ["filed"], "stops": ["closed"], "length": 45,
        "unit": "day", "rollover": "forward", "calendar": "cn", "law": "测试法", "article": "第八条",
        "tiers": [{"code": "short", "length": 10, "unit": "day", "by": ["decided"], "condition": "转入简易"}],
    },
    {
        "code": "plain", "name": "不看日历", "kinds": ["case"], "starts": ["filed"], "stops": ["closed"], "length": 20,
        "unit": "day", "law": "测试法", "article": "第九条",
    },
    {
        "code": "hearing", "name": "开庭前送达", "kinds": ["case"], "starts": ["received"], "stops": ["answered"],
        "length": 12, "unit": "workday", "backward": True, "calendar": "cn", "law": "测试法", "article": "第十条",
    },
)  # fmt: skip

STEPS: Sequence[tuple[str, dict[str, Any]]] = (
    ("test_began", {}),
    ("test_ended", {}),
    ("longer", {"approver": "head"}),
    ("longer", {"approver": "deputy"}),
    ("decided", {}),
    ("answered", {}),
    ("closed", {}),
    ("received", {"sets_on": True}),
)


@pytest.fixture
def shapes(catalogue: None) -> None:
    for limit in MORE_LIMITS:
        add_limit(**limit)


Filled = Callable[[int, int], list[Matter]]


@pytest.fixture
def fill(bureau: Bureau, shapes: None) -> Filled:
    """Matters as a seed draws them, around the holidays of the calendar, wound as of `AT`."""

    kinds = {kind.code: kind for kind in EventKind.objects.all()}

    def happened(matter: Matter, kind: str, when: datetime, **fields: Any) -> Event:
        """As an entry on the same day; where only the day is known, its midnight is kept."""
        if fields.get("day_only"):
            when = when.replace(hour=0)
        return Event(matter=matter, kind=kinds[kind], occurred_at=when, recorded_at=when, **fields)

    def filled(seed: int, count: int) -> list[Matter]:
        chance = random.Random(seed)
        matters, events = [], []
        for number in range(count):
            matter = make_case(
                f"{seed}-{number}", chance.choice((bureau.station, bureau.sibling, bureau.other_station))
            )
            begins = moment("2026-02-15") + timedelta(days=chance.randrange(300), hours=chance.randrange(24))
            events.append(happened(matter, "filed", begins, day_only=chance.random() < 0.3))
            for _ in range(chance.randrange(6)):
                kind, fields = chance.choice(STEPS)
                when = begins + timedelta(days=chance.randrange(70), hours=chance.randrange(24))
                sets = {"sets_on": (when + timedelta(days=chance.randrange(40))).date()} if "sets_on" in fields else {}
                if when < AT:
                    events.append(happened(matter, kind, when, **{**fields, **sets}))
            matters.append(matter)
        Event.objects.bulk_create(events)
        wind_matters([matter.pk for matter in matters], at=AT, cause="测试")
        return matters

    return filled


def payload(**changed: Any) -> dict[str, Any]:
    """The notice of 2027 as a change keeps it."""
    days = [
        {"day": "2026-12-31", "working": False, "name": "元旦"},
        {"day": "2027-01-01", "working": False, "name": "元旦"},
        *({"day": f"2027-02-{n:02}", "working": False, "name": "春节"} for n in range(5, 12)),
        {"day": "2027-02-13", "working": True, "name": "春节"},
        {"day": "2027-01-03", "working": True, "name": "元旦"},
    ]
    return {"calendar": "cn", "year": 2027, "notice": "通知三", "supplement": False, "days": days, **changed}


def version(**changed: Any) -> dict[str, Any]:
    """A version of `decide` with other words and numbers, in force from the first of June 2026."""
    definition = {
        **Limit.objects.get(code="decide").definition,
        "code": "decide_v2026",
        "family": "decide",
        "in_force_from": "2026-06-01",
        "length": 20,
        **changed,
    }
    return {"from": "decide", "definition": {name: value for name, value in definition.items() if value is not None}}
