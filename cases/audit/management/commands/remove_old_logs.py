"""`manage.py remove_old_logs`: remove logs whose time is over, and seal that they were."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.audit.queries import table_name
from cases.audit.services import remove_old
from cases.models import Officer


class Command(BaseCommand):
    help = "清理超过留存期的改动日志、查看和导出日志，清理本身也封存在链上"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", help="谁清理：警号")
        parser.add_argument("--dry-run", action="store_true", help="只数有多少行，不清理")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Officer.objects.filter(police_number=options["by"]).first() if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(f"没有警号为 {options['by']} 的民警", returncode=2)
        if by is None and not options["dry_run"]:
            raise CommandError("请用 --by 写明谁清理（警号）；只看有多少行用 --dry-run", returncode=2)
        done = remove_old(by=by, at=timezone.now(), dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps({"before": done.before.isoformat(), "rows": done.rows}))
            return
        verb = "可以清理" if options["dry_run"] else "已清理"
        for table, rows in done.rows.items():
            self.stdout.write(f"{table_name(table)}：{verb} {rows} 行（{done.before:%Y-%m-%d} 以前）")
