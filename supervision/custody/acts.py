"""What may be done in a visit from its page: each act is one verb of the room, offered where it is at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.custody import rules, services
from supervision.custody.forms import (
    ActForm,
    AddForm,
    BeginForm,
    CorrectForm,
    ExtendForm,
    FamilyForm,
    FinishForm,
    LeaveForm,
    MoveForm,
    VoidForm,
)
from supervision.custody.models import Stage, Visit

# The visit, and the step that goes on.
Offered = Callable[[Visit, Stage | None], bool]


@dataclass(frozen=True, slots=True)
class Act:
    """A verb on a page: its words, what must be filled in, the service behind it, and in which visits it is offered."""

    verb: str
    title: str
    form: type[ActForm]
    do: Callable[..., object]
    offered: Offered
    danger: bool = False

    def perform(self, visit: Visit, entered: dict[str, Any], *, by: Officer, at: datetime) -> None:
        self.do(visit=visit, **entered, by=by, at=at)


def _goes_on(visit: Visit, stage: Stage | None) -> bool:
    return visit.is_inside and stage is not None


def _may_be_longer(visit: Visit, stage: Stage | None) -> bool:
    case_kind = str(visit.matter.facts.get("case_kind", ""))
    known = rules.extensions(rules.Basis(visit.basis), case_kind=case_kind, special=visit.special)
    return visit.is_inside and bool(known)


ACTS: tuple[Act, ...] = (
    Act("begin", "开始环节", BeginForm, services.begin_stage, lambda visit, stage: visit.is_inside),
    Act("finish", "结束环节", FinishForm, services.finish_stage, _goes_on),
    Act("move", "变更房间", MoveForm, services.move_room, _goes_on),
    Act("family", "通知家属", FamilyForm, services.tell_family, lambda visit, stage: visit.family_told_at is None),
    Act("extend", "延长时限", ExtendForm, services.extend_stay, _may_be_longer),
    Act("leave", "登记离开", LeaveForm, services.leave, lambda visit, stage: visit.is_inside),
    Act("add", "补登环节", AddForm, services.add_stage, lambda visit, stage: True),
    Act("void", "作废环节", VoidForm, services.void_stage, lambda visit, stage: True, danger=True),
    Act("correct", "更正时间", CorrectForm, services.correct_moment, lambda visit, stage: True, danger=True),
)


def act_named(verb: str) -> Act | None:
    """The act of a verb, whether it is offered now or not: the service says why it is refused."""
    return next((act for act in ACTS if act.verb == verb), None)


def offered_on(visit: Visit, stage: Stage | None) -> list[Act]:
    return [act for act in ACTS if act.offered(visit, stage)]


def form_of(act: Act, visit: Visit, data: Any, *, by: Officer, at: datetime) -> ActForm:
    """The form of an act; several stand on one page, so each names its fields by its verb."""
    form = act.form(data, auto_id=f"id_{act.verb}_%s")
    form.offer(visit, by, at)
    return form
