"""A county whose legal department has places inspected at random: two stations with hotels, and a register of inspectors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Officer, Role, Unit
from cases.roles import plan_roles
from supervision.inspections import services
from supervision.inspections.models import Check, Draw, InspectionPlan, PlannedItem, Target
from supervision.inspections.services import Wanted
from supervision.rectification.models import Problem
from tests.cases.factories import Bureau, day, make_bureau, make_catalogue, make_officer, moment

# Monday 6 April 2026, nine in the morning, of a year that is announced in the calendar of the tests.
PLANNED = moment("2026-04-06 09:00")
DRAWN = moment("2026-04-07 10:00")
INSPECTED = moment("2026-04-20 16:00")
SEED = "42"
CATEGORY = "旅馆业"


@dataclass(frozen=True)
class County:
    """Those who direct, those who inspect, those who are told afterwards, and who may know nothing of it."""

    bureau: Bureau
    legal: Officer
    inspector: Officer
    leader: Officer
    head: Officer
    sibling_head: Officer
    pool: tuple[Officer, ...]
    outsider: Officer
    stranger: Officer

    @property
    def station(self) -> Unit:
        return self.bureau.station


def make_county() -> County:
    plan_roles()
    bureau = make_bureau()
    make_catalogue()
    Problem.objects.create(
        code="inspected", name="检查发现问题", fault="监督检查", law="某法", article="第一条", workdays=5
    )
    return County(
        bureau=bureau,
        legal=make_officer("100001", bureau.legal, Role.LEGAL_OFFICER),
        inspector=make_officer("100002", bureau.county, Role.INSPECTOR),
        leader=make_officer("100003", bureau.county, Role.LEADER),
        head=make_officer("100004", bureau.station, Role.UNIT_HEAD),
        sibling_head=make_officer("100005", bureau.sibling, Role.UNIT_HEAD),
        pool=(
            make_officer("200001", bureau.legal, Role.CASE_OFFICER),
            make_officer("200002", bureau.legal, Role.CASE_OFFICER),
            make_officer("200003", bureau.legal, Role.CASE_OFFICER),
            make_officer("200004", bureau.station, Role.CASE_OFFICER),
        ),
        outsider=make_officer("100006", bureau.sibling, Role.CASE_OFFICER),
        stranger=make_officer("100008", bureau.other_station, Role.LEGAL_OFFICER),
    )


def list_everything(county: County, *, station: int = 6, sibling: int = 4) -> list[Target]:
    """Hotels of both stations, and the register of inspectors."""
    for one in county.pool:
        services.list_inspector(officer=one, by=county.legal, at=PLANNED)
    places = [(f"S{n}", county.station) for n in range(1, station + 1)]
    places += [(f"B{n}", county.bureau.sibling) for n in range(1, sibling + 1)]
    return [
        services.list_target(code=code, name=f"{code}旅馆", category=CATEGORY, unit=unit, by=county.legal, at=PLANNED)
        for code, unit in places
    ]


def make_plan(county: County, **fields: Any) -> InspectionPlan:
    given = {"title": "年度双随机", "year": 2026, "unit": county.bureau.county, "by": county.legal, "at": PLANNED}
    return services.make_plan(**{**given, **fields})


def wanted(**fields: Any) -> Wanted:
    given: dict[str, Any] = {
        "name": "旅馆业治安检查", "ground": "《旅馆业治安管理办法》第十四条", "category": CATEGORY, "percent": 30,
        "begins_on": day("2026-04-06"), "draw_by": day("2026-04-15"), "inspect_by": day("2026-05-15"),
        "publish_by": day("2026-06-15"),
    }  # fmt: skip
    return Wanted(**{**given, **fields})


def add_item(
    county: County, plan: InspectionPlan | None = None, *, at: datetime = PLANNED, **fields: Any
) -> PlannedItem:
    return services.add_item(plan=plan or make_plan(county), wanted=wanted(**fields), by=county.legal, at=at)


def draw(county: County, item: PlannedItem | None = None, *, at: datetime = DRAWN, **fields: Any) -> Draw:
    """Three of ten hotels and two inspectors for each; without targets of its own it lists them."""
    if not Target.objects.exists():
        list_everything(county)
    return services.draw_item(
        **{"item": item or add_item(county), "seed": SEED, "by": county.legal, "at": at, **fields}
    )


def first_check(drawn: Draw) -> Check:
    return check_at(drawn, 1)


def check_at(drawn: Draw, position: int) -> Check:
    rows = Check.objects.select_related("draw__item__plan", "target", "matter__kind", "matter__officer", "unit")
    return rows.get(draw=drawn, position=position)


def inspector_of(check: Check) -> Officer:
    """The first of those drawn for an inspection who still inspect."""
    return check.inspectors.filter(stepped_aside_at=None).order_by("pk")[0].officer


def record(check: Check, *, at: datetime = INSPECTED, **fields: Any) -> Check:
    """A clean result, put on record by one of the inspectors."""
    given = {"outcome": "clean", "inspected_on": at.date(), "text": "登记簿齐全。", "by": inspector_of(check), "at": at}
    return services.record_result(check=check, **{**given, **fields})
