"""`manage.py law_report`: the limits of a catalogue by field of law and status, what has no end, and what has no example."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.catalogue import Core, InvalidCatalogue, NoSuchFolder, load_core
from cases.statute.limits import Status

BAD_DATA, BAD_USE = 1, 2
STATUSES = {Status.VERIFIED: "已核实", Status.SECONDARY: "转引", Status.DRAFT: "草稿"}
NO_REASON = "目录没有写明原因"


class Command(BaseCommand):
    help = "目录里的时限：按领域和核实程度计数，列出推算不出届满的和没有例子的"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="目录文件夹，不写则为随附的 seeds")
        parser.add_argument("--examples", type=Path, help="例子的文件夹，不写则为随附的测试中的例子（若有）")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"] or settings.ROOT / "seeds"
        shipped: Path = settings.ROOT / "tests" / "seeds" / "examples"
        examples: Path | None = options["examples"] or (shipped if shipped.is_dir() else None)
        if examples is not None and not examples.is_dir():
            raise CommandError(f"没有文件夹“{examples}”", returncode=BAD_USE)
        try:
            found = report(load_core(folder), examples)
        except NoSuchFolder as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        except InvalidCatalogue as error:
            raise CommandError(str(error), returncode=BAD_DATA) from error
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            for line in _lines(found):
                self.stdout.write(line)


def report(law: Core, examples: Path | None) -> dict[str, Any]:
    """The counts, as one JSON object; `examples` and `without_example` are null where there is no folder of examples."""
    told = None if examples is None else _examples(examples)
    fields: dict[str, Counter[str]] = {}
    for limit in law.limits:
        fields.setdefault(limit.field_of_law, Counter())[limit.status.value] += 1
    ends = [limit.code for limit in law.limits if limit.has_end]
    return {
        "limits": len(law.limits),
        "by_status": dict(Counter(limit.status.value for limit in law.limits)),
        "by_field": {
            name: {status.value: counts[status.value] for status in Status} for name, counts in fields.items()
        },
        "without_end": [
            {"code": limit.code, "name": limit.name, "why": limit.notes or NO_REASON}
            for limit in law.limits
            if not limit.has_end
        ],
        "examples": told and {code: told[code] for code in ends if code in told},
        "without_example": None if told is None else [code for code in ends if code not in told],
    }


def _examples(folder: Path) -> Mapping[str, int]:
    """How many examples each limit has in the tables of a folder."""
    tables = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml")))
    return {code: len(rows) for table in tables for code, rows in table.items()}


def _lines(found: Mapping[str, Any]) -> list[str]:
    counts = "，".join(f"{name} {found['by_status'].get(status, 0)}" for status, name in STATUSES.items())
    lines = [f"时限 {found['limits']} 条：{counts}"]
    lines += [
        f"  {field}　" + "，".join(f"{STATUSES[Status(status)]} {n}" for status, n in by_status.items() if n)
        for field, by_status in found["by_field"].items()
    ]
    lines.append(f"推算不出届满的 {len(found['without_end'])} 条")
    lines += [f"  {one['code']} {one['name']}：{one['why']}" for one in found["without_end"]]
    if found["examples"] is not None:
        lines.append(f"例子 {sum(found['examples'].values())} 个，没有例子的时限 {len(found['without_example'])} 条")
        lines += [f"  {code}" for code in found["without_example"]]
    return lines
