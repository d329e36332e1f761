"""The pages of archives: one's own, those one's post opens, and who looked.

An archive is a timeline read kind by kind. Nothing on these pages counts, adds up or compares what is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, address
from cases.desk.paging import Page, page_by_key
from cases.models import Officer, Unit
from supervision.archives import services
from supervision.archives.forms import CorrectionForm, PraiseForm, ReasonForm, ReplyForm, SearchForm
from supervision.archives.models import ArchiveEntry, ArchiveReply, EntryQuerySet, Kind
from supervision.archives.queries import (
    Sources,
    archive_of_officer,
    archive_of_unit,
    corrections_of,
    entries_of,
    has_opened,
    looks_at_mine,
    may_reply,
    officers_open_to,
    open_look,
    sources_open_to,
    told_in_full,
    units_open_to,
)
from supervision.archives.refusals import ArchiveRefused
from supervision.archives.rules import Room, key_of

ENTRIES_A_PAGE = 20
MOST_FOUND = 50
OPEN = "archives.open_archive"
ENTER = "archives.add_archiveentry"

EMPTY = {
    Kind.ORDER: "预警、评查、群众评价引出的整改，下达、改派、核验、撤销时记入。",
    Kind.FOUND: "日常监督查实并下达整改的，记入。",
    Kind.RED: "时限届满没有办结、预警转红的，记入；事后查明没有超期的，自动更正。",
    Kind.LATE: "超过时限才办结的，记入。",
    Kind.REVIEW: "案件评查的结果，评查结束后记入。",
    Kind.EVALUATION: "群众不满意的评价经核查属实的，记入单位档案，不记民警。",
    Kind.PRAISE: "法制部门、督察登记的表扬。",
    Kind.CLOSED: "办结的案件和其他事项，记入。",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A reply as it is shown: by whom, when, what."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with what stands beside it; a correction is shown in the same way, below what it corrects."""

    entry: ArchiveEntry
    sources: tuple[tuple[str, str], ...]
    replies: tuple[Said, ...]
    corrections: tuple[Shown, ...] = ()
    replies_open: bool = False
    correctable: bool = False


# -- archives ----------------------------------------------------------------------------------------------------------


@page("archives.view_archiveentry")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own archive, and the way to say something to it."""
    officer = who(request)
    looked = looks_at_mine(officer).order_by("-looked_at", "-pk").select_related("by__unit", "officer", "unit")[:5]
    return _archive(
        request,
        archive_of_officer(officer, officer),
        title="我的档案",
        whose=officer,
        names_officer=True,
        mine=True,
        looked=list(looked),
    )


@page(OPEN, ("GET", "HEAD", "POST"))
def of_officer(request: HttpRequest, pk: int) -> HttpResponse:
    """The archive of an officer: first why, then what."""
    viewer, at = who(request), timezone.now()
    if pk == viewer.pk:
        return redirect("archives:mine")
    officer = get_object_or_404(officers_open_to(viewer), pk=pk)
    return _opened(request, officer, f"{officer}（{officer.police_number}）", at)


@page(OPEN, ("GET", "HEAD", "POST"))
def of_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """The archive of a unit: first why, then what; it names no officer."""
    viewer, at = who(request), timezone.now()
    unit = get_object_or_404(units_open_to(viewer), pk=pk)
    return _opened(request, unit, str(unit), at)


def _opened(request: HttpRequest, whose: Officer | Unit, name: str, at: datetime) -> HttpResponse:
    viewer = who(request)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "praise":
        return _praise(request, whose, name, at)
    if request.method == "POST":
        return _look(request, whose, name, at)
    look = open_look(viewer, whose, at)
    if look is None:
        return _ask(request, name, ReasonForm())
    is_person = isinstance(whose, Officer)
    rows = archive_of_officer(viewer, whose) if isinstance(whose, Officer) else archive_of_unit(viewer, whose)
    return _archive(
        request,
        rows,
        title=f"{name}的档案",
        trail=_trail(),
        whose=whose,
        names_officer=is_person,
        look=look,
        praise=PraiseForm(initial={"on": timezone.localdate(at)}) if viewer.has_perm(ENTER) else None,
    )


def _look(request: HttpRequest, whose: Officer | Unit, name: str, at: datetime) -> HttpResponse:
    """Put the look on record; only the next request shows anything."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if isinstance(whose, Officer):
                services.look_at_officer(officer=whose, reason=reason, by=who(request), at=at)
            else:
                services.look_at_unit(unit=whose, reason=reason, by=who(request), at=at)
            return redirect(request.path)
        except ArchiveRefused as refusal:
            form.add_error("reason", str(refusal))
    return _ask(request, name, form, status=422)


def _ask(request: HttpRequest, name: str, form: forms.Form, status: int = 200) -> HttpResponse:
    title = f"查阅{name}的档案"
    return show(request, "archives/ask.html", title=title, trail=_trail(), form=form, status=status)


def _praise(request: HttpRequest, whose: Officer | Unit, name: str, at: datetime) -> HttpResponse:
    viewer = who(request)
    if not viewer.has_perm(ENTER) or open_look(viewer, whose, at) is None:
        raise PermissionDenied
    form = PraiseForm(request.POST)
    if form.is_valid():
        entered = form.cleaned_data
        zone = ZoneInfo(settings.TIME_ZONE)
        try:
            services.record(
                kind=Kind.PRAISE,
                officer=whose if isinstance(whose, Officer) else None,
                unit=whose if isinstance(whose, Unit) else None,
                happened_at=datetime.combine(entered["on"], time(), tzinfo=zone),
                text=entered["text"],
                article=entered["article"],
                source_key=key_of(Room.BY_HAND, str(entered["number"])),
                by=viewer,
                at=at,
            )
            messages.success(request, "表扬已记入。")
            return redirect(f"{request.path}?kind={Kind.PRAISE}")
        except ArchiveRefused as refusal:
            form.add_error("text", str(refusal))
    return _form_page(
        request, form, title=f"表扬{name}", trail=_trail(), button="记入", hidden=(("act", "praise"),), status=422
    )


def _archive(
    request: HttpRequest, rows: EntryQuerySet, *, title: str, names_officer: bool, **context: Any
) -> HttpResponse:
    """One kind of an archive, the latest first."""
    viewer = who(request)
    asked = request.GET.get("kind", "")
    kind = Kind(asked) if asked in Kind.values else Kind.ORDER
    found: Page[ArchiveEntry] = page_by_key(
        told_in_full(rows.filter(kind=kind, corrects=None)),
        moment="happened_at",
        descending=True,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=ENTRIES_A_PAGE,
    )
    return show(
        request,
        "archives/archive.html",
        title=title,
        kind=kind,
        kinds=[(str(one.label), f"?kind={one}", one == kind) for one in Kind],
        names_officer=names_officer,
        shown=_shown(viewer, found.rows, names_officer=names_officer),
        empty=Emptiness(f"没有“{kind.label}”的记录", EMPTY[kind]),
        at=timezone.now(),
        beside=_beside(request, found),
        **context,
    )


def _shown(viewer: Officer, entries: Sequence[ArchiveEntry], *, names_officer: bool) -> list[Shown]:
    corrections = corrections_of(entries)
    open_to = sources_open_to(viewer, entries)
    may_correct = viewer.has_perm(ENTER)
    may_say = viewer.has_perm("archives.add_archivereply")

    def dress(entry: ArchiveEntry, below: tuple[Shown, ...] = (), last: bool = True) -> Shown:
        return Shown(
            entry=entry,
            sources=_links(entry, open_to),
            replies=tuple(_said(entry, one, names_officer) for one in entry.replies.all()),
            corrections=below,
            replies_open=may_say and may_reply(viewer, entry),
            correctable=may_correct and last and entry.officer_id != viewer.pk,
        )

    shown = []
    for entry in entries:
        rows = corrections.get(entry.pk, [])
        below = tuple(dress(one, last=one is rows[-1]) for one in rows)
        shown.append(dress(entry, below, last=not rows))
    return shown


def _said(entry: ArchiveEntry, reply: ArchiveReply, names_officer: bool) -> Said:
    """In the archive of a unit the officer an entry is about has no name."""
    his_own = reply.by_id == entry.officer_id
    by = "当事民警" if his_own and not names_officer else f"{reply.by}（{'本人' if his_own else '单位负责人'}）"
    return Said(by, reply.at, reply.text)


def _links(entry: ArchiveEntry, open_to: Sources) -> tuple[tuple[str, str], ...]:
    """The ways to the source, each only for who may see it; the number too is shown to nobody else."""
    links: list[tuple[str, str]] = []
    if entry.order is not None and entry.order.pk in open_to.orders:
        links.append((entry.order.number, reverse("rectification:order", args=(entry.order.pk,))))
    if entry.check_row_id is not None and entry.check_row_id in open_to.checks:
        links.append(("核查结论", reverse("returnvisits:check", args=(entry.check_row_id,))))
    if entry.matter is not None and entry.matter.pk in open_to.matters:
        links.append((entry.matter.number, reverse("desk:matter", args=(entry.matter.pk,))))
    return tuple(links)


def _beside(request: HttpRequest, found: Page[Any]) -> dict[str, str]:
    return {
        "first": address(request, None, None),
        "previous": address(request, "before", found.previous) if found.previous else "",
        "next": address(request, "after", found.next) if found.next else "",
    }


# -- what is said to an entry, and its correction ------------------------------------------------------------------------


@page("archives.add_archivereply", ("GET", "HEAD", "POST"))
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something to an entry of one's own, or of a unit one is the head of."""
    viewer, at = who(request), timezone.now()
    entry = get_object_or_404(told_in_full(entries_of(viewer)), pk=pk)
    if not may_reply(viewer, entry):
        raise PermissionDenied
    if not has_opened(viewer, entry, at):
        return redirect(_archive_address(viewer, entry))
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reply(entry=entry, text=form.cleaned_data["text"], by=viewer, at=at)
            messages.success(request, "已写在这条记录旁边。")
            return redirect(f"{_archive_address(viewer, entry)}?kind={entry.kind}")
        except ArchiveRefused as refusal:
            form.add_error("text", str(refusal))
    return _form_page(
        request, form, title="陈述、申辩", trail=_mine(), button="提交", entry=entry, status=422 if form.errors else 200
    )


@page(ENTER, ("GET", "HEAD", "POST"))
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct an entry by another."""
    viewer, at = who(request), timezone.now()
    entry = get_object_or_404(told_in_full(entries_of(viewer)), pk=pk)
    if not has_opened(viewer, entry, at):
        return redirect(_archive_address(viewer, entry))
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct(entry=entry, text=form.cleaned_data["text"], by=viewer, at=at)
            messages.success(request, "更正已记入，原记录保留。")
            return redirect(f"{_archive_address(viewer, entry)}?kind={entry.kind}")
        except ArchiveRefused as refusal:
            form.add_error("text", str(refusal))
    return _form_page(
        request,
        form,
        title="更正记录",
        trail=_trail(),
        button="记入更正",
        entry=entry,
        status=422 if form.errors else 200,
    )


def _archive_address(viewer: Officer, entry: ArchiveEntry) -> str:
    """The archive in which the viewer meets an entry: his own, the officer's, or the unit's."""
    if entry.officer_id == viewer.pk:
        return reverse("archives:mine")
    if entry.officer_id is not None and officers_open_to(viewer).filter(pk=entry.officer_id).exists():
        return reverse("archives:officer", args=(entry.officer_id,))
    return reverse("archives:unit", args=(entry.unit_id,))


def _form_page(request: HttpRequest, form: forms.Form, *, button: str, **context: Any) -> HttpResponse:
    return show(request, "archives/form.html", form=form, button=button, **context)


# -- finding an archive, and who looked ----------------------------------------------------------------------------------


@page(OPEN)
def search(request: HttpRequest) -> HttpResponse:
    """Whose archives one's post opens: a list of names, in the order of their numbers, with nothing beside them."""
    viewer = who(request)
    form = SearchForm(request.GET or None, by=viewer)
    people, units = officers_open_to(viewer), units_open_to(viewer)
    if form.is_bound:
        people, units = form.narrow(people, units)
    found, places = list(people[: MOST_FOUND + 1]), list(units[: MOST_FOUND + 1])
    return show(
        request,
        "archives/search.html",
        title="查阅档案",
        form=form,
        people=found[:MOST_FOUND],
        more_people=len(found) > MOST_FOUND,
        units=places[:MOST_FOUND],
        more_units=len(places) > MOST_FOUND,
        most=MOST_FOUND,
    )


@page("archives.view_archiveentry")
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at one's own archive, and at those of the units one heads."""
    officer = who(request)
    rows = looks_at_mine(officer).select_related("by__unit", "officer", "unit")
    found = page_by_key(
        rows,
        moment="looked_at",
        descending=True,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return show(
        request,
        "archives/looks.html",
        title="谁看过",
        trail=_mine(),
        looked=found.rows,
        beside=_beside(request, found),
    )


def _trail() -> tuple[tuple[str, str], ...]:
    return (("查阅档案", reverse("archives:search")),)


def _mine() -> tuple[tuple[str, str], ...]:
    return (("我的档案", reverse("archives:mine")),)
