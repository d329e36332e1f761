"""`manage.py load_followup`: bring in the rules of entry and the outlines that come with the product."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from supervision.followup.seeds import WrongSeed, load_followup


class Command(BaseCommand):
    """May run at any time; rows that exist are left as the bureau has them. Exits with 1 when anything is wrong."""

    help = "载入盯办的进入规则和提纲模板：只添加没有的，不改动单位改过的"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="文件，不写则为随附的 seeds/followup.yaml")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_followup(options["file"] or settings.ROOT / "seeds" / "followup.yaml")
        except WrongSeed as error:
            raise CommandError(f"{error}。什么也没有改动") from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
        else:
            self.stdout.write(
                f"盯办：新增提纲模板 {report.templates} 个、进入规则 {report.rules} 条，原有 {report.kept} 项没有改动"
            )
