"""`manage.py bulletin {daily,weekly,monthly} --unit CODE`: compose a bulletin, show or write it, and issue it if asked."""

import json
from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from cases.audit.models import Way
from cases.audit.services import note_way_out
from cases.duty import work_calendar
from cases.models import Unit
from supervision.bulletins.filing import ATTACHED, print_paper
from supervision.bulletins.issuing import shown_circular
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinState
from supervision.bulletins.papers.html import page
from supervision.bulletins.papers.plain import plain_text
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import Month, Span
from supervision.bulletins.rules.life import Kind
from supervision.bulletins.services import compose, issue

BAD_USE = 2
KINDS = "daily（日监测）、weekly（周点评）、monthly（月通报）"


class Command(BaseCommand):
    """A bulletin that is past being a draft is shown as it is. Files are written before issuing, which cannot be taken
    back. Whoever issues here has the machine: no signature is asked for, and the ledger names nobody."""

    help = "编制通报：显示或写成文件，--issue 签发并排队发信"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help=f"通报种类：{KINDS}")
        parser.add_argument(
            "--date", help="所通报的月、周中的任意一天，或者那一天（ISO 格式），默认为上个月、上周、上一个工作日至昨天"
        )
        parser.add_argument("--unit", required=True, help="单位代码")
        parser.add_argument("--out", type=Path, help="写入此目录：网页、Word、PDF、Excel，以及文字和数据，各一个文件")
        parser.add_argument("--issue", action="store_true", help="签发：冻结内容，给每个收件人排一封信")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] not in Kind.planned():
            raise CommandError(f"没有“{options['kind']}”这种通报，可以是 {KINDS}", returncode=BAD_USE)
        kind, now = Kind(options["kind"]), timezone.now()
        span = _span(kind, options["date"], now)
        unit = Unit.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"没有代码为“{options['unit']}”的单位")
        try:
            bulletin = None if options["issue"] else _past_draft(unit, kind, span)
            bulletin = bulletin or compose(unit=unit, kind=kind, span=span, at=now)
            files = _write(bulletin, unit, options["out"]) if options["out"] else []
            if options["issue"]:
                bulletin = issue(bulletin=bulletin, by=None, at=now)
                # Once more, under its number and without the mark of a draft.
                files = _write(bulletin, unit, options["out"]) if options["out"] else []
        except BulletinRefused as error:
            raise CommandError(str(error)) from error
        if files:
            about = f"bulletins.bulletin:{bulletin.pk}"
            note_way_out(way=Way.COMMAND, what="通报文件", about=about, rows=len(files), by=None, at=now)
        self._print(bulletin, files, options["json"])

    def _print(self, bulletin: Bulletin, files: list[Path], as_json: bool) -> None:
        letters = bulletin.letters.count()
        if as_json:
            told = {
                "title": bulletin.title,
                "state": bulletin.state,
                "number": bulletin.number,
                "letters": letters,
                "files": [str(file) for file in files],
                "figures": bulletin.figures,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        if files:
            self.stdout.write("已写入：" + "、".join(str(file) for file in files))
        else:
            self.stdout.write(_text(bulletin))
        self.stdout.write(f"{bulletin.title}：{bulletin.get_state_display()}，信件 {letters} 封")


def _span(kind: Kind, text: str | None, now: datetime) -> Span:
    """The days asked for; none asked for: those just over."""
    today = timezone.localdate(now)
    if text is None:
        yesterday = today - timedelta(days=1)
        match kind:
            case Kind.MONTHLY:
                return Span.of_month(Month.of(today).previous)
            case Kind.WEEKLY:
                return Span.of_week(today - timedelta(days=7))
        return Span(work_calendar(now).last_working_until(yesterday, provisional=True), today)
    try:
        day = parse_date(text)
    except ValueError as error:
        raise CommandError(f"“{text}”不是存在的日期", returncode=BAD_USE) from error
    if day is None:
        raise CommandError(f"“{text}”不是日期，应写成 2026-03-31", returncode=BAD_USE)
    match kind:
        case Kind.MONTHLY:
            return Span.of_month(Month.of(day))
        case Kind.WEEKLY:
            return Span.of_week(day)
    return Span(day, day + timedelta(days=1))


def _past_draft(unit: Unit, kind: Kind, span: Span) -> Bulletin | None:
    """The bulletin on these days that can no longer be composed anew."""
    rows = Bulletin.objects.originals().filter(unit=unit, kind=kind, begins_on=span.first, ends_on=span.until)
    return rows.filter(state__in=(*BulletinState.out(), BulletinState.SUBMITTED, BulletinState.SIGNED)).first()


def _forms(bulletin: Bulletin) -> dict[str, bytes]:
    """Every form of the bulletin, by the ending of its file; of one of a time before circulars those it has."""
    data = json.dumps(bulletin.figures, ensure_ascii=False, indent=1) + "\n"
    forms = {".json": data.encode()}
    if bulletin.circular is None:
        return {".html": bulletin.html.encode(), ".txt": bulletin.text.encode(), **forms}
    circular = shown_circular(bulletin)
    forms |= {".html": page(circular).encode(), ".txt": plain_text(circular).encode()}
    return forms | {f".{form.value}": print_paper(circular, form) for form in ATTACHED}


def _text(bulletin: Bulletin) -> str:
    return bulletin.text if bulletin.circular is None else plain_text(shown_circular(bulletin))


def _write(bulletin: Bulletin, unit: Unit, folder: Path) -> list[Path]:
    """One file for each form of the bulletin, named so that they sort by kind, unit and day."""
    day = f"{bulletin.begins_on:%Y-%m}" if bulletin.kind == BulletinKind.MONTHLY else f"{bulletin.begins_on:%Y-%m-%d}"
    stem = f"{bulletin.kind}_{unit.code.replace('/', '-')}_{day}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for suffix, content in _forms(bulletin).items():
            file = folder / f"{stem}{suffix}"
            file.write_bytes(content)
            written.append(file)
    except OSError as error:
        raise CommandError(f"无法写入“{folder}”：{error.strerror}") from error
    return written
