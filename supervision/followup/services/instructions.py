"""Leaders' instructions on followed cases, and the replies to them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases.models import Officer, Role
from supervision.followup.models import Action, FollowedCase, Instruction, InstructionState, Stage, What
from supervision.followup.queries import has_hand_in, local_day
from supervision.followup.refusals import (
    DUE_IN_PAST,
    ENDED,
    INSTRUCTION_CLOSED,
    MOVED_ON,
    NOT_ADDRESSED,
    NOT_HIS_INSTRUCTION,
    NOT_LEADER,
    OFFICER_AWAY,
    TEXT_NEEDED,
    FollowupRefused,
)
from supervision.followup.services.ledger import claim, is_there, progress, required, step, tell


def give_instruction(
    *, case: FollowedCase, text: str, to: Officer, due_on: date, by: Officer, at: datetime
) -> Instruction:
    """A leader instructs, and expects a reply by the end of a day.

    Refuses anybody but a leader, an officer who is not there, a day that is past, and a case that has ended.
    """
    text = required(text, TEXT_NEEDED)
    if not by.posts.current().filter(role=Role.LEADER).exists():
        raise FollowupRefused(NOT_LEADER)
    if not is_there(to):
        raise FollowupRefused(OFFICER_AWAY.format(officer=to))
    if due_on < local_day(at):
        raise FollowupRefused(DUE_IN_PAST.format(day=due_on))
    with transaction.atomic():
        claim(case, stages=Stage.open_stages(), refusal=ENDED)
        given = Instruction.objects.create(case=case, leader=by, given_at=at, text=text, to=to, due_on=due_on)
        step(case, Action.INSTRUCTED, by=by, at=at, instruction=given, text=f"{text}（{to}于 {due_on} 前回复）")
        tell(case, What.INSTRUCTED, at=at, instruction=given)
    return given


def reply_instruction(*, instruction: Instruction, reply: str, by: Officer, at: datetime) -> Instruction:
    """Reply to an instruction; after its day the reply is late for good. A step of progress.

    Refuses one that is replied to or withdrawn, and whoever has no hand in the case and is not addressed.
    """
    reply = required(reply, TEXT_NEEDED)
    case = instruction.case
    if not has_hand_in(by, case, instruction.to_id):
        raise FollowupRefused(NOT_ADDRESSED)
    late = local_day(at) > instruction.due_on
    with transaction.atomic():
        claim(case, stages=Stage.open_stages(), refusal=ENDED, **progress(case, at))
        _claim(instruction, state=InstructionState.REPLIED, reply=reply, replied_by=by, replied_at=at, late=late)
        said = f"{reply}{'（逾期回复）' if late else ''}"
        step(case, Action.REPLIED, by=by, at=at, instruction=instruction, text=said)
        tell(case, What.REPLIED, at=at, instruction=instruction)
    instruction.refresh_from_db()
    return instruction


def withdraw_instruction(*, instruction: Instruction, reason: str, by: Officer, at: datetime) -> Instruction:
    """The leader takes an instruction back, with a reason. Refuses anybody else, and one that is replied to."""
    reason = required(reason)
    if instruction.leader_id != by.pk:
        raise FollowupRefused(NOT_HIS_INSTRUCTION)
    with transaction.atomic():
        claim(instruction.case, stages=Stage.open_stages(), refusal=ENDED)
        _claim(instruction, state=InstructionState.WITHDRAWN, reason=reason)
        step(
            instruction.case,
            Action.INSTRUCTION_WITHDRAWN,
            by=by,
            at=at,
            instruction=instruction,
            text=f"理由：{reason}",
        )
    instruction.refresh_from_db()
    return instruction


def _claim(instruction: Instruction, **changes: object) -> None:
    if not instruction.is_open:
        raise FollowupRefused(INSTRUCTION_CLOSED)
    if not Instruction.objects.filter(pk=instruction.pk, state=InstructionState.OPEN).update(**changes):
        raise FollowupRefused(MOVED_ON)
