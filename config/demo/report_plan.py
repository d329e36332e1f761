"""What happens in the year of the report: cases, incidents and disputes, by dice with a fixed seed. No rows.

The totals are those of the two yearly reports; who, where and when is drawn, unevenly: some units do better, two stand
out, months differ. Nothing here is a rate: every share that is read later is counted from the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from cases.demo.stories import BREACHES, CALLS, CRIMES, OFFENCES, SURNAMES, ZONE
from config.demo.report_bureau import Prefecture
from config.demo.report_size import Size

YEAR = 2024
BEGINS = datetime(YEAR, 1, 1, tzinfo=ZONE)
ENDS = datetime(YEAR + 1, 1, 1, tzinfo=ZONE)
# When everybody looks for the last time: whatever happened in the year is known.
LAST_LOOK = ENDS - timedelta(seconds=1)

SEED = 20240101
# How busy each month is: the Spring Festival is quiet, summer is not.
MONTHS = (0.92, 0.70, 0.95, 1.00, 1.05, 1.10, 1.22, 1.18, 1.04, 0.98, 0.96, 0.90)
# Which stations stand out, and in what: the funnel plots have something to show.
KEEN_ON_EXPEDITING, SHY_OF_EXPEDITING = ("YD11", "HC12"), ("QW15",)
SLOW = ("LJ13", "PS17")
GOOD_AT_MEDIATING, POOR_AT_MEDIATING = ("BY12",), ("XL18",)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Kind = TypeVar("Kind")


class ReportMissed(Exception):
    """The year did not come out as the reports have it: the catalogue no longer fits the demonstration."""


@dataclass(slots=True)
class Case:
    """One row of a register as it stands at the end: its number, unit and officer, and when each thing happened."""

    number: str
    kind: str
    title: str
    unit: str
    officer: str
    # By column of the file: when, in the order of time.
    dates: dict[str, datetime] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def known_by(self, moment: datetime) -> dict[str, datetime]:
        """What has happened up to a moment."""
        return {name: at for name, at in self.dates.items() if at <= moment}


class Draw:
    """The dice of one part of the year, and the shares of units and months."""

    def __init__(self, prefecture: Prefecture, part: str) -> None:
        self.prefecture = prefecture
        self.dice = Random(f"{SEED}/{part}")
        sizes = Random(f"{SEED}/units")
        self.stations = [code for stations in prefecture.stations.values() for code in stations]
        self.weights = [sizes.lognormvariate(0, 0.45) for _ in self.stations]

    def station(self) -> str:
        return self.dice.choices(self.stations, self.weights)[0]

    def officer(self, unit: str) -> str:
        return self.dice.choice(self.prefecture.officers[unit])

    def day(self) -> datetime:
        """The midnight of some day of the year."""
        month = self.dice.choices(range(1, 13), MONTHS)[0]
        first = date(YEAR, month, 1)
        length = ((first + timedelta(days=31)).replace(day=1) - first).days
        return datetime.combine(first + timedelta(days=self.dice.randrange(length)), time(), tzinfo=ZONE)

    def day_but_the_last(self) -> datetime:
        """The same, so that whoever receives it then still registers it in the year."""
        return min(self.day(), ENDS - 2 * DAY)

    def moment(self, day: datetime, since: int = 0, until: int = 24) -> datetime:
        return day + timedelta(minutes=self.dice.randrange(since * 60, until * 60))

    def work(self, moment: datetime) -> datetime:
        """Some minute of the working hours of that day."""
        midnight = datetime.combine(moment.astimezone(ZONE).date(), time(), tzinfo=ZONE)
        return max(self.moment(midnight, 9, 17), moment)

    def took(self, typical: float, spread: float) -> float:
        """Most near the typical, few much longer."""
        return typical * self.dice.lognormvariate(0, spread)

    def someone(self) -> str:
        return f"{self.dice.choice(SURNAMES)}某"

    def chosen(self, rows: Sequence[Kind], weights: Iterable[float], count: int) -> set[int]:
        """The places of exactly so many of the rows, each the likelier the greater its weight (Efraimidis, Spirakis 2006)."""
        keys = [math.log(self.dice.random()) / weight for weight in weights]
        return set(sorted(range(len(rows)), key=keys.__getitem__, reverse=True)[:count])


# -- cases -----------------------------------------------------------------------------------------------------------


def cases(prefecture: Prefecture, size: Size) -> list[Case]:
    """The administrative and criminal cases filed in the year, in the order they are filed."""
    draw = Draw(prefecture, "cases")
    filed = [_filed(draw) for _ in range(size.cases)]
    weights = [_expediting(unit) for _, unit, _ in filed]
    expedited = draw.chosen(filed, weights, size.expedited)
    rows = [_case(draw, day, unit, kind, expedited=place in expedited) for place, (day, unit, kind) in enumerate(filed)]
    rows += [_criminal(draw) for _ in range(size.criminal)]
    rows.sort(key=lambda case: case.dates["立案时间"])
    marks = {"public_order_case": "行立", "administrative_case": "行立", "criminal_case": "刑立"}
    for serial, case in enumerate(rows, 1):
        case.number = f"云公{marks[case.kind]}〔{YEAR}〕{serial:05d}号"
    return rows


def _filed(draw: Draw) -> tuple[datetime, str, str]:
    """When a case is filed, where, and of which kind; by a squad now and then."""
    if draw.dice.random() < 0.08:
        unit, public_order = draw.prefecture.squads[draw.dice.choice(draw.prefecture.counties)], 0.5
    else:
        unit, public_order = draw.station(), 0.86
    kind = "public_order_case" if draw.dice.random() < public_order else "administrative_case"
    return draw.moment(draw.day(), 8, 23), unit, kind


def _expediting(unit: str) -> float:
    if unit in KEEN_ON_EXPEDITING:
        return 2.2
    return 0.3 if unit in SHY_OF_EXPEDITING else 1.0


def _case(draw: Draw, filed: datetime, unit: str, kind: str, *, expedited: bool) -> Case:
    title = f"{draw.someone()}{draw.dice.choice(OFFENCES)}案" if kind == "public_order_case" else ""
    case = Case("", kind, title or f"{draw.dice.choice(BREACHES)}案", unit, draw.officer(unit))
    dates = case.dates
    # Hardly ever later than the next day.
    waited = timedelta(minutes=draw.took(70, 1.1))
    dates["接报案时间"] = max(filed - waited, BEGINS)
    dates["立案时间"] = filed
    if expedited:
        _expedite(draw, case, filed)
    elif kind == "public_order_case":
        _public_order(draw, case, filed)
    else:
        _general(draw, case, filed)
    return case


def _expedite(draw: Draw, case: Case, filed: datetime) -> None:
    """Decided within forty-eight hours of the arrival, nearly always (行政案件程序规定第四十七条)."""
    case.words["是否快速办理"] = "是"
    arrived = filed + timedelta(minutes=draw.dice.randint(5, 40))
    decided = arrived + min(HOUR * draw.took(22, 0.4), HOUR * 60)
    case.dates |= {
        "到案时间": arrived,
        "同意快速办理时间": arrived + HOUR,
        "处理决定时间": decided,
        "执行完毕时间": decided + DAY * draw.dice.randint(1, 6),
    }


def _public_order(draw: Draw, case: Case, filed: datetime) -> None:
    """Thirty days, lengthened once, an appraisal not counted (治安管理处罚法 2012 第九十九条)."""
    dates, fate = case.dates, draw.dice.random()
    slow = case.unit in SLOW
    took = draw.took(25 if slow else 18, 0.46)
    if fate < 0.10:
        agreed = draw.work(filed + DAY * min(took, 26))
        dates |= {"达成调解日期": agreed, "结案时间": agreed + DAY * draw.dice.randint(1, 10)}
        return
    if fate < 0.13:
        dates["终止调查时间"] = draw.work(filed + DAY * min(took, 28))
        return
    if fate > 0.91:
        begun, lasted = draw.dice.randint(2, 10), draw.dice.randint(8, 24)
        dates["委托鉴定日期"] = filed + DAY * begun
        dates["收到鉴定意见日期"] = filed + DAY * (begun + lasted)
        took = max(took, begun + 1) + lasted
    elif took > 27 and draw.dice.random() < (0.30 if slow else 0.55):
        # In time; by the bureau above, of a squad by the city's.
        case.words["延长批准单位"] = "city_bureau" if case.unit.endswith("02") else "county_bureau"
        dates["批准延长日期"] = draw.work(filed + DAY * draw.dice.randint(24, 28))
    decided = draw.work(filed + DAY * took)
    dates |= {"处理决定时间": decided, "执行完毕时间": decided + DAY * draw.dice.randint(1, 9)}


def _general(draw: Draw, case: Case, filed: datetime) -> None:
    """Ninety days (行政处罚法 2021 第六十条)."""
    decided = draw.work(filed + DAY * draw.took(66 if case.unit in SLOW else 50, 0.38))
    case.dates |= {"处理决定时间": decided, "执行完毕时间": decided + DAY * draw.dice.randint(1, 15)}


def _criminal(draw: Draw) -> Case:
    """Reported, looked into for three days, filed; handed to the procuratorate, or still with us."""
    received = draw.moment(draw.day())
    prefecture = draw.prefecture
    unit = prefecture.criminal[draw.dice.choice(prefecture.counties)] if draw.dice.random() < 0.7 else draw.station()
    crime = draw.dice.choice(CRIMES)
    case = Case("", "criminal_case", f"{draw.someone()}{crime}案", unit, draw.officer(unit))
    filed = min(received + DAY * draw.took(1.4, 0.55), LAST_LOOK)
    case.dates |= {"接报案时间": received, "立案时间": filed}
    if draw.dice.random() < 0.6:
        case.dates["移送起诉时间"] = draw.work(filed + DAY * draw.took(75, 0.4))
    return case


# -- incidents -------------------------------------------------------------------------------------------------------


def incidents(prefecture: Prefecture, size: Size) -> list[Case]:
    """Calls that came in during the year, sorted mostly within the day."""
    draw = Draw(prefecture, "incidents")
    rows = []
    for _ in range(size.incidents):
        unit, received = draw.station(), draw.moment(draw.day())
        late = 1.5 if unit in SLOW else 1.0
        case = Case("", "incident", draw.dice.choice(CALLS), unit, draw.officer(unit), {"接报时间": received})
        sorted_at = received + HOUR * draw.took(6 * late, 0.7)
        if sorted_at < ENDS:
            case.dates["分流时间"] = sorted_at
        rows.append(case)
    rows.sort(key=lambda case: case.dates["接报时间"])
    for serial, case in enumerate(rows, 1):
        case.number = f"JQ{YEAR}{serial:06d}"
    return rows


# -- disputes --------------------------------------------------------------------------------------------------------

SORTS = {
    "邻里": 30,
    "婚姻家庭": 22,
    "债务": 14,
    "损害赔偿": 9,
    "土地山林": 7,
    "物业": 6,
    "消费": 5,
    "劳动": 5,
    "其他": 2,
}
RISKS = {"一般": 80, "较大": 17, "重大": 3}
SOURCES = {"警情": 52, "群众上门": 22, "走访摸排": 17, "12345 热线": 6, "其他部门转来": 3}
HELD = (
    "双方签订协议，当场履行",
    "双方互相道歉，达成和解",
    "约定分期支付，已付首笔",
    "划清界限，各自恢复原状",
    "撤回争议，握手言和",
)
FAILED = ("分歧较大，告知向人民法院起诉", "一方不愿调解，引导申请仲裁", "转乡镇人民调解委员会继续调解")


def disputes(prefecture: Prefecture, size: Size) -> list[Case]:
    """The disputes recorded in the year; those that were settled, those that were not, and those still in mediation."""
    draw = Draw(prefecture, "disputes")
    rows = [(draw.moment(draw.day()), draw.station()) for _ in range(size.disputes)]
    rows.sort()
    # What comes in at the very end of the year is not settled in it.
    late = datetime(YEAR, 12, 28, tzinfo=ZONE)
    weights = [_mediating(unit) if received < late else 1e-9 for received, unit in rows]
    settled = draw.chosen(rows, weights, size.settled)
    return [_dispute(draw, serial, *row, settled=serial - 1 in settled) for serial, row in enumerate(rows, 1)]


def dispute_number(serial: int) -> str:
    return f"纠纷〔{YEAR}〕{serial:05d}号"


def _mediating(unit: str) -> float:
    if unit in GOOD_AT_MEDIATING:
        return 3.0
    return 0.45 if unit in POOR_AT_MEDIATING else 1.0


def _dispute(draw: Draw, serial: int, received: datetime, unit: str, *, settled: bool) -> Case:
    def one_of(shares: dict[str, int]) -> str:
        return draw.dice.choices(tuple(shares), tuple(shares.values()))[0]

    sort = one_of(SORTS)
    case = Case(dispute_number(serial), "dispute", f"{sort}纠纷", unit, draw.officer(unit))
    case.words = {"纠纷类型": sort, "风险等级": one_of(RISKS), "来源": one_of(SOURCES)}
    case.dates["登记日期"] = received
    fate = draw.dice.random()
    began = min(received + DAY * draw.dice.randint(0, 2), LAST_LOOK)
    if settled:
        ended = min(began + DAY * draw.took(3, 0.9), LAST_LOOK)
        case.dates |= {"开始调解日期": began, "化解日期": ended}
        case.words["结果"] = draw.dice.choice(HELD)
        case.words["回访期限"] = f"{ended.date() + timedelta(days=30):%Y-%m-%d}"
    elif fate < 0.75:
        ended = min(began + DAY * draw.took(6, 0.8), LAST_LOOK)
        case.dates |= {"开始调解日期": began, "调解不成日期": ended}
        case.words["结果"] = draw.dice.choice(FAILED)
    elif fate < 0.95:
        case.dates["开始调解日期"] = began
    return case


# -- when somebody looks ---------------------------------------------------------------------------------------------


def looks(every: timedelta) -> Iterator[datetime]:
    """When files are brought in and people look; at the last they are at work on the last afternoon of the year."""
    moment, last = datetime(YEAR, 1, 2, 10, tzinfo=ZONE), ENDS - 8 * HOUR
    while moment < last:
        yield moment
        moment += every
    yield last


def digest_of(rows: Iterable[Case]) -> Iterator[str]:
    """Each row in one line, for telling whether two draws are the same."""
    for case in rows:
        dates = ",".join(f"{name}={at:%Y-%m-%dT%H:%M:%S}" for name, at in case.dates.items())
        words = ",".join(f"{name}={word}" for name, word in case.words.items())
        yield f"{case.number}|{case.kind}|{case.title}|{case.unit}|{case.officer}|{dates}|{words}"
