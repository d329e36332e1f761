"""What a handler may do on the page of a complaint: each act its words, its form, its verb and when it is offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.petitions import complaint_forms as forms
from supervision.petitions import services
from supervision.petitions.models import Complaint, ComplaintStage, Verdict

CHANGE, DIRECT = "petitions.change_complaint", "petitions.direct_complaint"

_ALL = tuple(ComplaintStage)


@dataclass(frozen=True, slots=True)
class ComplaintAct:
    """One act: where on the page it stands, its title, what it is told, the verb it calls, who may and when."""

    code: str
    section: str
    title: str
    form: type[forms.ComplaintActForm]
    verb: Callable[..., Any]
    permission: str = CHANGE
    stages: tuple[ComplaintStage, ...] = _ALL
    # Whether there is anything left of it to do; the verb itself refuses all the same.
    ready: Callable[[Complaint], bool] = lambda complaint: True
    # Whether it is this officer's, where another is to do it than whoever did the act before.
    for_officer: Callable[[Complaint, Officer], bool] = lambda complaint, officer: True
    # Whether the verb is told the complaint, or a row of it that the form names.
    of_row: bool = False

    def offered(self, complaint: Complaint, officer: Officer) -> bool:
        return (
            complaint.stage in self.stages
            and officer.has_perm(self.permission)
            and self.ready(complaint)
            and self.for_officer(complaint, officer)
        )

    def run(self, complaint: Complaint, entered: Mapping[str, Any], by: Officer, at: datetime) -> Any:
        told = dict(entered) if self.of_row else {"complaint": complaint, **entered}
        return self.verb(by=by, at=at, **told)


_REGISTERED, _FOUND, _REPLIED = ComplaintStage.REGISTERED, ComplaintStage.FOUND, ComplaintStage.REPLIED

COMPLAINT_ACTS: tuple[ComplaintAct, ...] = (
    ComplaintAct(
        "notify", "stage", "告知接收情况", forms.TellReceived, services.tell_received,
        ready=lambda complaint: complaint.disposed_at is None
        and not complaint.anonymous
        and not services.told_received(complaint),
    ),
    ComplaintAct(
        "accept", "stage", "受理核查", forms.AcceptComplaint, services.accept_complaint, DIRECT, (_REGISTERED,)
    ),
    ComplaintAct(
        "extend", "stage", "批准延长三十日", forms.ExtendComplaint, services.extend_complaint, DIRECT,
        ComplaintStage.unanswered(), services.complaint_extendable,
    ),
    ComplaintAct(
        "tell_extension", "stage", "告知延期理由", forms.TellReceived, services.tell_complaint_extension,
        stages=ComplaintStage.unanswered(), ready=services.complaint_extension_untold,
    ),
    ComplaintAct("find", "stage", "认定", forms.Find, services.find, DIRECT, ComplaintStage.looked_into()),
    ComplaintAct("reply", "stage", "答复投诉人", forms.ReplyToComplaint, services.reply_to_complaint, stages=(_FOUND,)),
    ComplaintAct(
        "evaluate", "stage", "请投诉人评价", forms.NothingToSay, services.ask_complaint_evaluation,
        stages=(_REPLIED, ComplaintStage.CLOSED),
        ready=lambda complaint: complaint.replied_at is not None and complaint.evaluation_asked_at is None,
    ),
    ComplaintAct(
        "order", "stage", "发出整改", forms.OrderForComplaint, services.order_for_complaint,
        "rectification.issue_order", (_FOUND, _REPLIED, ComplaintStage.CLOSED),
        lambda complaint: complaint.verdict in Verdict.borne_out() and not complaint.order_number,
    ),
    ComplaintAct(
        "close", "stage", "办结", forms.CloseComplaint, services.close_complaint, DIRECT, (_FOUND, _REPLIED),
        lambda complaint: complaint.replied_at is not None
        or (complaint.anonymous and complaint.category == "accusation"),
    ),
    ComplaintAct(
        "reopen", "stage", "重新核查", forms.ReopenComplaint, services.reopen_complaint, DIRECT,
        (_REPLIED, ComplaintStage.CLOSED), lambda complaint: complaint.disposed_at is None,
    ),
    ComplaintAct(
        "ask_disposal", "disposal", "申请销毁", forms.AskComplaintDisposal, services.ask_complaint_disposal, DIRECT,
        (ComplaintStage.CLOSED,), lambda complaint: not complaint.disposals.exists(),
    ),
    ComplaintAct(
        "confirm_disposal", "disposal", "确认销毁", forms.NothingToSay, services.confirm_complaint_disposal, DIRECT,
        (ComplaintStage.CLOSED,), lambda complaint: complaint.disposals.filter(confirmed_at=None).exists(),
        for_officer=lambda complaint, officer: not complaint.disposals.filter(asked_by=officer).exists(),
    ),
    ComplaintAct("take_in", "likeness", "确认是同一件，并入", forms.TakeIn, services.take_in, DIRECT, (_REGISTERED,)),
    ComplaintAct("apart", "likeness", "不是同一件", forms.SetApart, services.set_apart, DIRECT, of_row=True),
    ComplaintAct("handler", "people", "指定经办人", forms.NameHandler, services.name_complaint_handler, DIRECT),
    ComplaintAct(
        "accuse", "people", "登记被投诉的单位、民警", forms.AccuseInComplaint, services.accuse_in_complaint, DIRECT
    ),
)  # fmt: skip

COMPLAINT_ACT: Mapping[str, ComplaintAct] = {act.code: act for act in COMPLAINT_ACTS}
