"""What may be done to a case from its page: each act is one verb of the room, offered where it is at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.expedited import services
from supervision.expedited.forms import ActForm, ConsentForm, ConvertForm, DecideForm, facts_form
from supervision.expedited.models import CaseState, ExpeditedCase


@dataclass(frozen=True, slots=True)
class Act:
    """A verb on a page: its words, its form (the one of facts suits each case), the service, and where it is offered."""

    verb: str
    title: str
    form: type[ActForm] | None
    do: Callable[..., object]
    states: tuple[CaseState, ...]

    def offered(self, case: ExpeditedCase) -> bool:
        return case.state in self.states

    def perform(self, case: ExpeditedCase, told: dict[str, Any], *, by: Officer, at: datetime) -> None:
        self.do(case=case, **told, by=by, at=at)

    def form_of(self, case: ExpeditedCase, data: Any) -> ActForm:
        """Several stand on one page, so each names its fields by its verb."""
        ids = f"id_{self.verb}_%s"
        return facts_form(case, data, auto_id=ids) if self.form is None else self.form(data, auto_id=ids)


_IN_IT = (CaseState.OPEN, CaseState.DECIDED)
ACTS: tuple[Act, ...] = (
    Act("consent", "登记告知和同意", ConsentForm, services.record_consent, _IN_IT),
    Act("decide", "登记处理决定", DecideForm, services.record_decision, (CaseState.OPEN,)),
    Act("state", "填写、改填适用情形", None, services.state_facts, _IN_IT),
    Act("convert", "转为一般程序", ConvertForm, services.convert_case, (CaseState.OPEN,)),
)


def act_named(verb: str) -> Act | None:
    """The act of a verb, whether it is offered now or not: the service says why it is refused."""
    return next((act for act in ACTS if act.verb == verb), None)
