"""The pages of campaigns: their list, beginning one, how one is getting on, the matters it looks at, and its orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.milestones import Standing, days_over
from supervision.campaigns import services
from supervision.campaigns.filters import CampaignFilter, LookedAtFilter
from supervision.campaigns.forms import (
    CampaignForm,
    DoneForm,
    MoveForm,
    OrderForm,
    RoundForm,
    SummaryForm,
    TaskForm,
)
from supervision.campaigns.models import Campaign, CampaignRound, CampaignStep, Member, Task
from supervision.campaigns.queries import (
    campaigns_of,
    figures_of,
    local_day,
    matters_seen,
    may_direct,
    orders_under,
    progress_of,
    rounds_offered,
    standing_of,
    words_of,
)
from supervision.campaigns.rules import Standstill
from supervision.campaigns.services import CampaignRefused
from supervision.reviews.queries import progress_of as rounds_progress
from supervision.reviews.queries import rounds_of

EMPTY = Emptiness(
    "还没有专项整治", "法制民警或者督察点“部署专项整治”，写明排查哪些事项、哪些单位参加、各步什么时候办完。"
)
NOTHING = Emptiness("排查范围内没有您看得见的事项", "范围按部署时写明的种类、日期和条件随时计算。")
DIRECTS = "campaigns.add_campaign"
LAST_ORDERS = 20


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A step as the page shows it."""

    row: Task
    at: Standing
    over_by: int

    @classmethod
    def of(cls, row: Task, today: date) -> TaskLine:
        return cls(row, standing_of(row, today), days_over(row.due_on, row.done_on, today))


@page("campaigns.view_campaign")
def campaigns(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()

    def dress(rows: list[Campaign]) -> dict[str, Any]:
        progress, words = progress_of(rows, today=local_day(at)), words_of(rows)
        for row in rows:
            row.progress, row.words = progress[row.pk], words[row.pk]  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "campaigns/campaigns.html",
        title="专项整治",
        filter_class=CampaignFilter,
        rows=campaigns_of(officer).select_related("unit", "begun_by"),
        moment="begun_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(("进行中", "state=open"), ("已结束", "state=closed"), ("全部", "")),
        dress=dress,
    )


@page(DIRECTS, ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    form, wrong = CampaignForm(request.POST or None, by=officer, today=local_day(at)), ""
    if request.method == "POST" and form.is_valid():
        try:
            begun = services.begin_campaign(**form.begun(), by=officer, at=at)
            messages.success(request, f"已部署{begun.number}，请列入工作步骤。")
            return redirect("campaigns:campaign", pk=begun.pk)
        except CampaignRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "campaigns/new.html",
        title="部署专项整治",
        trail=(("专项整治", reverse("campaigns:campaigns")),),
        form=form,
        wrong=wrong,
        status=422 if form.errors or wrong else 200,
    )


def _seen(request: HttpRequest, pk: int) -> Campaign:
    return get_object_or_404(campaigns_of(who(request)).select_related("unit", "begun_by", "closed_by"), pk=pk)


def _directed(request: HttpRequest, pk: int) -> Campaign:
    """A campaign the officer directs: who only takes part reads it."""
    row = _seen(request, pk)
    if not may_direct(who(request), row):
        raise PermissionDenied
    return row


@page("campaigns.view_campaign", ("GET", "HEAD", "POST"))
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    row = _seen(request, pk)
    directs = may_direct(officer, row)
    sheet = _Sheet(request, row, directs and row.is_open)
    if request.method == "POST" and (done := sheet.act()):
        messages.success(request, done)
        return redirect("campaigns:campaign", pk=pk)
    today = local_day(at)
    linked = [one.round for one in CampaignRound.objects.filter(campaign=row).select_related("round").order_by("pk")]
    progress = rounds_progress(linked, seen_by=officer)
    open_rounds = set(rounds_of(officer).filter(pk__in=[one.pk for one in linked]).values_list("pk", flat=True))
    orders = orders_under(row, officer).select_related("unit", "problem").order_by("-issued_at", "-pk")
    return show(
        request,
        "campaigns/campaign.html",
        title=f"{row.number} {row.title}",
        trail=(("专项整治", reverse("campaigns:campaigns")),),
        campaign=row,
        words=words_of([row])[row.pk],
        members=[str(one.unit) for one in Member.objects.filter(campaign=row).select_related("unit")],
        tasks=[TaskLine.of(one, today) for one in Task.objects.filter(campaign=row)],
        progress=progress_of([row], today=today)[row.pk],
        figures=figures_of(row, officer, at=at),
        # Where only what is late is looked at, all of it is.
        only_late=row.looked_at.standstill == Standstill.OVER,
        rounds=[(one, progress[one.pk], one.pk in open_rounds) for one in linked],
        orders=orders[:LAST_ORDERS],
        sheet=sheet,
        directs=directs,
        at=at,
        steps=CampaignStep.objects.filter(campaign=row).select_related("by").order_by("-at", "-pk") if directs else (),
        status=422 if sheet.wrong else 200,
    )


class _Sheet:
    """The forms on the page of a campaign: those the officer may fill in as it stands."""

    def __init__(self, request: HttpRequest, row: Campaign, may_write: bool) -> None:
        self.request, self.row, self.may_write = request, row, may_write
        self.officer = who(request)
        self.wrong = ""
        self.asked = request.POST.get("act", "") if request.method == "POST" else ""
        offered = rounds_offered(self.officer, row)
        self.task = TaskForm(self._posted("task"), auto_id="id_task_%s")
        self.round = RoundForm(self._posted("round"), offered=offered, auto_id="id_round_%s")
        self.summary = SummaryForm(self._posted("close"), auto_id="id_close_%s")

    def _posted(self, act: str) -> Any:
        return self.request.POST if self.asked == act else None

    def act(self) -> str:
        """Do what was asked for; the sentence that says it was done, or nothing, with what is wrong."""
        wanted: dict[str, django_forms.Form] = {"task": self.task, "round": self.round, "close": self.summary}
        if self.asked not in wanted or not may_direct(self.officer, self.row):
            raise PermissionDenied
        form = wanted[self.asked]
        if not form.is_valid():
            self.wrong = "没有办理，请改正标红的地方"
            return ""
        same: dict[str, Any] = {"campaign": self.row, "by": self.officer, "at": timezone.now()}
        try:
            if self.asked == "task":
                services.add_task(**form.cleaned_data, **same)
                return "已列入工作步骤。"
            if self.asked == "round":
                services.link_round(**form.cleaned_data, **same)
                return "已列入评查批次。"
            services.close_campaign(**form.cleaned_data, **same)
            return "专项整治已结束。"
        except CampaignRefused as refusal:
            self.wrong = f"没有办理：{refusal}"
            return ""


@page(DIRECTS, ("GET", "HEAD", "POST"))
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One step: doing it, or putting it off."""
    officer, at = who(request), timezone.now()
    rows = Task.objects.filter(campaign__in=campaigns_of(officer)).select_related("campaign")
    row = get_object_or_404(rows, pk=pk)
    _directed(request, row.campaign_id)
    asked, wrong = request.POST.get("act", ""), ""
    done = DoneForm(request.POST if asked == "done" else None, auto_id="id_done_%s")
    move = MoveForm(request.POST if asked == "move" else None, auto_id="id_move_%s")
    if request.method == "POST":
        form = {"done": done, "move": move}.get(asked)
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            verb: Any = services.finish_task if asked == "done" else services.move_task
            try:
                verb(task=row, **form.cleaned_data, by=officer, at=at)
                messages.success(request, "已登记完成。" if asked == "done" else "已改期，原定日期和理由留在台账。")
                return redirect("campaigns:campaign", pk=row.campaign_id)
            except CampaignRefused as refusal:
                wrong = str(refusal)
    back = reverse("campaigns:campaign", args=(row.campaign_id,))
    return show(
        request,
        "campaigns/task.html",
        title=row.name,
        trail=(("专项整治", reverse("campaigns:campaigns")), (row.campaign.title, back)),
        line=TaskLine.of(row, local_day(at)),
        done=done,
        move=move,
        wrong=wrong,
        back=back,
        may_write=row.campaign.is_open and row.done_on is None,
        status=422 if wrong or done.errors or move.errors else 200,
    )


@page("campaigns.view_campaign")
def matters(request: HttpRequest, pk: int) -> HttpResponse:
    """The matters a campaign looks at, as they stand now."""
    officer, at = who(request), timezone.now()
    row = _seen(request, pk)
    return show_list(
        request,
        "campaigns/matters.html",
        title="排查事项",
        trail=(
            ("专项整治", reverse("campaigns:campaigns")),
            (row.title, reverse("campaigns:campaign", args=(pk,))),
        ),
        filter_class=LookedAtFilter,
        rows=matters_seen(row, officer, at=at).select_related("kind", "unit"),
        moment="opened_at",
        descending=True,
        at=at,
        empty=NOTHING,
        tabs=(("全部", ""), ("有期限超期", "late=1"), ("未办结", "ended=open")),
        campaign=row,
        words=words_of([row])[pk],
        may_order=row.is_open and may_direct(officer, row),
    )


@page(DIRECTS, ("GET", "HEAD", "POST"))
def order(request: HttpRequest, pk: int, matter_pk: int) -> HttpResponse:
    """Ordering what was found in one matter to be put right."""
    officer, at = who(request), timezone.now()
    row = _directed(request, pk)
    matter = get_object_or_404(
        matters_seen(row, officer, at=at).select_related("kind", "unit", "officer"), pk=matter_pk
    )
    form, wrong = OrderForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            issued = services.order_under(campaign=row, matter=matter, **form.cleaned_data, by=officer, at=at)
            messages.success(request, f"已下达整改 {issued.number}。")
            return redirect("campaigns:campaign", pk=pk)
        except CampaignRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "campaigns/order.html",
        title=f"{matter.number}：下达整改",
        trail=(
            ("专项整治", reverse("campaigns:campaigns")),
            (row.title, reverse("campaigns:campaign", args=(pk,))),
        ),
        campaign=row,
        matter=matter,
        form=form,
        wrong=wrong,
        status=422 if wrong or form.errors else 200,
    )
