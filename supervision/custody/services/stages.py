"""The steps of a visit: begun, finished, moved to another room, added afterwards, struck out."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from cases.models import Event, Officer
from cases.services import void_event
from supervision.custody.models import Action, Basis, Room, Stage, StageKind, Visit
from supervision.custody.refusals import (
    BEFORE_LAST,
    ENDS_BEFORE,
    NO_SOBERING,
    NOTHING_GOES_ON,
    OVERLAPS,
    SAME_ROOM,
    VOIDED,
    CustodyRefused,
)
from supervision.custody.services.judging import check_visits
from supervision.custody.services.ledger import check_moment, fitting, happened, hold, required, step, words
from supervision.custody.services.rooms import take_room

# 公安机关办理行政案件程序规定第五十八条：约束时间不计算在询问查证时间内
SOBERING_STARTED, SOBERING_ENDED = "sobering_started", "sobering_ended"


def begin_stage(
    *, visit: Visit, kind: StageKind | str, room: Room, begun_at: datetime, guard: Officer | None = None,
    by: Officer, at: datetime,
) -> Stage:  # fmt: skip
    """Begin a step; the one that goes on ends at that moment. Sobering up pauses the hours of an inquiry.

    Refuses a visit that is over, a moment to come or before what was done last, a room that is full, closed, elsewhere or
    for something else, a waiting room for those who may not be put there, and sobering up outside an inquiry.
    """
    with transaction.atomic():
        held, kind = hold(visit, by=by, act="开始环节"), StageKind(kind)
        _check_sobering(held, kind)
        check_moment(begun_at, at=at, visit=held)
        _check_after_last(held, begun_at)
        end_open_stage(held, begun_at, by=by, at=at)
        stage = _begin(held, kind, room, begun_at, guard)
        event = _sober(held, kind, SOBERING_STARTED, begun_at, by=by, at=at)
        step(held, Action.BEGUN, by=by, at=at, moment=begun_at, text=f"{kind.label}，{room}", stage=stage, event=event)
        check_visits([held.pk], at=at)
    return stage


def finish_stage(
    *, visit: Visit, ended_at: datetime, recorded: bool = False, result: str = "", by: Officer, at: datetime
) -> Stage:
    """Finish the step that goes on. Refuses where none does, a visit that is over, and an end before the beginning."""
    with transaction.atomic():
        held = hold(visit, by=by, act="结束环节")
        check_moment(ended_at, at=at, visit=held)
        stage = end_open_stage(held, ended_at, recorded=recorded, result=result, by=by, at=at)
        if stage is None:
            raise CustodyRefused(NOTHING_GOES_ON)
        check_visits([held.pk], at=at)
    return stage


def move_room(*, visit: Visit, room: Room, moved_at: datetime, reason: str, by: Officer, at: datetime) -> Stage:
    """Go on with the same in another room. Refuses where nothing goes on, the room he is in, and what `begin_stage`
    refuses of rooms and moments."""
    with transaction.atomic():
        held = hold(visit, by=by, act="变更房间")
        check_moment(moved_at, at=at, visit=held)
        before = Stage.objects.filter(visit=held, ended_at=None, voided_at=None).select_related("room", "guard").first()
        if before is None:
            raise CustodyRefused(NOTHING_GOES_ON)
        if before.room_id == room.pk:
            raise CustodyRefused(SAME_ROOM.format(room=room))
        _check_after_last(held, moved_at)
        reason = required(reason, "事由", 200)
        before.ended_at = moved_at
        before.save(update_fields=["ended_at"])
        stage = _begin(held, StageKind(before.kind), room, moved_at, before.guard)
        text = f"{before.room} → {room}：{reason}"
        step(held, Action.MOVED, by=by, at=at, moment=moved_at, text=text, stage=stage)
        check_visits([held.pk], at=at)
    return stage


def add_stage(
    *, visit: Visit, kind: StageKind | str, room: Room, begun_at: datetime, ended_at: datetime,
    guard: Officer | None = None, recorded: bool = False, result: str = "", by: Officer, at: datetime,
) -> Stage:  # fmt: skip
    """Put on record a step that was done and not entered, also after the exit.

    Refuses moments to come or outside the visit, an end not after the beginning, one that overlaps another step, a room
    that is elsewhere or for something else, and sobering up outside an inquiry.
    """
    with transaction.atomic():
        held, kind = hold(visit, by=by), StageKind(kind)
        _check_sobering(held, kind)
        if ended_at <= begun_at:
            raise CustodyRefused(ENDS_BEFORE)
        check_moment(begun_at, at=at, visit=held)
        check_moment(ended_at, at=at, visit=held)
        _check_free(held, begun_at, ended_at)
        take_room(room, held, kind, stays=False)
        stage = Stage.objects.create(
            visit=held, kind=kind, room=room, begun_at=begun_at, ended_at=ended_at, guard=guard, recorded=recorded,
            result=fitting(result, "结果", 500),
        )  # fmt: skip
        event = _sober(held, kind, SOBERING_STARTED, begun_at, by=by, at=at)
        _sober(held, kind, SOBERING_ENDED, ended_at, by=by, at=at)
        text = f"{kind.label}，{words(begun_at)} 至 {words(ended_at)}，{room}"
        step(held, Action.ADDED, by=by, at=at, moment=begun_at, text=text, stage=stage, event=event)
        check_visits([held.pk], at=at)
    return stage


def void_stage(*, visit: Visit, stage: Stage, why: str, by: Officer, at: datetime) -> Stage:
    """Strike out a step that was entered wrongly; it stays on record and no longer counts. The events of sobering up are
    struck out with it.

    Refuses no reason and one that is void.
    """
    with transaction.atomic():
        held = hold(visit, by=by)
        why = required(why, "作废的理由", 300)
        if not Stage.objects.filter(pk=stage.pk, visit=held, voided_at=None).update(voided_at=at):
            raise CustodyRefused(VOIDED)
        stage.refresh_from_db()
        if stage.kind == StageKind.SOBERING:
            _strike_sobering(held, stage, why, by=by, at=at)
        text = f"{stage.get_kind_display()}：{why}"
        step(held, Action.VOIDED, by=by, at=at, moment=stage.begun_at, text=text, stage=stage)
        check_visits([held.pk], at=at)
    return stage


def end_open_stage(
    visit: Visit, moment: datetime, *, recorded: bool = False, result: str = "", by: Officer, at: datetime
) -> Stage | None:
    """End the step of a locked visit that goes on, if one does; refuses a moment before it began."""
    stage = Stage.objects.filter(visit=visit, ended_at=None, voided_at=None).first()
    if stage is None:
        return None
    if moment < stage.begun_at:
        raise CustodyRefused(BEFORE_LAST.format(when=words(moment), last=words(stage.begun_at)))
    stage.ended_at, stage.recorded, stage.result = moment, recorded, fitting(result, "结果", 500)
    stage.save(update_fields=["ended_at", "recorded", "result"])
    event = _sober(visit, StageKind(stage.kind), SOBERING_ENDED, moment, by=by, at=at)
    text = f"{stage.get_kind_display()}{f'：{stage.result}' if stage.result else ''}"
    step(visit, Action.FINISHED, by=by, at=at, moment=moment, text=text, stage=stage, event=event)
    return stage


def _begin(visit: Visit, kind: StageKind, room: Room, begun_at: datetime, guard: Officer | None) -> Stage:
    taken = take_room(room, visit, kind, stays=True)
    return Stage.objects.create(visit=visit, kind=kind, room=taken, begun_at=begun_at, guard=guard)


def _check_sobering(visit: Visit, kind: StageKind) -> None:
    if kind == StageKind.SOBERING and visit.basis != Basis.INQUIRY:
        raise CustodyRefused(NO_SOBERING)


def _check_after_last(visit: Visit, moment: datetime) -> None:
    """Refuses a moment before what was begun or ended last."""
    rows = Stage.objects.filter(visit=visit, voided_at=None).filter(Q(begun_at__gt=moment) | Q(ended_at__gt=moment))
    last = rows.order_by("-begun_at").first()
    if last is not None:
        raise CustodyRefused(BEFORE_LAST.format(when=words(moment), last=words(last.ended_at or last.begun_at)))


def _check_free(visit: Visit, begun_at: datetime, ended_at: datetime) -> None:
    rows = Stage.objects.filter(visit=visit, voided_at=None, begun_at__lt=ended_at)
    other = rows.filter(Q(ended_at=None) | Q(ended_at__gt=begun_at)).first()
    if other is not None:
        raise CustodyRefused(OVERLAPS.format(begun=words(other.begun_at), kind=other.get_kind_display()))


def _sober(visit: Visit, kind: StageKind, event: str, moment: datetime, *, by: Officer, at: datetime) -> Event | None:
    return happened(visit.matter, event, moment, by=by, at=at) if kind == StageKind.SOBERING else None


def _strike_sobering(visit: Visit, stage: Stage, why: str, *, by: Officer, at: datetime) -> None:
    ends = {SOBERING_STARTED: stage.begun_at, SOBERING_ENDED: stage.ended_at}
    for kind, moment in ends.items():
        rows = Event.objects.standing().filter(only_voids=False, matter=visit.matter_id, kind__code=kind)
        event = rows.filter(occurred_at=moment).order_by("pk").last() if moment is not None else None
        if event is not None:
            void_event(event=event, reason=why, by=by, at=at)
