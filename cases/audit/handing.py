"""Files that leave through a page: each is put on record first, and bears the code of its record where it can."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import PurePath
from typing import TypeVar
from zipfile import ZipFile

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from cases.audit.models import Way, WayOut
from cases.audit.services.ways import new_code, note_way_out
from cases.desk.frame import who

CODE = "X-Export-Code"
CSV = "text/csv; charset=utf-8"


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
    written app.model:id. `frozen`: its bytes are evidence or were issued, and stay as they are."""
    code = new_code()
    if not frozen:
        borne = bear(content, code)
        # A form without a place inside bears it in its name.
        name = name if borne != content else _named(name, code)
        content = borne
    taken = _note(request, name, what, about, rows, code, content)
    return _saved(HttpResponse(content, content_type=content_type), name, taken)


def hand_out_table(
    request: HttpRequest, lines: Iterable[str], *, name: str, what: str, about: str = "", rows: int
) -> StreamingHttpResponse:
    """A table of text, written as it is sent; the code stands in the file's name. On record before its first line."""
    code = new_code()
    taken = _note(request, name, what, about, rows, code, None)
    return _saved(StreamingHttpResponse(lines, content_type=CSV), _named(name, code), taken)


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
    request: HttpRequest, name: str, what: str, about: str, rows: int | None, code: str, content: bytes | None
) -> WayOut:
    return note_way_out(
        way=Way.EXPORT, what=what, about=about, form=PurePath(name).suffix.lstrip(".")[:8], rows=rows, code=code,
        asked=request.GET.urlencode(), content=content, by=who(request), at=timezone.now(),
    )  # fmt: skip


Response = TypeVar("Response", HttpResponse, StreamingHttpResponse)


def _saved(response: Response, name: str, taken: WayOut) -> Response:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response[CODE] = taken.code
    return response
