"""`manage.py audit_requirements`: which installed packages have a known weakness, by a local copy of the advisories."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.advisories import Audit, NoAdvisories, audit, installed

# Weaknesses become known every week: an older copy says little.
STALE_DAYS = 30
FOUND, BAD_USE = 1, 2


class Command(BaseCommand):
    help = "用本地的公告库核对已安装的依赖有没有已知漏洞；不联网。有漏洞退出码为 1，公告库不能用为 2"
    # Whoever checks the packages need not have a house that stands.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("copy", type=Path, help="公告库：目录或者 zip，OSV 格式，如 PyPA 公告库的副本")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = audit(options["copy"], installed())
        except NoAdvisories as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        age = (timezone.now() - done.newest).days if done.newest is not None else None
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(done), "age_days": age}, ensure_ascii=False, default=str))
        else:
            self._say(done, age)
        if done.findings:
            raise CommandError(f"{len(done.findings)} 处已知漏洞", returncode=FOUND)
        if done.unreadable:
            raise CommandError(f"{len(done.unreadable)} 条公告读不懂，没有核对", returncode=BAD_USE)

    def _say(self, done: Audit, age: int | None) -> None:
        newest = f"{done.newest:%Y-%m-%d}" if done.newest is not None else "没有日期"
        self.stdout.write(f"核对了 {done.packages} 个已安装的包、{done.records} 条公告，公告库最新一条：{newest}")
        if age is None or age > STALE_DAYS:
            self.stdout.write(f"公告库超过 {STALE_DAYS} 天没有更新，之后公布的漏洞这次查不出来，请换新的副本")
        for one in done.findings:
            fixed = f"，改用 {'、'.join(one.fixed)}" if one.fixed else "，还没有修好的版本"
            self.stdout.write(f"{one.package} {one.version}：{one.advisory} {' '.join(one.aliases)}{fixed}")
        for name in done.unreadable:
            self.stdout.write(f"读不懂：{name}")
        if not done.findings:
            self.stdout.write("没有发现已知漏洞")
