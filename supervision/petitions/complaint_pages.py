"""The list of complaints, registering and importing them, and the page of one: for its handlers and nobody else."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Barring, Clock, ClockState, Handling, Officer
from cases.queries import matters_of, most_urgent
from cases.services import CaseRefused
from supervision.petitions import services
from supervision.petitions.complaint_acts import COMPLAINT_ACT, COMPLAINT_ACTS, ComplaintAct
from supervision.petitions.complaint_columns import columns_of
from supervision.petitions.complaint_forms import ComplaintActForm, ComplaintFileForm, ComplaintForm, WhyForm
from supervision.petitions.filters import ComplaintFilter
from supervision.petitions.models import Category, Complaint, ComplaintChannel, ComplaintLikeness, SameState
from supervision.petitions.queries import complaint_likenesses_of, complaints_of
from supervision.petitions.services import PetitionRefused
from supervision.petitions.unattended import count_to_be_given

EMPTY_COMPLAINTS = Emptiness(
    "没有由您经办的投诉举报",
    "投诉举报只有写名的经办人看得见。登记、导入，或者被指定为经办人以后，会在这里列出。",
)
ROWS_SHOWN = 200


@page("petitions.view_complaint")
def complaints(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()

    def dress(rows: list[Complaint]) -> dict[str, Any]:
        urgent = most_urgent([row.matter for row in rows])
        mine = complaints_of(officer).values("pk")
        alike = ComplaintLikeness.objects.filter(state=SameState.SUGGESTED, complaint__in=mine, earlier__in=mine)
        unsettled = set(alike.filter(complaint__in=[row.pk for row in rows]).values_list("complaint_id", flat=True))
        for row in rows:
            row.urgent = urgent.get(row.pk)  # type: ignore[attr-defined]
            row.alike = row.pk in unsettled  # type: ignore[attr-defined]
        return {"today": timezone.localdate(at), "unattended": count_to_be_given(officer, at)}

    return show_list(
        request,
        "petitions/complaints.html",
        title="投诉举报",
        filter_class=ComplaintFilter,
        rows=complaints_of(officer).select_related("matter__kind", "accused_unit", "accused_officer"),
        moment="received_at",
        descending=True,
        at=at,
        empty=EMPTY_COMPLAINTS,
        tabs=(
            ("全部", ""),
            ("未办结", "stage=open"),
            ("待受理", "stage=registered"),
            ("待答复", "stage=found"),
            ("属实", "verdict=verified"),
            ("涉企", "enterprise=yes"),
        ),
        dress=dress,
    )


@page("petitions.add_complaint", ("GET", "HEAD", "POST"))
def new_complaint(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    form = ComplaintForm(request.POST or None, by=officer)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register_complaint(by=officer, at=timezone.now(), **form.facts())
        except PetitionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if _seen_by(officer, made.pk):
                messages.success(request, f"已登记，编号 {made.matter.number}。")
                return redirect("petitions:complaint", pk=made.pk)
            messages.success(
                request, f"已登记，编号 {made.matter.number}，已交指定的经办人。您所在单位被投诉，此后不再对您显示。"
            )
            return redirect("petitions:complaints")
    response = show(
        request,
        "petitions/complaint_new.html",
        title="登记投诉举报",
        form=form,
        status=422 if form.is_bound else 200,
        trail=(("投诉举报", reverse("petitions:complaints")),),
    )
    # Who complained stands in the form that comes back.
    response["Cache-Control"] = "private, no-store"
    return response


def _seen_by(officer: Officer, pk: int) -> bool:
    """Whether the complaint is in the officer's sight now, asked afresh."""
    return complaints_of(Officer.objects.get(pk=officer.pk)).filter(pk=pk).exists()


# -- importing -------------------------------------------------------------------------------------------------------


@page("petitions.add_complaint", ("GET", "HEAD", "POST"))
def bring_in(request: HttpRequest) -> HttpResponse:
    """Import a register. The file holds names, so it is read and forgotten: it is chosen again to import what was shown."""
    form = ComplaintFileForm(request.POST or None, request.FILES or None)
    report, refusal = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            report = _read_in(request, form)
        except (CaseRefused, PetitionRefused) as refused:
            refusal = str(refused)
        else:
            if not report.dry_run and report.new:
                messages.success(request, f"已导入 {report.new} 件投诉。")
    channels = [
        (channel.label, [(one.heads, one.required) for one in columns_of(channel.value)])
        for channel in ComplaintChannel
    ]
    response = show(
        request,
        "petitions/complaint_import.html",
        title="导入投诉举报",
        trail=(("投诉举报", reverse("petitions:complaints")),),
        form=form,
        report=report,
        refusals=report.refusals[:ROWS_SHOWN] if report is not None else [],
        refusal=refusal,
        channels=channels,
        status=422 if refusal or (form.is_bound and not form.is_valid()) else 200,
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _read_in(request: HttpRequest, form: ComplaintFileForm) -> services.ComplaintReport:
    file: UploadedFile = form.cleaned_data["file"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"register{Path(file.name or '').suffix.lower()}"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return services.import_complaints(
            path,
            channel=form.cleaned_data["channel"],
            by=who(request),
            at=timezone.now(),
            dry_run=request.POST.get("act") != "load",
        )


# -- the page --------------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, pk: int) -> Complaint:
    rows = complaints_of(who(request)).select_related(
        "matter__kind", "matter__unit", "about__kind", "accused_unit", "accused_officer", "found_by", "same_as__matter"
    )
    return get_object_or_404(rows, pk=pk)


@page("petitions.view_complaint")
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    return _complaint_page(request, _seen(request, pk))


@page("petitions.view_complaint", ("POST",))
def complainant(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who complained, this once: the look is on record, the page is kept nowhere."""
    seen, form = _seen(request, pk), WhyForm(request.POST)
    person: list[tuple[str, str]] = []
    if form.is_valid():
        try:
            facts = services.look_at_complainant(
                complaint=seen, reason=form.cleaned_data["reason"], by=who(request), at=timezone.now()
            )
        except PetitionRefused as refusal:
            form.add_error("reason", str(refusal))
        else:
            person = [(label, facts[name]) for name, label in services.NAMES.items() if name in facts]
    return _complaint_page(request, seen, person=person, why=form, status=200 if person else 422)


@page("petitions.view_complaint", ("POST",))
def do_complaint(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One act on a complaint. Whoever is refused gets the page as it is now, with what he had written."""
    officer, at = who(request), timezone.now()
    seen = _seen(request, pk)
    act = COMPLAINT_ACT.get(code)
    if act is None:
        raise Http404
    if not officer.has_perm(act.permission):
        raise PermissionDenied
    form = act.form(request.POST, complaint=seen, by=officer, at=at)
    if form.is_valid():
        try:
            act.run(seen, form.cleaned_data, officer, at)
        except PetitionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已办理：{act.title}。")
            return redirect("petitions:complaint", pk=pk) if _seen_by(officer, pk) else redirect("petitions:complaints")
    return _complaint_page(request, _seen(request, pk), refused=(act, form), status=422)


@dataclass(slots=True)
class Offered:
    """An act on the page, with its form; open where it was refused."""

    act: ComplaintAct
    form: ComplaintActForm
    open: bool = False


def _offers(
    seen: Complaint, officer: Officer, at: datetime, refused: tuple[ComplaintAct, ComplaintActForm] | None
) -> dict[str, list[Offered]]:
    found: dict[str, list[Offered]] = {}
    for act in COMPLAINT_ACTS:
        if refused is not None and refused[0] is act:
            found.setdefault(act.section, []).append(Offered(act, refused[1], open=True))
        elif act.offered(seen, officer):
            form = act.form(complaint=seen, by=officer, at=at)
            if not act.of_row or form.offered("likeness").exists():
                found.setdefault(act.section, []).append(Offered(act, form))
    return found


def _complaint_page(
    request: HttpRequest,
    seen: Complaint,
    *,
    refused: tuple[ComplaintAct, ComplaintActForm] | None = None,
    person: list[tuple[str, str]] | None = None,
    why: WhyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    officer, at = who(request), timezone.now()
    clocks = list(
        Clock.objects.filter(matter=seen.pk)
        .exclude(state=ClockState.VOID)
        .select_related("limit", "start_event__kind")
        .order_by("started_at", "pk")
    )
    running = [clock for clock in clocks if clock.state == ClockState.RUNNING and clock.due_at is not None]
    mine = complaints_of(officer)
    response = show(
        request,
        "petitions/complaint.html",
        title=f"投诉举报 {seen.matter.number}",
        trail=(("投诉举报", reverse("petitions:complaints")),),
        status=status,
        complaint=seen,
        matter=seen.matter,
        at=at,
        today=timezone.localdate(at),
        clocks=clocks,
        next_duty=min(running, key=lambda clock: (clock.due_at, clock.pk), default=None),
        no_term=seen.category == Category.ACCUSATION and seen.replied_at is None,
        extension_untold=seen.replied_at is None and services.complaint_extension_untold(seen),
        reopenings=list(seen.reopenings.select_related("by", "found_by")),
        disposal=seen.disposals.select_related("asked_by", "confirmed_by").order_by("-pk").first(),
        about=matters_of(officer).filter(complaints=seen.pk).first(),
        same_as=mine.filter(taken_in=seen.pk).select_related("matter").first(),
        taken_in=list(mine.filter(same_as=seen.pk).select_related("matter")),
        handlings=list(
            Handling.objects.filter(matter=seen.pk, until_at=None).select_related("officer__unit").order_by("pk")
        ),
        barrings=list(Barring.objects.in_force().filter(matter=seen.pk).select_related("unit", "officer")),
        named=seen.disposed_at is None and hasattr(seen, "complainant"),
        looks=list(seen.looks.select_related("officer")[:20]),
        person=person or [],
        why=why or WhyForm(),
        likenesses=[
            (row, row.earlier if row.complaint_id == seen.pk else row.complaint)
            for row in complaint_likenesses_of(officer, seen)
        ],
        steps=list(seen.steps.select_related("by").order_by("-at", "-pk")),
        offers=_offers(seen, officer, at, refused),
    )
    # Neither the browser nor anything in between keeps it.
    response["Cache-Control"] = "private, no-store"
    return response
