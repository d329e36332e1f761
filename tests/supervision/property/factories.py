"""A county with an administrative case and a criminal one, in which property is taken."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from cases.models import Matter, Officer, Role, Unit
from cases.roles import plan_roles
from cases.services import open_matter, record_event
from supervision.property import services
from supervision.property.models import Excess, Item, Place, PropertyStep
from supervision.property.services import Known
from tests.cases.factories import Bureau, make_bureau, make_officer, moment

# Tuesday 10 March 2026, ten in the morning: when things are taken, and when most of the tests look.
TAKEN = moment("2026-03-10 09:00")
AT = moment("2026-03-10 10:00")

SEIZED = Known(
    measure="seized", asset="goods", taken_at=TAKEN, owner="suspect", value=Decimal(800), document="扣字 1 号",
    approver="county_leader",
)  # fmt: skip
FROZEN = replace(SEIZED, measure="frozen", asset="deposit", value=Decimal(10_000), document="冻字 1 号")


@dataclass(frozen=True)
class County:
    """Those who take and keep things, those who judge, and who may know nothing of it."""

    bureau: Bureau
    legal: Officer
    inspector: Officer
    leader: Officer
    head: Officer
    officer: Officer
    sibling: Officer
    stranger: Officer
    case: Matter
    crime: Matter
    store: Place

    @property
    def station(self) -> Unit:
        return self.bureau.station


def make_county() -> County:
    """Needs the shipped catalogue."""
    plan_roles()
    bureau = make_bureau()
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    officer = make_officer("100006", bureau.station, Role.CASE_OFFICER)
    return County(
        bureau=bureau,
        legal=legal,
        inspector=make_officer("100003", bureau.county, Role.INSPECTOR),
        leader=make_officer("100004", bureau.county, Role.LEADER),
        head=make_officer("100005", bureau.station, Role.UNIT_HEAD),
        officer=officer,
        sibling=make_officer("100007", bureau.sibling, Role.UNIT_HEAD),
        stranger=make_officer("100008", bureau.other_station, Role.LEGAL_OFFICER),
        case=a_case("治1", "public_order_case", bureau.station, officer),
        crime=a_case("刑1", "criminal_case", bureau.station, officer),
        store=services.add_place(unit=bureau.county, name="县局财物管理中心", by=legal),
    )


def a_case(number: str, kind: str, unit: Unit, officer: Officer, filed: str = "2026-03-01 09:00") -> Matter:
    case = open_matter(kind=kind, number=number, title="某案", unit=unit, officer=officer)
    opening = "case_filed" if kind == "criminal_case" else "case_accepted"
    happened = moment(filed)
    record_event(matter=case, kind=opening, occurred_at=happened, by=officer, at=happened)
    case.refresh_from_db()
    return case


def take(county: County, number: str = "扣1", known: Known = SEIZED, **more: Any) -> Item:
    """An item taken in the administrative case, or in `case`, with `more` known of it."""
    case, at = more.pop("case", county.case), more.pop("at", AT)
    by = more.pop("by", county.officer)
    item = services.register_item(
        case=case, number=number, title="手机一部", known=replace(known, **more), by=by, at=at
    )
    return Item.objects.select_related("matter__unit", "matter__parent", "matter__kind", "place").get(pk=item.pk)


def found(item: Item) -> set[tuple[str, str]]:
    """(kind, rule) of what is open on an item; a rule that names a clock without the clock."""
    rows = Excess.objects.to_judge().filter(item=item).values_list("kind", "rule")
    return {(kind, rule.partition(":")[0]) for kind, rule in rows}


def actions(item: Item) -> list[str]:
    return list(PropertyStep.objects.filter(matter=item.matter_id).order_by("pk").values_list("action", flat=True))
