"""A county small enough to check by hand: three stations in March 2026, under the law as shipped.

Cases, orders, complaints and petitions come in and move through the doors of their rooms; ratings are plain rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings

from cases import services
from cases.models import Feedback, Grade, Matter, Officer, Role, Unit, UnitKind, UnitLevel
from supervision.evaluation.models import Indicator
from supervision.evaluation.queries import figures_of
from supervision.evaluation.queries.versions import with_parts
from supervision.evaluation.rates import Rate
from supervision.evaluation.rules.periods import Period, read_period
from supervision.evaluation.services import load_indicators
from supervision.evaluation.services.defining import publish, wording_of
from supervision.petitions.models import Complaint, Petition
from supervision.petitions.services import (
    answer,
    ask_evaluation,
    assign_lead,
    decide,
    deliver,
    register,
    register_complaint,
    reopen,
    resolve,
    take_in,
)
from supervision.rectification.models import Order, Problem
from supervision.rectification.services import issue_order, reply_order, verify_order, withdraw_order
from tests.cases.factories import make_case, make_officer, moment, record

MARCH = read_period("2026-03")
# When the figures are taken, and a day on which somebody looks back.
TAKEN = moment("2026-04-01 00:00")
LATER = moment("2026-04-20 09:00")


@dataclass
class County:
    """The county, its stations and people, and what came in, by the names of the story."""

    city: Unit
    county: Unit
    legal: Unit
    a: Unit
    b: Unit
    c: Unit
    legal_officer: Officer
    second_legal_officer: Officer
    leader: Officer
    heads: dict[str, Officer]
    cases: dict[str, Matter] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    complaints: dict[str, Complaint] = field(default_factory=dict)
    petitions: dict[str, Petition] = field(default_factory=dict)

    def rate(self, code: str, unit: Unit, *, period: Period = MARCH, at: datetime = TAKEN, **asked: Any) -> Rate:
        """What an indicator comes to."""
        (cell,) = [cell for cell in figures_of(unit, period, at=at, **asked) if cell.indicator.code == code]
        return cell.rate


def indicators(at: datetime = TAKEN, minimum: int | None = None) -> None:
    """The shipped indicators; with a `minimum`, as a next version of each in force since the year began."""
    load_indicators(settings.ROOT / "seeds" / "indicators.yaml", at=at)
    if minimum is None:
        return
    for row in list(with_parts(Indicator.objects.all())):
        publish(
            code=row.code,
            version=row.version + 1,
            wording=replace(wording_of(row), minimum=minimum),
            numerator=[part.term for part in row.parts.all() if part.side == "numerator"],
            denominator=[part.term for part in row.parts.all() if part.side == "denominator"],
            unit=None,
            in_force_from=date(2026, 1, 1),
            by=None,
            at=at,
        )


def empty_county() -> County:
    """The units and the people, before anything came in."""
    province = services.add_unit(code="P", name="某省公安厅", level=UnitLevel.PROVINCE, kind=UnitKind.BUREAU)
    city = services.add_unit(code="C", name="某市公安局", level=UnitLevel.CITY, kind=UnitKind.BUREAU, parent=province)
    county = services.add_unit(code="K", name="某县公安局", level=UnitLevel.COUNTY, kind=UnitKind.BUREAU, parent=city)

    def below(code: str, name: str, kind: UnitKind) -> Unit:
        return services.add_unit(code=code, name=name, level=UnitLevel.STATION, kind=kind, parent=county)

    legal = below("K0", "法制大队", UnitKind.LEGAL)
    stations = [below(f"K{letter}", f"{letter}所", UnitKind.STATION) for letter in "ABC"]
    return County(
        city,
        county,
        legal,
        *stations,
        legal_officer=make_officer("100001", legal, Role.LEGAL_OFFICER),
        second_legal_officer=make_officer("100002", legal, Role.LEGAL_OFFICER),
        leader=make_officer("100003", county, Role.LEADER),
        heads={
            letter: make_officer(f"20000{n}", unit, Role.UNIT_HEAD)
            for n, (letter, unit) in enumerate(zip("ABC", stations, strict=True))
        },
    )


def march() -> County:
    """Everything that happened, up to the second of April."""
    told = empty_county()
    take_cases(told)
    take_incidents(told)
    take_ratings(told)
    take_complaints(told)
    take_orders(told)
    take_petitions(told)
    return told


CASES = (
    # name, filed, closed, expedited
    ("A1", "2026-02-20 09:00", "2026-03-05 10:00", False),
    ("A2", "2026-03-01 00:00", "2026-03-31 23:59:59", False),
    ("A3", "2026-03-10 09:00", None, True),
    ("A4", "2026-02-10 09:00", None, False),
    ("B1", "2026-03-02 09:00", "2026-04-01 00:00", False),
    ("B2", "2026-03-15 09:00", "2026-03-20 09:00", True),
    ("B3", "2026-03-31 23:59", None, False),
    ("B4", "2026-02-01 09:00", "2026-02-28 23:59", False),
)


def take_cases(told: County) -> None:
    for name, filed, closed, expedited in CASES:
        unit = told.a if name.startswith("A") else told.b
        facts = {"expedited": True} if expedited else {}
        matter = make_case(name, unit, kind="public_order_case", facts=facts)
        record(matter, "case_filed", filed)
        if closed is not None:
            record(matter, "case_closed", closed)
        told.cases[name] = matter


def take_incidents(told: County) -> None:
    for unit, number in ((told.a, 40), (told.b, 25)):
        for n in range(number):
            incident = make_case(f"{unit.code}-{n}", unit, kind="incident")
            record(incident, "incident_received", f"2026-03-{n % 28 + 1:02} 12:00")


def take_ratings(told: County) -> None:
    good, fair, bad = Grade.SATISFIED, Grade.BASICALLY, Grade.DISSATISFIED
    given = {
        "A2": [(good, True)] * 6 + [(fair, True)] * 2 + [(bad, True)] + [(bad, False)] * 3,
        "B2": [(good, True)] * 4,
    }
    for name, ratings in given.items():
        Feedback.objects.bulk_create(
            Feedback(
                matter=told.cases[name],
                grade=grade,
                channel="导入",
                given_at=moment("2026-03-21 10:00"),
                valid=valid,
                invalid_reason="" if valid else "重复评价",
            )
            for grade, valid in ratings
        )


def take_complaints(told: County) -> None:
    """One about A through two channels, one about B; all looked into by the county's legal squad."""
    for name, unit, channel, subject in (
        ("A", told.a, "12389", "报警以后一直没有答复"),
        ("A again", told.a, "12345", "报警以后一直没有答复"),
        ("B", told.b, "12345", "窗口态度不好"),
    ):
        told.complaints[name] = register_complaint(
            channel=channel,
            channel_number=f"N-{name}",
            received_on=date(2026, 3, 12),
            subject=subject,
            unit=told.legal,
            accused_unit=unit,
            anonymous=True,
            by=told.legal_officer,
            at=moment("2026-03-12 10:00"),
        )
    take_in(
        complaint=told.complaints["A again"],
        into=told.complaints["A"],
        by=told.legal_officer,
        at=moment("2026-03-13 10:00"),
    )


ORDERS = (
    # name, issued, working days, due, verified
    ("O1", "2026-03-13 09:00", 3, "2026-03-18", "2026-03-20 10:00"),
    ("O2", "2026-03-27 09:00", 9, "2026-04-10", "2026-04-02 10:00"),
    ("O3", "2026-03-16 09:00", 3, "2026-03-19", None),
    ("O4", "2026-03-26 09:00", 3, "2026-03-31", "2026-03-31 10:00"),
    ("O5", "2026-03-24 09:00", 3, "2026-03-27", None),
)


def take_orders(told: County) -> None:
    Problem.objects.get_or_create(
        code="slip", defaults={"name": "文书笔误", "fault": "文书", "article": "第九条", "needs_evidence": False}
    )
    for name, issued, workdays, due, _ in ORDERS:
        letter = "A" if name in ("O1", "O2", "O3") else "B"
        order = issue_order(
            source="supervisor",
            source_number=name,
            problem="slip",
            unit=told.a if letter == "A" else told.b,
            officer=None,
            text="请补正",
            workdays=workdays,
            by=told.legal_officer,
            at=moment(issued),
        )
        assert f"{order.due_on}" == due
        told.orders[name] = order
    by_time = sorted((verified, name) for name, _, _, _, verified in ORDERS if verified is not None)
    withdraw_order(order=told.orders["O3"], reason="查无此事", by=told.legal_officer, at=moment("2026-03-17 09:00"))
    for verified, name in by_time:
        head = told.heads["A" if name in ("O1", "O2") else "B"]
        reply_order(order=told.orders[name], text="已补正", by=head, at=moment(verified.replace("10:00", "09:00")))
        verify_order(order=told.orders[name], by=told.legal_officer, at=moment(verified))


def take_petitions(told: County) -> None:
    by = told.legal_officer
    for name in ("P1", "P2", "P3"):
        told.petitions[name] = register(
            channel="letter",
            received_on=date(2026, 3, 3),
            subject=f"反映第{name}号事项办理情况",
            unit=told.legal,
            handlers=(),
            by=by,
            at=moment("2026-03-03 10:00"),
            petitioners=(),
            accused_units=(),
        )
    for name, on in (("P1", "2026-03-25"), ("P2", "2026-03-28")):
        petition, day, at = told.petitions[name], date.fromisoformat(on), moment(f"{on} 16:00")
        decide(petition=petition, route="claim_other", on=day, by=by, at=at)
        assign_lead(petition=petition, officer=told.leader, by=by, at=at)
        answer(petition=petition, conclusion="supported", on=day, by=by, at=at)
        deliver(petition=petition, on=day, by=by, at=at)
        ask_evaluation(petition=petition, by=by, at=at)
        resolve(petition=petition, how="已经办好并告知", on=day, by=by, at=moment(f"{on} 17:00"))
    told.petitions["P2"].refresh_from_db()
    reopen(petition=told.petitions["P2"], why="又来反映", on=date(2026, 3, 30), by=by, at=moment("2026-03-30 10:00"))
