"""What is done to a followed case from its page; each act is one verb of the room, and comes back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from cases.desk.frame import page, who
from supervision.followup import services
from supervision.followup.forms import (
    FinishForm,
    InstructionForm,
    ItemForm,
    MoveForm,
    OpinionForm,
    PartiesForm,
    ReasonForm,
    ReplyForm,
)
from supervision.followup.models import Instruction, OutlineItem
from supervision.followup.pages.case import events_of_case, seen
from supervision.followup.services import FollowupRefused

Act = Callable[[dict[str, Any]], object]


def _do(request: HttpRequest, pk: int, form: forms.Form, act: Act, done: str) -> HttpResponse:
    """Do it if the form is filled in; say what came of it and go back to the page of the case."""
    if not form.is_valid():
        said = "；".join(
            f"{form.fields[name].label}：{text}" if name in form.fields else str(text)
            for name, texts in form.errors.items()
            for text in texts
        )
        messages.error(request, f"没有办理：{said}")
    else:
        try:
            act(form.cleaned_data)
        except FollowupRefused as refusal:
            messages.error(request, f"没有办理：{refusal}。")
        else:
            messages.success(request, done)
    return redirect("followup:case", pk=pk)


def _require(request: HttpRequest, permission: str) -> None:
    if not who(request).has_perm(permission):
        raise PermissionDenied


@page("followup.change_followedcase", ("POST",))
def parties(request: HttpRequest, pk: int) -> HttpResponse:
    case, by = seen(request, pk), who(request)
    form = PartiesForm(request.POST, case=case)
    return _do(
        request,
        pk,
        form,
        lambda entered: services.name_parties(case=case, by=by, at=timezone.now(), **entered),
        "已更新责任分工。",
    )


# -- items -----------------------------------------------------------------------------------------------------------


@page("followup.change_followedcase", ("POST",))
def new_item(request: HttpRequest, pk: int) -> HttpResponse:
    case, by = seen(request, pk), who(request)
    return _do(
        request,
        pk,
        ItemForm(request.POST),
        lambda entered: services.add_item(case=case, by=by, at=timezone.now(), **entered),
        "已增列事项。",
    )


@page("followup.view_followedcase", ("POST",))
def item(request: HttpRequest, pk: int, item_pk: int, verb: str) -> HttpResponse:
    case, by, at = seen(request, pk), who(request), timezone.now()
    item = get_object_or_404(OutlineItem.objects.select_related("case__matter"), pk=item_pk, case=case)
    forms_of: dict[str, tuple[str, Callable[[], forms.Form], Act, str]] = {
        "finish": (
            "followup.change_outlineitem",
            lambda: FinishForm(request.POST, events=events_of_case(case)),
            lambda entered: services.finish_item(item=item, by=by, at=at, **entered),
            f"“{item.title}”已完成。",
        ),
        "return": (
            "followup.change_followedcase",
            lambda: ReasonForm(request.POST),
            lambda entered: services.return_item(item=item, by=by, at=at, **entered),
            f"“{item.title}”已退回补办。",
        ),
        "strike": (
            "followup.change_followedcase",
            lambda: ReasonForm(request.POST),
            lambda entered: services.strike_item(item=item, by=by, at=at, **entered),
            f"“{item.title}”已划去。",
        ),
        "move": (
            "followup.change_followedcase",
            lambda: MoveForm(request.POST),
            lambda entered: services.move_item(item=item, by=by, at=at, **entered),
            f"“{item.title}”已调整。",
        ),
    }
    if verb not in forms_of:
        raise Http404
    permission, form, act, done = forms_of[verb]
    _require(request, permission)
    return _do(request, pk, form(), act, done)


# -- instructions ----------------------------------------------------------------------------------------------------


@page("followup.add_instruction", ("POST",))
def new_instruction(request: HttpRequest, pk: int) -> HttpResponse:
    case, by = seen(request, pk), who(request)
    return _do(
        request,
        pk,
        InstructionForm(request.POST),
        lambda entered: services.give_instruction(case=case, by=by, at=timezone.now(), **entered),
        "批示已下达。",
    )


@page("followup.view_followedcase", ("POST",))
def instruction(request: HttpRequest, pk: int, instruction_pk: int, verb: str) -> HttpResponse:
    case, by, at = seen(request, pk), who(request), timezone.now()
    rows = Instruction.objects.select_related("case__matter")
    instruction = get_object_or_404(rows, pk=instruction_pk, case=case)
    if verb == "reply":
        _require(request, "followup.change_instruction")
        return _do(
            request,
            pk,
            ReplyForm(request.POST),
            lambda entered: services.reply_instruction(instruction=instruction, by=by, at=at, **entered),
            "批示已回复。",
        )
    if verb == "withdraw":
        _require(request, "followup.add_instruction")
        return _do(
            request,
            pk,
            ReasonForm(request.POST),
            lambda entered: services.withdraw_instruction(instruction=instruction, by=by, at=at, **entered),
            "批示已撤回。",
        )
    raise Http404


# -- closing ---------------------------------------------------------------------------------------------------------


@page("followup.view_followedcase", ("POST",))
def closing(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    case, by, at = seen(request, pk), who(request), timezone.now()
    acts: dict[str, tuple[str, type[forms.Form], Act, str]] = {
        "ask": (
            "followup.change_outlineitem",
            ReasonForm,
            lambda entered: services.ask_closing(case=case, conclusion=entered["reason"], by=by, at=at),
            "已申请办结，等法制部门审核。",
        ),
        "consent": (
            "followup.consent_closing",
            OpinionForm,
            lambda entered: services.consent_closing(case=case, opinion=entered["reason"], by=by, at=at),
            "已同意办结。",
        ),
        "refuse": (
            "followup.consent_closing",
            ReasonForm,
            lambda entered: services.refuse_closing(case=case, by=by, at=at, **entered),
            "没有同意办结，已退回继续推进。",
        ),
        "reopen": (
            "followup.consent_closing",
            ReasonForm,
            lambda entered: services.reopen(case=case, by=by, at=at, **entered),
            "已重新盯办。",
        ),
    }
    if verb not in acts:
        raise Http404
    permission, form, act, done = acts[verb]
    _require(request, permission)
    return _do(request, pk, form(request.POST), act, done)
