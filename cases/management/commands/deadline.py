"""`manage.py deadline`: when a limit runs out, with every step of the arithmetic."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.calculator import BadQuestion, calculate, read_given, read_start, read_when
from cases.services import CaseRefused

BAD_DATA, BAD_USE = 1, 2


class Command(BaseCommand):
    help = "推算一个时限何时届满，并逐步说明依据"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("limit", help="时限代码；不带版本的族名取起算日施行的版本")
        parser.add_argument(
            "--start", required=True, help="起算的日期或时刻，如 2026-03-02、2026-03-02T10:00；向前倒算的写被倒算的日子"
        )
        parser.add_argument("--on", help="只按到这一天（时刻）为止已知的情况推算")
        parser.add_argument("--tier", default="", help="适用的档次（代码）")
        parser.add_argument(
            "--event",
            action="append",
            default=[],
            metavar="节点@时间[/时间][,名称=值]",
            help="其后发生的节点，可重复；A/B 表示自 A 起至 B 止的一段，"
            "如 appraisal_commissioned@2026-03-10/2026-03-25、extension_approved@2026-04-14,approver=county_bureau",
        )
        parser.add_argument(
            "--fact", action="append", default=[], metavar="名称=值", help="案件情形，可重复，如 unit_kind=squad"
        )
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = calculate(
                options["limit"],
                read_start(options["start"]),
                on=read_when(options["on"]) if options["on"] else None,
                tier=options["tier"],
                events=[read_given(text) for text in options["event"]],
                facts=dict(_fact(text) for text in options["fact"]),
            )
        except CaseRefused as error:
            raise CommandError(str(error), returncode=BAD_DATA) from error
        except BadQuestion as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer.as_json(), ensure_ascii=False))
        else:
            for line in answer.lines():
                self.stdout.write(line)


def _fact(text: str) -> tuple[str, str]:
    name, mark, value = (part.strip() for part in text.partition("="))
    if not name or not mark:
        raise BadQuestion(f"“{text}”应写成 名称=值")
    return name, value
