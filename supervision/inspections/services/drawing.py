"""The draw: of targets and of inspectors, both at random, in the open, once for all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Officer
from supervision.inspections import rules
from supervision.inspections.models import Action, Check, CheckInspector, Draw, PlannedItem, Stage
from supervision.inspections.queries import Frame, away_from, frame_of, inspectors_under
from supervision.inspections.refusals import (
    ALREADY_DRAWN,
    EMPTY_FRAME,
    SEED_TOO_LONG,
    TOO_FEW_INSPECTORS,
    TOO_MANY,
    InspectionRefused,
)
from supervision.inspections.services.ledger import finish, hold_open, step

BATCH = 500
LONGEST_SEED = 64


@dataclass(frozen=True, slots=True)
class Ready:
    """What a draw would be of: the frame, the register, who keeps away from what, and how many are drawn."""

    frame: Frame
    inspectors: list[Officer]
    away: dict[str, list[str]]
    number: int


def look_before(item: PlannedItem, *, at: datetime) -> Ready:
    """What an item would be drawn from at `at`; nothing is drawn yet.

    Refuses an empty frame, more than may be drawn at once, and any target that too few of the register could inspect: it
    is looked at for the whole frame, so that no draw is refused for what came out of it, and tried again.
    """
    frame = frame_of(item, at=at)
    candidates = frame.candidates
    if not candidates:
        raise InspectionRefused(EMPTY_FRAME)
    number = rules.how_many(len(candidates), item.percent)
    if number > rules.MOST_TARGETS:
        raise InspectionRefused(TOO_MANY.format(number=number, most=rules.MOST_TARGETS))
    inspectors = [row.officer for row in inspectors_under(item.plan.unit)]
    away = away_from(frame, inspectors, outside=item.outside)
    pool = [one.police_number for one in inspectors]
    for one in sorted(candidates):
        if len(rules.fit_for(one, pool, away)) < item.each:
            raise InspectionRefused(TOO_FEW_INSPECTORS.format(target=frame.names[one], each=item.each))
    return Ready(frame, inspectors, away, number)


def draw_item(*, item: PlannedItem, seed: str = "", by: Officer, at: datetime) -> Draw:
    """Draw targets and inspectors of an item, and keep all that is needed to draw again. Without a seed one is taken by
    chance. Refuses what `look_before` does, an item that was drawn, and a closed plan."""
    seed = seed.strip()
    if len(seed) > LONGEST_SEED:
        raise InspectionRefused(SEED_TOO_LONG.format(most=LONGEST_SEED))
    given, seed = bool(seed), seed or secrets.token_hex(8)
    with transaction.atomic():
        hold_open(item.plan)
        if Draw.objects.filter(item=item).exists():
            raise InspectionRefused(ALREADY_DRAWN)
        ready = look_before(item, at=at)
        candidates = ready.frame.candidates
        drawn = rules.draw_targets(candidates, seed=seed, percent=item.percent)
        pool = [one.police_number for one in ready.inspectors]
        try:
            with transaction.atomic():
                draw = Draw.objects.create(
                    item=item,
                    seed=seed,
                    seed_given=given,
                    frame=[[one.unit, one.kind, one.number] for one in sorted(candidates)],
                    frame_size=len(candidates),
                    frame_digest=rules.frame_digest(candidates),
                    drawn=len(drawn),
                    pool=pool,
                    away=ready.away,
                    drawn_at=at,
                    drawn_by=by,
                )
        except IntegrityError as error:
            raise InspectionRefused(ALREADY_DRAWN) from error
        chosen = rules.give_out(drawn, pool, ready.away, seed=seed, each=item.each)
        _begin_checks(draw, drawn, chosen, ready, at)
        finish(item, Stage.DRAW, at=at)
        text = f"总体 {len(candidates)} 个，抽取 {len(drawn)} 个；检查人员名录 {len(pool)} 人"
        step(item.plan, Action.DRAWN, by=by, at=at, item=item, text=text)
    return draw


def _begin_checks(
    draw: Draw, drawn: list[rules.Candidate], chosen: dict[rules.Candidate, list[str]], ready: Ready, at: datetime
) -> None:
    Check.objects.bulk_create(
        (
            Check(
                draw=draw,
                position=position,
                target_id=ready.frame.targets.get(one),
                matter_id=ready.frame.matters.get(one),
                drawn_at=at,
                **ready.frame.units[one.unit].scope_ids,
            )
            for position, one in enumerate(drawn, 1)
        ),
        batch_size=BATCH,
    )
    rows = dict(Check.objects.filter(draw=draw).values_list("position", "pk"))
    officers = {one.police_number: one for one in ready.inspectors}
    CheckInspector.objects.bulk_create(
        (
            CheckInspector(check_row_id=rows[position], officer=officers[number])
            for position, one in enumerate(drawn, 1)
            for number in chosen[one]
        ),
        batch_size=BATCH,
    )
