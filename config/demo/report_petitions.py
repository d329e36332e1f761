"""The petitions of the report: of 153 that came in 103 are put to rest and stayed so.

They come in with the bureau's register, as the general import reads it; from their acceptance on each is led from its room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from cases.demo.people import Staff
from cases.models import Matter, Officer
from config.demo.report_agenda import Act, Agenda
from config.demo.report_bureau import Prefecture
from config.demo.report_plan import DAY, ENDS, HOUR, YEAR, Case, Draw
from config.demo.report_size import Size
from supervision.petitions.models import Channel, Conclusion, Petition
from supervision.petitions.models.lookback import Cause
from supervision.petitions.services import (
    accuse,
    add_petitioner,
    answer,
    ask_evaluation,
    assign_lead,
    decline,
    deliver,
    look_back,
    make_plan,
    reopen,
    resolve,
    take_up,
)

# How far each comes once it is led from the room.
COURSE = {
    "declined": ("declined",),
    "answered": ("answered", "delivered"),
    "resolved": ("answered", "delivered", "resolved"),
    "reopened": ("answered", "delivered", "resolved", "reopened"),
}

ABOUT = (
    "案件久拖不决",
    "不予立案有异议",
    "扣押物品没有返还",
    "调解结果有异议",
    "处罚过轻",
    "出警不及时",
    "鉴定意见没有告知",
    "户口登记有误",
)
WHERE = ("老街", "新村", "码头", "集市", "工业园", "水库", "桥头", "车站", "学校", "山场", "鱼塘", "商场")
WHAT = ("打架", "失窃", "欠薪", "占地", "噪音", "合同", "车辆", "宅基地", "赌博", "家庭")
CHANNELS = tuple(Channel)
CAUSES = (Cause.DELAY, Cause.MISUNDERSTANDING, Cause.MISUNDERSTANDING, Cause.CASE_FAULT, Cause.ATTITUDE, Cause.OUTSIDE)
AIM = "查清接报案和办案经过，依法补正后当面答复；有困难的协助申请司法救助。"
FOUND = "调阅案卷和接处警记录，核对告知、送达情况，形成倒查意见。"
HOW = (
    "当面答复并释明，信访人表示接受",
    "补办手续并告知结果，信访人撤回诉求",
    "协助调解达成协议，已经履行",
    "返还物品，信访人签收",
)


@dataclass(slots=True)
class _Petition:
    """One petition as it was planned: its row in the register, and what becomes of it on which days."""

    case: Case
    county: str
    accused: str
    fate: str
    days: dict[str, datetime]


class Petitions:
    """The petitions of the year, and the acts on them put down in the agenda."""

    def __init__(self, prefecture: Prefecture, staff: Staff, agenda: Agenda, size: Size) -> None:
        self.prefecture, self.staff, self.agenda, self.size = prefecture, staff, agenda, size
        self.draw = Draw(prefecture, "petitions")
        self.rows = self._plan()
        self.led = {one.case.number: _Led(self, one, number) for number, one in enumerate(self.rows)}

    @property
    def register(self) -> list[Case]:
        """The rows of the register the import reads."""
        return [one.case for one in self.rows]

    def came_in(self, rows: Iterable[Case], at: datetime) -> None:
        """Put down that what the import has just brought as far as a decision is led from the room."""
        for case in rows:
            led = self.led[case.number]
            if led.ready_by(at):
                self.agenda.put(at, led.take_up)

    def _plan(self) -> list[_Petition]:
        draw = self.draw
        received = sorted(draw.work(draw.day_but_the_last()) for _ in range(self.size.all_petitions))
        fates = self._fates(received)
        return [self._one(serial, *row) for serial, row in enumerate(zip(received, fates, strict=True), 1)]

    def _fates(self, received: Sequence[datetime]) -> list[str]:
        """Which petition has which fate: what came in at the end of the year cannot have come far."""
        wanted, count = self.size.petitions, self.size.all_petitions
        fates = ["accepted"] * count
        fates[-wanted["registered"] :] = ["registered"] * wanted["registered"]
        places = list(range(count - wanted["accepted"] - wanted["registered"]))
        for fate, latest in (("resolved", 85), ("reopened", 120), ("declined", 20), ("answered", 0)):
            fit = [place for place in places if received[place] < ENDS - DAY * latest]
            for place in sorted(self.draw.chosen(fit, [1.0] * len(fit), wanted[fate])):
                fates[fit[place]] = fate
                places.remove(fit[place])
        return fates

    def _one(self, serial: int, received: datetime, fate: str) -> _Petition:
        draw = self.draw
        accused = draw.station()
        county = self.prefecture.county_of[accused]
        title = f"{draw.dice.choice(WHERE)}{draw.dice.choice(WHAT)}一事{draw.dice.choice(ABOUT)}"
        legal = self.prefecture.legal[county][0]
        case = Case(f"云信〔{YEAR}〕{serial:03d}号", "petition", title, f"{county}00", legal, {"收到日期": received})
        days = {"received": received}

        def later(name: str, after: str, least: int, most: int, column: str = "") -> None:
            days[name] = days[after] + DAY * draw.dice.randint(least, most)
            if column:
                case.dates[column] = days[name]

        later("notified", "received", 2, 12, "告知日期")
        if fate == "declined":
            later("declined", "notified", 0, 2)
        elif fate != "registered":
            later("accepted", "notified", 0, 2, "受理日期")
            later("answered", "accepted", 12, 40)
            later("delivered", "answered", 0, 5)
            later("resolved", "delivered", 2, 16)
            later("reopened", "resolved", 5, 25)
        return _Petition(case, county, accused, fate, days)


class _Led:
    """One petition led from its room, act by act, by the legal officer of its county."""

    def __init__(self, petitions: Petitions, planned: _Petition, number: int) -> None:
        self.petitions, self.planned, self.number = petitions, planned, number
        prefecture, self.staff = petitions.prefecture, petitions.staff
        self.legal: Officer = self.staff.officers[planned.case.officer]
        self.leader: Officer = self.staff.officers[prefecture.leaders[planned.county]]
        self.taken = False
        self.petition: Petition

    def ready_by(self, at: datetime) -> bool:
        """Whether it is to be led from the room by a moment: accepted or about to be declined, or the year is over."""
        days, last = self.planned.days, at > ENDS - DAY
        return not self.taken and (last or days.get("accepted" if "accepted" in days else "notified", ENDS) <= at)

    def _put_down(self, at: datetime) -> None:
        """What comes after, each on its planned day."""
        acts: dict[str, Act] = {
            "declined": self._decline,
            "answered": self._answer,
            "delivered": self._deliver,
            "resolved": self._resolve,
            "reopened": self._reopen,
        }
        for name in COURSE.get(self.planned.fate, ()):
            self.petitions.agenda.put(max(self.planned.days[name], at + HOUR), acts[name])

    def take_up(self, at: datetime) -> None:
        planned, number = self.planned, self.number
        self.taken = True
        self._put_down(at)
        matter = Matter.objects.select_related("kind").get(number=planned.case.number, kind__code="petition")
        self.petition = take_up(matter=matter, channel=CHANNELS[number % len(CHANNELS)], by=self.legal, at=at)
        if number % 5 != 4:
            facts = {"name": f"信访人{number + 1}", "phone": f"10000{number + 1:06d}"}
            add_petitioner(petition=self.petition, facts=facts, by=self.legal, at=at)
        if number % 3:
            accuse(petition=self.petition, units=(self.staff.units[planned.accused],), by=self.legal, at=at)
        if planned.fate in ("declined", "registered"):
            return
        assign_lead(petition=self.petition, officer=self.leader, by=self.legal, at=at)
        make_plan(petition=self.petition, aim=AIM, by=self.legal, at=at)
        cause = CAUSES[number % len(CAUSES)]
        unit = self.staff.units[planned.accused] if cause in Cause.our_own() else None
        look_back(petition=self.petition, cause=cause, unit=unit, finding=FOUND, by=self.legal, at=at)

    def _decline(self, at: datetime) -> None:
        reason = "反映的事项不属于公安机关职权，已告知向有权机关提出"
        decline(petition=self.petition, reason=reason, on=_day(at), by=self.legal, at=at)

    def _answer(self, at: datetime) -> None:
        conclusion = tuple(Conclusion)[self.number % len(Conclusion)]
        answer(petition=self.petition, conclusion=conclusion, on=_day(at), by=self.legal, at=at)

    def _deliver(self, at: datetime) -> None:
        deliver(petition=self.petition, on=_day(at), by=self.legal, at=at)
        ask_evaluation(petition=self.petition, by=self.legal, at=at)

    def _resolve(self, at: datetime) -> None:
        how = HOW[self.number % len(HOW)]
        resolve(petition=self.petition, how=how, on=_day(at), by=self.legal, at=at)

    def _reopen(self, at: datetime) -> None:
        why = "协议没有履行，信访人再次提出"
        reopen(petition=self.petition, why=why, on=_day(at), by=self.legal, at=at)


def _day(at: datetime) -> date:
    return timezone.localdate(at)
