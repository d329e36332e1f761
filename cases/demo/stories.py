"""What has happened in the demonstration bureau up to a moment: matters and their events, by dice with a fixed seed.

Pure planning, no rows: the same moment gives the same stories. Whatever would lie after the moment has not happened.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from cases.demo.people import LEADER, LEGAL_OFFICER, case_officers
from cases.models import HandlingRole

ZONE = ZoneInfo("Asia/Shanghai")
SEED = 118
# How far back the bulk of the stories reaches, so that the month before last is complete too.
PAST_DAYS = 88

STATIONS = ("HC11", "HC12", "HC13", "HC14")
SQUAD, PUBLIC_ORDER_SQUAD, ECONOMIC_SQUAD, LEGAL_UNIT = "HC01", "HC02", "HC03", "HC00"
SHORT = {
    "HC00": "法制",
    "HC01": "刑侦",
    "HC02": "治安",
    "HC03": "经侦",
    "HC11": "城关",
    "HC12": "城东",
    "HC13": "河口",
    "HC14": "青石",
}
SURNAMES = "张王李刘陈杨赵黄周吴徐孙朱马胡郭林何高梁"
OFFENCES = (
    "殴打他人",
    "盗窃",
    "故意损毁财物",
    "寻衅滋事",
    "赌博",
    "非法侵入住宅",
    "饲养动物干扰他人",
    "扰乱单位秩序",
    "阻碍执行职务",
    "散布谣言",
)
BREACHES = ("旅馆未按规定登记", "违规储存烟花爆竹", "擅自经营特种行业", "未落实内保制度", "违规运输危险物品")
CRIMES = ("盗窃", "电信网络诈骗", "危险驾驶", "故意伤害", "开设赌场", "帮助信息网络犯罪活动")
ECONOMIC_CRIMES = ("合同诈骗", "职务侵占", "非法吸收公众存款")
CALLS = (
    "邻里噪音纠纷",
    "电动车被盗",
    "酒后闹事",
    "夫妻争吵",
    "商铺玻璃被砸",
    "老人走失",
    "消费纠纷",
    "道路擦碰",
    "诈骗电话",
    "工地扰民",
)
ITEMS = ("涉案手机一部", "电动自行车一辆", "赌博机两台", "管制刀具三把", "现金及账本", "假烟四箱")
PETITIONS = (
    "反映案件久拖不决",
    "对不予立案有异议",
    "反映出警不及时",
    "要求返还扣押物品",
    "对调解结果有异议",
    "反映处罚过轻",
    "反映执法态度",
)


@dataclass(frozen=True, slots=True)
class Act:
    """One event: its kind, when it occurred, when it was entered, and what else is known of it."""

    kind: str
    at: datetime
    entered: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody said when called back."""

    grade: int
    at: datetime
    text: str = ""
    invalid_reason: str = ""


@dataclass(slots=True)
class Story:
    """A matter with its events; `parent` is the number of the case it hangs on, `handlers` are named besides."""

    kind: str
    number: str
    title: str
    unit: str
    officer: str | None
    acts: list[Act]
    facts: dict[str, Any] = field(default_factory=dict)
    parent: str | None = None
    handlers: tuple[tuple[str, HandlingRole], ...] = ()
    ratings: list[Rating] = field(default_factory=list)


# An event as it is told: kind, when, and what else.
Told = tuple[str, datetime] | tuple[str, datetime, dict[str, Any]]


class Planner:
    """Writes the stories up to `at`, an aware moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(ZONE)
        self.dice = Random(SEED)
        self.stories: list[Story] = []
        self._numbers: Counter[str] = Counter()
        self._turns: Counter[str] = Counter()

    # -- moments -----------------------------------------------------------------------------------------------------

    def day(self, days_ago: int) -> date:
        return self.at.date() - timedelta(days=days_ago)

    def on(self, days_ago: int, hour: int | None = None) -> datetime:
        """Some minute of an hour of a day; of the working day where no hour is named."""
        hour = self.dice.randint(9, 17) if hour is None else hour
        return datetime.combine(self.day(days_ago), time(hour, self.dice.randint(0, 59)), tzinfo=ZONE)

    def ago(self, hours: float) -> datetime:
        """So many hours before the moment, to the minute."""
        return (self.at - timedelta(hours=hours)).replace(second=0, microsecond=0)

    # -- writing -----------------------------------------------------------------------------------------------------

    def add(
        self,
        kind: str,
        mark: str,
        unit: str,
        title: str,
        told: Iterable[Told],
        *,
        officer: str | None = None,
        facts: dict[str, Any] | None = None,
        parent: Story | None = None,
        handlers: tuple[tuple[str, HandlingRole], ...] = (),
    ) -> Story | None:
        """A matter whose events come as (kind, when[, fields]); those ahead of the moment are left out."""
        acts = [self._act(*one) for one in told if one[1] <= self.at]
        if not acts:
            return None
        year = min(act.at for act in acts).year
        self._numbers[f"{unit}{mark}{year}"] += 1
        number = f"和公（{SHORT[unit]}）{mark}〔{year}〕{self._numbers[f'{unit}{mark}{year}']:04d}号"
        story = Story(
            kind,
            number,
            title,
            unit,
            officer or (parent.officer if parent else None),
            acts,
            facts or {},
            parent.number if parent else None,
            handlers,
        )
        self.stories.append(story)
        return story

    def _act(self, kind: str, at: datetime, fields: dict[str, Any] | None = None) -> Act:
        """Entered within two hours; some entries are made up for later, in good time or not."""
        fields = dict(fields or {})
        delay = fields.pop("entered_after", timedelta(minutes=self.dice.randint(5, 110)))
        return Act(kind, at, min(at + delay, self.at), fields)

    def officer_of(self, unit: str) -> str:
        """The case officers of a unit take turns."""
        people = case_officers(unit)
        self._turns[unit] += 1
        return people[self._turns[unit] % len(people)]

    def someone(self) -> str:
        return f"{self.dice.choice(SURNAMES)}某"

    # -- incidents ---------------------------------------------------------------------------------------------------

    def incidents(self) -> None:
        for number in range(34):
            unit = STATIONS[number % 4]
            received = self.on(2 + number * (PAST_DAYS - 4) // 34, self.dice.randint(7, 22))
            hours = self.dice.randint(26, 40) if number % 8 == 5 else self.dice.uniform(0.5, 17)
            told: list[Told] = [("incident_received", received)]
            told.append(("incident_sorted", received + timedelta(hours=hours)))
            story = self.add("incident", "警", unit, self.dice.choice(CALLS), told, officer=self.officer_of(unit))
            self.rate(story, received + timedelta(days=2), number)
        # Close to the moment, so that every level can be seen at any hour of any day: twenty-four hours from receipt.
        for hours in (1.5, 8, 19, 22.5, 27):
            unit = STATIONS[int(hours) % 4]
            self.add(
                "incident",
                "警",
                unit,
                self.dice.choice(CALLS),
                [("incident_received", self.ago(hours))],
                officer=self.officer_of(unit),
            )
        received = self.ago(40)
        self.add(
            "incident",
            "警",
            "HC12",
            "外县来电报称被骗",
            [("incident_received", received), ("jurisdiction_transferred", received + timedelta(hours=6))],
            officer=self.officer_of("HC12"),
            facts={"jurisdiction": "elsewhere"},
        )

    # -- public order ------------------------------------------------------------------------------------------------

    def opening(self, filed_ago: int) -> list[Told]:
        """Reported the day before, accepted within hours, filed."""
        received = self.on(filed_ago + 1, self.dice.randint(8, 20))
        filed = self.on(filed_ago)
        return [
            ("incident_received", received),
            ("case_accepted", received + timedelta(hours=self.dice.uniform(1, 9))),
            ("case_filed", filed),
        ]

    def public_order_case(
        self,
        unit: str,
        filed_ago: int,
        rest: Sequence[Told] = (),
        *,
        facts: dict[str, Any] | None = None,
        officer: str | None = None,
        opening: Sequence[Told] | None = None,
    ) -> Story | None:
        return self.add(
            "public_order_case",
            "行立",
            unit,
            f"{self.someone()}{self.dice.choice(OFFENCES)}案",
            [*(self.opening(filed_ago) if opening is None else opening), *rest],
            officer=officer or self.officer_of(unit),
            facts=facts,
        )

    def decided(self, days_ago: int) -> list[Told]:
        """Decided, carried out and closed some days later."""
        at = self.on(days_ago)
        return [("decision_made", at), ("case_executed", at + timedelta(days=self.dice.randint(2, 9)))]

    def public_order(self) -> None:
        for number in range(18):
            filed_ago = PAST_DAYS - 2 - number * 4
            unit = (*STATIONS, PUBLIC_ORDER_SQUAD)[number % 5]
            took = self.dice.randint(8, 27) if number % 6 != 4 else 38
            facts = {"victim": True} if number % 4 == 1 else None
            rest = self.decided(filed_ago - took) if filed_ago > took else []
            if facts and rest:
                rest.append(("victim_copy_served", rest[0][1] + timedelta(days=1 + 3 * (number % 8 == 5))))
            story = self.public_order_case(unit, filed_ago, rest, facts=facts)
            self.rate(story, self.on(max(filed_ago - took - 5, 1)), number)
        # Running, of every age: far off, near, today, over.
        for filed_ago, unit in zip(
            (3, 9, 15, 21, 25, 27, 28, 29, 33, 41), (*STATIONS, *STATIONS, "HC11", "HC13"), strict=True
        ):
            self.public_order_case(unit, filed_ago, officer=case_officers(unit)[0] if unit == "HC11" else None)
        self._appraisals_and_hearings()
        self._extensions()
        self._mediations()
        self._expedited()

    def _appraisals_and_hearings(self) -> None:
        # Appraisal done: its days do not count.
        self.public_order_case(
            "HC11",
            52,
            [
                ("appraisal_commissioned", self.on(44)),
                ("appraisal_received", self.on(29), {"entered_after": timedelta(days=2)}),
                *self.decided(12),
            ],
        )
        self.public_order_case(
            "HC12",
            36,
            # Entered only when the clock had already turned yellow, so its warning was withdrawn.
            [
                ("appraisal_commissioned", self.on(28), {"entered_after": timedelta(days=24)}),
                ("appraisal_received", self.on(14), {"entered_after": timedelta(days=10)}),
            ],
        )
        # Appraisal still out: the clock is held.
        self.public_order_case("HC13", 19, [("appraisal_commissioned", self.on(11))])
        self.public_order_case(
            "HC14", 47, [("hearing_notified", self.on(30)), ("hearing_ended", self.on(21)), *self.decided(13)]
        )

    def _extensions(self) -> None:
        county, city = {"approver": "county_bureau", "ground": "案情重大、复杂"}, {"approver": "city_bureau"}
        # In time, once and twice.
        self.public_order_case("HC11", 40, [("extension_approved", self.on(12), county)])
        self.public_order_case("HC12", 57, [("extension_approved", self.on(29), county)])
        self.public_order_case(
            "HC13", 75, [("extension_approved", self.on(47), county), ("extension_approved", self.on(18), county)]
        )
        self.public_order_case(PUBLIC_ORDER_SQUAD, 58, [("extension_approved", self.on(30), city), *self.decided(10)])
        # Too late, and by a level that may not: refused, and marked as faults.
        self.public_order_case("HC12", 49, [("extension_approved", self.on(5), county)])
        self.public_order_case("HC14", 62, [("extension_approved", self.on(18), county), *self.decided(7)])
        self.public_order_case(PUBLIC_ORDER_SQUAD, 26, [("extension_approved", self.on(4), county)])

    def _mediations(self) -> None:
        self.public_order_case("HC14", 45, [("mediation_agreed", self.on(30)), ("case_closed", self.on(24))])
        self.public_order_case("HC11", 33, [("mediation_agreed", self.on(20)), ("case_closed", self.on(15))])
        # Agreed, not kept: the clock starts again.
        self.public_order_case("HC13", 55, [("mediation_agreed", self.on(38)), ("mediation_failed", self.on(22))])

    def _expedited(self) -> None:
        for number, (days, hours) in enumerate(((70, 20), (48, 31), (34, 44), (20, 51), (9, 26))):
            arrived = self.on(days, 10)
            story = self.public_order_case(
                STATIONS[number % 4],
                days,
                [
                    ("decision_made", arrived + timedelta(hours=hours)),
                    ("case_executed", arrived + timedelta(hours=hours + 30)),
                ],
                opening=self._expedited_opening(arrived),
                facts={"expedited": True},
            )
            self.rate(story, arrived + timedelta(days=6), number)
        for unit, since in (("HC11", 30), ("HC12", 40), ("HC13", 52)):
            arrived = self.ago(since)
            self.public_order_case(unit, 1, opening=self._expedited_opening(arrived), facts={"expedited": True})
        # Turned into an ordinary case.
        arrived = self.on(16, 10)
        self.public_order_case(
            "HC14",
            16,
            [("expedited_ended", arrived + timedelta(hours=30))],
            opening=self._expedited_opening(arrived),
            facts={"expedited": True},
        )

    def _expedited_opening(self, arrived: datetime) -> list[Told]:
        return [
            ("incident_received", arrived - timedelta(hours=1)),
            ("case_accepted", arrived - timedelta(minutes=20)),
            ("suspect_arrived", arrived),
            ("case_filed", arrived + timedelta(minutes=30)),
            ("expedited_agreed", arrived + timedelta(hours=2)),
        ]

    # -- administrative ----------------------------------------------------------------------------------------------

    def administrative(self) -> None:
        # Ninety days: most decided, some running, near and over.
        for number, (filed_ago, took) in enumerate(
            ((110, 70), (101, 95), (96, 0), (88, 0), (84, 0), (70, 41), (61, 30), (44, 0), (30, 18), (12, 0))
        ):
            unit = (PUBLIC_ORDER_SQUAD, *STATIONS)[number % 5]
            self.add(
                "administrative_case",
                "行立",
                unit,
                f"{self.dice.choice(BREACHES)}案",
                [*self.opening(filed_ago), *(self.decided(filed_ago - took) if took else [])],
                officer=self.officer_of(unit),
            )

    # -- criminal ----------------------------------------------------------------------------------------------------

    def criminal(self) -> None:
        for number, (received_ago, days) in enumerate(
            ((86, 1), (79, 2), (73, 6), (66, 2), (58, 3), (45, 1), (37, 5), (28, 2), (15, 1), (6, 2))
        ):
            unit = (SQUAD, *STATIONS)[number % 5] if number % 3 else SQUAD
            crime = CRIMES[number % len(CRIMES)]
            # A review that takes longer than three days was extended to seven, or is late.
            longer: list[Told] = [("review_extended_to_7d", self.on(received_ago - 2))] if days == 6 else []
            case = self.add(
                "criminal_case",
                "刑立",
                unit,
                f"{self.someone()}{crime}案",
                [("incident_received", self.on(received_ago)), *longer, ("case_filed", self.on(received_ago - days))],
                officer=self.officer_of(unit),
            )
            if case is not None and number in (0, 1, 3, 4, 6, 7, 8, 9):
                self.detention(case, crime, received_ago - days - 1, number)
        for received_ago, days in ((60, 6), (27, 12), (5, 0)):
            told: list[Told] = [("incident_received", self.on(received_ago))]
            told += [("case_filed", self.on(received_ago - days))] if days else []
            self.add(
                "criminal_case",
                "刑立",
                ECONOMIC_SQUAD,
                f"某公司{self.dice.choice(ECONOMIC_CRIMES)}案",
                told,
                officer=self.officer_of(ECONOMIC_SQUAD),
                facts={"economic": True},
            )
        # Reported, and nobody has decided whether to file: three days.
        self.add(
            "criminal_case",
            "刑立",
            SQUAD,
            f"{self.someone()}盗窃案",
            [("incident_received", self.on(3))],
            officer=self.officer_of(SQUAD),
        )

    def detention(self, case: Story, crime: str, detained_ago: int, number: int) -> None:
        """Detention, request for arrest, arrest, custody, and how it went on."""
        detained = self.on(detained_ago, 14)

        def after(days: float) -> datetime:
            return detained + timedelta(days=days)

        told: list[Told] = [
            ("detained", detained),
            ("detention_interrogated", after(0.3)),
            ("family_notified_of_detention", after(0.5 if number != 4 else 1.4)),
            ("sent_to_detention_centre", after(0.7)),
        ]
        if number == 9:
            # Detained days ago and not yet put before the procuratorate.
            pass
        elif number == 8:
            told += [
                ("detention_extended", after(2), {"approver": "county_leader", "amount": 4}),
                ("arrest_requested", after(6)),
            ]
        elif number == 7:
            told += [
                ("detention_extended_to_30d", after(2), {"approver": "county_leader", "ground": "流窜作案"}),
            ]
        else:
            requested = 2 if number != 6 else 4
            told += [
                ("arrest_requested", after(requested)),
                ("arrest_approved", after(requested + 5)),
                ("arrested", after(requested + 5.2)),
                ("arrest_interrogated", after(requested + 5.8)),
                ("family_notified_of_arrest", after(requested + 5.9)),
                ("arrest_receipt_sent", after(requested + 7)),
            ]
            if number == 0:
                told += [("transferred_for_prosecution", after(60)), ("measure_lifted", after(61))]
            if number == 1:
                told += [
                    ("custody_extension_requested", after(58)),
                    ("custody_extended", after(64), {"approver": "city_procuratorate", "ground": "案情复杂"}),
                ]
        who = case.title.removesuffix(f"{crime}案")
        self.add("coercive_measure", "刑拘", case.unit, f"{who}涉嫌{crime}罪羁押", told, parent=case)
        if number in (0, 3, 6):
            self.seizure(case, detained_ago - 1, [], who)

    def bail_and_residence(self) -> None:
        """Bail of twelve months: most end in a year not yet announced, one is about to end, one has."""
        for started_ago, unit, ended_ago in (
            (372, "HC11", 0),
            (361, SQUAD, 0),
            (340, "HC12", 20),
            (52, "HC13", 0),
            (31, SQUAD, 0),
            (8, "HC11", 0),
        ):
            told: list[Told] = [("bail_started", self.on(started_ago))]
            told += [("measure_lifted", self.on(ended_ago))] if ended_ago else []
            crime = self.dice.choice(CRIMES)
            self.add(
                "coercive_measure",
                "取保",
                unit,
                f"{self.someone()}涉嫌{crime}罪取保候审",
                told,
                officer=self.officer_of(unit),
            )
        self.add(
            "coercive_measure",
            "监居",
            SQUAD,
            f"{self.someone()}涉嫌开设赌场罪监视居住",
            [("residential_started", self.on(70))],
            officer=self.officer_of(SQUAD),
        )

    # -- property and custody ----------------------------------------------------------------------------------------

    def seizure(self, case: Story, taken_ago: int, rest: Sequence[Told], who: str = "") -> None:
        self.add(
            "seized_item",
            "扣",
            case.unit,
            f"{who}{self.dice.choice(ITEMS)}",
            [("property_seized", self.on(taken_ago)), *rest],
            parent=case,
            facts={"case_kind": case.kind},
        )

    def property(self) -> None:
        cases = [story for story in self.stories if story.kind == "public_order_case"]
        leader = {"approver": "county_leader"}
        plans: tuple[tuple[int, list[Told]], ...] = (
            (72, [("property_returned", self.on(50))]),
            (66, [("seizure_extended", self.on(38), leader), ("property_disposed", self.on(9))]),
            (55, [("property_returned", self.on(18))]),
            (40, [("seizure_extended", self.on(13), leader)]),
            (34, []),
            (28, []),
            (11, []),
        )
        for (taken_ago, rest), case in zip(plans, cases[2::5], strict=False):
            self.seizure(case, taken_ago, rest)
        # Seven working days.
        for registered_ago, disposed_ago in ((63, 56), (41, 24), (9, 0), (3, 0)):
            case = cases[registered_ago % len(cases)]
            told: list[Told] = [("evidence_registered", self.on(registered_ago))]
            told += [("evidence_disposed", self.on(disposed_ago))] if disposed_ago else []
            self.add(
                "seized_item",
                "登保",
                case.unit,
                self.dice.choice(ITEMS),
                told,
                parent=case,
                facts={"case_kind": case.kind},
            )

    def visits(self) -> None:
        """Eight hours for an inquiry, longer with leave; two people are inside now."""
        for number, (days, hours) in enumerate(((74, 5), (53, 7), (39, 9), (25, 6), (13, 19), (4, 7))):
            arrived = self.on(days, 9)
            leave: list[Told] = [("inquiry_extended_to_24h", arrived + timedelta(hours=6))] if hours == 19 else []
            self._visit(STATIONS[number % 4], [*leave, ("visit_ended", arrived + timedelta(hours=hours))], arrived)
        for unit, inside in (("HC11", 2.0), ("HC13", 6.5)):
            self._visit(unit, [], self.ago(inside))

    def _visit(self, unit: str, rest: Sequence[Told], arrived: datetime) -> None:
        self.add(
            "custody_visit",
            "入区",
            unit,
            f"{self.someone()}传唤到案",
            [("suspect_arrived", arrived), *rest],
            officer=self.officer_of(unit),
            facts={"case_kind": "public_order_case"},
        )

    # -- petitions ---------------------------------------------------------------------------------------------------

    def petitions(self) -> None:
        """Seen by their named handlers only: the legal officer, and the leader who took the matter on."""
        extended = {"approver": "county_leader"}
        plans: tuple[tuple[int, int, list[Told]], ...] = (
            (84, 6, [("petition_answered", self.on(36))]),
            (78, 21, [("petition_answered", self.on(20))]),
            (71, 9, [("petition_told_extension", self.on(9)), ("petition_extended", self.on(8), extended)]),
            (64, 8, []),
            (38, 10, []),
            (24, 5, []),
            (13, 0, []),
            (2, 0, []),
        )
        for number, (received_ago, notified_after, rest) in enumerate(plans):
            told: list[Told] = [("petition_received", self.on(received_ago))]
            if notified_after:
                told.append(("petition_notified", self.on(received_ago - notified_after)))
                told.append(("petition_accepted", self.on(received_ago - notified_after)))
            leads = ((LEADER, HandlingRole.LEADER),) if number % 2 == 0 else ()
            self.add(
                "petition",
                "信",
                LEGAL_UNIT,
                PETITIONS[number % len(PETITIONS)],
                [*told, *rest],
                handlers=((LEGAL_OFFICER, HandlingRole.LEGAL), *leads),
            )

    # -- call-backs --------------------------------------------------------------------------------------------------

    def rate(self, story: Story | None, at: datetime, turn: int) -> None:
        """Every matter whose turn it is was called about; some answers do not count."""
        if story is None or at > self.at or turn % 5 == 4:
            return
        if turn % 11 == 10:
            story.ratings.append(Rating(1, at, invalid_reason="非本人接听"))
        elif turn % 9 == 7:
            story.ratings.append(Rating(3 + turn % 2, at, self.dice.choice(("等了太久", "没有告知结果"))))
        else:
            story.ratings.append(Rating(1 + turn % 2, at, self.dice.choice(("", "", "处理及时"))))


def plan(at: datetime) -> list[Story]:
    """Every story of the small bureau up to `at`; parents come before what hangs on them."""
    planner = Planner(at)
    planner.incidents()
    planner.public_order()
    planner.administrative()
    planner.criminal()
    planner.bail_and_residence()
    planner.property()
    planner.visits()
    planner.petitions()
    return planner.stories
