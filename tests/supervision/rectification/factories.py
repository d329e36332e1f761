"""Orders for tests, through the door of the room, and small real files to attach to them."""

import io
import zipfile
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Officer, Unit
from supervision.rectification.evidence import Received, receive
from supervision.rectification.models import Order, Source
from supervision.rectification.services import OrderRequest, issue_order, reply_order
from tests.cases.factories import moment

# A Tuesday; the third working day after it is Friday 22 May.
AT = moment("2026-05-19 09:00")

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 64
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def order_for(unit: Unit, officer: Officer | None, *, by: Officer | None, at: datetime = AT, **fields: Any) -> Order:
    known: dict[str, Any] = {
        "source": Source.SUPERVISOR,
        "source_number": "S-1",
        "problem": "overrun",
        "text": "超期未作出决定，请尽快作出决定。",
        **fields,
    }
    return issue_order(unit=unit, officer=officer, by=by, at=at, **known)


def asked(number: str, unit: Unit, officer: Officer | None = None, **fields: Any) -> OrderRequest:
    return OrderRequest(
        source=Source.ALERT,
        source_number=number,
        problem=fields.pop("problem", "overrun"),
        unit_id=unit.pk,
        officer_id=officer.pk if officer is not None else None,
        text="超期",
        **fields,
    )


def package(*parts: str, content: bytes = b"<xml/>") -> bytes:
    """A zip of the named parts, the same whenever it is made: two processes must name a test by it alike."""
    paper = io.BytesIO()
    with zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as package:
        for part in parts:
            package.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return paper.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")
XLSX = package("[Content_Types].xml", "xl/workbook.xml")


def upload(name: str = "决定书.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def taken(name: str = "决定书.pdf", content: bytes = PDF) -> Received:
    """A file taken in; the test has asked for an evidence folder."""
    return receive(upload(name, content))


def replied(order: Order, by: Officer, at: datetime, *files: Received, text: str = "已作出决定。") -> Order:
    return reply_order(order=order, text=text, evidence=files or (taken(),), by=by, at=at)
