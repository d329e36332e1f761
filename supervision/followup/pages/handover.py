"""Handing over: everything open that an officer answers for is listed, and passes to another in one go."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.models import Officer
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
    waiting = _with_tallies(held.cases, at) if held is not None else []
    return show(
        request,
        "followup/handover.html",
        title="盯办交接",
        trail=(("盯办看板", reverse("followup:board")),),
        number=number,
        officer=officer,
        held=held,
        waiting=waiting,
        form=form,
    )


def _with_tallies(cases: list[FollowedCase], at: datetime) -> list[tuple[FollowedCase, Tally]]:
    """Each case with how far it has come: what of its outline names nobody else passes on with it."""
    counted = tallies(cases, at)
    return [(case, counted[case.pk]) for case in cases]


def _said(form: forms.Form) -> str:
    return "；".join(str(text) for texts in form.errors.values() for text in texts)
