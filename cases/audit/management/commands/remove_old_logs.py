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
        parser.add_argument("--by", help="谁提出清理：警号")
        parser.add_argument("--confirmed-by", help="谁批准清理：另一人的警号")
        parser.add_argument("--dry-run", action="store_true", help="只数有多少行，不清理")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        by, confirmed_by = _officer(options["by"]), _officer(options["confirmed_by"])
        if not options["dry_run"]:
            if by is None or confirmed_by is None:
                words = (
                    "清理日志要两个人：请用 --by、--confirmed-by 写明谁提出、谁批准（警号）；只看有多少行用 --dry-run"
                )
                raise CommandError(words, returncode=2)
            if by.pk == confirmed_by.pk:
                raise CommandError("提出和批准不能是同一个人，请写另一人的警号", returncode=2)
        done = remove_old(by=by, confirmed_by=confirmed_by, at=timezone.now(), dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps({"before": done.before.isoformat(), "rows": done.rows}))
            return
        verb = "可以清理" if options["dry_run"] else "已清理"
        for table, rows in done.rows.items():
            self.stdout.write(f"{table_name(table)}：{verb} {rows} 行（{done.before:%Y-%m-%d} 以前）")


def _officer(number: str | None) -> Officer | None:
    """The officer of a police number who is in use; none where no number is given. Refuses a number that is nobody's."""
    found = Officer.objects.filter(police_number=number, is_active=True).first() if number else None
    if number and found is None:
        raise CommandError(f"没有警号为 {number} 的在用民警", returncode=2)
    return found
