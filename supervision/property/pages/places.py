"""Places where property is kept, with how much lies in each."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.queries import units_of
from supervision.property import services
from supervision.property.forms import PlaceForm
from supervision.property.models import ItemState, Place
from supervision.property.services import PropertyRefused


@page("property.view_place", ("GET", "HEAD", "POST"))
def places(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    may_add = officer.has_perm("property.add_place")
    if request.method == "POST" and not may_add:
        raise PermissionDenied
    form = PlaceForm(request.POST if request.method == "POST" else None, by=officer) if may_add else None
    if form is not None and form.is_bound and form.is_valid():
        try:
            place = services.add_place(**form.cleaned_data, by=officer)
        except PropertyRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已登记{place}。")
            return redirect("property:places")
    rows = Place.objects.filter(unit__in=units_of(officer), closed_at=None).select_related("unit")
    return show(
        request,
        "property/places.html",
        title="保管场所",
        trail=(("涉案财物", f"{reverse('property:items')}?state=held"),),
        status=422 if form is not None and form.errors else 200,
        form=form,
        places=rows.annotate(held=Count("items", filter=Q(items__state=ItemState.HELD)))[:500],
        may_close=officer.has_perm("property.change_place"),
    )


@page("property.change_place", ("POST",))
def close(request: HttpRequest, pk: int) -> HttpResponse:
    officer = who(request)
    place = get_object_or_404(Place.objects.select_related("unit"), pk=pk, unit__in=units_of(officer))
    try:
        services.close_place(place=place, by=officer, at=timezone.now())
        messages.success(request, f"{place}已停用。")
    except PropertyRefused as refusal:
        messages.error(request, f"没有停用：{refusal}。")
    return redirect("property:places")
