"""`manage.py intake`: bring a file in through a mapping, rehearse that, or take a batch back."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.intake import (
    IntakeMapping,
    IntakeRefused,
    IntakeReport,
    load_file,
    read_mapping,
    read_mappings,
    recognise_file,
    undo_batch,
)
from cases.models import Officer

BAD_DATA, BAD_USE = 1, 2
SHOWN = 20

WORDS = {
    "rows_read": "读入行",
    "rows_loaded": "导入行",
    "rows_unchanged": "未变行",
    "rows_skipped": "略过行",
    "rows_refused": "退回行",
    "matters_new": "新增事项",
    "events_new": "新增节点",
}


class Command(BaseCommand):
    help = "导入案件数据或者事件日志；--dry-run 只预览，--undo 撤销一批"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="要导入的文件：.csv、.csv.gz、.xlsx、.xes、.xes.gz")
        parser.add_argument("--mapping", help="对应表文件；也可以是放有多个对应表的目录，按表头认出该用哪个")
        parser.add_argument("--dry-run", action="store_true", help="只预览将有什么变动，不改动")
        parser.add_argument("--strict", action="store_true", help="有一行不合格就整批不导入")
        parser.add_argument("--undo", type=int, metavar="批次", help="撤销这一批导入")
        parser.add_argument("--by", metavar="警号", help="操作人")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._officer(options["by"])
        if options["undo"] is not None:
            if options["file"] or options["mapping"] or options["strict"]:
                raise CommandError("--undo 只与 --dry-run、--by、--json 同用", returncode=BAD_USE)
            self._undo(options, by)
            return
        if not options["file"] or not options["mapping"]:
            raise CommandError("用法：manage.py intake 文件 --mapping 对应表", returncode=BAD_USE)
        if options["strict"] and options["dry_run"]:
            raise CommandError("--dry-run 不改动任何数据，不必与 --strict 同用", returncode=BAD_USE)
        path, mapping_path = Path(options["file"]), Path(options["mapping"])
        if not path.is_file():
            raise CommandError(f"没有文件“{path}”", returncode=BAD_USE)
        if not mapping_path.exists():
            raise CommandError(f"没有对应表“{mapping_path}”", returncode=BAD_USE)
        try:
            report = load_file(
                path,
                self._mapping(path, mapping_path),
                at=timezone.now(),
                by=by,
                dry_run=options["dry_run"],
                strict=options["strict"],
                progress=None if options["json"] and not sys.stderr.isatty() else self._progress,
            )
        except IntakeRefused as refused:
            raise CommandError(str(refused), returncode=BAD_DATA) from refused
        self._tell(report, options["json"])
        if not report.ok:
            raise CommandError(report.error or f"退回{report.rows_refused}行", returncode=BAD_DATA)

    def _mapping(self, path: Path, mapping_path: Path) -> IntakeMapping:
        if mapping_path.is_dir():
            return recognise_file(path, read_mappings(mapping_path))
        return read_mapping(mapping_path)

    def _officer(self, number: str | None) -> Officer | None:
        if number is None:
            return None
        officer = Officer.objects.filter(police_number=number).first()
        if officer is None:
            raise CommandError(f"没有警号为“{number}”的民警", returncode=BAD_USE)
        return officer

    def _undo(self, options: dict[str, Any], by: Officer | None) -> None:
        try:
            report = undo_batch(options["undo"], at=timezone.now(), by=by, dry_run=options["dry_run"])
        except IntakeRefused as refused:
            raise CommandError(str(refused), returncode=BAD_DATA) from refused
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), ensure_ascii=False))
            return
        done = "将撤回" if report.dry_run else "已撤回"
        self.stdout.write(f"第{report.batch}批：{done}事项{report.matters}件、节点{report.events}个")

    def _progress(self, read: int, total: int | None) -> None:
        of = f"/{total}" if total is not None else ""
        self.stderr.write(f"\r已读 {read}{of} 行", ending="")
        self.stderr.flush()

    def _tell(self, report: IntakeReport, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        self.stderr.write("")
        head = "预览（未改动）" if report.dry_run else f"第{report.batch}批"
        self.stdout.write(f"{head}：" + "，".join(f"{word} {getattr(report, name)}" for name, word in WORDS.items()))
        if report.units_new:
            self.stdout.write("新增单位：" + "、".join(report.units_new))
        for title, problems, count in (
            ("退回", report.refusals, len(report.refusals)),
            ("未覆盖", report.kept, report.kept_count),
        ):
            for problem in problems[:SHOWN]:
                self.stdout.write(f"{title} {problem}")
            if count > SHOWN:
                self.stdout.write(f"{title}还有 {count - SHOWN} 条，未一一列出")
