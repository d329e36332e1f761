"""Administrative cases that may still be handled quickly, and applying the procedure to one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from supervision.expedited import queries, services
from supervision.expedited.filters import AdministrativeFilter
from supervision.expedited.forms import ApplyForm
from supervision.expedited.models import ExpeditedCase, Verdict
from supervision.expedited.queries import FACT
from supervision.expedited.rules import Eligibility
from supervision.expedited.services import ExpeditedRefused

EMPTY = Emptiness("没有符合条件的行政案件", "放宽上面的条件；案件由导入或者“事项”登记，受案以后列在这里。")
CANDIDATES = "procedure=other&state=open"


@page("expedited.view_expeditedcase")
def matters(request: HttpRequest) -> HttpResponse:
    if not request.GET:
        return redirect(f"{reverse('expedited:matters')}?{CANDIDATES}")
    officer = who(request)
    return show_list(
        request,
        "expedited/matters.html",
        title="行政案件和快速办理",
        filter_class=AdministrativeFilter,
        rows=queries.administrative_of(officer).select_related("kind", "unit", "officer", "expedited_case"),
        moment="opened_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("可以核对适用的", CANDIDATES),
            ("在办的快速办理", "procedure=expedited&state=open"),
            ("办结的快速办理", "procedure=expedited&state=closed"),
            ("全部", "procedure="),
        ),
        may_add=officer.has_perm("expedited.add_expeditedcase"),
    )


@page("expedited.add_expeditedcase", ("GET", "HEAD", "POST"))
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether a case may be handled so, with every ground for and against; and if it may, doing it."""
    officer, at = who(request), timezone.now()
    rows = queries.administrative_of(officer).select_related("kind", "unit", "officer")
    matter = get_object_or_404(rows, pk=pk)
    if matter.facts.get(FACT) in (True, "true"):
        # Imported as such: it is taken over as it is, and its facts are stated there.
        services.adopt_matters([pk], at=at)
    if ExpeditedCase.objects.filter(pk=pk).exists():
        return redirect("expedited:case", pk=pk)
    known, arrival = queries.known_of([matter])[pk], queries.arrival_on(matter)
    data = request.POST if request.method == "POST" else None
    form = ApplyForm(data, known=known, stated={}, arrived=arrival is not None, at=at)
    answers = form.answers() if form.is_bound and form.is_valid() else {}
    weighed: Eligibility = services.weigh_case(matter=matter, answers=answers, by=officer)
    if form.is_bound and form.is_valid() and request.POST.get("verb") == "apply":
        try:
            services.apply_expedited(
                matter=matter, answers=answers, arrived_at=form.arrived_at(), by=officer, at=at
            )  # fmt: skip
        except ExpeditedRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, "已适用快速办理，四十八小时自到案起算。请登记书面告知和同意。")
            return redirect("expedited:case", pk=pk)
    return show(
        request,
        "expedited/apply.html",
        title=f"核对能否快速办理 {matter.number}",
        trail=(("行政案件和快速办理", f"{reverse('expedited:matters')}?{CANDIDATES}"),),
        status=422 if form.errors else 200,
        matter=matter,
        form=form,
        weighed=weighed,
        verdict=Verdict(weighed.verdict.value),
        arrival=arrival,
        asked=form.is_bound,
    )
