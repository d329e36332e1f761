"""Expedited cases in the demonstration bureau: those that came in are taken over and most described, one is new, and of what is
wrong with them one is ordered to be put right, one dismissed, the others wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.demo.people import LEGAL_OFFICER, Staff
from cases.models import Matter, Officer
from supervision.expedited import services
from supervision.expedited.models import CaseState, ExpeditedCase, Fault
from supervision.expedited.queries import ARRIVED
from supervision.expedited.rules import GROUNDS, Answer, Fact

FIT = {ground.fact: ground.wanted for ground in GROUNDS}


def handle_quickly(staff: Staff, *, at: datetime) -> None:
    """Take over what was imported as expedited up to `at`, describe it, and apply the procedure to one more."""
    legal = staff.officers[LEGAL_OFFICER]
    services.watch(at=at)
    _describe(legal, at)
    _apply(at)
    _judge(legal, at)


def _describe(legal: Officer, at: datetime) -> None:
    """Of the decided ones the first had a suspect who is a minor, the second no signature; of those that go on the first is no
    longer fit and the last is left for whoever looks around."""
    rows = list(ExpeditedCase.objects.exclude(state=CaseState.CONVERTED).select_related("matter").order_by("pk"))
    decided = [row for row in rows if row.state == CaseState.DECIDED]
    going_on = [row for row in rows if row.state == CaseState.OPEN]
    for row in [*decided, *going_on[:-1]]:
        answers = dict(FIT)
        if decided and row is decided[0]:
            answers[Fact.MINOR] = Answer.YES
        elif row is going_on[0]:
            answers[Fact.UNDISPUTED] = Answer.NO
        services.state_facts(case=row, answers=answers, by=legal, at=at)
        if row.consented_at is not None:
            unsigned = len(decided) > 1 and row is decided[1]
            services.record_consent(
                case=row, told_whom="违法嫌疑人", told_how="unsigned" if unsigned else "signed",
                told_at=row.consented_at - timedelta(minutes=20), consented_at=row.consented_at, by=legal, at=at,
            )  # fmt: skip


def _apply(at: datetime) -> None:
    """A case of these days, whose suspect came in three hours ago and agreed an hour later."""
    rows = Matter.objects.open().filter(
        kind__code="public_order_case",
        officer__isnull=False,
        expedited_case=None,
        opened_at__lt=at - timedelta(hours=4),
    )
    rows = rows.exclude(events__kind__code=ARRIVED)
    matter = rows.select_related("kind", "unit", "officer").order_by("-opened_at", "-pk").first()
    if matter is None or matter.officer is None:
        return
    arrived = (at - timedelta(hours=3)).replace(second=0, microsecond=0)
    case = services.apply_expedited(matter=matter, answers=FIT, arrived_at=arrived, by=matter.officer, at=at)
    services.record_consent(
        case=case, told_whom="违法嫌疑人", told_how="signed", told_at=arrived + timedelta(minutes=40),
        consented_at=arrived + timedelta(hours=1), document="和公（治）快告字〔112〕号", by=matter.officer, at=at,
    )  # fmt: skip


def _judge(legal: Officer, at: datetime) -> None:
    found = Fault.objects.to_judge().visible_to(legal).select_related("clock").order_by("pk")
    minor = found.filter(rule="ineligible").first()
    if minor is not None:
        services.confirm_fault(fault=minor, text="户籍证明显示行为时未满十八周岁", by=legal, at=at)
    unsigned = found.filter(rule="no_consent").first()
    if unsigned is not None:
        services.dismiss_fault(fault=unsigned, why="告知书原件有签名，扫描件缺末页，已补扫", by=legal, at=at)
