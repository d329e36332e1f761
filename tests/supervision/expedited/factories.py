"""A county whose station handles administrative cases, some of them by the expedited procedure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Matter, Officer, Role, Unit
from cases.roles import plan_roles
from cases.services import open_matter, record_event
from supervision.expedited import services
from supervision.expedited.models import ExpeditedCase, ExpeditedStep, Fault
from supervision.expedited.rules import GROUNDS, Answer, Fact
from tests.cases.factories import Bureau, make_bureau, make_officer, moment

# Tuesday 10 March 2026: the suspect arrives at nine, and most of the tests look at ten.
ARRIVED = moment("2026-03-10 09:00")
AT = moment("2026-03-10 10:00")
# Forty-eight hours after nine on the tenth end at nine on the twelfth (公安机关办理行政案件程序规定第四十七条).
IN_TIME = moment("2026-03-12 09:00")
OVER = moment("2026-03-12 09:01")

FIT: dict[Fact, Answer] = {ground.fact: ground.wanted for ground in GROUNDS}


@dataclass(frozen=True)
class County:
    """Those who handle cases, those who judge, and who may know nothing of it."""

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

    @property
    def station(self) -> Unit:
        return self.bureau.station


def make_county() -> County:
    """Needs the shipped catalogue."""
    plan_roles()
    bureau = make_bureau()
    officer = make_officer("100006", bureau.station, Role.CASE_OFFICER)
    return County(
        bureau=bureau,
        legal=make_officer("100001", bureau.legal, Role.LEGAL_OFFICER),
        inspector=make_officer("100003", bureau.county, Role.INSPECTOR),
        leader=make_officer("100004", bureau.county, Role.LEADER),
        head=make_officer("100005", bureau.station, Role.UNIT_HEAD),
        officer=officer,
        sibling=make_officer("100007", bureau.sibling, Role.UNIT_HEAD),
        stranger=make_officer("100008", bureau.other_station, Role.LEGAL_OFFICER),
        case=a_case("治1", bureau.station, officer),
        crime=a_case("刑1", bureau.station, officer, kind="criminal_case"),
    )


def a_case(
    number: str, unit: Unit, officer: Officer | None, *, kind: str = "public_order_case", **facts: Any
) -> Matter:
    case = open_matter(kind=kind, number=number, title="某案", unit=unit, officer=officer, facts=facts)
    happen(case, "case_filed" if kind == "criminal_case" else "case_accepted", moment("2026-03-10 08:00"))
    case.refresh_from_db()
    return case


def happen(matter: Matter, kind: str, at: datetime, **told: Any) -> None:
    """Something entered on the matter itself, when it happened."""
    record_event(matter=matter, kind=kind, occurred_at=at, by=None, at=at, **told)


def applied(county: County, matter: Matter | None = None, **more: Any) -> ExpeditedCase:
    """A case to which the procedure is applied: everything speaks for it."""
    told: dict[str, Any] = {"answers": FIT, "arrived_at": ARRIVED, "by": county.officer, "at": AT, **more}
    return services.apply_expedited(matter=matter or county.case, **told)


def agreed(county: County, case: ExpeditedCase, **more: Any) -> ExpeditedCase:
    """The suspect was told and agreed half an hour after he arrived."""
    told: dict[str, Any] = {
        "told_whom": "违法嫌疑人",
        "told_how": "signed",
        "told_at": moment("2026-03-10 09:20"),
        "consented_at": moment("2026-03-10 09:30"),
        "document": "快办告知 1 号",
        "by": county.officer,
        "at": AT,
        **more,
    }
    return services.record_consent(case=case, **told)


def decided(county: County, case: ExpeditedCase, at: datetime = IN_TIME) -> ExpeditedCase:
    return services.record_decision(case=case, decided_at=at, document="罚决 1 号", by=county.officer, at=at)


def imported(county: County, number: str, *events: tuple[str, str], **facts: Any) -> Matter:
    """A case that came in with a file that calls it expedited."""
    matter = a_case(number, county.station, county.officer, expedited=True, **facts)
    for kind, when in events:
        happen(matter, kind, moment(when))
    matter.refresh_from_db()
    return matter


def found(case: ExpeditedCase | Matter) -> set[str]:
    """The rules of what is open on a case."""
    return set(Fault.objects.to_judge().filter(case=case.pk).values_list("rule", flat=True))


def actions(case: ExpeditedCase | Matter) -> list[str]:
    return list(ExpeditedStep.objects.filter(matter=case.pk).order_by("pk").values_list("action", flat=True))
