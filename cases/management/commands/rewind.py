"""`manage.py rewind`: recompute clocks, all or those of one limit, or say what that would change."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cases.effects import Effects
from cases.models import Limit, Matter, PendingWinding
from cases.winding import CHUNK, WindingFailed, WindingReport, catalogue, foresee, wind_matters, wind_pending


class Command(BaseCommand):
    help = "重新计算时钟；--dry-run 只报告将有多少变动"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", help="只算这一时限（代码）适用的事项")
        parser.add_argument("--pending", action="store_true", help="只算待算的事项")
        parser.add_argument("--dry-run", action="store_true", help="只预览，不改动")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["pending"] and not options["dry_run"]:
            try:
                report = wind_pending(at=now)
            except WindingFailed as error:
                raise CommandError(str(error)) from error
            self._print(asdict(report), options["json"])
            return
        matters = Matter.objects.order_by("pk")
        if options["limit"]:
            limit = Limit.objects.filter(code=options["limit"]).first()
            if limit is None:
                raise CommandError(f"没有时限“{options['limit']}”", returncode=2)
            matters = matters.filter(kind__in=limit.kinds.all())
        report, effects = WindingReport(), Effects()
        total, last = matters.count(), 0
        while ids := list(matters.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
            last = ids[-1]
            if options["dry_run"]:
                report.add(foresee(ids, at=now, law=catalogue(), effects=effects)[0])
            else:
                with transaction.atomic():
                    # Before reading the events: what is asked for from here on waits for us and stays.
                    PendingWinding.objects.filter(pk__in=ids).delete()
                    report.add(wind_matters(ids, at=now, cause="重新计算", up_to_date=True))
            if not options["json"]:
                print(f"\r{report.matters}/{total}", end="", file=sys.stderr)
        if not options["json"]:
            print(file=sys.stderr)
        preview = {name: getattr(effects, name) for name in ("moved", "become_overdue", "withdrawn")}
        result = {**asdict(report), **(preview if options["dry_run"] else {})}
        self._print(result, options["json"])
        if report.failed:
            raise CommandError(str(WindingFailed(report.failed)))

    def _print(self, result: dict[str, Any], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        words = {
            "matters": "事项",
            "clocks_written": "写入时钟",
            "moves": "届满变动",
            "moved": "将变动届满",
            "become_overdue": "将变为超期",
            "withdrawn": "将作废或终止",
        }
        self.stdout.write("，".join(f"{words[key]} {value}" for key, value in result.items() if key in words))
