"""`manage.py load_indicators`: bring in the indicators that come with the product."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from supervision.evaluation.services import WrongIndicators, load_indicators


class Command(BaseCommand):
    """May run at any time; needs the catalogue. Exits with 1 when anything is wrong, and then has changed nothing."""

    help = "载入指标：只添加没有的版本，已经发布的版本从不改动"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="文件，不写则为随附的 seeds/indicators.yaml")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_indicators(options["file"] or settings.ROOT / "seeds" / "indicators.yaml", at=timezone.now())
        except WrongIndicators as error:
            raise CommandError(f"{error}。什么也没有改动") from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
        else:
            self.stdout.write(
                f"指标：新增 {report.indicators} 个版本、{report.weights} 项权重，原有 {report.kept} 个没有改动"
            )
