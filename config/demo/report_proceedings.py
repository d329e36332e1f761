"""Reviews, hearings and transfers of the report: ten hearings in court, the responsible head came to all of them."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial

from django.utils import timezone

from cases.demo.people import Staff
from cases.demo.stories import ZONE
from cases.models import Officer
from config.demo.report_agenda import Agenda
from config.demo.report_bureau import Prefecture
from config.demo.report_plan import DAY, ENDS, YEAR, Draw
from supervision.proceedings import services
from supervision.proceedings.models import Review, Transfer

HEARINGS = 10
# Besides: suits that were not heard in the year, reconsiderations, transfers from and to other agencies.
UNHEARD, RECONSIDERATIONS, TRANSFERS_IN, TRANSFERS_OUT = 2, 16, 24, 8

OUTCOMES = ("dismissed", "dismissed", "upheld", "withdrawn", "dismissed", "dismissed", "unlawful", "mediated")
AGENCIES = ("市场监督管理局", "生态环境局", "自然资源局", "烟草专卖局", "城市管理局")
MATTERS = (
    "涉嫌销售假冒注册商标的商品",
    "涉嫌非法处置固体废物",
    "涉嫌非法采矿",
    "涉嫌非法经营烟草",
    "涉嫌生产销售伪劣产品",
)
PAPERS = "移送书、情况调查报告、涉案物品清单、检验报告"


class Proceedings:
    """What is done before courts, before who reconsiders, and between agencies; put down in the agenda."""

    def __init__(self, prefecture: Prefecture, staff: Staff, agenda: Agenda) -> None:
        self.prefecture, self.staff, self.agenda = prefecture, staff, agenda
        self.draw = Draw(prefecture, "proceedings")
        for serial in range(1, HEARINGS + UNHEARD + 1):
            self._suit(serial, heard=serial <= HEARINGS)
        for serial in range(1, RECONSIDERATIONS + 1):
            self._reconsideration(serial)
        for serial in range(1, TRANSFERS_IN + TRANSFERS_OUT + 1):
            self._transfer(serial, comes_in=serial <= TRANSFERS_IN)

    def _place(self) -> tuple[str, Officer, Officer]:
        """A station, and the two legal officers of its county."""
        unit = self.draw.station()
        first, second = self.prefecture.legal[self.prefecture.county_of[unit]]
        return unit, self.staff.officers[first], self.staff.officers[second]

    def _day(self, left: int) -> datetime:
        """Noon of a day of the year after which so many days are left of it."""
        day = self.draw.day()
        while day > ENDS - DAY * left:
            day = self.draw.day()
        return datetime.combine(day.astimezone(ZONE).date(), time(12), tzinfo=ZONE)

    # -- reviews -----------------------------------------------------------------------------------------------------

    def _suit(self, serial: int, *, heard: bool) -> None:
        review = self._review(serial, "suit", "应诉", "人民法院", left=95 if heard else 40)
        answered = review.came + DAY * self.draw.dice.randint(7, 12)
        self.agenda.put(answered, review.answer)
        if heard:
            self.agenda.put(answered + DAY * self.draw.dice.randint(15, 35), review.hear)
            outcome = ("dismissed", "dismissed", "dismissed", "withdrawn", "unlawful")[serial % 5]
            self.agenda.put(answered + DAY * self.draw.dice.randint(42, 70), partial(review.end, outcome))

    def _reconsideration(self, serial: int) -> None:
        review = self._review(serial, "reconsideration", "复议", "人民政府", left=20)
        answered = review.came + DAY * self.draw.dice.randint(4, 8)
        self.agenda.put(answered, review.answer)
        ended = answered + DAY * self.draw.dice.randint(25, 50)
        if ended < ENDS - DAY * 4:
            self.agenda.put(ended, partial(review.end, OUTCOMES[serial % len(OUTCOMES)]))

    def _review(self, serial: int, track: str, word: str, body: str, *, left: int) -> _Reviewed:
        unit, legal, second = self._place()
        came = self._day(left)
        county = self.staff.units[self.prefecture.county_of[unit]]
        where = county.name.removesuffix("公安局").removeprefix("云川市公安局").removesuffix("分局")
        reviewed = _Reviewed(
            f"{word}〔{YEAR}〕{serial}号", track, f"{where}{body}", unit, came, self.staff, legal, second
        )
        self.agenda.put(came, reviewed.register)
        return reviewed

    # -- transfers ---------------------------------------------------------------------------------------------------

    def _transfer(self, serial: int, *, comes_in: bool) -> None:
        unit = self.draw.station()
        handed = self._day(8)
        head = self.staff.officers[self.prefecture.heads[unit]]
        officer = self.staff.officers[self.draw.officer(unit)]
        number = f"移送〔{YEAR}〕{serial}号" if comes_in else f"移交〔{YEAR}〕{serial}号"
        sent = _Transferred(number, "in" if comes_in else "out", unit, handed, self.staff, head, officer, serial)
        self.agenda.put(handed, sent.register)
        refused = comes_in and serial % 6 == 0
        self.agenda.put(handed + DAY * 2, sent.refuse if refused else sent.accept)


class _Reviewed:
    """One review, step by step."""

    def __init__(
        self,
        number: str,
        track: str,
        body: str,
        unit: str,
        came: datetime,
        staff: Staff,
        legal: Officer,
        second: Officer,
    ) -> None:
        self.number, self.track, self.body, self.unit, self.came = number, track, body, unit, came
        self.staff, self.legal, self.second = staff, legal, second
        self.review: Review

    def register(self, at: datetime) -> None:
        self.review = services.register_review(
            number=self.number, title="不服行政处罚决定", unit=self.staff.units[self.unit], officer=self.second,
            track=self.track, instance="first", body=self.body, act=f"行政处罚决定（{self.number}所涉）",
            received_on=timezone.localdate(self.came), by=self.legal, at=at,
        )  # fmt: skip

    def answer(self, at: datetime) -> None:
        self.review = services.answer_review(
            review=self.review, on=timezone.localdate(at), document_number=f"{self.number}答复书", by=self.second, at=at
        )

    def hear(self, at: datetime) -> None:
        self.review = services.hear_review(
            review=self.review, on=timezone.localdate(at), head_appeared=True, absence_reason="", by=self.legal, at=at
        )

    def end(self, outcome: str, at: datetime) -> None:
        lost = outcome == "unlawful"
        self.review = services.end_review(
            review=self.review, on=timezone.localdate(at), outcome=outcome, document_number="",
            to_correct="补充告知程序，重新送达决定" if lost else "", by=self.legal, at=at,
        )  # fmt: skip


class _Transferred:
    """One transfer, step by step."""

    def __init__(
        self, number: str, direction: str, unit: str, handed: datetime, staff: Staff, head: Officer, officer: Officer,
        serial: int,
    ) -> None:  # fmt: skip
        self.number, self.direction, self.unit, self.handed = number, direction, unit, handed
        self.staff, self.head, self.officer, self.serial = staff, head, officer, serial
        self.transfer: Transfer

    def register(self, at: datetime) -> None:
        agency = AGENCIES[self.serial % len(AGENCIES)]
        self.transfer = services.register_transfer(
            number=self.number, title=MATTERS[self.serial % len(MATTERS)], unit=self.staff.units[self.unit],
            officer=self.officer, direction=self.direction, agency=agency, documents=PAPERS, handed_at=self.handed,
            by=self.head, at=at,
        )  # fmt: skip

    def accept(self, at: datetime) -> None:
        self.transfer = services.accept_transfer(
            transfer=self.transfer, on=timezone.localdate(at), document_number="决定书", by=self.head, at=at
        )

    def refuse(self, at: datetime) -> None:
        on = timezone.localdate(at)
        self.transfer = services.refuse_transfer(
            transfer=self.transfer, on=on, reason="证据不足以证明数量达到立案标准", returned_on=on, by=self.head, at=at
        )
