"""What every verb of the room does: claim the case as it was seen, write the step, leave word for whoever must hear."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.duty import working_time
from cases.models import Officer
from cases.statute.working_time import WorkingTime
from supervision.followup.models import Action, FollowedCase, FollowStep, Instruction, Notice, OutlineItem, Stage, What
from supervision.followup.refusals import MOVED_ON, REASON_NEEDED, FollowupRefused

TEXT_WIDTH = 1200


def claim(case: FollowedCase, *, stages: tuple[Stage, ...], refusal: str, **changes: Any) -> None:
    """Take the case as it was seen, and change it; in the caller's transaction.

    Refuses a stage in which the verb is not at home, and a case that somebody moved on meanwhile. Verbs on items and
    instructions claim their case too, so that nothing is finished while it is being closed.
    """
    if case.stage not in stages:
        raise FollowupRefused(refusal)
    seen = FollowedCase.objects.filter(pk=case.pk, stage=case.stage)
    if not seen.update(**(changes or {"stage": case.stage})):
        raise FollowupRefused(MOVED_ON)


def step(
    case: FollowedCase,
    action: Action,
    *,
    by: Officer | None,
    at: datetime,
    text: str = "",
    item: OutlineItem | None = None,
    instruction: Instruction | None = None,
) -> FollowStep:
    return FollowStep.objects.create(
        case=case, action=action, by=by, at=at, text=text[:TEXT_WIDTH], item=item, instruction=instruction
    )


def tell(
    case: FollowedCase,
    what: What,
    *,
    at: datetime,
    item: OutlineItem | None = None,
    instruction: Instruction | None = None,
) -> Notice:
    """Leave word that somebody must be told, from `at` on."""
    return Notice.objects.create(case=case, what=what, tell_since=at, item=item, instruction=instruction)


def progress(case: FollowedCase, at: datetime, time: WorkingTime | None = None) -> dict[str, Any]:
    """The changes that a step of progress makes to a case: it stands still no more, and will again in so many days."""
    time = time or working_time(at)
    return {
        "last_progress_at": at,
        "stagnant_at": time.after_days(at, case.stagnation_days),
        "stagnant_since": None,
    }


def required(text: str, refusal: str = REASON_NEEDED) -> str:
    """The text without the space around it; refuses none at all."""
    text = text.strip()
    if not text:
        raise FollowupRefused(refusal)
    return text


def is_there(officer: Officer) -> bool:
    """Whether an officer has an account in use and holds a post now."""
    return officer.is_active and officer.posts.current().exists()
