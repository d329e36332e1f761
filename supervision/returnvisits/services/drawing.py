"""How a round comes about, and how it ends."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from cases.models import Handling, Matter, MatterKind, Officer
from supervision.returnvisits import rules
from supervision.returnvisits.models import (
    Action,
    Check,
    Notice,
    RoundUnit,
    Visit,
    VisitRound,
    VisitState,
    VisitStep,
    What,
)
from supervision.returnvisits.queries import Scope, frame_of, local_day, may_be_called_on
from supervision.returnvisits.refusals import (
    CALLER_AWAY,
    EMPTY_FRAME,
    MOVED_ON,
    NO_KINDS,
    NO_TITLE,
    NUMBER_OUT_OF_RANGE,
    PERIOD_BACKWARDS,
    PERIOD_NOT_OVER,
    REPLY_DAY_OUT_OF_RANGE,
    RESTRICTED_KIND,
    ROUND_CLOSED,
    STILL_CHECKED,
    STILL_WAITING,
    ReturnVisitRefused,
)
from supervision.returnvisits.services.ledger import required, step

REPLY_PERIOD_OVER = "答复期已过，没有答复"
BATCH = 1000


def check_scope(scope: Scope, *, per_unit: int, at: datetime) -> None:
    """Refuses a period that runs backwards or is not over, kinds that are none or restricted, and a number out of range."""
    if scope.from_on > scope.until_on:
        raise ReturnVisitRefused(PERIOD_BACKWARDS)
    if scope.until_on >= local_day(at):
        raise ReturnVisitRefused(PERIOD_NOT_OVER.format(day=f"{scope.until_on:%Y-%m-%d}"))
    if not 1 <= per_unit <= rules.MOST_A_UNIT:
        raise ReturnVisitRefused(NUMBER_OUT_OF_RANGE.format(most=rules.MOST_A_UNIT))
    if not scope.kinds:
        raise ReturnVisitRefused(NO_KINDS)
    if closed := MatterKind.objects.filter(code__in=scope.kinds, restricted=True).first():
        raise ReturnVisitRefused(RESTRICTED_KIND.format(kind=closed))


def draw_round(
    *,
    title: str,
    scope: Scope,
    per_unit: int,
    reply_until: date,
    callers: Sequence[Officer],
    by: Officer,
    at: datetime,
    seed: str = "",
) -> VisitRound:
    """Draw a sample of a scope, `per_unit` of each unit by rank under the seed, and give its visits out among the callers,
    none of them a matter that he handles or that is his own unit's. Without a seed one is taken by chance.

    Frame, digest, seed and method are kept, so that the draw can be done again. The callers are to be told. Refuses what
    `check_scope` does, an empty frame, no title, a day of reply that is over or too far, a caller who is not there.
    """
    title = required(title, NO_TITLE)
    check_scope(scope, per_unit=per_unit, at=at)
    today = local_day(at)
    if not today < reply_until <= today + timedelta(days=rules.MOST_REPLY_DAYS):
        raise ReturnVisitRefused(REPLY_DAY_OUT_OF_RANGE.format(most=rules.MOST_REPLY_DAYS))
    for caller in callers:
        if not may_be_called_on(caller):
            raise ReturnVisitRefused(CALLER_AWAY.format(officer=caller))
    given = seed.strip()
    with transaction.atomic():
        frame = frame_of(scope)
        if not frame.candidates:
            raise ReturnVisitRefused(EMPTY_FRAME.format(days=f"{rules.ASKED_AGAIN_AFTER.days} 天"))
        drawn = VisitRound.objects.create(
            title=title,
            kinds=sorted(scope.kinds),
            basis=scope.basis,
            from_on=scope.from_on,
            until_on=scope.until_on,
            per_unit=per_unit,
            method=rules.METHOD,
            seed=given or secrets.token_hex(8),
            seed_given=bool(given),
            frame_size=len(frame.candidates),
            frame_digest=rules.frame_digest(frame.candidates),
            reply_until=reply_until,
            drawn_at=at,
            drawn_by=by,
            **scope.unit.scope_ids,
        )
        keys: dict[str, list[str]] = defaultdict(list)
        for one in sorted(frame.candidates):
            keys[one.unit].append(one.key)
        RoundUnit.objects.bulk_create(
            RoundUnit(round=drawn, unit=part.unit, frame=keys[part.unit.code], frame_size=part.size, drawn=part.drawn)
            for part in frame.parts(per_unit)
        )
        sample = rules.draw(frame.candidates, seed=drawn.seed, per_unit=per_unit)
        asked_by = _give_out([frame.matters[one] for one in sample], callers)
        Visit.objects.bulk_create(
            (
                Visit(
                    round=drawn,
                    matter_id=frame.matters[one],
                    drawn_at=at,
                    caller_id=asked_by[frame.matters[one]],
                    **frame.units[one.unit].scope_ids,
                )
                for one in sample
            ),
            batch_size=BATCH,
        )
        step(drawn, Action.DRAWN, by=by, at=at, text=f"总体 {drawn.frame_size} 件，抽取 {len(sample)} 件")
        Notice.objects.bulk_create(
            Notice(what=What.CALLS, round=drawn, caller_id=caller, tell_since=at)
            for caller in sorted({one for one in asked_by.values() if one is not None})
        )
    return drawn


def _give_out(matters: Sequence[int], callers: Sequence[Officer]) -> dict[int, int | None]:
    """Who calls about each matter, in turn; nobody about what he has a part in, so that some may have no caller yet."""
    rows = {
        pk: (officer, unit)
        for begin in range(0, len(matters), BATCH)
        for pk, officer, unit in Matter.objects.filter(pk__in=matters[begin : begin + BATCH]).values_list(
            "pk", "officer_id", "unit_id"
        )
    }
    known = [(one.pk, {one.unit_id, *one.posts.current().values_list("unit_id", flat=True)}) for one in callers]
    named = set(
        Handling.objects.filter(until_at=None, officer__in=[pk for pk, _ in known]).values_list(
            "matter_id", "officer_id"
        )
    )
    found: dict[int, int | None] = {}
    for turn, matter in enumerate(matters):
        officer, unit = rows[matter]
        fit = [pk for pk, units in known if pk != officer and unit not in units and (matter, pk) not in named]
        found[matter] = fit[turn % len(fit)] if fit else None
    return found


def close_round(*, visit_round: VisitRound, by: Officer, at: datetime) -> VisitRound:
    """End a round: nothing of it changes any more, and the units may see their figures.

    Once its day of reply is over, what still waits ends as not reached. Refuses a round that is closed, one in which visits
    wait before that day is over, and one with a check that is open.
    """
    if not visit_round.is_open:
        raise ReturnVisitRefused(ROUND_CLOSED)
    with transaction.atomic():
        if not VisitRound.objects.filter(pk=visit_round.pk, closed_at=None).update(closed_at=at, closed_by=by):
            raise ReturnVisitRefused(MOVED_ON)
        waiting = Visit.objects.filter(round=visit_round, state=VisitState.WAITING)
        left = list(waiting.values_list("pk", flat=True))
        if left and visit_round.reply_until >= local_day(at):
            raise ReturnVisitRefused(STILL_WAITING.format(waiting=len(left), day=f"{visit_round.reply_until:%Y-%m-%d}"))
        if checks := Check.objects.open().filter(visit__round=visit_round).count():
            raise ReturnVisitRefused(STILL_CHECKED.format(checks=checks))
        waiting.update(state=VisitState.UNREACHED, reason=REPLY_PERIOD_OVER, ended_at=at)
        VisitStep.objects.bulk_create(
            (
                VisitStep(round=visit_round, visit_id=pk, action=Action.UNREACHED, at=at, by=by, text=REPLY_PERIOD_OVER)
                for pk in left
            ),
            batch_size=BATCH,
        )
        step(visit_round, Action.CLOSED, by=by, at=at)
    visit_round.refresh_from_db()
    return visit_round
