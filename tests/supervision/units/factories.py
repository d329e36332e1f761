"""Two counties, an administrator of each kind over both, and a station with cases, an order and a followed case."""

from dataclasses import dataclass
from datetime import date, datetime

from cases.models import Matter, Officer, Role, Unit
from cases.roles import plan_roles
from supervision.units.models import Kind, UnitChange
from supervision.units.services import approve_change, propose_change
from tests.cases.factories import make_case, make_officer, moment
from tests.supervision.followup.factories import County, make_county

# The evening before, and the first minute of the day.
BEFORE = moment("2026-03-05 18:00")
AT = moment("2026-03-06 00:01")
ON = date(2026, 3, 6)
GROUND = "和公编〔2026〕3号"


@dataclass(frozen=True)
class Tree:
    """The county of the followed cases with those who keep its units."""

    county: County
    proposer: Officer
    decider: Officer
    keeper_of_one: Officer
    heir_head: Officer

    @property
    def station(self) -> Unit:
        return self.county.bureau.station

    @property
    def sibling(self) -> Unit:
        return self.county.bureau.sibling

    @property
    def next_door(self) -> Unit:
        return self.county.bureau.other_county


def make_tree() -> Tree:
    county = make_county()
    plan_roles()
    city = county.bureau.city
    return Tree(
        county=county,
        proposer=make_officer("200001", city, Role.SYSTEM_ADMIN),
        decider=make_officer("200002", city, Role.SECURITY_ADMIN),
        keeper_of_one=make_officer("200003", county.bureau.county, Role.SECURITY_ADMIN),
        heir_head=make_officer("200004", county.bureau.sibling, Role.UNIT_HEAD),
    )


def proposed(
    tree: Tree,
    kind: Kind = Kind.MERGER,
    *,
    unit: Unit | None = None,
    target: Unit | None = None,
    on: date = ON,
    at: datetime = BEFORE,
) -> UnitChange:
    return propose_change(
        kind=kind,
        unit=unit or tree.station,
        target=target or (tree.sibling if kind == Kind.MERGER else tree.next_door),
        effective_on=on,
        ground=GROUND,
        by=tree.proposer,
        at=at,
    )


def approved(tree: Tree, kind: Kind = Kind.MERGER, **named: object) -> UnitChange:
    return approve_change(change=proposed(tree, kind, **named), by=tree.decider, at=BEFORE)  # type: ignore[arg-type]


def some_case(tree: Tree, number: str = "B1") -> Matter:
    return make_case(number, tree.station, tree.county.officer, filed="2026-03-02")
