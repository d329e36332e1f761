"""What a handler may do on the page of a petition: each act its words, its form, its verb and when it is offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.petitions import forms, services
from supervision.petitions.models import Petition, Stage
from supervision.petitions.services.acts import midnight

CHANGE, DIRECT = "petitions.change_petition", "petitions.direct_petition"

_ALL = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: where on the page it stands, its title, what it is told, the verb it calls, who may and when."""

    code: str
    section: str
    title: str
    form: type[forms.ActForm]
    run: Callable[..., Any]
    permission: str = CHANGE
    stages: tuple[Stage, ...] = _ALL
    # Whether there is anything left of it to do; the verb itself refuses all the same.
    ready: Callable[[Petition], bool] = lambda petition: True

    def offered(self, petition: Petition, officer: Officer) -> bool:
        return petition.stage in self.stages and officer.has_perm(self.permission) and self.ready(petition)


def _of_petition(verb: Callable[..., Any]) -> Callable[..., Any]:
    """A verb that is told the petition itself."""

    def run(petition: Petition, entered: Mapping[str, Any], by: Officer, at: datetime) -> Any:
        return verb(petition=petition, by=by, at=at, **entered)

    return run


def _of_row(verb: Callable[..., Any]) -> Callable[..., Any]:
    """A verb that is told a row of the petition, which the form names."""

    def run(petition: Petition, entered: Mapping[str, Any], by: Officer, at: datetime) -> Any:
        return verb(by=by, at=at, **entered)

    return run


def _add_petitioner(petition: Petition, entered: Mapping[str, Any], by: Officer, at: datetime) -> None:
    services.add_petitioner(petition=petition, facts=dict(entered), by=by, at=at)


def _hold_meeting(petition: Petition, entered: Mapping[str, Any], by: Officer, at: datetime) -> None:
    services.hold_meeting(
        petition=petition,
        held_at=midnight(entered["held_on"]),
        chair=entered["chair"],
        minutes=entered["minutes"],
        by=by,
        at=at,
    )


_OPEN, _IN_HAND = Stage.unresolved(), Stage.in_hand()

ACTS: tuple[Act, ...] = (
    Act(
        "notify", "stage", "告知接收情况", forms.OnDayWithDocument, _of_petition(services.notify),
        ready=lambda petition: not services.stands(petition, "petition_notified"),
    ),
    Act("decide", "stage", "受理、导入程序", forms.Decide, _of_petition(services.decide), DIRECT, (Stage.REGISTERED,)),
    Act("decline", "stage", "不予受理", forms.Decline, _of_petition(services.decline), DIRECT, (Stage.REGISTERED,)),
    Act(
        "extend", "stage", "批准延长三十日", forms.Extend, _of_petition(services.extend), DIRECT,
        (Stage.ACCEPTED,), lambda petition: not services.stands(petition, "petition_extended"),
    ),
    Act(
        "tell_extension", "stage", "告知延期理由", forms.OnDayWithDocument, _of_petition(services.tell_extension),
        stages=(Stage.ACCEPTED,), ready=services.extension_untold,
    ),
    Act("answer", "stage", "出具处理意见", forms.Answer, _of_petition(services.answer), DIRECT, _IN_HAND),
    Act(
        "deliver", "stage", "答复送达", forms.OnDay, _of_petition(services.deliver), stages=(Stage.ANSWERED,),
        ready=lambda petition: petition.delivered_at is None,
    ),
    Act(
        "ask_evaluation", "stage", "请信访人评价", forms.Nothing, _of_petition(services.ask_evaluation),
        stages=(Stage.ANSWERED,),
        ready=lambda petition: petition.delivered_at is not None and petition.evaluation_asked_at is None,
    ),
    Act(
        "take_evaluation", "stage", "登记评价", forms.TakeEvaluation, _of_petition(services.take_evaluation),
        stages=(Stage.ANSWERED, Stage.RESOLVED), ready=lambda petition: petition.evaluation_asked_at is not None,
    ),
    Act(
        "resolve", "stage", "认定化解", forms.Resolve, _of_petition(services.resolve), DIRECT, (Stage.ANSWERED,),
        lambda petition: petition.evaluation_asked_at is not None,
    ),
    Act("reopen", "stage", "重新办理", forms.Reopen, _of_petition(services.reopen), DIRECT, (Stage.RESOLVED,)),
    Act(
        "remedy", "stage", "复查、复核", forms.Remedy, _of_petition(services.record_remedy),
        stages=(Stage.ANSWERED, Stage.RESOLVED, Stage.REOPENED),
    ),
    Act("lead", "lead", "确定、变更包案领导", forms.Lead, _of_petition(services.assign_lead), DIRECT, _OPEN),
    Act("plan", "plan", "制定、修改方案", forms.MakePlan, _of_petition(services.make_plan), stages=_OPEN),
    Act("measure", "plan", "增加措施", forms.AddMeasure, _of_petition(services.add_measure), stages=_OPEN),
    Act("finish", "plan", "措施完成", forms.FinishMeasure, _of_row(services.finish_measure)),
    Act("contact", "service", "安排联系", forms.PlanContact, _of_petition(services.plan_contact)),
    Act("held", "service", "登记联系结果", forms.HoldContact, _of_row(services.hold_contact)),
    Act("look_back", "look_back", "登记倒查", forms.LookBackForm, _of_petition(services.look_back), DIRECT),
    Act("order", "look_back", "发出整改", forms.OrderFault, _of_row(services.order_fault), "rectification.issue_order"),
    Act("meeting", "meeting", "登记调度会", forms.HoldMeeting, _hold_meeting),
    Act("decision", "meeting", "议定事项", forms.DecideAtMeeting, _of_row(services.decide_at_meeting)),
    Act("reply", "meeting", "回复议定事项", forms.Reply, _of_row(services.reply)),
    Act("recheck", "recheck", "登记复查", forms.RecheckForm, _of_row(services.recheck), stages=(Stage.RESOLVED,)),
    Act("handler", "people", "指定经办人", forms.Handler, _of_petition(services.assign_handler), DIRECT),
    Act("release", "people", "解除经办", forms.Release, _of_petition(services.release_handler), DIRECT),
    Act("accuse", "people", "登记被反映的单位、民警", forms.Accuse, _of_petition(services.accuse), DIRECT),
    Act("recuse", "people", "回避", forms.Recuse, _of_petition(services.recuse)),
    Act("lift", "people", "更正不得经办", forms.Lift, _of_petition(services.lift), DIRECT),
    Act("petitioner", "identity", "补登信访人", forms.AddPetitioner, _add_petitioner),
    Act("likeness", "likeness", "核对", forms.DecideLikeness, _of_row(services.decide_likeness)),
    Act(
        "ask_disposal", "disposal", "申请销毁", forms.AskDisposal, _of_petition(services.ask_disposal), DIRECT,
        Stage.at_rest(),
    ),
    Act(
        "confirm_disposal", "disposal", "确认销毁", forms.Nothing, _of_petition(services.confirm_disposal), DIRECT,
        Stage.at_rest(),
    ),
)  # fmt: skip

BY_CODE: Mapping[str, Act] = {act.code: act for act in ACTS}
