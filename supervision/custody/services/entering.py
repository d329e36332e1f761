"""Coming in, staying longer, and leaving: what starts, lengthens and stops the hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Max, Min

from cases.models import Event, Matter, Officer
from cases.queries import matters_of
from cases.services import CaseRefused, name_handler, open_matter
from supervision.custody import rules
from supervision.custody.models import Action, Basis, Centre, Stage, Visit
from supervision.custody.queries import KIND, local_day, serves
from supervision.custody.refusals import (
    ALREADY_TOLD,
    BEFORE_ARRIVAL,
    CENTRE_CLOSED,
    IDENTITY,
    INSIDE_ALREADY,
    NO_CASE,
    NO_EXTENSION,
    NOT_LEFT,
    NOT_YOURS,
    STAGES_OUTSIDE,
    WRONG_CASE,
    WRONG_CENTRE,
    CustodyRefused,
)
from supervision.custody.services.judging import check_visits
from supervision.custody.services.ledger import (
    check_approver,
    check_moment,
    fitting,
    happened,
    hold,
    required,
    step,
    words,
)
from supervision.custody.services.stages import end_open_stage

ENDED = "visit_ended"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody who is brought in. `arrived_at` and `entered_at` are aware moments; `name` is not kept,
    only its first character. `special`: those of 公安机关适用继续盘问规定第十条."""

    basis: Basis | str
    name: str
    reference: str
    arrived_at: datetime
    entered_at: datetime
    document: str = ""
    special: bool = False
    examine: bool = False


def enter(*, case: Matter | None, centre: Centre, known: Known, by: Officer, at: datetime) -> Visit:
    """Somebody was brought in. The hours run from his arrival, by the limit of the basis and the kind of case.

    Unit and officer are the case's; without a case, which only continued questioning may lack, those of whoever enters
    it. Refuses a case he may not see or of a kind the basis does not fit, a centre that does not serve the unit or is
    closed, a moment to come, an entry before the arrival, the number of an identity card, and who is inside already.
    """
    basis = Basis(known.basis)
    if case is None and not rules.suits(rules.Basis(basis), ""):
        raise CustodyRefused(NO_CASE.format(basis=basis.label))
    if case is not None and not matters_of(by).filter(pk=case.pk).exists():
        raise CustodyRefused(NOT_YOURS)
    if case is not None and not rules.suits(rules.Basis(basis), case.kind.family):
        raise CustodyRefused(WRONG_CASE.format(kind=case.kind, basis=basis.label))
    unit = case.unit if case is not None else by.unit
    if not serves(centre, unit):
        raise CustodyRefused(WRONG_CENTRE.format(centre=centre, unit=unit))
    _check_entry(known.arrived_at, known.entered_at, at)
    reference = required(known.reference, "人员编号", 40)
    if rules.is_identity(reference):
        raise CustodyRefused(IDENTITY)
    shown_as = rules.masked(required(known.name, "姓名", 60))
    document = fitting(known.document, "文书号", 80)
    with transaction.atomic():
        held = Centre.objects.select_for_update().get(pk=centre.pk)
        if held.closed_at is not None:
            raise CustodyRefused(CENTRE_CLOSED.format(centre=held))
        if Visit.objects.filter(centre=held, reference=reference, left_at=None).exists():
            raise CustodyRefused(INSIDE_ALREADY.format(reference=reference, centre=held))
        matter = _open(case, held, basis, known, shown_as, by, at)
        event = happened(
            matter, rules.STARTS[rules.Basis(basis)], known.arrived_at, by=by, at=at, document_number=document
        )  # fmt: skip
        visit = Visit.objects.create(
            matter=matter, centre=held, basis=basis, reference=reference, shown_as=shown_as,
            document=document, special=known.special, examine=known.examine,
            arrived_at=known.arrived_at, entered_at=known.entered_at,
        )  # fmt: skip
        step(visit, Action.ENTERED, by=by, at=at, moment=known.entered_at, text=basis.label, event=event)
        check_visits([visit.pk], at=at)
    return visit


def _check_entry(arrived_at: datetime, entered_at: datetime, at: datetime) -> None:
    check_moment(entered_at, at=at)
    if entered_at < arrived_at:
        raise CustodyRefused(BEFORE_ARRIVAL.format(what="入区", when=words(entered_at), arrived=words(arrived_at)))


def _open(
    case: Matter | None, centre: Centre, basis: Basis, known: Known, shown_as: str, by: Officer, at: datetime
) -> Matter:
    """The matter of a visit, numbered by centre and day; the centre is locked."""
    facts: dict[str, Any] = {"case_kind": case.kind.code} if case is not None else {}
    if basis == Basis.CONTINUED and known.special:
        facts["special_person"] = True
    begins = f"入区{centre.pk}-{local_day(known.entered_at):%Y%m%d}-"
    used = Matter.objects.filter(kind__code=KIND, number__startswith=begins).count()
    officer = case.officer if case is not None else by
    try:
        matter = open_matter(
            kind=KIND, number=f"{begins}{used + 1:03d}", title=f"{shown_as}{basis.label}",
            unit=case.unit if case is not None else by.unit, officer=officer, parent=case, facts=facts,
            restricted=(case.restricted or None) if case is not None else None,
        )  # fmt: skip
        if officer is not None:
            name_handler(matter=matter, officer=officer, role="officer", at=at)
    except CaseRefused as refusal:
        raise CustodyRefused(str(refusal)) from refusal
    return matter


def extend_stay(
    *, visit: Visit, hours: int, approved_at: datetime, document: str, approver: str = "", ground: str = "",
    by: Officer, at: datetime,
) -> Event:  # fmt: skip
    """The stay may last `hours` in all; whether the level that approved suffices, the clock says.

    Refuses a length that the basis does not know, none at all for special persons, no document, a moment outside the
    stay, and an unknown approver.
    """
    with transaction.atomic():
        held = hold(visit, by=by, act="延长")
        known = rules.extensions(
            rules.Basis(held.basis), case_kind=str(held.matter.facts.get("case_kind", "")), special=held.special
        )
        if hours not in known:
            offered = "、".join(f"{one} 小时" for one in known) or "没有"
            raise CustodyRefused(NO_EXTENSION.format(basis=held.get_basis_display(), hours=hours, known=offered))
        check_moment(approved_at, at=at)
        if approved_at < held.arrived_at:
            raise CustodyRefused(
                BEFORE_ARRIVAL.format(what="批准", when=words(approved_at), arrived=words(held.arrived_at))
            )
        document = required(document, "文书号", 80)
        event = happened(
            held.matter, known[hours], approved_at, by=by, at=at, document_number=document,
            approver=check_approver(approver), ground=fitting(ground, "理由", 200),
        )  # fmt: skip
        step(held, Action.EXTENDED, by=by, at=at, moment=approved_at, text=f"至 {hours} 小时，{document}", event=event)
        check_visits([held.pk], at=at)
    return event


def tell_family(*, visit: Visit, told_at: datetime, text: str, by: Officer, at: datetime) -> Visit:
    """The family was told why and where (治安管理处罚法第九十七条), or could not be, for a reason that `text` gives.

    Also after the exit. Refuses a second time, a moment to come or before the arrival, and no text.
    """
    with transaction.atomic():
        held = hold(visit, by=by)
        if held.family_told_at is not None:
            raise CustodyRefused(ALREADY_TOLD)
        check_moment(told_at, at=at)
        if told_at < held.arrived_at:
            raise CustodyRefused(
                BEFORE_ARRIVAL.format(what="通知", when=words(told_at), arrived=words(held.arrived_at))
            )
        text = required(text, "通知的方式或者不能通知的情形")
        held.family_told_at = told_at
        held.save(update_fields=["family_told_at"])
        step(held, Action.TOLD, by=by, at=at, moment=told_at, text=text)
        check_visits([held.pk], at=at)
    return held


def leave(*, visit: Visit, left_at: datetime, outcome: str, by: Officer, at: datetime) -> Visit:
    """He left: what goes on ends, the hours stop, and what is missing or not accounted for is found.

    Refuses who left already, a moment to come, one before the last step began, and no outcome.
    """
    with transaction.atomic():
        held = hold(visit, by=by, act="登记离开")
        check_moment(left_at, at=at, visit=held)
        outcome = required(outcome, "离开时的处理")
        end_open_stage(held, left_at, by=by, at=at)
        if left_at <= held.entered_at or _ends(held)[1] > left_at:
            raise CustodyRefused(STAGES_OUTSIDE.format(begins=words(held.entered_at), ends=words(left_at)))
        event = happened(held.matter, ENDED, left_at, by=by, at=at)
        held.left_at, held.outcome = left_at, outcome
        held.save(update_fields=["left_at", "outcome"])
        step(held, Action.LEFT, by=by, at=at, moment=left_at, text=outcome, event=event)
        check_visits([held.pk], at=at)
    return held


Which = Literal["arrived", "entered", "left"]


def correct_moment(*, visit: Visit, which: Which, moment: datetime, why: str, by: Officer, at: datetime) -> Visit:
    """Correct when he arrived, entered or left: the event is corrected and the hours are counted anew.

    Refuses no reason, a moment to come, moments out of order, one that leaves steps outside the visit, and the exit of
    somebody still inside.
    """
    with transaction.atomic():
        held = hold(visit, by=by)
        why = required(why, "更正的理由")
        if which == "left" and held.left_at is None:
            raise CustodyRefused(NOT_LEFT)
        old = getattr(held, f"{which}_at")
        setattr(held, f"{which}_at", moment)
        _check_entry(held.arrived_at, held.entered_at, at)
        first, last = _ends(held)
        end = held.left_at if held.left_at is not None else at
        if end > at:
            check_moment(end, at=at)
        if end <= held.entered_at or first < held.entered_at or last > end:
            raise CustodyRefused(STAGES_OUTSIDE.format(begins=words(held.entered_at), ends=words(end)))
        event = None
        kind = {"arrived": rules.STARTS[rules.Basis(held.basis)], "left": ENDED}.get(which)
        if kind is not None:
            stands = Event.objects.standing().filter(only_voids=False, matter=held.matter_id, kind__code=kind)
            event = happened(
                held.matter, kind, moment, by=by, at=at, voids=stands.order_by("pk").last(), note=why,
                document_number=held.document if which == "arrived" else "",
            )  # fmt: skip
        held.save(update_fields=[f"{which}_at"])
        name = {"arrived": "到案", "entered": "入区", "left": "离开"}[which]
        step(
            held, Action.CORRECTED, by=by, at=at, moment=moment, text=f"{name}时间原为 {words(old)}：{why}", event=event
        )
        check_visits([held.pk], at=at)
    return held


def _ends(visit: Visit) -> tuple[datetime, datetime]:
    """When the first step that counts began, and the last one that ended did; of none, the bounds of the visit itself."""
    rows = Stage.objects.filter(visit=visit, voided_at=None)
    known = rows.aggregate(first=Min("begun_at"), last=Max("ended_at"), latest=Max("begun_at"))
    last = max((one for one in (known["last"], known["latest"]) if one is not None), default=visit.entered_at)
    return known["first"] or visit.entered_at, last
