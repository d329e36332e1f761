"""`manage.py figures`: the figures of a month or a year, and whether each agrees with the list behind it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.models import Unit
from cases.moments import read_moment
from supervision.evaluation.checking import differing_lists, differing_rebuilt
from supervision.evaluation.models import Indicator
from supervision.evaluation.queries import figures_of
from supervision.evaluation.rules.periods import Period, read_period


class Command(BaseCommand):
    """Exits with 1 where a figure is not what its list says, with 2 on what it cannot understand. It prints everybody's
    numbers, restricted ones too: whoever may run it may read the database."""

    help = "各单位某月或者某年的指标数据；--check 逐个与明细、与从头重算核对"

    def add_arguments(self, parser: ArgumentParser) -> None:
        when = parser.add_mutually_exclusive_group(required=True)
        when.add_argument("--month", help="月份，如 2026-03")
        when.add_argument("--year", help="年份，如 2026")
        parser.add_argument("--unit", help="单位代码，不写则为全部在用单位")
        parser.add_argument("--indicator", help="指标代码，不写则为全部指标")
        parser.add_argument("--at", help="以此刻为现在（ISO 格式），默认当前时间")
        parser.add_argument("--check", action="store_true", help="逐个与明细、与从头重算核对")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = _period(options["month"], options["year"])
            at = read_moment(options["at"]) if options["at"] else timezone.now()
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        units = list(Unit.objects.in_force().order_by("path"))
        if options["unit"]:
            units = list(Unit.objects.filter(code=options["unit"]))
            if not units:
                raise CommandError(f"没有代码为“{options['unit']}”的单位", returncode=2)
        cells = figures_of(units, period, at=at)
        if (code := options["indicator"]) is not None:
            if not Indicator.objects.filter(code=code).exists():
                raise CommandError(f"没有代码为“{code}”的指标", returncode=2)
            cells = [cell for cell in cells if cell.indicator.code == code]
        document: dict[str, Any] = {"figures": [cell.as_json() for cell in cells]}
        differing = differing_lists(cells) if options["check"] else []
        rebuilt = differing_rebuilt(cells, at=at) if options["check"] else []
        if options["check"]:
            document |= {"checked": len(cells), "list_differs": len(differing), "rebuild_differs": len(rebuilt)}
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            for cell in cells:
                self.stdout.write(
                    f"{cell.unit.code}  {cell.indicator.label}  {cell.indicator.name}  "
                    f"{cell.numerator}/{cell.denominator}  {cell.text}"
                )
            if options["check"]:
                self.stdout.write(f"核对 {len(cells)} 个，与明细不符 {len(differing)} 个，与重算不符 {len(rebuilt)} 个")
        for words, differences in (("与明细不符", differing), ("与重算不符", rebuilt)):
            for difference in differences:
                self.stderr.write(f"{words}：{difference}")
        if differing or rebuilt:
            raise SystemExit(1)


def _period(month: str | None, year: str | None) -> Period:
    period = read_period(month or year or "")
    if (month is not None and not period.is_month) or (year is not None and period.months != 12):
        raise ValueError("月份写成 2026-03，年份写成 2026")
    return period
