"""A county with its people, the kinds of matter and event this room names, and rows at every point of their way."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cases.models import Clock, EventKind, MatterKind, Officer, Role
from supervision.proceedings import services
from supervision.proceedings.models import Dispute, ProceedingStep, Review, Transfer
from supervision.rectification.models import Problem
from tests.cases.factories import Bureau, day, make_bureau, make_catalogue, make_officer, moment

# Monday 2 March 2026; everything is entered on Friday 27 March unless a test says otherwise.
RECEIVED = day("2026-03-02")
AT = moment("2026-03-27 10:00")

KINDS = ("dispute", "reconsideration", "transfer_in", "transfer_out")
OPENING = (
    "dispute_recorded dispute_relapsed admin_reconsideration_copy_received complaint_copy_received transfer_received "
    "transferred_out"
).split()
CLOSING = (
    "dispute_settled dispute_unsettled admin_reconsideration_decided admin_reconsideration_ended suit_judged "
    "transfer_accepted transfer_refused transfer_redirected transfer_out_accepted transfer_out_refused"
).split()
BETWEEN = (
    "dispute_mediation_began admin_reconsideration_answered suit_answered review_heard correction_reported "
    "reconsideration_opinion_received supplement_requested agency_reconsideration_applied "
    "agency_reconsideration_decided explanation_required explanation_given filing_ordered supervised_case_filed"
).split()


@dataclass(frozen=True)
class County:
    """One who registers, his head, one who supervises, one who leads, and one who must see nothing."""

    bureau: Bureau
    officer: Officer
    head: Officer
    legal: Officer
    leader: Officer
    stranger: Officer


def make_people(bureau: Bureau) -> County:
    return County(
        bureau=bureau,
        officer=make_officer("100001", bureau.station, Role.CASE_OFFICER),
        head=make_officer("100002", bureau.station, Role.UNIT_HEAD),
        legal=make_officer("100003", bureau.legal, Role.LEGAL_OFFICER, post=bureau.county),
        leader=make_officer("100004", bureau.county, Role.LEADER),
        stranger=make_officer("100005", bureau.other_station, Role.UNIT_HEAD),
    )


def make_county() -> County:
    """With a catalogue of the names only: no limit runs."""
    make_catalogue()
    for order, code in enumerate(KINDS, 100):
        MatterKind.objects.create(code=code, name=code, order=order)
    for order, code in enumerate((*OPENING, *CLOSING, *BETWEEN), 100):
        EventKind.objects.create(
            code=code, name=code, opens=code in OPENING, closes=code in CLOSING, day_only=True, order=order
        )
    for code in ("review_lost", "transfer_refused"):
        Problem.objects.create(
            code=code, name=code, fault="复议应诉", article="第一条", workdays=5, demand="立即纠正。"
        )
    return make_people(make_bureau())


def a_dispute(county: County, number: str = "JF1", *, at: datetime = AT, **told: Any) -> Dispute:
    fields = {
        "title": "宅基地边界", "unit": county.bureau.station, "officer": county.officer, "sort": "neighbours",
        "risk": "low", "channel": "call", "received_on": RECEIVED, "by": county.head, **told,
    }  # fmt: skip
    return services.register_dispute(number=number, at=at, **fields)  # type: ignore[arg-type]


def a_review(county: County, number: str = "FY1", *, at: datetime = AT, **told: Any) -> Review:
    fields = {
        "title": "不服行政处罚", "unit": county.bureau.station, "officer": county.officer, "track": "reconsideration",
        "instance": "first", "body": "某县人民政府", "act": "行罚决字〔2026〕1号", "received_on": RECEIVED,
        "by": county.legal, **told,
    }  # fmt: skip
    return services.register_review(number=number, at=at, **fields)  # type: ignore[arg-type]


def a_suit(county: County, number: str = "SS1", **told: Any) -> Review:
    return a_review(county, number, **{"track": "suit", "body": "某县人民法院", **told})


def a_transfer(county: County, number: str = "YS1", *, at: datetime = AT, **told: Any) -> Transfer:
    fields = {
        "title": "涉嫌生产假冒商品", "unit": county.bureau.station, "officer": county.officer, "direction": "in",
        "agency": "某县市场监督管理局", "documents": "移送书、检验报告", "handed_at": moment("2026-03-02 10:00"),
        "by": county.head, **told,
    }  # fmt: skip
    return services.register_transfer(number=number, at=at, **fields)  # type: ignore[arg-type]


def mediating(county: County, number: str = "JF1", *, on: str = "2026-03-03") -> Dispute:
    return services.start_mediation(
        dispute=a_dispute(county, number), mediated_by=county.bureau.station, on=day(on), by=county.head, at=AT
    )


def settled(county: County, number: str = "JF1", *, on: str = "2026-03-05", recheck: str = "2026-03-20") -> Dispute:
    return services.settle_dispute(
        dispute=mediating(county, number), on=day(on), result="达成协议", recheck_due_on=day(recheck), by=county.head,
        at=AT,
    )  # fmt: skip


def ended(county: County, review: Review, outcome: str, *, on: str = "2026-03-20", at: datetime = AT) -> Review:
    return services.end_review(
        review=review, on=day(on), outcome=outcome, document_number="决字1号", by=county.legal, at=at,
        to_correct="重新作出处理" if outcome in ("revoked", "changed", "unlawful") else "",
    )  # fmt: skip


def refused(county: County, number: str = "YS1", *, on: str = "2026-03-04", **told: Any) -> Transfer:
    return services.refuse_transfer(
        transfer=a_transfer(county, number, **told), on=day(on), reason="没有犯罪事实", returned_on=None,
        by=county.head, at=AT,
    )  # fmt: skip


def accepted(county: County, number: str = "YS1", *, on: str = "2026-03-04", **told: Any) -> Transfer:
    return services.accept_transfer(
        transfer=a_transfer(county, number, **told), on=day(on), document_number="立字1号", by=county.head, at=AT
    )


def actions(row: Dispute | Review | Transfer) -> list[str]:
    return list(ProceedingStep.objects.filter(matter=row.matter_id).order_by("pk").values_list("action", flat=True))


def events(row: Dispute | Review | Transfer) -> list[str]:
    return list(row.matter.events.order_by("pk").values_list("kind__code", flat=True))


def due_on(row: Dispute | Review | Transfer, limit: str) -> date | None:
    return Clock.objects.get(matter=row.matter_id, limit__code=limit).due_on
