"""`manage.py sweep`: one sweep, now or as of another moment."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.moments import read_moment
from supervision.alerts.services import SweepFailed, sweep


class Command(BaseCommand):
    help = "扫描一次：到级的时钟发出预警，不再成立的预警撤销"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", help="以此时刻为准（ISO 格式），默认现在")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            at = read_moment(options["at"]) if options["at"] else timezone.now()
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            report = sweep(at=at)
        except SweepFailed as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"at": at.isoformat(), **asdict(report)}))
        else:
            self.stdout.write(f"发出预警 {report.raised} 次，恢复 {report.reopened} 件，撤销 {report.withdrawn} 件")
