"""`manage.py review_draw`: draw files for review in the open; the same seed over the same cases draws the same."""

import json
from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.models import MatterKind, Unit
from cases.moments import read_moment
from supervision.reviews.models import Basis, Matters, Template
from supervision.reviews.queries import Scope, local_day, reviewers_under
from supervision.reviews.refusals import NO_TEMPLATE
from supervision.reviews.services import Plan, ReviewRefused, draw_round, draw_sample

YEAR = timedelta(days=365)


class Command(BaseCommand):
    """Exits with 1 where nothing can be drawn, with 2 on what it cannot understand."""

    help = "抽取评查案件并随机确定评查员；--dry-run 只看结果，不保存"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--files", type=int, required=True, help="抽取件数")
        parser.add_argument("--seed", required=True, help="随机种子；同一种子、同样的案件，结果相同")
        parser.add_argument("--unit", help="单位代码，不写则为最上级单位")
        parser.add_argument("--kind", action="append", help="事项种类代码，可以写几次；不写则为全部案件")
        parser.add_argument("--basis", choices=Basis.values, default=Basis.CLOSED.value, help="日期依据，默认办结日期")
        parser.add_argument("--matters", choices=[one for one in Matters.values if one], default="", help="案件范围")
        parser.add_argument("--from", dest="from_on", help="自（含），默认一年前")
        parser.add_argument("--until", dest="until_on", help="至（含），默认昨天")
        parser.add_argument("--least", type=int, default=1, help="每单位至少，默认 1")
        parser.add_argument("--second", type=int, default=10, help="复评比例（%%），默认 10")
        parser.add_argument("--crossed", action="store_true", help="交叉评查：评查员不评本局的案件")
        parser.add_argument("--title", default="案件评查", help="批次名称")
        parser.add_argument("--at", help="以此刻为现在（ISO 格式），默认当前时间")
        parser.add_argument("--dry-run", action="store_true", help="只看结果，不保存")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            at = read_moment(options["at"]) if options["at"] else timezone.now()
            until = _day(options["until_on"]) or local_day(at) - timedelta(days=1)
            from_on = _day(options["from_on"]) or until - YEAR
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        unit = self._unit(options["unit"])
        scope = Scope(
            unit, self._kinds(options["kind"]), Basis(options["basis"]), from_on, until, Matters(options["matters"])
        )
        plan = Plan(options["files"], options["least"], options["second"], options["crossed"], options["seed"])
        reviewers = list(reviewers_under(unit))
        template = Template.objects.filter(in_use=True).first()
        try:
            drawn = draw_sample(scope, plan, reviewers, at=at)
            if not options["dry_run"]:
                if template is None:
                    raise ReviewRefused(NO_TEMPLATE)
                draw_round(
                    title=options["title"],
                    template=template,
                    scope=scope,
                    plan=plan,
                    reviewers=reviewers,
                    by=None,
                    at=at,
                )
        except ReviewRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        sample = []
        for one in drawn.sample:
            reviewer = drawn.reviewer_of[one]
            sample.append(
                {
                    "matter": one.number,
                    "unit": one.unit,
                    "reviewer": reviewer.police_number if reviewer is not None else None,
                    "reviewer_unit": reviewer.unit.code if reviewer is not None else None,
                }
            )
        if options["json"]:
            document = {"seed": drawn.seed, "frame_digest": drawn.digest, "sample": sample}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        self.stdout.write(f"种子 {drawn.seed}  总体 {len(drawn.frame.candidates)} 件  摘要 {drawn.digest}")
        for row in sample:
            self.stdout.write(f"{row['unit']}  {row['matter']}  评查员 {row['reviewer'] or '没有，须另行确定'}")

    def _unit(self, code: str | None) -> Unit:
        units = Unit.objects.in_force()
        unit = units.filter(code=code).first() if code else units.order_by("level", "path").first()
        if unit is None:
            raise CommandError(f"没有代码为“{code}”的单位" if code else "还没有单位", returncode=2)
        return unit

    def _kinds(self, codes: list[str] | None) -> tuple[str, ...]:
        """The kinds asked for, else all that are not closed to all but handlers."""
        known = set(MatterKind.objects.values_list("code", flat=True))
        if unknown := sorted(set(codes or ()) - known):
            raise CommandError(f"没有事项种类：{'、'.join(unknown)}", returncode=2)
        return tuple(codes or MatterKind.objects.filter(restricted=False).values_list("code", flat=True))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"“{text}”不是日期，请写成 2026-03-31") from error
