"""`manage.py noise`: how many messages a person gets a day."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from supervision.bulletins.queries import measure_noise


class Command(BaseCommand):
    help = "通知数量：每人每天收到几条，由已有的通知数出"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="最近几天，含今天，默认 30")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("天数至少是 1", returncode=2)
        noise = measure_noise(at=timezone.now(), days=options["days"])
        if options["json"]:
            self.stdout.write(json.dumps(noise.as_json(), ensure_ascii=False))
            return
        self.stdout.write(
            f"{noise.since} 至 {noise.until}：{noise.people} 人收到 {noise.messages} 条通知（其中紧急 {noise.urgent} 条），"
            f"内含 {noise.lines} 个事项；每人每天中位数 {noise.p50} 条，95% 不超过 {noise.p95} 条，最多 {noise.most} 条；"
            f"另发信件 {noise.letters} 封"
        )
