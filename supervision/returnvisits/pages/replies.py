"""Replies by short message: hand a file in, see what would come of it, take it in."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk import uploads
from cases.desk.frame import page, show, who
from supervision.returnvisits import services
from supervision.returnvisits.forms import RepliesForm
from supervision.returnvisits.refusals import ReturnVisitRefused
from supervision.returnvisits.services.importing import LAYOUT

REFUSALS_SHOWN = 200
TOO_LARGE = "文件太大，请分成几个文件"


@page("returnvisits.record_visit", ("GET", "HEAD", "POST"))
def replies(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    form = RepliesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = uploads.keep(form.cleaned_data["file"], mapping=LAYOUT.name, mapping_file=None, by=officer, at=at)
        if kept.at_once:
            return redirect("returnvisits:upload", key=kept.key)
        uploads.discard(kept)
        form.add_error("file", TOO_LARGE)
    return show(
        request,
        "returnvisits/replies.html",
        title="导入短信回复",
        trail=(("回访批次", reverse("returnvisits:rounds")),),
        form=form,
        status=422 if form.errors else 200,
    )


@page("returnvisits.record_visit", ("GET", "HEAD", "POST"))
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """What would come of a file; then, on a word, taking it in. The file goes with the word: it holds what people said."""
    officer, at = who(request), timezone.now()
    kept = uploads.find(key, officer)
    if kept is None or kept.mapping != LAYOUT.name:
        raise Http404
    if request.method == "POST" and request.POST.get("act") != "load":
        uploads.discard(kept)
        messages.success(request, f"已放弃“{kept.name}”，没有改动任何数据。")
        return redirect("returnvisits:replies")
    load = request.method == "POST"
    report, refusal = None, ""
    try:
        report = services.load_replies(kept.path, by=officer, at=at, dry_run=not load)
    except ReturnVisitRefused as refused:
        refusal = str(refused)
    if load and not refusal:
        uploads.discard(kept)
    return show(
        request,
        "returnvisits/upload.html",
        title=kept.name,
        trail=(
            ("回访批次", reverse("returnvisits:rounds")),
            ("导入短信回复", reverse("returnvisits:replies")),
        ),
        report=report,
        refusal=refusal,
        loaded=load and not refusal,
        shown=report.refused[:REFUSALS_SHOWN] if report is not None else [],
        rows_refused=len({problem.row for problem in report.refused}) if report is not None else 0,
    )
