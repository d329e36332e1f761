"""The papers of a bulletin: Word, PDF, Excel and the pictures of its mail, made once for all who get it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from supervision.bulletins.issuing import shown_circular
from supervision.bulletins.models import Bulletin, BulletinPaper, PaperForm
from supervision.bulletins.papers.document import Circular
from supervision.bulletins.papers.html import mail

TYPES: Final = {
    PaperForm.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PaperForm.PDF: "application/pdf",
    PaperForm.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PaperForm.PICTURE: "image/png",
}
# What is attached to a mail, in this order.
ATTACHED: Final = (PaperForm.WORD, PaperForm.PDF, PaperForm.EXCEL)
# No file system takes these, and no reader wants them in a name.
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('\\/:*?"<>|\r\n\t', "_"))


def print_paper(circular: Circular, form: PaperForm) -> bytes:
    """One form of a circular. Word, PDF and Excel are loaded when they are first asked for."""
    match form:
        case PaperForm.WORD:
            from supervision.bulletins.papers.word import word_paper  # heavy: only who prints needs it

            return word_paper(circular)
        case PaperForm.PDF:
            from supervision.bulletins.papers.pdf import pdf_paper  # heavy: only who prints needs it

            return pdf_paper(circular, font_dir=settings.FONT_DIR)
        case PaperForm.EXCEL:
            from supervision.bulletins.papers.excel import excel_paper  # heavy: only who prints needs it

            return excel_paper(circular)
    raise ValueError(f"{form} 不是一份文书")


def file_name(bulletin: Bulletin, form: PaperForm) -> str:
    """What a paper is called where it is saved: number and title."""
    name = f"{bulletin.number}{bulletin.title}" if bulletin.number else f"{bulletin.title}（草稿）"
    return f"{name.translate(_NOT_IN_NAMES)[:120]}.{form.value}"


def file_papers(bulletin: Bulletin, *, at: datetime) -> list[BulletinPaper]:
    """The papers of an issued bulletin, made now if nobody has made them yet; twice at once gives the same rows.

    A bulletin of a time before circulars has none.
    """
    if found := list(BulletinPaper.objects.filter(bulletin=bulletin)):
        return found
    if bulletin.circular is None:
        return []
    circular = shown_circular(bulletin)
    made = [
        BulletinPaper(
            bulletin=bulletin,
            form=form,
            name=file_name(bulletin, form),
            content=print_paper(circular, form),
            made_at=at,
        )
        for form in ATTACHED
    ]
    made += [
        BulletinPaper(bulletin=bulletin, form=PaperForm.PICTURE, name=picture.cid, content=picture.content, made_at=at)
        for picture in mail(circular).pictures
    ]
    with transaction.atomic():
        BulletinPaper.objects.bulk_create(made, ignore_conflicts=True)
    return list(BulletinPaper.objects.filter(bulletin=bulletin))
