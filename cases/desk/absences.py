"""Who is away, and who is told in his place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from cases.absences import add_absence, end_absence
from cases.desk.forms import DAY, officer_numbered
from cases.desk.frame import page, show, who
from cases.models import Absence, Officer
from cases.queries import absences_of, people_of
from cases.services import CaseRefused

SHOWN = 200


class AbsenceForm(forms.Form):
    """An officer away: from when to when, and who is told in his place. Only heads say whose absence it is."""

    officer = forms.ModelChoiceField(label="外出的人", queryset=Officer.objects.none(), empty_label=None)
    deputy = forms.CharField(label="代理人（警号）", max_length=20)
    from_on = forms.DateField(label="自", widget=DAY)
    until_on = forms.DateField(label="至（含当天）", widget=DAY)
    reason = forms.CharField(label="事由", max_length=100, required=False, help_text="如出差、休假、培训；可以不填")

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_of(by) | Officer.objects.filter(pk=by.pk)
        self.fields["officer"].queryset = people.order_by("police_number")  # type: ignore[attr-defined]
        self.fields["officer"].initial = by.pk
        if not people.exclude(pk=by.pk).exists():
            del self.fields["officer"]

    def clean_deputy(self) -> Officer:
        return officer_numbered(self.cleaned_data["deputy"])


@page("cases.view_absence", ("GET", "HEAD", "POST"))
def absences(request: HttpRequest) -> HttpResponse:
    """Absences that are or will be, and a form to enter one."""
    officer, today = who(request), timezone.localdate()
    form = AbsenceForm(request.POST or None, by=officer) if officer.has_perm("cases.add_absence") else None
    if request.method == "POST" and form is not None and form.is_valid():
        entered = form.cleaned_data
        try:
            added = add_absence(
                officer=entered.get("officer", officer),
                deputy=entered["deputy"],
                from_on=entered["from_on"],
                until_on=entered["until_on"],
                reason=entered["reason"],
                by=officer,
                today=today,
            )
        except CaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"已登记：{added.officer} {added.from_on} 至 {added.until_on} 外出，通知由{added.deputy}代收。",
            )
            return redirect("desk:absences")
    rows = list(absences_of(officer, today).order_by("from_on", "pk")[:SHOWN])
    own = set(people_of(officer).filter(pk__in={row.officer_id for row in rows}).values_list("pk", flat=True))
    return show(
        request,
        "desk/absences.html",
        title="外出代理",
        form=form,
        rows=rows,
        may_end={row.pk for row in rows if row.officer_id == officer.pk or row.officer_id in own},
        today=today,
        away_now=next((row for row in rows if row.officer_id == officer.pk and row.from_on <= today), None),
    )


@page("cases.delete_absence", ("POST",))
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody is back before his time, or does not go."""
    officer, today = who(request), timezone.localdate()
    absence = get_object_or_404(
        Absence.objects.select_related("officer__unit"), pk__in=absences_of(officer, today), pk=pk
    )
    try:
        end_absence(absence=absence, by=officer, today=today)
        messages.success(request, f"已取消，{absence.officer}的通知从现在起发给本人。")
    except CaseRefused as refusal:
        messages.error(request, f"没有取消：{refusal}。")
    return redirect("desk:absences")
