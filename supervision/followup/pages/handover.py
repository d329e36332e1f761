"""Handing over: everything open that an officer answers for is listed, and passes to another in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.models import Clock, Officer
from cases.queries import clocks_of, most_urgent
from supervision.followup.forms import HandOverForm
from supervision.followup.models import FollowedCase
from supervision.followup.queries import Tally, followed_of, holdings_of, tallies
from supervision.followup.services import FollowupRefused, hand_over


@page("followup.hand_over", ("GET", "HEAD", "POST"))
def handover(request: HttpRequest) -> HttpResponse:
    """`officer` in the address is a police number; `case` in what is sent narrows it to one case."""
    by, at = who(request), timezone.now()
    number = request.GET.get("officer", "").strip()[:20]
    # One who has left is found as well: it is mostly his that is handed over.
    officer = Officer.objects.filter(police_number=number).select_related("unit").first() if number else None
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and officer is not None:
        only = request.POST.get("case", "")
        case = get_object_or_404(followed_of(by), pk=int(only)) if only.isascii() and only.isdigit() else None
        if form.is_valid():
            to: Officer = form.cleaned_data["to"]
            try:
                moved = hand_over(officer=officer, to=to, by=by, at=at, case=case)
            except FollowupRefused as refusal:
                messages.error(request, f"没有交接：{refusal}。")
            else:
                messages.success(request, f"已由{officer}交接给{to}：{moved}。")
                return redirect("followup:case", pk=case.pk) if case is not None else redirect("followup:board")
        elif case is not None:
            messages.error(request, f"没有交接：{_said(form)}")
        if case is not None:
            return redirect("followup:case", pk=case.pk)
    held = holdings_of(officer, seen_by=by) if officer is not None else None
    waiting = _waiting(held.cases, by, at) if held is not None else []
    return show(
        request,
        "followup/handover.html",
        title="盯办交接",
        trail=(("盯办看板", reverse("followup:board")),),
        number=number,
        officer=officer,
        held=held,
        at=at,
        waiting=waiting,
        form=form,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case to be handed over: how far its outline has come, and the limit of the matter that runs out first."""

    case: FollowedCase
    tally: Tally
    clock: Clock | None


def _waiting(cases: list[FollowedCase], by: Officer, at: datetime) -> list[Waiting]:
    """What of an outline names nobody else passes on with its case, so it is counted here; clocks only as `by` sees them."""
    counted, urgent = tallies(cases, at), most_urgent([case.matter for case in cases])
    seen = set(clocks_of(by).filter(pk__in=[clock.pk for clock in urgent.values()]).values_list("pk", flat=True))
    clocks = {matter: clock for matter, clock in urgent.items() if clock.pk in seen}
    return [Waiting(case, counted[case.pk], clocks.get(case.matter_id)) for case in cases]


def _said(form: forms.Form) -> str:
    return "；".join(str(text) for texts in form.errors.values() for text in texts)
