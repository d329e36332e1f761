"""The outline of a followed case: items added, moved, finished, returned and struck."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from cases.models import Event, Officer
from supervision.followup.models import Action, FollowedCase, ItemState, OutlineItem, Stage, What
from supervision.followup.queries import has_hand_in, local_day
from supervision.followup.refusals import (
    DUE_IN_PAST,
    ITEM_NOT_DONE,
    ITEM_NOT_OPEN,
    MOVED_ON,
    NOT_OPEN,
    NOT_YOURS,
    NOTHING_CHANGED,
    OFFICER_AWAY,
    OTHER_MATTER,
    RESULT_NEEDED,
    TEXT_NEEDED,
    FollowupRefused,
)
from supervision.followup.services.ledger import claim, is_there, progress, required, step, tell


def add_item(
    *, case: FollowedCase, title: str, due_on: date, officer: Officer | None, by: Officer, at: datetime
) -> OutlineItem:
    """Add an item to the outline; without `officer` it is the named officer's.

    Refuses a due day that is past, an officer who is not there, and a case under review or ended.
    """
    title = required(title, TEXT_NEEDED)
    _require_ahead(due_on, at)
    _require_there(officer)
    with transaction.atomic():
        claim(case, stages=Stage.worked_on(), refusal=NOT_OPEN)
        last = OutlineItem.objects.filter(case=case).aggregate(last=Max("order"))["last"] or 0
        item = OutlineItem.objects.create(case=case, order=last + 1, title=title, due_on=due_on, officer=officer)
        step(case, Action.ITEM_ADDED, by=by, at=at, item=item, text=f"“{title}”，{_until(due_on, officer)}")
    return item


def move_item(
    *, item: OutlineItem, due_on: date, officer: Officer | None, reason: str, by: Officer, at: datetime
) -> OutlineItem:
    """Give an open item another day or another officer, with a reason.

    Refuses an item that is done or struck, a day that is past unless it stays as it is, and no change at all.
    """
    reason = required(reason)
    if (due_on, officer.pk if officer else None) == (item.due_on, item.officer_id):
        raise FollowupRefused(NOTHING_CHANGED)
    if due_on != item.due_on:
        _require_ahead(due_on, at)
    _require_there(officer)
    with transaction.atomic():
        claim(item.case, stages=Stage.worked_on(), refusal=NOT_OPEN)
        _claim_item(item, ItemState.open_states(), ITEM_NOT_OPEN, due_on=due_on, officer=officer)
        said = f"“{item.title}”，原期限 {item.due_on}，改为{_until(due_on, officer)}。理由：{reason}"
        step(item.case, Action.ITEM_MOVED, by=by, at=at, item=item, text=said)
    item.refresh_from_db()
    return item


def finish_item(
    *, item: OutlineItem, result: str, evidence: str, by: Officer, at: datetime, event: Event | None = None
) -> OutlineItem:
    """Finish an item with its result; `evidence` names documents, `event` the event of the matter that shows it done.

    A step of progress. Refuses an item done or struck already, no result, an event of another matter, and whoever has no
    hand in it.
    """
    result = required(result, RESULT_NEEDED)
    if event is not None and event.matter_id != item.case.matter_id:
        raise FollowupRefused(OTHER_MATTER)
    if not has_hand_in(by, item.case, item.officer_id):
        raise FollowupRefused(NOT_YOURS)
    with transaction.atomic():
        claim(item.case, stages=Stage.worked_on(), refusal=NOT_OPEN, **progress(item.case, at))
        _claim_item(
            item,
            ItemState.open_states(),
            ITEM_NOT_OPEN,
            state=ItemState.DONE,
            result=result,
            evidence=evidence.strip(),
            event=event,
            done_by=by,
            done_at=at,
        )
        shown = f"；证明：{evidence.strip()}" if evidence.strip() else ""
        shown += f"；节点：{event}" if event is not None else ""
        step(item.case, Action.ITEM_DONE, by=by, at=at, item=item, text=f"“{item.title}”：{result}{shown}")
    item.refresh_from_db()
    return item


def return_item(*, item: OutlineItem, reason: str, by: Officer, at: datetime) -> OutlineItem:
    """Send an item back for more work, with a reason. Result and evidence stay to be read. Refuses one that is not done."""
    reason = required(reason)
    with transaction.atomic():
        claim(item.case, stages=Stage.worked_on(), refusal=NOT_OPEN)
        _claim_item(
            item, (ItemState.DONE,), ITEM_NOT_DONE, state=ItemState.RETURNED, reason=reason, done_by=None, done_at=None
        )
        step(item.case, Action.ITEM_RETURNED, by=by, at=at, item=item, text=f"“{item.title}”。理由：{reason}")
        tell(item.case, What.ITEM_RETURNED, at=at, item=item)
    item.refresh_from_db()
    return item


def strike_item(*, item: OutlineItem, reason: str, by: Officer, at: datetime) -> OutlineItem:
    """Strike an open item out, with a reason; it stays on record and no longer counts. Refuses one done or struck."""
    reason = required(reason)
    with transaction.atomic():
        claim(item.case, stages=Stage.worked_on(), refusal=NOT_OPEN)
        _claim_item(item, ItemState.open_states(), ITEM_NOT_OPEN, state=ItemState.STRUCK, reason=reason)
        step(item.case, Action.ITEM_STRUCK, by=by, at=at, item=item, text=f"“{item.title}”。理由：{reason}")
    item.refresh_from_db()
    return item


def _claim_item(item: OutlineItem, states: tuple[ItemState, ...], refusal: str, **changes: object) -> None:
    if item.state not in states:
        raise FollowupRefused(refusal)
    if not OutlineItem.objects.filter(pk=item.pk, state=item.state).update(**changes):
        raise FollowupRefused(MOVED_ON)


def _require_ahead(due_on: date, at: datetime) -> None:
    if due_on < local_day(at):
        raise FollowupRefused(DUE_IN_PAST.format(day=due_on))


def _require_there(officer: Officer | None) -> None:
    if officer is not None and not is_there(officer):
        raise FollowupRefused(OFFICER_AWAY.format(officer=officer))


def _until(due_on: date, officer: Officer | None) -> str:
    return f"{due_on} 前完成，承办人：{officer if officer is not None else '盯办责任人'}"
