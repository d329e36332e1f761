"""What is measured and how: the list of indicators, one of them with its versions, and a bureau's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.models import Officer, Unit
from cases.queries import units_of
from supervision.evaluation.forms import DefineForm, EndForm, ReviseForm, SourceForm
from supervision.evaluation.models import Group, Indicator
from supervision.evaluation.queries import beside_those, bureaus_of, cutoff_of, indicators_of, rates_of_terms, withheld
from supervision.evaluation.queries.versions import above, with_parts
from supervision.evaluation.rules.forbidden import ALL, NATIONAL
from supervision.evaluation.rules.periods import month_of, previous
from supervision.evaluation.services import EvaluationRefused, define_indicator, end_indicator, revise_indicator
from supervision.evaluation.services.defining import check_definition
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.terms import told as words_of

NOT_NOW: Final = "将要施行的、已经停用的"


@page("evaluation.view_indicator")
def indicators(request: HttpRequest) -> HttpResponse:
    """What holds today for the units he may look at."""
    officer, today = who(request), timezone.localdate(timezone.now())
    units = list(units_of(officer))
    rows = indicators_of(officer, today, units)
    groups: list[tuple[str, list[Indicator]]] = [
        (str(group.label), [row for row in rows if row.group == group]) for group in Group
    ]
    groups.append((NOT_NOW, beside_those(rows, today, units)))
    return show(
        request,
        "evaluation/indicators.html",
        title="指标",
        groups=[(name, of) for name, of in groups if of],
        may_define=_may_define(officer),
        forbidden=[one.name for one in ALL],
        basis=NATIONAL,
    )


def _may_define(officer: Officer) -> bool:
    return officer.has_perm("evaluation.define_indicator") and bool(bureaus_of(officer))


@page("evaluation.view_indicator", ("GET", "HEAD", "POST"))
def indicator(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its words, what it counts in words, the other versions, and for a legal officer the next one."""
    officer, at = who(request), timezone.now()
    row = get_object_or_404(with_parts(_within_sight(officer)), pk=pk)
    today = timezone.localdate(at)
    posted = request.POST if request.method == "POST" else None
    asked = request.POST.get("act", "")
    stands = row.in_force_until is None and _may_define(officer)
    revise = (
        ReviseForm(posted if asked == "revise" else None, indicator=row, by=officer, today=today) if stands else None
    )
    if revise is not None and not revise.may:
        revise = None
    end = EndForm(posted if asked == "end" else None, today=today) if revise is not None and row.is_own else None
    wrong = ""
    try:
        if asked == "revise" and revise is not None and revise.is_valid():
            made = revise_indicator(
                indicator=row,
                wording=revise.wording(),
                unit=revise.cleaned_data["unit"],
                in_force_from=revise.cleaned_data["in_force_from"],
                by=officer,
                at=at,
            )
            messages.success(request, f"已发布第 {made.version} 版，{made.in_force_from:%Y-%m-%d} 起施行。")
            return redirect("evaluation:indicator", pk=made.pk)
        if asked == "end" and end is not None and end.is_valid():
            end_indicator(indicator=row, until=end.cleaned_data["until"], by=officer, at=at)
            messages.success(request, f"已停用，{end.cleaned_data['until']:%Y-%m-%d} 起不再统计。")
            return redirect("evaluation:indicator", pk=row.pk)
    except EvaluationRefused as refusal:
        wrong = str(refusal)
    failed = bool(wrong or (revise is not None and revise.errors) or (end is not None and end.errors))
    return show(
        request,
        "evaluation/indicator.html",
        title=row.name,
        trail=(("指标", reverse("evaluation:indicators")),),
        row=row,
        to_come=today < row.in_force_from,
        over=row.in_force_until is not None and row.in_force_until <= today,
        parts=[(part.get_side_display(), words_of(part.term)) for part in row.parts.all()],
        versions=_within_sight(officer).filter(code=row.code).exclude(pk=row.pk).order_by("-version"),
        revise=revise,
        end=end,
        wrong=wrong,
        status=422 if failed else 200,
    )


def _within_sight(officer: Officer) -> QuerySet[Indicator]:
    """Versions, old ones too, of the house and of the bureaus over and among his units."""
    units = list(units_of(officer))
    over = {path for unit in units for path in above(unit.path)}
    return Indicator.objects.filter(Q(unit=None) | Q(unit__path__in=over)).select_related("unit", "by")


# -- a bureau's own --------------------------------------------------------------------------------------------------


@page("evaluation.define_indicator", ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """First what is counted, then of what and how; its numbers are shown before it is put into force."""
    officer, at = who(request), timezone.now()
    source = SOURCES.get(request.GET.get("source", ""))
    if source is None:
        return show(
            request,
            "evaluation/new.html",
            title="制定指标",
            trail=(("指标", reverse("evaluation:indicators")),),
            sources=SourceForm(),
        )
    posted = request.POST if request.method == "POST" else None
    form = DefineForm(posted, source=source, by=officer, today=timezone.localdate(at))
    wrong, preview = "", None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "save":
                made = _define(form, officer, at)
                messages.success(request, f"已制定“{made.name}”，{made.in_force_from:%Y-%m-%d} 起施行。")
                return redirect("evaluation:indicator", pk=made.pk)
            preview = _preview(form, officer, at)
        except EvaluationRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "evaluation/new.html",
        title="制定指标",
        trail=(("指标", reverse("evaluation:indicators")),),
        source=source,
        form=form,
        preview=preview,
        wrong=wrong,
        status=422 if form.errors or wrong else 200,
    )


def _define(form: DefineForm, officer: Officer, at: datetime) -> Indicator:
    numerator, denominator = form.sides()
    return define_indicator(
        wording=form.wording(),
        numerator=numerator,
        denominator=denominator,
        unit=form.cleaned_data["unit"],
        in_force_from=form.cleaned_data["in_force_from"],
        by=officer,
        at=at,
    )


def _preview(form: DefineForm, officer: Officer, at: datetime) -> dict[str, Any]:
    """What it would have come to last month in the bureau and right below it; refused as saving would be."""
    numerator, denominator = form.sides()
    check_definition(code="own", wording=form.wording(), numerator=numerator, denominator=denominator)
    bureau: Unit = form.cleaned_data["unit"]
    units = [bureau, *Unit.objects.in_force().filter(parent=bureau).order_by("path")]
    period = previous(month_of(timezone.localdate(at)))
    cutoff = cutoff_of(period, at)
    rates = rates_of_terms(numerator, denominator, units, period, cutoff)
    why_not = withheld(
        [*numerator, *denominator], {unit: rates[unit.pk] for unit in units}, period, cutoff, officer, at=at
    )
    lines = [
        (unit, None if why_not[unit.pk] else rates[unit.pk], why_not[unit.pk] or rates[unit.pk].text) for unit in units
    ]
    return {
        "period": period,
        "lines": lines,
        "numerator": words_of(numerator[0]),
        "denominator": words_of(denominator[0]),
        "minimum": form.cleaned_data["minimum"],
    }
