"""The page on which a leader names handlers for what nobody handles any more; for whoever is not asked it is empty."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.models import Officer
from supervision.petitions import services
from supervision.petitions.complaint_forms import HandlerForm
from supervision.petitions.models import Petition
from supervision.petitions.queries import complaints_of, petitions_of
from supervision.petitions.services import PetitionRefused
from supervision.petitions.unattended import to_be_given


@page("petitions.direct_petition")
def unattended(request: HttpRequest) -> HttpResponse:
    return _page(request, None)


@page("petitions.direct_petition", ("POST",))
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a handler. What one is not asked about is not there."""
    officer, at = who(request), timezone.now()
    one = next((one for one in to_be_given(officer, at) if one.matter.pk == pk), None)
    if one is None:
        raise Http404
    form = HandlerForm(request.POST, auto_id=f"id_{pk}_%s")
    if not form.is_valid():
        return _page(request, (pk, form))
    try:
        services.name_where_nobody_handles(
            matter=one.matter, officer=form.cleaned_data["officer"], role=form.cleaned_data["role"], by=officer, at=at
        )
    except PetitionRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, (pk, form))
    messages.success(request, f"{one.matter.number} 已由{form.cleaned_data['officer']}经办。")
    seen = petitions_of if isinstance(one.row, Petition) else complaints_of
    if seen(Officer.objects.get(pk=officer.pk)).filter(pk=pk).exists():
        return redirect("petitions:petition" if isinstance(one.row, Petition) else "petitions:complaint", pk=pk)
    return redirect("petitions:unattended")


def _page(request: HttpRequest, refused: tuple[int, HandlerForm] | None) -> HttpResponse:
    rows = [
        (one, refused[1] if refused is not None and refused[0] == one.matter.pk else _form(one.matter.pk))
        for one in to_be_given(who(request), timezone.now())
    ]
    response = show(
        request,
        "petitions/unattended.html",
        title="无人经办的信访投诉",
        rows=rows,
        status=200 if refused is None else 422,
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _form(pk: int) -> HandlerForm:
    return HandlerForm(auto_id=f"id_{pk}_%s")
