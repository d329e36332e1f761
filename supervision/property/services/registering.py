"""Items: entered when they are taken, or described after they were imported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from cases.models import Event, Matter, Officer
from cases.queries import matters_of
from cases.services import CaseRefused, join_case, name_handler, note_facts, open_matter
from supervision.property import rules
from supervision.property.models import Action, Asset, Item, Measure, Owner, Side
from supervision.property.queries import KIND, TAKEN_ON_SPOT
from supervision.property.refusals import (
    ALREADY_ENTERED,
    NO_CASE_PROPERTY,
    NO_PARENT,
    NO_SUCH_MEASURE,
    NOT_YOURS,
    VALUE_NEGATIVE,
    WRONG_MATTER,
    PropertyRefused,
)
from supervision.property.services.adopting import adopt_ends
from supervision.property.services.judging import check_items
from supervision.property.services.ledger import (
    check_approver,
    check_moment,
    fitting,
    happened,
    hold_case,
    required,
    step,
)

# What the limits call the assets that a criminal freeze tells apart.
_FROZEN = {Asset.DEPOSIT: "deposit", Asset.SECURITIES: "securities", Asset.EQUITY: "equity", Asset.LISTED: "equity"}
# Of these the law counts from the day, whatever the hour.
_BY_DAY = ("property_sealed", "asset_frozen")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an item when it is taken. `value` is in yuan, `taken_at` an aware moment, `approver` a code of the
    catalogue. `major`: frozen in a grave and complex case, for a year (公安机关办理刑事案件程序规定第二百四十三条)."""

    measure: Measure | str
    asset: Asset | str
    taken_at: datetime
    owner: Owner | str = Owner.UNKNOWN
    quantity: str = ""
    value: Decimal | None = None
    document: str = ""
    approver: str = ""
    on_spot: bool = False
    valuable: bool = False
    necessity: bool = False
    held_elsewhere: bool = False
    major: bool = False


def register_item(*, case: Matter, number: str, title: str, known: Known, by: Officer, at: datetime) -> Item:
    """Something was taken in a case. Its limits start: how long it may be held, and, of what was seized, the twenty-four
    hours to hand it over (公安机关办理行政案件程序规定第一百九十条); taken on the spot in an administrative case, the twenty-four
    hours to have that approved (第五十六条). The excesses are worked out at once.

    The unit and the officer are the case's. Refuses a case he may not see, one that is neither administrative nor
    criminal, a measure that its procedure does not know, a number in use, a moment to come, and an unknown approver.
    """
    side = _side_of(case, by)
    measure = _check(known, side, at)
    title, number = required(title, "名称", 200), required(number, "编号", 64)
    facts: dict[str, Any] = {"case_kind": case.kind.code}
    with transaction.atomic():
        try:
            matter = open_matter(
                kind=KIND, number=number, title=title, unit=case.unit, officer=case.officer, parent=case,
                facts=facts | _facts(known, measure), restricted=case.restricted or None,
            )  # fmt: skip
            if case.officer is not None:
                name_handler(matter=matter, officer=case.officer, role="officer", at=at)
        except CaseRefused as refusal:
            raise PropertyRefused(str(refusal)) from refusal
        event = _taken(matter, side, measure, known, by=by, at=at)
        item = _enter(matter, side, known, by=by, at=at, event=event)
    return item


def describe_item(*, matter: Matter, known: Known, by: Officer, at: datetime, case: Matter | None = None) -> Item:
    """Enter what is known of an item that was imported, or entered as a bare matter; its events stay what they are,
    and an end among them is its end. `case` is the case it belongs to, where the file it came with did not say.

    Refuses what is no seized item, one that belongs to no case, one that was described before, and what `register_item`
    refuses.
    """
    if matter.kind.code != KIND:
        raise PropertyRefused(WRONG_MATTER.format(number=matter.number))
    belongs_to = matter.parent or case
    if belongs_to is None:
        raise PropertyRefused(NO_PARENT.format(number=matter.number))
    if Item.objects.filter(pk=matter.pk).exists():
        raise PropertyRefused(ALREADY_ENTERED.format(number=matter.number))
    side = _side_of(belongs_to, by)
    if not matters_of(by).filter(pk=matter.pk).exists():
        raise PropertyRefused(NOT_YOURS)
    measure = _check(known, side, at)
    with transaction.atomic():
        if matter.parent is None:
            try:
                matter = join_case(matter=matter, case=belongs_to)
            except CaseRefused as refusal:
                raise PropertyRefused(str(refusal)) from refusal
        facts = {"case_kind": belongs_to.kind.code}
        note_facts(matter=matter, facts=facts | _facts(known, measure), at=at)
        return _enter(matter, side, known, by=by, at=at, event=None)


def _side_of(case: Matter, by: Officer) -> Side:
    if not matters_of(by).filter(pk=case.pk).exists():
        raise PropertyRefused(NOT_YOURS)
    side = rules.side_of(case.kind.family)
    if side is None:
        raise PropertyRefused(NO_CASE_PROPERTY.format(kind=case.kind))
    return Side(side.value)


def _check(known: Known, side: Side, at: datetime) -> Measure:
    measure, asset = Measure(known.measure), Asset(known.asset)
    if not rules.suits(rules.Side(side), rules.Measure(measure), rules.Asset(asset)):
        raise PropertyRefused(
            NO_SUCH_MEASURE.format(case=f"{side.label}案件", asset=asset.label, measure=measure.label)
        )
    if known.value is not None and known.value < 0:
        raise PropertyRefused(VALUE_NEGATIVE)
    check_moment(known.taken_at, at=at)
    check_approver(known.approver)
    return measure


def _facts(known: Known, measure: Measure) -> dict[str, Any]:
    """What the limits depend on."""
    facts: dict[str, Any] = {}
    if measure == Measure.FROZEN:
        facts = {"frozen": True, "asset": _FROZEN[Asset(known.asset)]}
        facts |= {"major": True} if known.major else {}
    return facts


def _taken(matter: Matter, side: Side, measure: Measure, known: Known, *, by: Officer, at: datetime) -> Event:
    """The events of taking it; answers that from which its ceiling runs."""
    kind = {
        Measure.SEIZED: "property_seized",
        Measure.SEALED: "property_sealed" if side == Side.CRIMINAL else "property_seized",
        Measure.REGISTERED: "evidence_registered",
        Measure.FROZEN: "asset_frozen",
    }[measure]
    told = {"document_number": known.document.strip(), "approver": known.approver}
    event = happened(matter, kind, known.taken_at, by=by, at=at, day_only=kind in _BY_DAY, **told)
    if measure == Measure.SEIZED:
        happened(matter, "property_extracted", known.taken_at, by=by, at=at)
    if known.on_spot and side == Side.ADMINISTRATIVE:
        happened(matter, TAKEN_ON_SPOT, known.taken_at, by=by, at=at)
    return event


def _enter(matter: Matter, side: Side, known: Known, *, by: Officer, at: datetime, event: Event | None) -> Item:
    item = Item.objects.create(
        matter=matter,
        side=side,
        measure=known.measure,
        asset=known.asset,
        owner=known.owner,
        quantity=fitting(known.quantity, "数量和特征", 200),
        value=known.value,
        document=fitting(known.document, "决定文书号", 80),
        approver=known.approver,
        taken_at=known.taken_at,
        on_spot=known.on_spot,
        valuable=known.valuable,
        necessity=known.necessity,
        held_elsewhere=known.held_elsewhere,
    )
    item.refresh_from_db()
    text = f"{item.get_measure_display()}：{matter.title}"
    step(matter.pk, Action.REGISTERED, by=by, at=at, text=text, event=event)
    adopt_ends([item.pk], at=at)
    # What was taken later in the case now has more before it.
    check_items(hold_case(matter), at=at)
    item.refresh_from_db()
    return item
