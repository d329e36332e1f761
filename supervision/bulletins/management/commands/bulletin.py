"""`manage.py bulletin monthly --unit CODE`: compose a unit's bulletin, show or write it, and issue it if asked."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from cases.models import Unit
from supervision.bulletins.models import Bulletin, BulletinKind
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import Month
from supervision.bulletins.services import compose_monthly, issue

BAD_USE = 2


class Command(BaseCommand):
    """An issued bulletin is shown as it was issued. Files are written before issuing, which cannot be taken back."""

    help = "编制月通报：显示或写成文件，--issue 签发并排队发信"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="通报种类，目前只有 monthly（月通报）")
        parser.add_argument("--date", help="所通报月份中的任意一天（ISO 格式），默认为上个月")
        parser.add_argument("--unit", required=True, help="单位代码")
        parser.add_argument("--out", type=Path, help="写入此目录：网页、文字和数据各一个文件")
        parser.add_argument("--issue", action="store_true", help="签发：冻结内容，给每个收件人排一封信")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] not in BulletinKind.values:
            raise CommandError(f"没有“{options['kind']}”这种通报，目前只有 monthly（月通报）", returncode=BAD_USE)
        now = timezone.now()
        month = _month(options["date"], timezone.localdate(now))
        unit = Unit.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"没有代码为“{options['unit']}”的单位")
        try:
            bulletin = None if options["issue"] else _issued(unit, month)
            bulletin = bulletin or compose_monthly(unit=unit, month=month.first, at=now)
            files = _write(bulletin, unit, month, options["out"]) if options["out"] else []
            if options["issue"]:
                bulletin = issue(bulletin=bulletin, by=None, at=now)
        except BulletinRefused as error:
            raise CommandError(str(error)) from error
        self._print(bulletin, files, options["json"])

    def _print(self, bulletin: Bulletin, files: list[Path], as_json: bool) -> None:
        letters = bulletin.letters.count()
        if as_json:
            told = {
                "title": bulletin.title,
                "state": bulletin.state,
                "letters": letters,
                "files": [str(file) for file in files],
                "figures": bulletin.figures,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        if files:
            self.stdout.write("已写入：" + "、".join(str(file) for file in files))
        else:
            self.stdout.write(bulletin.text)
        self.stdout.write(f"{bulletin.title}：{bulletin.get_state_display()}，信件 {letters} 封")


def _month(text: str | None, today: date) -> Month:
    if text is None:
        return Month.of(today).previous
    try:
        day = parse_date(text)
    except ValueError as error:
        raise CommandError(f"“{text}”不是存在的日期", returncode=BAD_USE) from error
    if day is None:
        raise CommandError(f"“{text}”不是日期，应写成 2026-03-31", returncode=BAD_USE)
    return Month.of(day)


def _issued(unit: Unit, month: Month) -> Bulletin | None:
    return Bulletin.objects.issued().filter(unit=unit, kind=BulletinKind.MONTHLY, begins_on=month.first).first()


def _write(bulletin: Bulletin, unit: Unit, month: Month, folder: Path) -> list[Path]:
    """One file for each form of the bulletin, named so that they sort by unit and month."""
    forms = {
        ".html": bulletin.html,
        ".txt": bulletin.text,
        ".json": json.dumps(bulletin.figures, ensure_ascii=False, indent=1) + "\n",
    }
    stem = f"monthly_{unit.code.replace('/', '-')}_{month.first:%Y-%m}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for suffix, content in forms.items():
            file = folder / f"{stem}{suffix}"
            file.write_text(content, encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise CommandError(f"无法写入“{folder}”：{error.strerror}") from error
    return written
