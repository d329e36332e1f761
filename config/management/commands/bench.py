"""`manage.py bench`: the benchmarks, as ratios of one run."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from config import bench, bench_alerts, bench_figures, bench_law, bench_lists

BENCHES: dict[str, tuple[Callable[[int], list[bench.Ratio]], int]] = {
    "law": (bench_law.counting, 20_000),
    "change": (bench.changing, 100_000),
    "intake": (bench.taking_in, 100_000),
    "rewind": (bench.rewinding, 50_000),
    "sweep": (bench.sweeping, 1_000_000),
    "storm": (bench_alerts.storming, 200_000),
    "lists": (bench_lists.listing, 1_000_000),
    "figures": (bench_figures.reading_figures, 1_000_000),
}


class Command(BaseCommand):
    help = "基准测试：同一次运行中与最朴素做法之比，在专门建立、用后删除的数据库中进行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=(*BENCHES, "all"), default="all", help="只跑这一项，默认全部")
        parser.add_argument("--rows", type=int, help="行数")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        results: list[bench.Ratio] = []
        for name in BENCHES if options["name"] == "all" else [options["name"]]:
            run, rows = BENCHES[name]
            found = run(options["rows"] or rows)
            results += found
            if not options["json"]:
                for one in found:
                    self.stdout.write(_line(one))
            if name == "law":
                for note in bench_law.unmeasured():
                    self.stderr.write(note)
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(one) for one in results]))


def _line(one: bench.Ratio) -> str:
    if one.micros is None:
        return f"{one.name:<48} {one.ratio:8.2f} 倍   （{one.ours:.3f} 秒 / {one.plain:.3f} 秒）"
    return f"{one.name:<48} {one.ratio:8.4g} 倍   （每次 {one.micros:.2f} 微秒 / {1e6 * one.plain:.2f} 微秒）"


def _as_json(one: bench.Ratio) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.name, "ratio": round(one.ratio, 3 if one.micros is None else 6)}
    return found if one.micros is None else found | {"microseconds": round(one.micros, 3)}
