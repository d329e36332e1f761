"""A county whose legal department asks how people were served: matters of two stations, and a round drawn from them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Grade, Matter, Officer, Role, Unit
from supervision.rectification.models import Problem
from supervision.returnvisits import services
from supervision.returnvisits.models import Basis, Channel, Check, Visit, VisitRound, VisitStep
from supervision.returnvisits.queries import Scope
from tests.cases.factories import Bureau, day, make_bureau, make_case, make_catalogue, make_officer, moment

# Monday 2 March 2026, ten in the morning: in working time, and the calendar of 2026 is announced.
DRAWN = moment("2026-03-02 10:00")
LATER = moment("2026-03-03 11:00")
REPLY_UNTIL = day("2026-03-16")
SEED = "42"


@dataclass(frozen=True)
class County:
    """Those who ask and check, those who are asked about, and a stranger from the county next door."""

    bureau: Bureau
    legal: Officer
    second_legal: Officer
    inspector: Officer
    leader: Officer
    head: Officer
    officer: Officer
    sibling_head: Officer
    stranger: Officer
    problem: Problem

    @property
    def station(self) -> Unit:
        return self.bureau.station


def make_county() -> County:
    bureau = make_bureau()
    make_catalogue()
    return County(
        bureau=bureau,
        legal=make_officer("100001", bureau.legal, Role.LEGAL_OFFICER),
        second_legal=make_officer("100002", bureau.legal, Role.LEGAL_OFFICER),
        inspector=make_officer("100003", bureau.county, Role.INSPECTOR),
        leader=make_officer("100004", bureau.county, Role.LEADER),
        head=make_officer("100005", bureau.station, Role.UNIT_HEAD),
        officer=make_officer("100006", bureau.station, Role.CASE_OFFICER),
        sibling_head=make_officer("100007", bureau.sibling, Role.UNIT_HEAD),
        stranger=make_officer("100008", bureau.other_station, Role.LEGAL_OFFICER),
        problem=Problem.objects.create(code="served", name="服务不到位", fault="服务", article="第二十条", workdays=5),
    )


def make_matters(county: County, *, station: int = 3, sibling: int = 2) -> list[Matter]:
    """Cases filed in February, of both stations."""
    made = [
        make_case(f"A{number}", county.station, county.officer, filed=f"2026-02-{number + 2:02}")
        for number in range(1, station + 1)
    ]
    return made + [
        make_case(f"B{number}", county.bureau.sibling, filed=f"2026-02-{number + 2:02}")
        for number in range(1, sibling + 1)
    ]


def scope_of(county: County, **fields: Any) -> Scope:
    return Scope(
        **{
            "unit": county.bureau.county,
            "kinds": ("case",),
            "basis": Basis.OPENED,
            "from_on": day("2026-02-01"),
            "until_on": day("2026-02-28"),
            **fields,
        }
    )


def draw(county: County, **fields: Any) -> VisitRound:
    """A round of two a unit; without matters of its own it makes five."""
    if not Matter.objects.exists():
        make_matters(county)
    return services.draw_round(
        **{
            "title": "二月回访",
            "scope": scope_of(county),
            "per_unit": 2,
            "reply_until": REPLY_UNTIL,
            "callers": (county.legal,),
            "seed": SEED,
            "by": county.legal,
            "at": DRAWN,
            **fields,
        }
    )


def visits_in(visit_round: VisitRound, unit: Unit | None = None) -> list[Visit]:
    rows = Visit.objects.filter(round=visit_round).order_by("pk")
    rows = rows.filter(unit=unit) if unit is not None else rows
    return list(rows.select_related("round", "matter", "unit", "feedback", "caller"))


def answer(
    county: County, visit: Visit, grade: Grade = Grade.SATISFIED, text: str = "", *, at: datetime = LATER, **fields: Any
) -> Visit:
    return services.record_answer(
        **{
            "visit": visit,
            "channel": Channel.TELEPHONE,
            "grade": grade,
            "text": text,
            "by": county.legal,
            "at": at,
            **fields,
        }
    )


def negative(county: County, *, text: str = "等了一个月没有人回话") -> Check:
    """A dissatisfied answer about a matter of the station, and its check."""
    visit = visits_in(draw(county), county.station)[0]
    answer(county, visit, Grade.DISSATISFIED, text)
    return check_of(visit)


def check_of(visit: Visit) -> Check:
    rows = Check.objects.select_related("visit__round", "visit__matter", "visit__feedback", "unit", "checker", "order")
    return rows.get(visit=visit)


def actions(visit: Visit) -> list[str]:
    return list(VisitStep.objects.filter(visit=visit).order_by("pk").values_list("action", flat=True))
