"""What may be done to an item from its page: each act is one verb of the room, offered where it is at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.property import services
from supervision.property.forms import (
    ActForm,
    AmountForm,
    EndForm,
    ExtendForm,
    HandOverForm,
    MoveForm,
    ReportForm,
    UnrelatedForm,
)
from supervision.property.models import Item
from supervision.property.refusals import NO_PARENT, PropertyRefused
from supervision.property.services.measures import may_be_extended


@dataclass(frozen=True, slots=True)
class Act:
    """A verb on a page: its words, what must be filled in, the service behind it, and on which items it is offered."""

    verb: str
    title: str
    form: type[ActForm]
    do: Callable[..., object]
    offered: Callable[[Item], bool]
    danger: bool = False

    def perform(self, item: Item, entered: dict[str, Any], *, by: Officer, at: datetime) -> None:
        self.do(item=item, **entered, by=by, at=at)


def _note_amount(*, item: Item, **told: Any) -> object:
    case = item.matter.parent
    if case is None:
        raise PropertyRefused(NO_PARENT.format(number=item.matter.number))
    return services.note_amount(case=case, **told)


ACTS: tuple[Act, ...] = (
    Act("report", "补办批准", ReportForm, services.report_measure, lambda item: item.is_held and item.awaits_report),
    Act("hand-over", "登记移交保管", HandOverForm, services.hand_over, lambda item: item.awaits_keeper),
    Act("move", "变更保管场所", MoveForm, services.move_item, lambda item: item.is_held and item.place_id is not None),
    Act(
        "extend",
        "登记延长、续行",
        ExtendForm,
        services.extend_measure,
        lambda item: item.is_held and may_be_extended(item),
    ),
    Act(
        "unrelated",
        "查明与案件无关",
        UnrelatedForm,
        services.note_unrelated,
        lambda item: item.is_held and item.unrelated_on is None,
    ),
    Act("return", "登记解除、退还", EndForm, services.return_item, lambda item: item.is_held),
    Act("dispose", "登记处理", EndForm, services.dispose_item, lambda item: item.is_held, danger=True),
    Act("amount", "登记涉案金额", AmountForm, _note_amount, lambda item: item.matter.parent_id is not None),
)


def act_named(verb: str) -> Act | None:
    """The act of a verb, whether it is offered now or not: the service says why it is refused."""
    return next((act for act in ACTS if act.verb == verb), None)


def offered_on(item: Item) -> list[Act]:
    return [act for act in ACTS if act.offered(item)]


def form_of(act: Act, item: Item, data: Any, *, by: Officer) -> ActForm:
    """The form of an act; several stand on one page, so each names its fields by its verb."""
    form = act.form(data, auto_id=f"id_{act.verb}_%s")
    form.offer(item, by)
    return form
