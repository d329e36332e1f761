"""Petitions for tests: the kind, the events and the limits of the product's own catalogue, and the people around one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from django.conf import settings

from cases.models import (
    ApproverLevel,
    CalendarYear,
    DayOff,
    EventKind,
    Ladder,
    MatterKind,
    Officer,
    Unit,
    WorkCalendar,
)
from supervision.petitions.models import Complaint, Petition
from supervision.petitions.services import register, register_complaint
from tests.cases.factories import LADDERS, Bureau, add_limit, moment

AT = moment("2026-09-11 10:00")

# Invented people.
LI = {"name": "李某甲", "identity": "440700198001010011", "phone": "13800000001", "address": "东风路 1 号"}
WANG = {"name": "王某乙", "identity": "440700198502020022", "phone": "13800000002"}

# Around the days of the stories: 25 to 27 September are the Mid-Autumn holiday, 20 September is worked.
HOLIDAYS = {"2026-09-25": False, "2026-09-26": False, "2026-09-27": False, "2026-09-20": True}
HOLIDAYS |= {f"2026-10-0{day}": False for day in range(1, 8)} | {"2026-10-10": True}


def petition_catalogue() -> None:
    """What the product's catalogue says of petitions: events and verified limits, with a calendar of 2026."""
    seeds = settings.ROOT / "seeds"
    calendar = WorkCalendar.objects.create(code="cn", name="工作日历")
    CalendarYear.objects.bulk_create(CalendarYear(calendar=calendar, year=year) for year in (2025, 2026, 2027))
    DayOff.objects.bulk_create(
        DayOff(calendar=calendar, day=day, working=working, name="节假日") for day, working in HOLIDAYS.items()
    )
    MatterKind.objects.create(code="petition", name="信访事项", family="信访", restricted=True)
    MatterKind.objects.create(code="complaint", name="投诉举报", family="信访", restricted=True)
    MatterKind.objects.create(code="case", name="案件", family="行政案件")
    EventKind.objects.create(code="matter_transferred", name="移交")
    EventKind.objects.create(code="filed", name="立案", opens=True)
    for row in yaml.safe_load((seeds / "events.yaml").read_text())["events"]:
        if row["code"].startswith(("petition_", "complaint_closed")):
            EventKind.objects.create(**row)
    for rank, code in ((20, "department_head"), (30, "county_leader"), (40, "city_bureau")):
        ApproverLevel.objects.create(code=code, name=code, line="police", rank=rank)
    for code, counts, from_length, yellow, orange in LADDERS:
        Ladder.objects.create(
            code=code, name=code, counts=counts, from_length=from_length, yellow=yellow, orange=orange
        )
    limits = yaml.safe_load((seeds / "limits" / "petitions.yaml").read_text())["limits"]
    # Days as text, as the catalogue's own reader leaves them.
    for definition in json.loads(json.dumps(limits, default=str)):
        if definition.get("status") != "draft":
            add_limit(**definition)


@dataclass(frozen=True)
class Scene:
    """A petition about a station, in the hands of the legal squad of its county, with everybody around it."""

    bureau: Bureau
    petition: Petition
    registrar: Officer
    leader: Officer

    @property
    def accused(self) -> Unit:
        return self.bureau.station


def make_petition(
    bureau: Bureau,
    by: Officer,
    *,
    subject: str = "反映城关派出所对其被盗案件长期不予立案",
    received_on: str = "2026-09-11",
    petitioners: Sequence[dict[str, str]] = (LI,),
    accused: Sequence[Unit] | None = None,
    at: Any = AT,
    **fields: Any,
) -> Petition:
    """A letter about the station, handled in the legal squad by whoever registers it."""
    return register(
        channel=fields.pop("channel", "letter"),
        received_on=date.fromisoformat(received_on),
        subject=subject,
        unit=fields.pop("unit", bureau.legal),
        handlers=fields.pop("handlers", ()),
        by=by,
        at=at,
        petitioners=petitioners,
        accused_units=(bureau.station,) if accused is None else accused,
        **fields,
    )


def make_complaint(bureau: Bureau, by: Officer, **fields: Any) -> Complaint:
    """An order of the city's line about the station, handled in the legal squad by whoever registers it."""
    told: dict[str, Any] = {
        "channel": "12345",
        "channel_number": "GD-1",
        "received_on": date(2026, 9, 11),
        "subject": "报警以后城关派出所一直没有出具受案回执",
        "unit": bureau.legal,
        "accused_unit": bureau.station,
        "complainant": LI,
        "by": by,
        "at": AT,
    }
    told |= fields
    if told.get("anonymous"):
        told["complainant"] = None
    if isinstance(told["received_on"], str):
        told["received_on"] = date.fromisoformat(told["received_on"])
    return register_complaint(**told)
