"""Disputes, reviews and transfers of the demonstration bureau: some of each at every point of their way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from cases.demo.people import LEGAL_OFFICER, Staff
from cases.demo.stories import ZONE
from cases.models import Officer, Unit
from supervision.proceedings import services
from supervision.proceedings.models import Dispute, Review, Transfer

# (title, unit, sort, risk, channel, days ago)
DISPUTES = (
    ("宅基地边界争议", "HC11", "land", "medium", "visit", 40),
    ("楼上漏水赔偿", "HC11", "neighbours", "low", "call", 33),
    ("装修工钱拖欠", "HC12", "labour", "high", "counter", 21),
    ("停车位使用", "HC12", "property", "low", "hotline", 12),
    ("鱼塘承包费", "HC13", "debt", "medium", "passed_on", 3),
)
SECOND_LEGAL = "020002"


def enter_proceedings(staff: Staff, *, at: datetime) -> None:
    """A dozen rows, each brought as far as its stage. `at` is the moment up to which everything has happened."""
    _disputes(staff, at)
    _reviews(staff, at)
    _transfers(staff, at)


def _day(at: datetime, days: int) -> date:
    """The local day so many days ago."""
    return timezone.localdate(at) - timedelta(days=days)


def _moment(at: datetime, days: int, hour: int = 9) -> datetime:
    """Half past an hour so many days ago, or the moment itself where that has not come yet."""
    return min(datetime.combine(_day(at, days), time(hour, 30), tzinfo=ZONE), at)


def _hands(staff: Staff, code: str) -> tuple[Unit, Officer, Officer]:
    """A station with its head and one of its officers, by the way police numbers are given out."""
    number = f"03{int(code[-1])}00"
    return staff.units[code], staff.officers[f"{number}1"], staff.officers[f"{number}2"]


def _disputes(staff: Staff, at: datetime) -> None:
    rows: list[tuple[Dispute, Unit, Officer]] = []
    for number, (title, code, sort, risk, channel, days) in enumerate(DISPUTES, 1):
        unit, head, officer = _hands(staff, code)
        dispute = services.register_dispute(
            number=f"纠纷〔{_day(at, days).year}〕{number}号", title=title, unit=unit, officer=officer, sort=sort,
            risk=risk, channel=channel, received_on=_day(at, days), by=head, at=_moment(at, days),
        )  # fmt: skip
        rows.append((dispute, unit, head))
    for (dispute, unit, head), days in zip(rows[:4], (38, 32, 20, 10), strict=True):
        services.start_mediation(
            dispute=dispute, mediated_by=unit, on=_day(at, days), by=head, at=_moment(at, days, 14)
        )
    held, due, failed = rows[0], rows[1], rows[2]
    for (dispute, _, head), days, result, recheck in (
        (held, 36, "双方签订协议，界桩已埋设", 20),
        (due, 30, "达成赔偿协议，当场付清", 2),
    ):
        services.settle_dispute(
            dispute=dispute, on=_day(at, days), result=result, recheck_due_on=_day(at, recheck), by=head,
            at=_moment(at, days, 16),
        )  # fmt: skip
    services.recheck_dispute(
        dispute=held[0], on=_day(at, 22), held=True, result="没有反复", by=held[2], at=_moment(at, 22, 15)
    )
    services.end_unsettled(
        dispute=failed[0], on=_day(at, 11), result="分歧较大，引导申请劳动仲裁", by=failed[2], at=_moment(at, 11, 16)
    )


def _reviews(staff: Staff, at: datetime) -> None:
    legal, second = staff.officers[LEGAL_OFFICER], staff.officers[SECOND_LEGAL]

    def enter(number: int, code: str, track: str, body: str, act: str, days: int) -> Review:
        word = "应诉" if track == "suit" else "复议"
        return services.register_review(
            number=f"{word}〔{_day(at, days).year}〕{number}号", title=f"不服{act[:4]}", unit=staff.units[code],
            officer=second, track=track, instance="first", body=body, act=act, received_on=_day(at, days), by=legal,
            at=_moment(at, days),
        )  # fmt: skip

    def answer(review: Review, days: int) -> None:
        services.answer_review(
            review=review, on=_day(at, days), document_number="答复书", by=second, at=_moment(at, days, 15)
        )

    def end(review: Review, days: int, outcome: str, to_correct: str = "") -> None:
        services.end_review(
            review=review, on=_day(at, days), outcome=outcome, document_number="", to_correct=to_correct, by=legal,
            at=_moment(at, days, 16),
        )  # fmt: skip

    government, court = "和川县人民政府", "和川县人民法院"
    enter(1, "HC11", "reconsideration", government, "行政处罚决定（和公行罚决字 31 号）", 8)
    upheld = enter(2, "HC12", "reconsideration", government, "行政处罚决定（和公行罚决字 12 号）", 60)
    answer(upheld, 52)
    end(upheld, 15, "upheld")
    revoked = enter(3, "HC13", "reconsideration", government, "不予处罚决定（和公不罚决字 4 号）", 58)
    answer(revoked, 50)
    end(revoked, 10, "revoked", "六十日内重新作出处理，补充听取被侵害人意见")
    services.receive_opinion(
        review=revoked, on=_day(at, 9), to_correct="完善不予处罚的告知程序", by=legal, at=_moment(at, 9, 15)
    )
    heard = enter(1, "HC11", "suit", court, "行政处罚决定（和公行罚决字 7 号）", 50)
    answer(heard, 40)
    services.hear_review(
        review=heard, on=_day(at, 12), head_appeared=True, absence_reason="", by=legal, at=_moment(at, 12, 17)
    )
    enter(2, "HC14", "suit", court, "不履行法定职责", 5)


def _transfers(staff: Staff, at: datetime) -> None:
    def enter(number: int, code: str, direction: str, agency: str, title: str, days: int) -> tuple[Transfer, Officer]:
        unit, head, officer = _hands(staff, code)
        transfer = services.register_transfer(
            number=f"移送〔{_day(at, days).year}〕{number}号", title=title, unit=unit, officer=officer,
            direction=direction, agency=agency, documents="移送书、情况调查报告、涉案物品清单、检验报告",
            handed_at=_moment(at, days), by=head, at=_moment(at, days, 10),
        )  # fmt: skip
        return transfer, head

    taken, head = enter(1, "HC11", "in", "和川县市场监督管理局", "涉嫌销售假冒注册商标的商品", 30)
    services.accept_transfer(
        transfer=taken, on=_day(at, 28), document_number="立案决定书", by=head, at=_moment(at, 28, 16)
    )
    refused, head = enter(2, "HC12", "in", "和川县生态环境局", "涉嫌非法处置固体废物", 25)
    services.refuse_transfer(
        transfer=refused, on=_day(at, 23), reason="证据不足以证明数量达到立案标准", returned_on=_day(at, 22), by=head,
        at=_moment(at, 22, 16),
    )  # fmt: skip
    services.appeal_refusal(transfer=refused, on=_day(at, 1), by=head, at=_moment(at, 1, 11))
    enter(3, "HC13", "in", "和川县自然资源局", "涉嫌非法采矿", 1)
    sent, head = enter(1, "HC14", "out", "和川县城市管理局", "查处中发现的占道经营", 6)
    services.accept_transfer(transfer=sent, on=_day(at, 4), document_number="", by=head, at=_moment(at, 4, 16))
