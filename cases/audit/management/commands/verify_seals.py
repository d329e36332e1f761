"""`manage.py verify_seals`: check the chain and every row under it; exit status 1 where it does not hold."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.audit.verifying import verify


class Command(BaseCommand):
    help = "核对封存链：指出第一处被改动、删除、插入的行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", action="append", default=[], help="日报上印的链值，须在链上；可以写多次")
        parser.add_argument("--from", type=int, default=1, dest="since", help="从第几条封存开始核对，默认从头")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["since"] < 1:
            raise CommandError("--from 请写 1 或者更大的序号", returncode=2)
        done = verify(anchors=options["anchor"], since=options["since"])
        if options["json"]:
            troubles = [{**asdict(one), "sentence": one.sentence} for one in done.troubles]
            document = {"holds": done.holds, **asdict(done), "troubles": troubles}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        elif done.holds:
            self.stdout.write(
                f"封存链完好：{done.seals} 条，{done.rows} 行；尚未封存 {done.unsealed} 行；"
                f"链上第 {done.number} 条，链值 {done.chain}"
            )
        if not done.holds:
            raise CommandError("；".join(one.sentence for one in done.troubles))
