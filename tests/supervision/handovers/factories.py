"""A station in which an officer leaves: his cases, an order to him, a followed case; a colleague who takes over."""

from dataclasses import dataclass
from typing import Any

from cases.models import Matter, Officer, Role, Unit
from supervision.followup.models import FollowedCase
from supervision.handovers.gathering import Asked, gather
from supervision.handovers.models import Handover, HandoverItem, Reason
from supervision.handovers.services import begin_handover, carry_on, take_up
from supervision.rectification.models import Grade, Order, Problem, Source
from supervision.rectification.services import issue_order
from tests.cases.factories import Bureau, make_case, make_officer
from tests.supervision.followup import factories as followed
from tests.supervision.followup.factories import County, make_county

# Monday 2 March 2026, ten in the morning. What was filed on 2 February is due on 4 March, on 5 January was on 4 February.
AT = followed.ENTERED
IN_TIME, OVERDUE = "2026-02-02", "2026-01-05"


@dataclass(frozen=True)
class House:
    """The officer who leaves, the colleague who takes over, their head, a legal officer, and a head next door."""

    county: County
    next_door: Officer

    @property
    def bureau(self) -> Bureau:
        return self.county.bureau

    @property
    def station(self) -> Unit:
        return self.county.station

    @property
    def leaver(self) -> Officer:
        return self.county.officer

    @property
    def taker(self) -> Officer:
        return self.county.colleague

    @property
    def head(self) -> Officer:
        return self.county.head

    @property
    def legal(self) -> Officer:
        return self.county.legal


def make_house() -> House:
    county = make_county()
    Problem.objects.create(
        code="overrun",
        name="超过法定期限",
        fault="期限",
        law="测试法",
        article="第一条",
        grade=Grade.SUPERVISED,
        workdays=3,
    )
    return House(county=county, next_door=make_officer("100009", county.bureau.sibling, Role.UNIT_HEAD))


def case(house: House, number: str, *, officer: Officer | None = None, filed: str = IN_TIME, **fields: Any) -> Matter:
    return make_case(number, fields.pop("unit", house.station), officer or house.leaver, filed=filed, **fields)


def order(house: House, number: str = "S-1", *, officer: Officer | None = None, **fields: Any) -> Order:
    return issue_order(
        source=Source.SUPERVISOR,
        source_number=number,
        problem="overrun",
        unit=fields.pop("unit", house.station),
        officer=officer or house.leaver,
        text="请尽快作出决定。",
        by=house.legal,
        at=AT,
        **fields,
    )


def follow(house: House, number: str = "F-1") -> FollowedCase:
    """A matter of the leaver's, followed with him named."""
    return followed.follow(house.county, number)


def everything(house: House) -> None:
    """A case, an order and a followed case, whose own matter is another case."""
    case(house, "A-1")
    order(house)
    follow(house)


def begin(
    house: House,
    *,
    by: Officer | None = None,
    whose: Asked | None = None,
    unit: Unit | None = None,
    to: Officer | None = None,
    **fields: Any,
) -> Handover:
    """A hand-over of all that is asked for (the leaver's), as it stands now; nothing has moved yet."""
    by, whose = by or house.head, whose or Asked(officer=house.leaver)
    told = {"reason": Reason.LEFT, "document_number": "人〔2026〕1号", "at": AT, **fields}
    return begin_handover(
        marks=[line.mark for line in gather(whose, to=None, by=by, at=told["at"])],
        from_officer=whose.officer,
        from_unit=whose.unit,
        to_unit=unit or house.station,
        to_officer=to,
        by=by,
        **told,
    )


def carried(row: Handover) -> Handover:
    """Carried out at once."""
    assert take_up(handover=row, at=AT)
    carry_on(handover=row, tick=lambda: AT)
    return row


def outcomes(row: Handover) -> list[tuple[str, str | None, str | None]]:
    items = HandoverItem.objects.filter(handover=row).order_by("place")
    return list(items.values_list("number", "outcome", "why"))
