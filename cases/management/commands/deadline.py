"""`manage.py deadline`: when a limit runs out, with every step of the arithmetic."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.asking import BadQuestion, read_fact, read_given, read_start, read_when
from cases.calculator import calculate
from cases.comparison import Compared, answer_of, compare
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
        parser.add_argument("--compare", action="store_true", help="并列同一时限各个文本（新法、旧法）的结果")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["limit"]
        compared: list[Compared] = []
        try:
            start = read_start(options["start"])
            question: dict[str, Any] = {
                "on": read_when(options["on"]) if options["on"] else None,
                "tier": options["tier"],
                "events": [read_given(text) for text in options["event"]],
                "facts": dict(read_fact(text) for text in options["fact"]),
            }
            if options["compare"]:
                compared = compare(code, start, **question)
            # Side by side the texts are asked as a family: the answer is that of the one that applies, and what only
            # another knows of is no mistake.
            answer = answer_of(compared) or calculate(code, start, **question)
        except CaseRefused as error:
            raise CommandError(str(error), returncode=BAD_DATA) from error
        except BadQuestion as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        if options["json"]:
            said = answer.as_json()
            if options["compare"]:
                said["compared"] = [one.as_json() for one in compared]
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for line in answer.lines():
            self.stdout.write(line)
        for one in compared:
            self.stdout.write("")
            self.stdout.write(f"【{'适用' if one.applies else '不适用'}：{one.why}】")
            for line in one.answer.lines() if one.answer is not None else (f"{one.limit.name}：{one.refusal}",):
                self.stdout.write(line)
