"""What becomes of a measure: approved afterwards, lengthened, found to be of something unrelated, ended; and how much the
case is about."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from cases.models import Matter, Officer
from supervision.property import rules
from supervision.property.models import Action, CaseAmount, Item, ItemState, Measure, Side
from supervision.property.queries import FOUND_UNRELATED
from supervision.property.refusals import (
    ALREADY_REPORTED,
    ALREADY_UNRELATED,
    NO_CASE_PROPERTY,
    NOT_ON_SPOT,
    NOTHING_TO_EXTEND,
    VALUE_NEGATIVE,
    PropertyRefused,
)
from supervision.property.services.judging import check_items
from supervision.property.services.ledger import (
    check_approver,
    check_day,
    check_moment,
    claim,
    happened,
    happened_on,
    hold_case,
    require_seen,
    required,
    step,
)

# How a measure is lengthened; what is not here ends when its time is over.
_LONGER = {
    (Side.ADMINISTRATIVE, Measure.SEIZED): "seizure_extended",
    (Side.ADMINISTRATIVE, Measure.SEALED): "seizure_extended",
    (Side.ADMINISTRATIVE, Measure.FROZEN): "freeze_extended",
    (Side.CRIMINAL, Measure.SEALED): "seal_renewed",
    (Side.CRIMINAL, Measure.FROZEN): "freeze_renewed",
}


def may_be_extended(item: Item) -> bool:
    """Whether the law knows a longer time for such a measure."""
    return (Side(item.side), Measure(item.measure)) in _LONGER


def report_measure(*, item: Item, reported_at: datetime, approver: str, by: Officer, at: datetime) -> Item:
    """What was taken on the spot was reported and approved afterwards (公安机关办理行政案件程序规定第五十六条, twenty-four hours).

    Refuses what was not taken on the spot, what was reported before, no or an unknown approver, and a moment to come.
    """
    if not item.on_spot:
        raise PropertyRefused(NOT_ON_SPOT)
    if item.reported_at is not None:
        raise PropertyRefused(ALREADY_REPORTED)
    approver = check_approver(required(approver, "批准层级", 40))
    check_moment(reported_at, at=at, taken_at=item.taken_at)
    with transaction.atomic():
        claim(item, act="补办批准", by=by, also=("reported_at",), reported_at=reported_at, approver=approver)
        event = happened(item.matter, "measure_reported", reported_at, by=by, at=at, approver=approver)
        step(item.matter_id, Action.REPORTED, by=by, at=at, event=event)
        check_items([item.pk], at=at)
    item.refresh_from_db()
    return item


def extend_measure(
    *, item: Item, on: date, document: str, approver: str, by: Officer, at: datetime, major: bool = False
) -> Item:
    """The measure was lengthened on a local day, by a document and an approver; whether that holds, its clock says.

    `major`: a criminal freeze renewed for a year in a grave and complex case. Refuses a measure that the law does not
    lengthen, no document, no approver, and a day to come or before it was taken.
    """
    kind = _LONGER.get((Side(item.side), Measure(item.measure)))
    if kind is None:
        raise PropertyRefused(NOTHING_TO_EXTEND.format(measure=item.get_measure_display()))
    if major and kind == "freeze_renewed":
        kind = "freeze_renewed_major"
    document = required(document, "文书号", 80)
    approver = check_approver(required(approver, "批准层级", 40))
    check_day(on, at=at, taken_at=item.taken_at)
    with transaction.atomic():
        claim(item, act="延长", by=by, state=ItemState.HELD)
        event = happened_on(item.matter, kind, on, by=by, at=at, document_number=document, approver=approver)
        step(item.matter_id, Action.EXTENDED, by=by, at=at, text=document, event=event)
        check_items([item.pk], at=at)
    item.refresh_from_db()
    return item


def note_unrelated(*, item: Item, on: date, reason: str, by: Officer, at: datetime) -> Item:
    """It was found on a local day to have nothing to do with the case: given back at once in an administrative case
    (公安机关办理行政案件程序规定第一百一十五条), within three days in a criminal one (刑事诉讼法第一百四十五条).

    Refuses without a reason, a second time, and a day to come or before it was taken.
    """
    reason = required(reason, "查明的情况")
    if item.unrelated_on is not None:
        raise PropertyRefused(ALREADY_UNRELATED)
    check_day(on, at=at, taken_at=item.taken_at)
    with transaction.atomic():
        claim(item, act="登记与案件无关", by=by, also=("unrelated_on",), unrelated_on=on)
        event = happened_on(item.matter, FOUND_UNRELATED, on, by=by, at=at)
        step(item.matter_id, Action.UNRELATED, by=by, at=at, text=reason, event=event)
    item.refresh_from_db()
    return item


def return_item(*, item: Item, ended_at: datetime, text: str, by: Officer, at: datetime) -> Item:
    """It was given back, or the freeze was lifted; `text` says how, with the document. Its clocks stop.

    Refuses without a text, what is no longer held, and a moment to come or before it was taken.
    """
    kind = "asset_unfrozen" if item.is_frozen else "property_returned"
    return _end(item, ItemState.RETURNED, kind, Action.RETURNED, "解除、退还", ended_at, text, by=by, at=at)


def dispose_item(*, item: Item, ended_at: datetime, text: str, by: Officer, at: datetime) -> Item:
    """It was confiscated, handed on with the case, sold or destroyed; `text` says which, with the document. Its clocks stop.

    Refuses without a text, what is no longer held, and a moment to come or before it was taken.
    """
    return _end(
        item, ItemState.DISPOSED, "property_disposed", Action.DISPOSED, "登记处理", ended_at, text, by=by, at=at
    )


def _end(
    item: Item, state: ItemState, kind: str, action: Action, act: str, ended_at: datetime, text: str, *, by: Officer,
    at: datetime,
) -> Item:  # fmt: skip
    text = required(text, "结果和文书")
    check_moment(ended_at, at=at, taken_at=item.taken_at)
    with transaction.atomic():
        # Locked in the order in which every check locks them, before this one is claimed out of its turn.
        weighed = hold_case(item.matter)
        claim(item, act=act, by=by, state=state, ended_at=ended_at, outcome=text)
        event = happened(item.matter, kind, ended_at, by=by, at=at)
        step(item.matter_id, action, by=by, at=at, text=text, event=event)
        # What it weighed in the sum of its case falls away with it.
        check_items(weighed, at=at)
    item.refresh_from_db()
    return item


def note_amount(*, case: Matter, amount: Decimal, basis: str, by: Officer, at: datetime) -> CaseAmount:
    """How much a case is about, in yuan, and where the figure comes from; noted anew, the later one holds and the ledger
    keeps both. The excesses of amount of its items are worked out again.

    Refuses a case he may not see or that has no property, a negative amount, and no basis.
    """
    require_seen(case.pk, by)
    if rules.side_of(case.kind.family) is None:
        raise PropertyRefused(NO_CASE_PROPERTY.format(kind=case.kind))
    if amount < 0:
        raise PropertyRefused(VALUE_NEGATIVE)
    basis = required(basis, "依据", 200)
    with transaction.atomic():
        row, _ = CaseAmount.objects.update_or_create(
            matter=case, defaults={"amount": amount, "basis": basis, "noted_at": at, "by": by}
        )
        step(case.pk, Action.AMOUNT, by=by, at=at, text=f"{rules.money(amount)} 元：{basis}")
        check_items(list(Item.objects.filter(matter__parent=case).values_list("pk", flat=True)), at=at)
    return row
