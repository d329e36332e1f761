"""Bringing files in: hand in, look at what would change, import, look at what was refused, take back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from cases.audit.handing import hand_out_table
from cases.desk import uploads
from cases.desk.frame import page, show, who
from cases.desk.lists import address
from cases.desk.paging import Page, count_capped, page_by_key
from cases.intake import IntakeRefused, undo_batch
from cases.models import Batch, BatchState, PendingWinding, Refusal
from cases.queries import batches_of, matters_of
from cases.services import CaseRefused

REFUSALS_SHOWN = 200
NOTHING_ANSWERS = "后台没有应答，文件已保留，请稍后再点一次“导入”。"


class UploadForm(forms.Form):
    """A file to import and the mapping to read it through."""

    file = forms.FileField(label="文件", help_text=".csv、.csv.gz、.xlsx、.xes、.xes.gz")
    mapping = forms.ChoiceField(label="对应表", required=False)
    mapping_file = forms.FileField(label="或者自带对应表（YAML）", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(mapping.name, f"{mapping.name}（{mapping.source}）") for mapping in uploads.known_mappings()]
        self.fields["mapping"].choices = [("", "按表头自动识别"), *names]  # type: ignore[attr-defined]


@page("cases.view_batch", ("GET", "HEAD", "POST"))
def imports(request: HttpRequest) -> HttpResponse:
    """The batches so far, and a form to hand in a file."""
    officer, at = who(request), timezone.now()
    form, wrong = None, ""
    if officer.has_perm("cases.add_batch"):
        try:
            form = UploadForm(request.POST or None, request.FILES or None)
        except CaseRefused as refusal:
            wrong = str(refusal)
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                upload = uploads.keep(
                    form.cleaned_data["file"],
                    mapping=form.cleaned_data["mapping"],
                    mapping_file=form.cleaned_data["mapping_file"],
                    by=officer,
                    at=at,
                )
                return redirect("desk:upload", key=upload.key)
            except IntakeRefused as refusal:
                form.add_error("file", str(refusal))
    rows: Page[Batch] = page_by_key(
        batches_of(officer).select_related("by"),
        moment="started_at",
        descending=True,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return show(
        request,
        "desk/imports.html",
        title="导入",
        form=form,
        wrong=wrong,
        page=rows,
        rows=rows.rows,
        first=address(request, None, None),
        previous=address(request, "before", rows.previous) if rows.previous else "",
        next=address(request, "after", rows.next) if rows.next else "",
        status=422 if form is not None and form.errors else 200,
    )


def _handed_in(request: HttpRequest, key: str) -> uploads.Upload:
    upload = uploads.find(key, who(request))
    if upload is None:
        raise Http404
    return upload


@page("cases.add_batch", ("GET", "HEAD", "POST"))
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """What importing this file would change, row by row; then, on a word, importing it."""
    handed = _handed_in(request, key)
    if request.method == "POST":
        return _act(request, handed)
    if handed.state == uploads.DONE and handed.batch is not None:
        return redirect("desk:batch", pk=handed.batch)
    report, mapping, refusal = None, None, handed.error
    if handed.state == uploads.WAITING:
        try:
            mapping = uploads.mapping_of(handed)
            report = uploads.rehearse(handed, at=timezone.now()) if handed.at_once else None
        except CaseRefused as refused:
            refusal = str(refused)
    running = _running_batch(handed) if handed.state == uploads.RUNNING else None
    response = show(
        request,
        "desk/upload.html",
        title=handed.name,
        trail=(("导入", reverse("desk:imports")),),
        upload=handed,
        mapping=mapping,
        report=report,
        refusal=refusal,
        running=running,
        shown=report.refusals[:REFUSALS_SHOWN] if report is not None else [],
        kept=report.kept[:REFUSALS_SHOWN] if report is not None else [],
    )
    if handed.state == uploads.RUNNING:
        response["Refresh"] = "3"
    return response


def _running_batch(handed: uploads.Upload) -> Batch | None:
    """The batch an upload is being loaded as, for its counts."""
    rows = Batch.objects.filter(by=handed.by, file_name=handed.name[:255], started_at__gte=handed.at)
    return rows.order_by("-pk").first()


def _act(request: HttpRequest, handed: uploads.Upload) -> HttpResponse:
    if request.POST.get("act") == "discard":
        uploads.discard(handed)
        messages.success(request, f"已放弃“{handed.name}”，没有改动任何数据。")
        return redirect("desk:imports")
    if handed.state in (uploads.RUNNING, uploads.DONE):
        return redirect("desk:upload", key=handed.key)
    if handed.at_once:
        handed = uploads.load(handed, at=timezone.now())
        if handed.state == uploads.REFUSED:
            messages.error(request, f"没有导入：{handed.error}。")
        return redirect("desk:upload", key=handed.key)
    from cases.tasks import load_upload_task  # import here: the tasks import the uploads

    handed.state, handed.error = uploads.RUNNING, ""
    handed.note()
    try:
        load_upload_task.delay(handed.key)
    except OperationalError:
        handed.state = uploads.WAITING
        handed.note()
        messages.error(request, NOTHING_ANSWERS)
    return redirect("desk:upload", key=handed.key)


# -- a batch ---------------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(batches_of(who(request)).select_related("by"), pk=pk)


@page("cases.view_batch")
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """What a batch brought, and the rows it refused with their reasons."""
    officer, seen = who(request), _seen(request, pk)
    refusals = list(Refusal.objects.filter(batch=seen).order_by("row", "pk")[:REFUSALS_SHOWN])
    response = show(
        request,
        "desk/batch.html",
        title=f"第{seen.pk}批",
        trail=(("导入", reverse("desk:imports")),),
        batch=seen,
        loading=seen.state == BatchState.LOADING,
        refusals=refusals,
        refusal_count=count_capped(Refusal.objects.filter(batch=seen)),
        pending=count_capped(PendingWinding.objects.filter(matter__events__batch=seen).distinct()),
        matters=count_capped(matters_of(officer).filter(batch=seen)),
        may_undo=officer.has_perm("cases.change_batch") and seen.state in (BatchState.LOADED, BatchState.FAILED),
    )
    if seen.state == BatchState.LOADING:
        response["Refresh"] = "3"
    return response


@page("cases.change_batch", ("GET", "HEAD", "POST"))
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a batch back: first what that would do, then, on a word, doing it."""
    seen, officer = _seen(request, pk), who(request)
    if request.method == "POST":
        try:
            done = undo_batch(seen.pk, at=timezone.now(), by=officer)
            messages.success(request, f"已撤回第{seen.pk}批：事项 {done.matters} 件、节点 {done.events} 个。")
        except IntakeRefused as refusal:
            messages.error(request, f"没有撤回：{refusal}。")
        return redirect("desk:batch", pk=seen.pk)
    report, refusal_text = None, ""
    try:
        report = undo_batch(seen.pk, at=timezone.now(), by=officer, dry_run=True)
    except IntakeRefused as refusal:
        refusal_text = str(refusal)
    return show(
        request,
        "desk/undo.html",
        title="撤销导入",
        trail=(("导入", reverse("desk:imports")), (f"第{seen.pk}批", reverse("desk:batch", args=(seen.pk,)))),
        batch=seen,
        report=report,
        refusal=refusal_text,
    )


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


@page("cases.view_batch")
def refused_rows(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The refused rows as a table to be put right: where, why, and the row itself."""
    seen = _seen(request, pk)
    rows = Refusal.objects.filter(batch=seen).count()
    about = f"cases.batch:{seen.pk}"
    return hand_out_table(
        request, _table(seen), name=f"refused-{seen.pk}.csv", what="导入拒收的行", about=about, rows=rows
    )


def _table(seen: Batch) -> Iterator[str]:
    writer = csv.writer(_Echo())
    rows = Refusal.objects.filter(batch=seen).order_by("row", "pk")
    first = rows.first()
    heads = list(first.content) if first is not None and isinstance(first.content, dict) else []
    # Without this mark Excel takes the file for GBK.
    yield "\ufeff"
    yield writer.writerow(["行号", "列", "原因", *heads])
    for row in rows.iterator(chunk_size=2000):
        content: dict[str, Any] = row.content if isinstance(row.content, dict) else {}
        values = [_harmless(str(content.get(head, ""))) for head in heads]
        yield writer.writerow([row.row, row.column, row.reason, *values])


def _harmless(text: str) -> str:
    """A cell that a spreadsheet takes for text, though it begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
