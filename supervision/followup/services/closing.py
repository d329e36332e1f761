"""How a follow-up ends: asked for when everything is done, consented to by another legal officer; and how it goes on."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Officer
from supervision.followup.models import (
    Action,
    FollowedCase,
    Instruction,
    InstructionState,
    ItemState,
    OutlineItem,
    Stage,
    What,
)
from supervision.followup.queries import has_hand_in, is_legal
from supervision.followup.refusals import (
    ALREADY_FOLLOWED,
    CONSENT_BY_ANOTHER,
    CONSENT_BY_LEGAL,
    INCOMPLETE,
    NOT_ASKED,
    NOT_ENDED,
    NOT_OPEN,
    NOT_YOURS,
    STANDS_AGAINST,
    FollowupRefused,
)
from supervision.followup.rules import against_closing
from supervision.followup.services.ledger import claim, progress, required, step, tell


def stands_against_closing(case: FollowedCase) -> tuple[str, ...]:
    """What stands against closing a case now; empty when nothing does."""
    return against_closing(
        open_items=OutlineItem.objects.filter(case=case, state__in=ItemState.open_states()).count(),
        open_instructions=Instruction.objects.filter(case=case, state=InstructionState.OPEN).count(),
    )


def ask_closing(*, case: FollowedCase, conclusion: str, by: Officer, at: datetime) -> FollowedCase:
    """Ask the legal department to let a case go, with what has been achieved. A step of progress.

    Refuses while a party is missing, an item is open or an instruction unanswered, and whoever has no hand in the case.
    """
    conclusion = required(conclusion)
    if not has_hand_in(by, case):
        raise FollowupRefused(NOT_YOURS)
    if case.stage == Stage.INCOMPLETE:
        missing = FollowedCase.objects.with_officer_there().get(pk=case.pk).missing
        raise FollowupRefused(INCOMPLETE.format(missing="、".join(missing) or "等待核对"))
    with transaction.atomic():
        changes = {**progress(case, at), "stage": Stage.REVIEW, "asked_by": by, "asked_at": at}
        claim(case, stages=(Stage.MOVING,), refusal=NOT_OPEN, **changes)
        _require_done(case)
        step(case, Action.ASKED, by=by, at=at, text=conclusion)
        tell(case, What.ASKED, at=at)
    case.refresh_from_db()
    return case


def consent_closing(*, case: FollowedCase, opinion: str, by: Officer, at: datetime) -> FollowedCase:
    """The legal department lets a case go.

    Refuses anybody but a legal officer, the one who asked, and while something has come up meanwhile.
    """
    _require_legal(by)
    if case.asked_by_id == by.pk:
        raise FollowupRefused(CONSENT_BY_ANOTHER)
    with transaction.atomic():
        changes = {"stage": Stage.ENDED, "consented_by": by, "ended_at": at}
        claim(case, stages=(Stage.REVIEW,), refusal=NOT_ASKED, stagnant_at=None, stagnant_since=None, **changes)
        _require_done(case)
        step(case, Action.CONSENTED, by=by, at=at, text=opinion.strip())
    case.refresh_from_db()
    return case


def refuse_closing(*, case: FollowedCase, reason: str, by: Officer, at: datetime) -> FollowedCase:
    """The legal department does not let a case go yet, with a reason; it is worked on again.

    Refuses anybody but a legal officer, and a case for which nobody has asked.
    """
    reason = required(reason)
    _require_legal(by)
    with transaction.atomic():
        claim(case, stages=(Stage.REVIEW,), refusal=NOT_ASKED, stage=Stage.MOVING, asked_by=None, asked_at=None)
        step(case, Action.REFUSED, by=by, at=at, text=reason)
        tell(case, What.REFUSED, at=at)
    case.refresh_from_db()
    return case


def reopen(*, case: FollowedCase, reason: str, by: Officer, at: datetime) -> FollowedCase:
    """Take an ended case up again, with a reason; its outline goes on where it ended.

    Refuses anybody but a legal officer, a case that has not ended, and a matter that is followed anew already.
    """
    reason = required(reason)
    _require_legal(by)
    there = FollowedCase.objects.attended().filter(pk=case.pk).exists()
    changes = {
        **progress(case, at),
        "stage": Stage.MOVING if there else Stage.INCOMPLETE,
        "asked_by": None,
        "asked_at": None,
        "consented_by": None,
        "ended_at": None,
    }
    try:
        with transaction.atomic():
            claim(case, stages=(Stage.ENDED,), refusal=NOT_ENDED, **changes)
            step(case, Action.REOPENED, by=by, at=at, text=reason)
            tell(case, What.ENTERED if there else What.INCOMPLETE, at=at)
    except IntegrityError as error:
        raise FollowupRefused(ALREADY_FOLLOWED) from error
    case.refresh_from_db()
    return case


def _require_legal(by: Officer) -> None:
    if not is_legal(by):
        raise FollowupRefused(CONSENT_BY_LEGAL)


def _require_done(case: FollowedCase) -> None:
    """Looked at after the case is claimed: whoever would add an item or instruction now waits or is turned away."""
    if reasons := stands_against_closing(case):
        raise FollowupRefused(STANDS_AGAINST.format(reasons="；".join(reasons)))
