"""The list of petitions, registering one, and the page of one: for its handlers and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Barring, Clock, ClockState, Feedback, Officer
from cases.queries import clocks_of, matters_of, most_urgent
from supervision.petitions import rules, services
from supervision.petitions.acts import ACTS, BY_CODE, Act
from supervision.petitions.filters import PetitionFilter
from supervision.petitions.forms import ActForm, ReasonForm, RegistrationForm
from supervision.petitions.models import Channel, Contact, Disposal, Lead, Petition, Recheck, Stage
from supervision.petitions.queries import handlers_of, likenesses_of, not_taken_up, petitions_of
from supervision.petitions.services import PetitionRefused
from supervision.petitions.unattended import count_to_be_given

EMPTY = Emptiness(
    "没有由您经办的信访事项",
    "信访事项只有写名的经办人看得见。登记一件，或者被指定为经办人、包案领导以后，会在这里列出。",
)

# As many petitions entered elsewhere as are offered above the list at once.
MOST_OUTSIDE = 10


@page("petitions.view_petition")
def petitions(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()

    def dress(rows: list[Petition]) -> dict[str, Any]:
        urgent = most_urgent([row.matter for row in rows])
        leads = {
            lead.petition_id: lead.officer
            for lead in Lead.objects.filter(petition__in=rows, until_at=None).select_related("officer")
        }
        contacts: dict[int, Contact] = {}
        for contact in Contact.objects.filter(petition__in=rows, held_at=None).order_by("-planned_on", "-pk"):
            contacts[contact.petition_id] = contact
        for row in rows:
            row.urgent = urgent.get(row.pk)  # type: ignore[attr-defined]
            row.lead = leads.get(row.pk)  # type: ignore[attr-defined]
            row.next_contact = contacts.get(row.pk)  # type: ignore[attr-defined]
        outside = list(not_taken_up(officer)[: MOST_OUTSIDE + 1])
        return {
            "today": timezone.localdate(at),
            "outside": outside[:MOST_OUTSIDE],
            "more_outside": len(outside) > MOST_OUTSIDE,
            "channels": Channel.choices,
            "unattended": count_to_be_given(officer, at),
        }

    return show_list(
        request,
        "petitions/petitions.html",
        title="信访",
        filter_class=PetitionFilter,
        rows=petitions_of(officer).select_related("matter__kind", "matter__unit"),
        moment="received_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(
            ("全部", ""),
            ("未化解", "stage=open"),
            ("待受理", "stage=registered"),
            ("我包案的", "led=yes"),
            ("没有包案领导", "stage=open&led=no"),
            ("已化解", "stage=resolved"),
        ),
        dress=dress,
    )


@page("petitions.add_petition", ("GET", "HEAD", "POST"))
def new_petition(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    form = RegistrationForm(request.POST or None, by=officer)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register(by=officer, at=timezone.now(), **form.facts())
        except PetitionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if petitions_of(Officer.objects.get(pk=officer.pk)).filter(pk=made.pk).exists():
                messages.success(request, f"已登记，回执编号 {made.matter.number}。请在十五日内书面告知信访人。")
                return redirect("petitions:petition", pk=made.pk)
            messages.success(
                request,
                f"已登记，回执编号 {made.matter.number}，已交指定的经办人。您所在单位被反映，此后不再对您显示。",
            )
            return redirect("petitions:petitions")
    return show(
        request,
        "petitions/new.html",
        title="登记信访事项",
        form=form,
        status=422 if form.is_bound else 200,
        trail=(("信访", reverse("petitions:petitions")),),
    )


@page("petitions.change_petition", ("POST",))
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead a petition from here that was entered elsewhere."""
    officer = who(request)
    outside = get_object_or_404(not_taken_up(officer), pk=pk)
    channel = request.POST.get("channel", "")
    if channel not in Channel.values:
        messages.error(request, "没有转入：请选择渠道。")
        return redirect("petitions:petitions")
    try:
        services.take_up(matter=outside, channel=channel, by=officer, at=timezone.now())
    except PetitionRefused as refusal:
        messages.error(request, f"没有转入：{refusal}。")
        return redirect("petitions:petitions")
    messages.success(request, f"已转入 {outside.number}。请补登信访人和被反映的单位、民警。")
    return redirect("petitions:petition", pk=pk)


def _seen(request: HttpRequest, pk: int) -> Petition:
    rows = petitions_of(who(request)).select_related(
        "matter__kind", "matter__unit", "underlying__kind", "registered_by"
    )
    return get_object_or_404(rows, pk=pk)


@page("petitions.view_petition")
def petition(request: HttpRequest, pk: int) -> HttpResponse:
    return _petition_page(request, _seen(request, pk))


@page("petitions.view_petition", ("POST",))
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who is behind a petition, this once: the look is on record, the page is kept nowhere."""
    seen = _seen(request, pk)
    form = ReasonForm(request.POST)
    people: list[list[tuple[str, str]]] = []
    status = 200
    if form.is_valid():
        try:
            found = services.look_at_identity(
                petition=seen, reason=form.cleaned_data["reason"], by=who(request), at=timezone.now()
            )
        except PetitionRefused as refusal:
            form.add_error("reason", str(refusal))
            status = 422
        else:
            people = [
                [(services.NAMES.get(name, name), facts[name]) for name in services.NAMES if name in facts]
                for _, facts in found
            ]
    else:
        status = 422
    return _petition_page(request, seen, people=people, reason_form=form, status=status)


@page("petitions.view_petition", ("POST",))
def do(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One act on a petition. Whoever is refused gets the page as it is now, with what he had written."""
    officer, at = who(request), timezone.now()
    seen = _seen(request, pk)
    act = BY_CODE.get(code)
    if act is None:
        raise Http404
    if not officer.has_perm(act.permission):
        raise PermissionDenied
    form = act.form(request.POST, petition=seen, by=officer, at=at)
    if form.is_valid():
        try:
            act.run(seen, form.cleaned_data, officer, at)
        except PetitionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已办理：{act.title}。")
            if petitions_of(Officer.objects.get(pk=officer.pk)).filter(pk=pk).exists():
                return redirect("petitions:petition", pk=pk)
            return redirect("petitions:petitions")
    return _petition_page(request, _seen(request, pk), refused=(act, form), status=422)


# -- the page --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Offer:
    """An act on the page, with its form; open where it was refused."""

    act: Act
    form: ActForm
    open: bool = False


def _offers(
    seen: Petition, officer: Officer, at: datetime, refused: tuple[Act, ActForm] | None
) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = {}
    for act in ACTS:
        if refused is not None and refused[0] is act:
            found.setdefault(act.section, []).append(Offer(act, refused[1], open=True))
        elif act.offered(seen, officer):
            form = act.form(petition=seen, by=officer, at=at)
            if _has_something_to_choose(form):
                found.setdefault(act.section, []).append(Offer(act, form))
    return found


def _has_something_to_choose(form: ActForm) -> bool:
    """An act about a row is offered only where there is such a row."""
    needed = ("measure", "contact", "found", "meeting", "decision", "recheck", "barring", "likeness")
    return all(form.offered(name).exists() for name in needed if name in form.fields)


def _petition_page(
    request: HttpRequest,
    seen: Petition,
    *,
    refused: tuple[Act, ActForm] | None = None,
    people: list[list[tuple[str, str]]] | None = None,
    reason_form: ReasonForm | None = None,
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
    duties = [clock for clock in running if clock.limit.nature in ("authority_duty", "measure_cap")]
    behind = seen.underlying
    behind_seen = behind is not None and matters_of(officer).filter(pk=behind.pk).exists()
    contacts = list(seen.contacts.select_related("officer"))
    response = show(
        request,
        "petitions/petition.html",
        title=f"信访事项 {seen.matter.number}",
        trail=(("信访", reverse("petitions:petitions")),),
        status=status,
        petition=seen,
        matter=seen.matter,
        at=at,
        today=timezone.localdate(at),
        route=rules.route_of(seen.route) if seen.route else None,
        clocks=sorted(clocks, key=lambda clock: (clock.state != ClockState.RUNNING, clock.due_at or clock.started_at)),
        next_duty=min(duties, key=lambda clock: (clock.due_at, clock.pk), default=None),
        extension_untold=seen.stage == Stage.ACCEPTED and services.extension_untold(seen),
        behind=behind if behind_seen else None,
        behind_clocks=list(clocks_of(officer).running().filter(matter=behind).select_related("limit"))
        if behind_seen
        else [],
        leads=list(seen.leads.select_related("officer").order_by("-from_at")),
        plan=getattr(seen, "plan", None),
        measures=list(seen.plan.measures.select_related("officer")) if hasattr(seen, "plan") else [],
        contacts=contacts,
        next_contact=next((contact for contact in contacts if contact.held_at is None), None),
        look_backs=list(seen.look_backs.select_related("unit", "officer", "by")),
        meetings=list(seen.meetings.select_related("chair").prefetch_related("decisions__officer")),
        resolutions=list(seen.resolutions.select_related("by")),
        rechecks=list(Recheck.objects.filter(resolution__petition=seen).select_related("resolution", "by")),
        feedback=list(Feedback.objects.filter(matter=seen.pk)),
        handlings=list(handlers_of(seen)),
        barrings=list(Barring.objects.in_force().filter(matter=seen.pk).select_related("unit", "officer")),
        petitioners=seen.petitioners.filter(erased_at=None).count(),
        looks=list(seen.looks.select_related("officer")[:20]),
        people=people or [],
        reason_form=reason_form or ReasonForm(),
        likenesses=[
            (row, row.earlier if row.petition_id == seen.pk else row.petition) for row in likenesses_of(officer, seen)
        ],
        disposal=Disposal.objects.filter(petition=seen).select_related("asked_by", "confirmed_by").first(),
        steps=list(seen.steps.select_related("by").order_by("-at", "-pk")),
        offers=_offers(seen, officer, at, refused),
    )
    # Neither the browser nor anything in between keeps it.
    response["Cache-Control"] = "private, no-store"
    return response
