"""Kinship: an officer declares who is near of kin to him, so that neither reviews the other's files."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from supervision.reviews import services
from supervision.reviews.forms import OfficerForm
from supervision.reviews.models import Kinship
from supervision.reviews.services import ReviewRefused


@page("reviews.view_reviewform", ("GET", "HEAD", "POST"))
def kin(request: HttpRequest) -> HttpResponse:
    """One's own declarations, and those in which one is named; nobody else's."""
    officer = who(request)
    form = OfficerForm(request.POST or None)
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = services.declare_kin(officer=officer, kin=form.cleaned_data["officer"], at=timezone.now())
            messages.success(request, f"已申报：{made.kin}。此后抽取的案件，互相回避。")
            return redirect("reviews:kin")
        except ReviewRefused as refusal:
            wrong = f"没有申报：{refusal}"
    return show(
        request,
        "reviews/kin.html",
        title="近亲属申报",
        trail=(("案件评查表", reverse("reviews:forms")),),
        form=form,
        wrong=wrong,
        rows=Kinship.objects.filter(Q(officer=officer) | Q(kin=officer))
        .select_related("officer", "kin")
        .order_by("-declared_at", "-pk"),
        status=422 if form.errors or wrong else 200,
    )
