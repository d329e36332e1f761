"""`manage.py seal`: seal what was written in the ledgers since the last time."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.audit.services import seal_ledgers


class Command(BaseCommand):
    help = "封存各台账新增的行，接到封存链上"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = seal_ledgers(at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
            return
        self.stdout.write(f"封存 {report.rows} 行，{report.seals} 批；链上第 {report.number} 条，链值 {report.chain}")
        if report.busy:
            self.stdout.write(f"正在写入、留待下次：{'、'.join(report.busy)}")
        if report.more:
            self.stdout.write("还有没有封存的行，请再运行一次")
