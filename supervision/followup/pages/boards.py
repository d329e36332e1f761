"""The board, the list, and entering by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list, views
from cases.desk.paging import COUNT_CAP, Count
from cases.duty import working_time
from cases.models import Officer
from cases.queries import matters_of
from cases.statute.working_time import WorkingTime
from supervision.followup.filters import BoardFilter, FollowedFilter
from supervision.followup.forms import EnterForm
from supervision.followup.models import FollowedCase, FollowedCaseQuerySet, Stage
from supervision.followup.queries import Tally, followed_of, open_followup_of, tallies
from supervision.followup.services import FollowupRefused, enter, give_instruction

CARDS = 20
EMPTY = Emptiness("没有盯办案件", "符合进入规则的案件每小时自动列入；法制民警、局领导也可以在事项页上点“列入盯办”。")
# The longest untouched first; what has ended, the latest first.
ORDER = {Stage.REVIEW: ("asked_at", "pk"), Stage.ENDED: ("-ended_at", "-pk")}
WORDS = {
    Stage.INCOMPLETE: "三方责任或者责任人还没有落实",
    Stage.MOVING: "按提纲推进",
    Stage.REVIEW: "已申请办结，等法制部门同意",
    Stage.ENDED: "法制部门已同意",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A case as the board and the list show it."""

    case: FollowedCase
    tally: Tally
    still_days: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board: its cards, as many as fit, and the list of them all."""

    stage: Stage
    says: str
    cards: list[Card]
    count: Count
    link: str

    @property
    def more(self) -> bool:
        return self.count.rows > len(self.cards)


def _dressed(rows: FollowedCaseQuerySet) -> FollowedCaseQuerySet:
    return rows.with_officer_there().select_related("matter", "officer")


# Beside the rows and not joined to them: so many joins take longer to plan than a page to read.
_BESIDE = ("matter__kind", "unit", "main_unit", "line_unit", "supervisory_unit")


def cards(cases: Sequence[FollowedCase], at: datetime, time: WorkingTime) -> dict[int, Card]:
    """The cards of the cases, by id; two questions whatever their number."""
    counted = tallies(cases, at)
    return {
        case.pk: Card(
            case,
            counted[case.pk],
            time.days_between(case.last_progress_at, at) if case.is_open and case.stands_still_at(at) else None,
        )
        for case in cases
    }


@page("followup.view_followedcase")
def board(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    filterset = BoardFilter(request.GET or None, followed_of(officer), request=request, at=at)
    keys: dict[Stage, list[int]] = {}
    for stage in Stage:
        lying = filterset.rows.filter(stage=stage).order_by(*ORDER.get(stage, ("last_progress_at", "pk")))
        keys[stage] = list(lying.values_list("pk", flat=True)[: COUNT_CAP + 1])
    counts = {stage: Count(min(len(ones), COUNT_CAP), more=len(ones) > COUNT_CAP) for stage, ones in keys.items()}
    on_cards = filterset.rows.filter(pk__in=[pk for ones in keys.values() for pk in ones[:CARDS]])
    shown = _dressed(cast(FollowedCaseQuerySet, on_cards)).in_bulk()
    found = {stage: [shown[pk] for pk in ones[:CARDS] if pk in shown] for stage, ones in keys.items()}
    everything = [case for rows in found.values() for case in rows]
    prefetch_related_objects(everything, *_BESIDE)
    dressed = cards(everything, at, working_time(at))
    asked = {name: value for name, value in request.GET.items() if value}
    columns = [
        Column(
            stage,
            WORDS[stage],
            [dressed[case.pk] for case in found[stage]],
            counts[stage],
            f"{reverse('followup:cases')}?{urlencode({**asked, 'stage': stage.value})}",
        )
        for stage in Stage
    ]
    return show(
        request,
        "followup/board.html",
        title="盯办看板",
        at=at,
        filterset=filterset,
        columns=columns,
        anything=any(counts.values()),
        first=_first_thing(columns),
        empty=EMPTY,
        tabs=views(
            request,
            (("全部", ""), ("我负责的", "mine=1"), ("停滞", "trouble=stagnant"), ("批示待复", "trouble=instructions")),
        ),
    )


def _first_thing(columns: list[Column]) -> str:
    """What must be done now, in words."""
    counts = {column.stage: column.count for column in columns}
    shown = [card for column in columns if column.stage != Stage.ENDED for card in column.cards]
    parts = []
    if counts[Stage.INCOMPLETE]:
        parts.append(f"{counts[Stage.INCOMPLETE]} 件责任没有落实")
    if late := sum(card.tally.instructions_overdue for card in shown):
        parts.append(f"{late} 件批示逾期未复")
    if overdue := sum(card.tally.overdue for card in shown):
        parts.append(f"{overdue} 项提纲逾期")
    if still := sum(card.still_days is not None for card in shown):
        parts.append(f"{still} 件停滞")
    if counts[Stage.REVIEW]:
        parts.append(f"{counts[Stage.REVIEW]} 件等法制审核")
    return "，".join(parts)


@page("followup.view_followedcase")
def cases(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    if not request.GET:
        return redirect(f"{reverse('followup:cases')}?stage=open")

    def dress(rows: list[FollowedCase]) -> dict[str, Any]:
        dressed = cards(rows, at, working_time(at))
        for row in rows:
            row.card = dressed[row.pk]  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "followup/cases.html",
        title="盯办案件",
        filter_class=FollowedFilter,
        rows=_dressed(followed_of(officer)).prefetch_related(*_BESIDE),
        moment="entered_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(
            ("未办结", "stage=open"),
            *((f"{stage.sign} {stage.label}", f"stage={stage.value}") for stage in Stage),
            ("我负责的", "stage=open&mine=1"),
            ("停滞", "stage=open&trouble=stagnant"),
            ("全部", "stage="),
        ),
        dress=dress,
    )


@page("followup.add_followedcase", ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Enter a matter by hand; one that is followed already opens its page."""
    officer, at = who(request), timezone.now()
    number = request.GET.get("matter", "")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0
    matter = get_object_or_404(matters_of(officer).select_related("kind", "unit", "officer"), pk=asked)
    if (case := open_followup_of(matter)) is not None and request.method != "POST":
        return redirect("followup:case", pk=case.pk)
    form = EnterForm(
        request.POST if request.method == "POST" else None,
        matter=matter,
        instructs=officer.has_perm("followup.add_instruction"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            case = _enter(form, officer, at)
        except FollowupRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"{matter.number} 已列入盯办。")
            return redirect("followup:case", pk=case.pk)
    return show(
        request,
        "followup/new.html",
        title="列入盯办",
        trail=(("事项", reverse("desk:matters")), (matter.number, reverse("desk:matter", args=(matter.pk,)))),
        form=form,
        matter=matter,
    )


def _enter(form: EnterForm, by: Officer, at: datetime) -> FollowedCase:
    entered = form.cleaned_data
    case = enter(
        matter=form.matter,
        reason=entered["reason"],
        officer=entered["officer"],
        line_unit=entered["line_unit"],
        template=entered["template"],
        by=by,
        at=at,
    )
    to = case.officer
    if entered.get("text") and to is not None:
        give_instruction(case=case, text=entered["text"], to=to, due_on=entered["due_on"], by=by, at=at)
    return case
