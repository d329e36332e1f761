"""`manage.py log_report REPORT.yaml`: the figures a report file asks of the log that was brought in."""

import json
import unicodedata
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.intake.log_report import CLOCK_COLUMNS, figures, read_report
from cases.intake.refused import IntakeRefused


class Command(BaseCommand):
    help = "按报表文件列出日志的数字：时钟的结果、某日的在办、逐月的节点"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", help="报表文件（YAML，内容在 log_report: 之下）")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["report"])
        if not path.is_file():
            raise CommandError(f"没有报表“{path}”", returncode=2)
        try:
            found = figures(read_report(path))
        except IntakeRefused as refused:
            raise CommandError(str(refused), returncode=1) from refused
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(f"{found['title']}　事项 {found['matters']:,} 件，节点 {found['events']:,} 个")
        self._table(
            "时限",
            [{"": row["name"], **{word: row[key] for key, word in CLOCK_COLUMNS.items()}} for row in found["clocks"]],
        )
        self._table("某日终了时", found["open_at"])
        self._table("逐月", found["by_month"])

    def _table(self, title: str, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        heads = [title, *list(rows[0])[1:]]
        lines = [
            heads,
            *[[f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()] for row in rows],
        ]
        widths = [max(_width(line[place]) for line in lines) for place in range(len(heads))]
        self.stdout.write("")
        for line in lines:
            first = line[0] + " " * (widths[0] - _width(line[0]))
            rest = (" " * (width - _width(cell)) + cell for cell, width in zip(line[1:], widths[1:], strict=True))
            self.stdout.write("  ".join((first, *rest)))


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
