"""What supervision found: orders step by step, negative evaluations that were borne out, and files that were reviewed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from cases.models import Unit
from supervision.archives.models import ArchiveEntry, Kind
from supervision.archives.rules import MOST_TEXT, Room, key_of
from supervision.archives.services.recording import correction_of, known
from supervision.rectification.models import Action, Order, OrderState, OrderStep, Source
from supervision.returnvisits.models import Check, Finding
from supervision.reviews.models import FormState, Line, ReviewForm

_GIVEN: Final = (Action.ISSUED, Action.REASSIGNED)
_ENTERED: Final = (*_GIVEN, Action.VERIFIED, Action.REOPENED, Action.WITHDRAWN)
_HANDED_ON: Final = "这件整改已改派，不再由原责任单位、责任人负责"


def _not_entered(rows: QuerySet[Any], room: Room) -> QuerySet[Any]:
    """The rows whose key is in no archive."""
    key = Concat(Value(key_of(room, "")), Cast("pk", CharField()))
    entered = ArchiveEntry.objects.filter(source_key=OuterRef("archive_key"))
    return rows.alias(archive_key=key).exclude(Exists(entered))


# -- orders ------------------------------------------------------------------------------------------------------------


def steps_owed(at: datetime) -> QuerySet[OrderStep]:
    """Steps taken by `at` that are in no archive. An order withdrawn before it was entered was never a finding."""
    rows = OrderStep.objects.filter(action__in=_ENTERED, at__lte=at)
    rows = rows.filter(Q(order__matter=None) | Q(order__matter__restricted=False))
    entered = Exists(ArchiveEntry.objects.filter(order=OuterRef("order")))
    unfounded = Q(order__state=OrderState.WITHDRAWN)
    return _not_entered(rows.filter(~unfounded | Q(action=Action.WITHDRAWN) & entered), Room.ORDER_STEP)


def of_steps(steps: Sequence[OrderStep], at: datetime) -> list[ArchiveEntry]:
    """An entry a step, about whom the order was given to then; whoever had it before gets a correction."""
    given = _given_to(steps)
    standing = _standing_of(given)
    entries: list[ArchiveEntry] = []
    corrections: list[ArchiveEntry] = []
    for step in steps:
        *before, holder = _holders(given[step.order_id], step)
        entry = ArchiveEntry(
            kind=kind_of(step.order),
            officer_id=holder.officer_id,
            **_unit_of(holder).scope_ids,
            happened_at=step.at,
            text=_words(step),
            article=step.order.ground,
            order=step.order,
            source_key=key_of(Room.ORDER_STEP, step.pk),
            recorded_at=at,
        )
        if step.action == Action.WITHDRAWN:
            entry.corrects = standing.pop(holder.pk, None)
        elif step.action == Action.REASSIGNED and before and (former := standing.pop(before[-1].pk, None)) is not None:
            correction = correction_of(former, text=_HANDED_ON, at=at)
            correction.source_key = key_of(Room.ORDER_STEP, f"{step.pk}-former")
            corrections.append(correction)
        if step.action in _GIVEN:
            standing[step.pk] = entry
        entries.append(entry)
    return entries + corrections


def _holders(given: Sequence[OrderStep], step: OrderStep) -> list[OrderStep]:
    """The steps up to this one that gave the order to somebody; the last says who has it."""
    found = [one for one in given if one.number <= step.number]
    if not found:
        raise ValueError(f"order {step.order_id} was given to nobody before step {step.number}")
    return found


def _unit_of(step: OrderStep) -> Unit:
    if step.unit is None:
        raise ValueError(f"step {step.pk} gives an order to no unit")
    return step.unit


def kind_of(order: Order) -> Kind:
    """What daily supervision found by itself, and what somebody's complaint led to, are one kind: nobody tells them apart."""
    found = order.source == Source.SUPERVISOR or order.source in Source.silent()
    return Kind.FOUND if found else Kind.ORDER


def _given_to(steps: Sequence[OrderStep]) -> dict[int, list[OrderStep]]:
    """By order the steps that gave it to somebody, the first first."""
    rows = OrderStep.objects.filter(order__in={step.order_id for step in steps}, action__in=_GIVEN)
    found: dict[int, list[OrderStep]] = defaultdict(list)
    for one in rows.select_related("unit").order_by("order_id", "number"):
        found[one.order_id].append(one)
    return found


def _standing_of(given: dict[int, list[OrderStep]]) -> dict[int, ArchiveEntry]:
    """By step the entry that it is in already, where that is not corrected yet."""
    keys = {key_of(Room.ORDER_STEP, one.pk): one.pk for ones in given.values() for one in ones}
    rows = ArchiveEntry.objects.standing().filter(source_key__in=list(keys))
    return {keys[entry.source_key]: entry for entry in rows}


def _words(step: OrderStep) -> str:
    order, problem = step.order, step.order.problem
    match step.action:
        case Action.ISSUED:
            again = "；一年内同类问题再次出现" if order.repeated else ""
            return f"下达整改（{order.get_grade_display()}）：{problem}；来源：{order.told_source}{again}"
        case Action.REASSIGNED:
            return f"改派接办整改（{order.get_grade_display()}）：{problem}；来源：{order.told_source}"
        case Action.VERIFIED:
            # The due day is that of this verification only while no other followed.
            latest = order.verified_at == step.at
            return f"{('按期' if step.at < order.due_at else '超期') if latest else ''}整改，核验通过：{problem}"
        case Action.REOPENED:
            return f"要求重新整改：{problem}"
        case _:
            return f"整改已撤销，不属实：{problem}"


# -- evaluations -------------------------------------------------------------------------------------------------------


def checks_owed(at: datetime) -> QuerySet[Check]:
    """Negative evaluations borne out by `at` that are in no archive."""
    rows = Check.objects.filter(finding=Finding.UPHELD, concluded_at__lte=at, visit__matter__restricted=False)
    return _not_entered(rows, Room.CHECK)


def of_checks(checks: Sequence[Check], at: datetime) -> list[ArchiveEntry]:
    """Of the unit alone: neither which matter was asked about nor its officer."""
    return [
        ArchiveEntry(
            kind=Kind.EVALUATION,
            unit_id=check.unit_id,
            city_id=check.city_id,
            county_id=check.county_id,
            station_id=check.station_id,
            happened_at=known(check.concluded_at),
            text="群众不满意的评价经核查属实，已下达整改",
            check_row=check,
            source_key=key_of(Room.CHECK, check.pk),
            recorded_at=at,
        )
        for check in checks
    ]


# -- reviews -----------------------------------------------------------------------------------------------------------

_LONGEST_ARTICLE: Final = 200


def reviews_owed(at: datetime) -> QuerySet[ReviewForm]:
    """Forms that were final by `at` and are in no archive."""
    rows = ReviewForm.objects.filter(state=FormState.FINAL, final_at__lte=at, matter__restricted=False)
    return _not_entered(rows, Room.REVIEW)


def of_reviews(forms: Sequence[ReviewForm], at: datetime) -> list[ArchiveEntry]:
    """Of the unit and of who handled the file when it was drawn: the verdict, and the check items that were found wanting.

    Neither the score, as nobody is to be added up, nor what reviewers wrote, as words of their own might say what led
    somebody to look.
    """
    lines: dict[int, list[Line]] = defaultdict(list)
    for line in Line.objects.findings().filter(form__in=[one.pk for one in forms]).order_by("pk"):
        lines[line.form_id].append(line)
    return [
        ArchiveEntry(
            kind=Kind.REVIEW,
            officer_id=form.officer_id,
            unit_id=form.unit_id,
            city_id=form.city_id,
            county_id=form.county_id,
            station_id=form.station_id,
            happened_at=known(form.final_at),
            text=_found(form, lines[form.pk]),
            article=_cut("、".join(dict.fromkeys(line.citation for line in lines[form.pk])), _LONGEST_ARTICLE),
            matter_id=form.matter_id,
            source_key=key_of(Room.REVIEW, form.pk),
            recorded_at=at,
        )
        for form in forms
    ]


def _found(form: ReviewForm, lines: Sequence[Line]) -> str:
    items = "；".join(f"{line.title}（{line.get_weight_display()}）" for line in lines)
    return _cut(f"案件评查：{form.get_verdict_display()}{f'。{items}' if items else ''}", MOST_TEXT)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
