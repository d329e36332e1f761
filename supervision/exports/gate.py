"""Where every file passes before it is handed over (`settings.EXPORT_GATE`): what may not leave at once is asked for."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from cases.audit.handing import Taking
from cases.desk.frame import who
from cases.models import Officer
from supervision.exports.queries import taken_freely
from supervision.exports.rules import Why, plain_query, why_held
from supervision.exports.services import Export, take_export

SALT = "exports.asked"
# So long after somebody pressed the button he may still ask; later the rows may be others.
HOURS = 2


def pass_gate(request: HttpRequest, taking: Taking, *, at: datetime) -> HttpResponse | None:
    """None lets the file out; otherwise the answer is the way to the page where it is asked for.

    Using up a download is part of the caller's transaction. What is asked for is signed for the officer, so that nobody
    who decides is shown another page, filter or number of rows than the one that was pressed.
    """
    officer = who(request)
    why = why_held(
        rows=taking.rows,
        sensitive=bool(taking.sensitive),
        freely=settings.EXPORT_ROWS_FREELY,
        before=taken_freely(officer, at) if taking.rows else 0,
    )
    if why is None:
        return None
    export = _export(request, taking)
    if take_export(export=export, code=taking.code, by=officer, at=at) is not None:
        return None
    return redirect(f"{reverse('exports:ask')}?{urlencode({'of': sign(export, why, officer)})}")


def _export(request: HttpRequest, taking: Taking) -> Export:
    return Export(
        what=taking.what,
        path=request.path,
        query=plain_query(request.GET.urlencode()),
        method="POST" if request.method == "POST" else "GET",
        form=taking.form,
        about=taking.about,
        rows=taking.rows or 0,
    )


def sign(export: Export, why: Why, officer: Officer) -> str:
    """What was pressed, so that the officer can carry it to the page where he asks and nobody can change it."""
    said = [
        officer.pk, why.value, export.what, export.path, export.query, export.method, export.form, export.about,
        export.rows,
    ]  # fmt: skip
    return signing.dumps(said, salt=SALT, compress=True)


def read(text: str, officer: Officer) -> tuple[Export, Why] | None:
    """What an officer pressed; None where it is not his, too old, or not written by this house."""
    try:
        said = signing.loads(text, salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        return None
    pk, why, what, path, query, method, form, about, rows = said
    if pk != officer.pk:
        return None
    export = Export(what=what, path=path, query=query, method=method, form=form, about=about, rows=rows)
    return export, Why(why)
