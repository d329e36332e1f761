"""Rounds: their list, drawing a new one, how one is getting on, and what it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.audit.handing import hand_out
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import MatterKind
from supervision.reviews import services
from supervision.reviews.filters import RoundFilter
from supervision.reviews.forms import DrawForm
from supervision.reviews.models import ReviewRound, ReviewStep, Stratum
from supervision.reviews.papers import DOCX, round_paper
from supervision.reviews.queries import draw_again, forms_of, frame_of, local_day, progress_of, rounds_of, tally_of
from supervision.reviews.services import ReviewRefused

EMPTY = Emptiness("还没有评查批次", "法制民警或者督察点“抽取新批次”，按单位和案件种类随机抽取案件，随机分给评查员。")
DIRECTS = "reviews.add_reviewround"


@page("reviews.view_reviewround")
def rounds(request: HttpRequest) -> HttpResponse:
    officer = who(request)

    def dress(rows: list[ReviewRound]) -> dict[str, Any]:
        progress = progress_of(rows, seen_by=officer)
        for row in rows:
            row.progress = progress[row.pk]  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "reviews/rounds.html",
        title="评查批次",
        filter_class=RoundFilter,
        rows=rounds_of(officer).select_related("unit", "drawn_by"),
        moment="drawn_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(("全部", ""), ("进行中", "state=open"), ("已结束", "state=closed")),
        dress=dress,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """What of a frame lies in one unit and kind, and how many would be drawn of it."""

    unit: str
    kind: str
    size: int
    drawn: int


@page(DIRECTS, ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """First what would be drawn from, unit by unit, and only then the draw: nobody sees the sample before it stands."""
    officer, at = who(request), timezone.now()
    form = DrawForm(request.POST or None, by=officer, today=local_day(at))
    wrong, parts = "", None
    if request.method == "POST" and form.is_valid():
        entered, scope, plan = form.cleaned_data, form.scope(), form.plan()
        try:
            if request.POST.get("act") == "draw":
                drawn = services.draw_round(
                    title=entered["title"],
                    template=entered["template"],
                    scope=scope,
                    plan=plan,
                    reviewers=entered["reviewers"],
                    by=officer,
                    at=at,
                )
                messages.success(request, f"已抽取{drawn.number}，种子 {drawn.seed}。")
                return redirect("reviews:round", pk=drawn.pk)
            services.check_plan(scope, plan, at=at)
            frame = frame_of(scope, at=at)
            shares = services.allocation(frame, plan)
            kinds = dict(MatterKind.objects.values_list("code", "name"))
            parts = [
                Part(str(frame.units[unit]), kinds[kind], size, shares[unit, kind])
                for (unit, kind), size in frame.sizes.items()
            ]
        except ReviewRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "reviews/new.html",
        title="抽取新批次",
        trail=(("评查批次", reverse("reviews:rounds")),),
        form=form,
        wrong=wrong,
        parts=parts,
        size=sum(part.size for part in parts or ()),
        drawn=sum(part.drawn for part in parts or ()),
        status=422 if form.errors or wrong else 200,
    )


@page("reviews.view_reviewround")
def review_round(request: HttpRequest, pk: int) -> HttpResponse:
    officer = who(request)
    row = _seen(request, pk)
    directs = officer.has_perm(DIRECTS)
    forms = forms_of(officer).filter(round=row)
    progress = progress_of([row], seen_by=officer)[row.pk]
    strata = Stratum.objects.filter(round=row).defer("frame").select_related("unit")
    if not directs:
        strata = strata.filter(unit__in=forms.values("unit"))
    kinds = dict(MatterKind.objects.filter(code__in=row.kinds).values_list("code", "name"))
    return show(
        request,
        "reviews/round.html",
        title=f"{row.number} {row.title}",
        trail=(("评查批次", reverse("reviews:rounds")),),
        round=row,
        kinds=list(kinds.values()),
        strata=[(one, kinds.get(one.kind, one.kind)) for one in strata.order_by("unit__path", "kind")],
        progress=progress,
        due=forms.waiting_for(officer).count(),
        ungiven=forms.filter(reviewer=None).count() if directs else 0,
        directs=directs,
        reviewers=[one.officer for one in row.reviewers.select_related("officer__unit")] if directs else [],
        again=draw_again(row) if request.GET.get("again") and directs else None,
        may_close=row.is_open and directs and progress.final == progress.forms,
        steps=ReviewStep.objects.filter(round=row, form=None).select_related("by").order_by("-at", "-pk")
        if directs
        else (),
    )


@page("reviews.view_reviewround")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The round's report in Word, in what the officer may see of it."""
    row = _seen(request, pk)
    content = round_paper(tally_of(row, seen_by=who(request)))
    about = f"reviews.reviewround:{row.pk}"
    return hand_out(
        request, content, name=f"review-round-{row.pk}.docx", content_type=DOCX, what="评查通报", about=about
    )


def _seen(request: HttpRequest, pk: int) -> ReviewRound:
    rows = rounds_of(who(request)).select_related("unit", "drawn_by", "closed_by", "template")
    return get_object_or_404(rows, pk=pk)


@page(DIRECTS, ("POST",))
def close(request: HttpRequest, pk: int) -> HttpResponse:
    row = _seen(request, pk)
    try:
        services.close_round(review_round=row, by=who(request), at=timezone.now())
        messages.success(request, "批次已结束。")
    except ReviewRefused as refusal:
        messages.error(request, f"没有结束：{refusal}。")
    return redirect("reviews:round", pk=pk)
