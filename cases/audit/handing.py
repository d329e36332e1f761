"""Files that leave through a page: each is put on record first, and bears the code of its record where it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import TypeVar
from zipfile import ZipFile

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string

from cases.audit.declared import EXPORTS
from cases.audit.models import Way, WayOut
from cases.audit.services.ways import new_code, note_way_out
from cases.desk.frame import who

CODE = "X-Export-Code"
CSV = "text/csv; charset=utf-8"


class UndeclaredExport(Exception):
    """A file of a kind that is not in `declared.EXPORTS`, or a list that does not say how many rows it has."""


@dataclass(frozen=True, slots=True)
class Taking:
    """A file about to be handed over: what is in it, of which row, how many rows (None: a single paper), in which form,
    under which code, and why its kind is sensitive, if it is."""

    what: str
    about: str
    rows: int | None
    form: str
    code: str
    sensitive: str


# None lets the file out; an answer is given in its place.
Gate = Callable[..., HttpResponse | None]


def hand_out(
    request: HttpRequest,
    content: bytes,
    *,
    name: str,
    content_type: str,
    what: str,
    about: str = "",
    rows: int | None = None,
    frozen: bool = False,
) -> HttpResponse:
    """A file to be saved, on record under its code and by its digest. `what` is what is in it, `about` the row it is of,
    written app.model:id. `frozen`: its bytes are evidence or were issued, and stay as they are.

    What may not leave at once is answered with the way to the page where it is asked for (`settings.EXPORT_GATE`), and
    bears no code. Refuses a kind of file that is not declared.
    """
    code, at = new_code(), timezone.now()
    with transaction.atomic():
        if (asked := _held(request, name, what, about, rows, code, at)) is not None:
            return asked
        if not frozen:
            borne = bear(content, code)
            # A form without a place inside bears it in its name.
            name = name if borne != content else _named(name, code)
            content = borne
        taken = _note(request, name, what, about, rows, code, content, at)
    return _saved(HttpResponse(content, content_type=content_type), name, taken)


def hand_out_table(
    request: HttpRequest, lines: Iterable[str], *, name: str, what: str, about: str = "", rows: int
) -> HttpResponseBase:
    """A table of text, written as it is sent; the code stands in the file's name. On record before its first line.

    What may not leave at once is answered as by `hand_out`.
    """
    code, at = new_code(), timezone.now()
    with transaction.atomic():
        if (asked := _held(request, name, what, about, rows, code, at)) is not None:
            return asked
        taken = _note(request, name, what, about, rows, code, None, at)
    return _saved(StreamingHttpResponse(lines, content_type=CSV), _named(name, code), taken)


def _held(
    request: HttpRequest, name: str, what: str, about: str, rows: int | None, code: str, at: datetime
) -> HttpResponse | None:
    kind = EXPORTS.get(what)
    if kind is None or kind.rows != (rows is not None):
        raise UndeclaredExport(
            f"{what}: write it into EXPORTS of cases/audit/declared.py, and say its rows if it is a list"
        )
    gate: Gate = import_string(settings.EXPORT_GATE)
    return gate(request, Taking(what, about, rows, _form(name), code, kind.sensitive), at=at)


def _form(name: str) -> str:
    return PurePath(name).suffix.lstrip(".")[:8]


def _named(name: str, code: str) -> str:
    file = PurePath(name)
    return f"{file.stem}-{code}{file.suffix}"


def bear(content: bytes, code: str) -> bytes:
    """The file with the code in it, where its form has a place nobody sees: Word and Excel files, and PDF."""
    mark = f"dingban {code}".encode()
    if content.startswith(b"%PDF-"):
        return content + b"\n%" + mark + b"\n"
    if content.startswith(b"PK\x03\x04"):
        file = BytesIO(content)
        with ZipFile(file, "a") as package:
            package.comment = mark
        return file.getvalue()
    return content


def _note(
    request: HttpRequest,
    name: str,
    what: str,
    about: str,
    rows: int | None,
    code: str,
    content: bytes | None,
    at: datetime,
) -> WayOut:
    return note_way_out(
        way=Way.EXPORT, what=what, about=about, form=_form(name), rows=rows, code=code,
        asked=request.GET.urlencode(), content=content, by=who(request), at=at,
    )  # fmt: skip


Response = TypeVar("Response", HttpResponse, StreamingHttpResponse)


def _saved(response: Response, name: str, taken: WayOut) -> Response:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response[CODE] = taken.code
    return response
