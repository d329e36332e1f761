"""What may be done to a row from its page: each act is one verb of the room, offered where it is at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from cases.models import Officer
from supervision.proceedings import services
from supervision.proceedings.forms import (
    ActForm,
    AppealDecisionForm,
    CorrectionForm,
    DayForm,
    DocumentForm,
    EndReviewForm,
    ExplainForm,
    FiledForm,
    HearingForm,
    MediationForm,
    OpinionForm,
    RecheckForm,
    RedirectForm,
    RefuseForm,
    SetHearingForm,
    SettleForm,
    SupplementForm,
    UnsettledForm,
)
from supervision.proceedings.models import (
    Dispute,
    DisputeStage,
    Review,
    ReviewStage,
    Supervision,
    Transfer,
    TransferStage,
)

Row = Dispute | Review | Transfer


@dataclass(frozen=True, slots=True)
class Act:
    """A verb on a page: its words, what must be filled in, the service behind it, and on which rows it is offered."""

    verb: str
    model: type[Row]
    title: str
    form: type[ActForm]
    do: Callable[..., object]
    offered: Callable[[Any], bool]
    danger: bool = False

    @property
    def told_as(self) -> str:
        """How the service calls the row."""
        return str(self.model._meta.model_name)

    def perform(self, row: Row, entered: dict[str, Any], *, by: Officer, at: datetime) -> None:
        self.do(**{self.told_as: row}, **entered, by=by, at=at)


def _in(*stages: str) -> Callable[[Any], bool]:
    return lambda row: row.stage in stages


def _supervised(state: Supervision) -> Callable[[Transfer], bool]:
    return lambda row: row.comes_in and row.is_refused and row.supervision == state


ACTS: tuple[Act, ...] = (
    Act("mediate", Dispute, "开始调解", MediationForm, services.start_mediation, _in(DisputeStage.OPEN)),
    Act("settle", Dispute, "登记化解", SettleForm, services.settle_dispute, _in(DisputeStage.MEDIATING)),
    Act(
        "unsettled", Dispute, "登记调解不成", UnsettledForm, services.end_unsettled, _in(*DisputeStage.unended()), True
    ),
    Act("recheck", Dispute, "登记回访", RecheckForm, services.recheck_dispute, lambda row: row.awaits_recheck),
    Act("answer", Review, "提交答复", DocumentForm, services.answer_review, _in(ReviewStage.RECEIVED)),
    Act(
        "set-hearing",
        Review,
        "确定开庭、听证",
        SetHearingForm,
        services.set_hearing,
        lambda row: row.stage in ReviewStage.unended() and row.hearing_on is None,
    ),
    Act(
        "hear",
        Review,
        "登记开庭、听证",
        HearingForm,
        services.hear_review,
        lambda row: row.stage in ReviewStage.unended() and row.hearing_on is None,
    ),
    Act("end", Review, "登记审结", EndReviewForm, services.end_review, _in(*ReviewStage.unended())),
    Act(
        "opinion",
        Review,
        "登记意见书",
        OpinionForm,
        services.receive_opinion,
        lambda row: row.stage == ReviewStage.ENDED and not row.is_suit and row.opinion_on is None,
    ),
    Act(
        "correct",
        Review,
        "报送纠正情况",
        CorrectionForm,
        services.report_correction,
        lambda row: row.stage == ReviewStage.ENDED and row.awaits_correction,
    ),
    Act("accept", Transfer, "登记接受", DocumentForm, services.accept_transfer, _in(TransferStage.HANDED)),
    Act("refuse", Transfer, "登记不接受", RefuseForm, services.refuse_transfer, _in(TransferStage.HANDED), True),
    Act(
        "supplement",
        Transfer,
        "通知补正",
        SupplementForm,
        services.ask_supplement,
        lambda row: row.comes_in and row.stage == TransferStage.HANDED and not row.supplement_asked,
    ),
    Act(
        "redirect",
        Transfer,
        "转送有管辖权的机关",
        RedirectForm,
        services.redirect_transfer,
        lambda row: row.comes_in and row.stage == TransferStage.HANDED,
    ),
    Act(
        "appeal",
        Transfer,
        "移送机关申请复议",
        DayForm,
        services.appeal_refusal,
        lambda row: row.comes_in and row.is_refused and row.appealed_on is None,
    ),
    Act(
        "appeal-decision",
        Transfer,
        "作出复议决定",
        AppealDecisionForm,
        services.decide_appeal,
        lambda row: row.is_refused and row.awaits_appeal_decision,
    ),
    Act("reasons", Transfer, "检察院要求说明理由", DayForm, services.require_reasons, _supervised(Supervision.NONE)),
    Act("explain", Transfer, "书面说明理由", ExplainForm, services.explain_refusal, _supervised(Supervision.ASKED)),
    Act("file-ordered", Transfer, "检察院通知立案", DayForm, services.order_filing, _supervised(Supervision.EXPLAINED)),
    Act("filed", Transfer, "按通知立案", FiledForm, services.file_as_ordered, _supervised(Supervision.ORDERED)),
)


def act_named(row: Row, verb: str) -> Act | None:
    """The act of a verb on a kind of row, whether it is offered now or not: the service says why it is refused."""
    return next((act for act in ACTS if act.verb == verb and isinstance(row, act.model)), None)


def offered_on(row: Row) -> list[Act]:
    return [act for act in ACTS if isinstance(row, act.model) and act.offered(row)]


def may_be_ordered(row: Row) -> bool:
    """Whether what came of it may be ordered to be put right."""
    return (isinstance(row, Review) and row.is_lost) or (isinstance(row, Transfer) and row.is_refused)


def form_of(act: Act, row: Row, data: Any, *, by: Officer) -> ActForm:
    """The form of an act; several stand on one page, so each names its fields by its verb."""
    form = act.form(data, auto_id=f"id_{act.verb}_%s")
    if isinstance(form, MediationForm):
        form.offer(by)
    if isinstance(form, SetHearingForm) and isinstance(row, Review):
        form.start_from(row)
    return form


def said(form: forms.Form) -> str:
    """What is wrong with a form, in one sentence."""
    return "；".join(
        f"{form.fields[name].label}：{text}" if name in form.fields else str(text)
        for name, texts in form.errors.items()
        for text in texts
    )
