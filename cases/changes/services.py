"""The verbs of a change: propose, look at, look at again, drop, carry out. A state changes here and nowhere else.

Preview and result are made by the same comparison, over the same list of matters; the one leaves it at that, the other
writes it down.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from cases.bulk import insert_rows
from cases.catalogue.concerned import Concerned
from cases.changes.kinds import PROPOSALS, proposal_of
from cases.effects import Effects
from cases.law_lock import hold_law
from cases.models import (
    ApproverLevel,
    CalendarYear,
    Change,
    ChangeAction,
    ChangeKind,
    ChangeState,
    ChangeStep,
    ConcernedMatter,
    DayOff,
    Ladder,
    Limit,
    Officer,
    UnitLadder,
)
from cases.services import CaseRefused
from cases.winding import CHUNK, catalogue, foresee, wind_matters

NOT_DRAFT = "这项变更不在预览中"
NOT_PREVIEWED = "这项变更还没有预览完毕，或者已经实施、放弃，不能实施"
NOT_TO_DROP = "这项变更已经开始实施，不能放弃"
LAW_MOVED_ON = "预览以后时限、日历又有变动，数字可能已经不准，请重新预览后再实施"
ANOTHER_UNDER_WAY = "另一项变更正在实施，请等它完成以后再实施这一项"
UNWOUND = "{count} 件事项的时钟无法计算，已列入待算，请逐件处理：{numbers}"

FAILED = "没有做完，后台会再试；一再出现请联系管理员：{why}"

log = logging.getLogger(__name__)

# Who has not been heard of for so long has stopped; somebody else may go on with his work.
SILENCE = timedelta(minutes=2)
# So few matters are looked at while the page waits.
AT_ONCE = 3000
NAMED = 20


class ChangesFailed(Exception):
    """Some changes could not be previewed or carried out; each says why, and the others are done."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(f"{len(titles)} 项变更没有做完：{'；'.join(titles)}")


def propose(*, kind: ChangeKind | str, payload: Mapping[str, Any], by: Officer | None, at: datetime) -> Change:
    """Enter a change to be looked at. Refuses, field by field, what cannot be carried out on the law as it stands.

    `at` is an aware moment. Nothing of the law is changed.
    """
    proposal = PROPOSALS[kind](payload)
    proposal.check(at=at)
    title = proposal.title()[:200]
    with transaction.atomic():
        change = Change.objects.create(
            kind=kind,
            title=title,
            payload=dict(payload),
            proposed_by=by,
            proposed_at=at,
            total=len(_concerned(proposal)),
        )
        _step(change, ChangeAction.PROPOSED, at, by)
    return change


def look_again(*, change: Change, by: Officer | None, at: datetime) -> Change:
    """Make a preview anew: the law or the events have moved on. Refuses a change begun or dropped."""
    proposal = proposal_of(change)
    proposal.check(at=at)
    claimed = Change.objects.filter(pk=change.pk, state=ChangeState.PREVIEWED)
    if not claimed.update(state=ChangeState.DRAFT, total=len(_concerned(proposal)), done=0, worked_at=None, error=""):
        raise CaseRefused(NOT_PREVIEWED)
    change.refresh_from_db()
    return change


def preview_change(
    *, change: Change, at: datetime, tick: Callable[[], datetime] | None = None, chunk: int = CHUNK
) -> Change:
    """Count what the change would move, as far as is known at `at`, chunk by chunk and without writing any of it.

    `tick` tells the time after each chunk, so that others see somebody at work. A second preview at the same time does
    no harm: the first to end stands. Refuses a change that is not a draft.
    """
    proposal = proposal_of(change)
    law_now = law_digest()
    law = catalogue(proposal.suppose())
    ids = _concerned(proposal)
    effects = Effects()
    failed: list[str] = []
    for begins in range(0, len(ids), chunk):
        part = ids[begins : begins + chunk]
        report, _ = foresee(part, at=at, law=law, effects=effects)
        failed += report.failed
        Change.objects.filter(pk=change.pk, state=ChangeState.DRAFT).update(
            total=len(ids), done=begins + len(part), worked_at=tick() if tick is not None else at
        )
    with transaction.atomic():
        looked_at = Change.objects.filter(pk=change.pk, state=ChangeState.DRAFT).update(
            state=ChangeState.PREVIEWED,
            preview=effects.as_json(),
            previewed_at=at,
            law=law_now,
            total=len(ids),
            done=0,
            worked_at=None,
            error=_unwound(failed),
        )
        if not looked_at:
            raise CaseRefused(NOT_DRAFT)
        _step(change, ChangeAction.PREVIEWED, at, None, f"{effects.told().moved} 个时钟将变动届满")
    change.refresh_from_db()
    return change


def drop_change(*, change: Change, by: Officer | None, at: datetime) -> Change:
    """Give a change up; nothing of the law was changed. Refuses one that has been begun."""
    with transaction.atomic():
        waiting = Change.objects.filter(pk=change.pk, state__in=(ChangeState.DRAFT, ChangeState.PREVIEWED))
        if not waiting.update(state=ChangeState.DROPPED, worked_at=None):
            raise CaseRefused(NOT_TO_DROP)
        _step(change, ChangeAction.DROPPED, at, by)
    change.refresh_from_db()
    return change


def apply_change(*, change: Change, by: Officer | None, at: datetime) -> Change:
    """Change the law, and list the matters that are then to be rewound; `carry_on` does that.

    From here on the new law rules whatever is entered. Refuses a change not looked at, one looked at before the law
    last changed, and a second change at a time.
    """
    with transaction.atomic():
        # First of all: whoever counts by the old law is done before it changes.
        hold_law(to_change=True)
        if change.law != law_digest():
            raise CaseRefused(LAW_MOVED_ON)
        _claim(change, by, at)
        proposal = proposal_of(change)
        proposal.check(at=at)
        ids = _concerned(proposal)
        proposal.write(by=by, at=at)
        insert_rows(ConcernedMatter._meta.db_table, ("change_id", "matter_id"), ((change.pk, pk) for pk in ids))
        Change.objects.filter(pk=change.pk).update(total=len(ids), result=Effects().as_json())
        # As the preview says it to everybody: not how many lie on matters that only their handlers see.
        looked_at = Effects.from_json(change.preview) if change.preview is not None else Effects()
        _step(change, ChangeAction.STARTED, at, by, f"涉及 {looked_at.told().matters} 件事项")
    change.refresh_from_db()
    if not ids:
        _finish(change, at)
    return change


def _claim(change: Change, by: Officer | None, at: datetime) -> None:
    try:
        with transaction.atomic():
            claimed = Change.objects.filter(pk=change.pk, state=ChangeState.PREVIEWED).update(
                state=ChangeState.APPLYING, applied_by=by, applying_at=at, done=0, error=""
            )
    except IntegrityError as error:
        raise CaseRefused(ANOTHER_UNDER_WAY) from error
    if not claimed:
        raise CaseRefused(NOT_PREVIEWED)


def carry_on(*, change: Change, at: datetime, chunk: int = CHUNK) -> int:
    """Rewind the next matters of a change that is being carried out; how many they were, nought once none are left.

    1. Take a chunk off the list; on PostgreSQL one that nobody else has in hand.
    2. Rewind its matters, with everything recorded meanwhile, and write down what moved.
    3. Add what moved to the result, all in the same transaction: a kill at any line leaves chunk, clocks and counts as
       they were.
    4. When the list is empty, the change is applied.
    """
    with transaction.atomic():
        waiting = ConcernedMatter.objects.filter(change_id=change.pk).order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        taken = dict(waiting.values_list("pk", "matter_id")[:chunk])
        if taken:
            ConcernedMatter.objects.filter(pk__in=taken).delete()
            _rewind(change, list(taken.values()), at)
    if not taken:
        _finish(change, at)
    change.refresh_from_db()
    return len(taken)


def _rewind(change: Change, matters: Sequence[int], at: datetime) -> None:
    effects = Effects()
    report = wind_matters(
        matters, at=at, cause=str(change)[:180], up_to_date=True, change_id=change.pk, effects=effects
    )
    # Several workers may carry out one change; they take turns to add what they did.
    held = Change.objects.select_for_update().get(pk=change.pk)
    result = Effects.from_json(held.result or Effects().as_json())
    result.add(effects)
    # That an earlier try failed is of no interest once a later one goes on.
    told = "" if held.error.startswith(FAILED.partition("：")[0]) else held.error
    error = "\n".join(line for line in (told, _unwound(report.failed)) if line)
    Change.objects.filter(pk=change.pk).update(
        result=result.as_json(), done=F("done") + len(matters), worked_at=at, error=error
    )


def _finish(change: Change, at: datetime) -> None:
    """The last matter is through, unless another worker still has some in hand."""
    with transaction.atomic():
        over = Change.objects.filter(pk=change.pk, state=ChangeState.APPLYING, done=F("total"))
        if over.update(state=ChangeState.APPLIED, applied_at=at, worked_at=None):
            _step(change, ChangeAction.APPLIED, at, None)
    change.refresh_from_db()


def take_up(*, change: Change, at: datetime) -> bool:
    """Whether nobody is at work on this change now; from here on we are, until we fall silent for two minutes."""
    idle = Q(worked_at=None) | Q(worked_at__lt=at - SILENCE)
    under_way = Change.objects.filter(idle, pk=change.pk, state__in=ChangeState.under_way())
    return bool(under_way.update(worked_at=at))


def work_on_changes(*, tick: Callable[[], datetime]) -> int:
    """Preview and carry out whatever is under way and nobody is at; how many matters were rewound.

    1. Take up a change, unless somebody else was heard of at it within two minutes.
    2. Preview it if it is a draft; otherwise rewind chunk after chunk, each with everything recorded by then.
    3. What fails is written down with its change, and the others go on.
    4. At the end fail aloud, naming the changes that failed.

    `tick` tells the time.
    """
    matters = 0
    failed: list[str] = []
    for change in Change.objects.filter(state__in=ChangeState.under_way()).order_by("pk"):
        if not take_up(change=change, at=tick()):
            continue
        try:
            if change.state == ChangeState.DRAFT:
                preview_change(change=change, at=tick(), tick=tick)
                continue
            while wound := carry_on(change=change, at=tick()):
                matters += wound
        except Exception as error:
            log.exception("change %s failed", change.pk)
            Change.objects.filter(pk=change.pk).update(error=FAILED.format(why=error))
            failed.append(str(change))
    if failed:
        raise ChangesFailed(failed)
    return matters


# -- what they need --------------------------------------------------------------------------------------------------


def _concerned(proposal: Any) -> list[int]:
    concerned = Concerned()
    proposal.concern(concerned)
    return sorted(concerned.causes)


def _unwound(numbers: Sequence[str]) -> str:
    return UNWOUND.format(count=len(numbers), numbers="、".join(numbers[:NAMED])) if numbers else ""


def _step(change: Change, action: ChangeAction, at: datetime, by: Officer | None, note: str = "") -> None:
    ChangeStep.objects.create(change=change, action=action, at=at, by=by, note=note)


def law_digest() -> str:
    """A word that changes whenever anything does that clocks are counted by."""
    told = [
        list(Limit.objects.order_by("pk").values_list("code", "status", "ladder_id", "definition", "answered")),
        list(Limit.kinds.through._default_manager.order_by("pk").values_list("limit_id", "matterkind_id")),
        list(Ladder.objects.order_by("pk").values_list("code", "yellow", "orange", "red", "climbs")),
        list(UnitLadder.objects.order_by("pk").values_list("unit_id", "ladder_id", "limit_id", "yellow", "orange", "red", "climbs")),
        list(ApproverLevel.objects.order_by("pk").values_list("code", "line", "rank")),
        list(CalendarYear.objects.order_by("pk").values_list("calendar_id", "year")),
        [(one, str(day), working) for one, day, working in DayOff.objects.order_by("pk").values_list("calendar_id", "day", "working")],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
