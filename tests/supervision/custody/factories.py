"""A county with a centre, a public-order case and a criminal one, in which people are brought in."""

from dataclasses import dataclass, replace
from typing import Any

from cases.models import Matter, Officer, Role, Unit
from cases.roles import plan_roles
from cases.services import open_matter, record_event
from supervision.custody import services
from supervision.custody.models import Centre, Fault, Room, Stage, Visit, VisitStep
from supervision.custody.services import Known
from tests.cases.factories import Bureau, make_bureau, make_officer, moment

# Tuesday 10 March 2026: brought to the police at nine, inside at ten past, most of the tests look at ten.
ARRIVED = moment("2026-03-10 09:00")
ENTERED = moment("2026-03-10 09:10")
AT = moment("2026-03-10 10:00")

KNOWN = Known(
    basis="inquiry", name="张三", reference="手环 1", arrived_at=ARRIVED, entered_at=ENTERED, document="传字 1 号"
)


@dataclass(frozen=True)
class County:
    """Those who bring people in, those who judge, and who may know nothing of it."""

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
    centre: Centre
    rooms: dict[str, Room]

    @property
    def station(self) -> Unit:
        return self.bureau.station


ROOMS = (
    ("检查室", "search", 1), ("采集室", "collection", 1), ("体检室", "examination", 1), ("候问室一", "waiting", 2),
    ("询问室一", "questioning", 1), ("询问室二", "questioning", 1), ("约束室", "sobering", 1),
)  # fmt: skip


def make_county() -> County:
    """Needs the shipped catalogue."""
    plan_roles()
    bureau = make_bureau()
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    officer = make_officer("100006", bureau.station, Role.CASE_OFFICER)
    centre = services.add_centre(unit=bureau.county, name="县局执法办案管理中心", by=legal)
    rooms = {
        name: services.add_room(centre=centre, name=name, kind=kind, capacity=capacity, by=legal)
        for name, kind, capacity in ROOMS
    }
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
        centre=centre,
        rooms=rooms,
    )


def a_case(number: str, kind: str, unit: Unit, officer: Officer) -> Matter:
    case = open_matter(kind=kind, number=number, title="某案", unit=unit, officer=officer)
    opening = "case_filed" if kind == "criminal_case" else "case_accepted"
    happened = moment("2026-03-01 09:00")
    record_event(matter=case, kind=opening, occurred_at=happened, by=officer, at=happened)
    case.refresh_from_db()
    return case


def bring(county: County, reference: str = "手环 1", **more: Any) -> Visit:
    """Somebody brought in in the public-order case, or in `case`, with `more` known of him."""
    case, at, by = more.pop("case", county.case), more.pop("at", AT), more.pop("by", county.officer)
    known = replace(KNOWN, reference=reference, **more)
    return services.enter(case=case, centre=county.centre, known=known, by=by, at=at)


def begin(county: County, visit: Visit, kind: str, room: str, when: str, **more: Any) -> Stage:
    """A step begun at a local time of the tenth of March, or of the day given, and entered then."""
    began = local(when)
    told: dict[str, Any] = {"guard": county.officer, "by": county.officer, "at": max(began, AT), **more}
    return services.begin_stage(visit=visit, kind=kind, room=county.rooms[room], begun_at=began, **told)


def finish(county: County, visit: Visit, when: str, **more: Any) -> Stage:
    ended = local(when)
    return services.finish_stage(visit=visit, ended_at=ended, by=county.officer, at=max(ended, AT), **more)


def go(county: County, visit: Visit, when: str) -> Visit:
    left = local(when)
    return services.leave(visit=visit, left_at=left, outcome="询问完毕，离开", by=county.officer, at=max(left, AT))


def tell(county: County, visit: Visit) -> Visit:
    return services.tell_family(visit=visit, told_at=ENTERED, text="电话通知", by=county.officer, at=AT)


def full(county: County, visit: Visit) -> Visit:
    """A visit with nothing amiss: every step, the family told, gone at one in the afternoon."""
    begin(county, visit, "search", "检查室", "09:10")
    begin(county, visit, "collection", "采集室", "09:20")
    begin(county, visit, "questioning", "询问室一", "09:40")
    finish(county, visit, "12:50", recorded=True)
    tell(county, visit)
    return go(county, visit, "13:00")


def local(when: str) -> Any:
    return moment(when if "-" in when else f"2026-03-10 {when}")


def found(visit: Visit) -> set[str]:
    """The rules of what is open on a visit; one that names a clock without the clock."""
    rows = Fault.objects.to_judge().filter(visit=visit).values_list("rule", flat=True)
    return {rule.partition(":")[0] for rule in rows}


def actions(visit: Visit) -> list[str]:
    return list(VisitStep.objects.filter(visit=visit).order_by("pk").values_list("action", flat=True))
