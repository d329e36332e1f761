"""`manage.py load_catalogue`: bring a folder of kinds, events, limits and calendars in; all of it or nothing."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.catalogue import InvalidCatalogue, NoSuchFolder
from cases.catalogue.loading import LoadReport, load_catalogue
from cases.catalogue.sections import OF_OTHER_ROOMS

BAD_DATA, BAD_USE = 1, 2

SECTIONS = {
    "calendars": "日历",
    "kinds": "事项种类",
    "events": "节点种类",
    "approvers": "批准层级",
    "ladders": "预警阶梯",
    "limits": "时限",
    "questions": "待定问题",
}


class Command(BaseCommand):
    help = "载入目录：事项种类、节点种类、批准层级、预警阶梯、日历、时限和待定问题；先全部检查，有一处不对就什么也不改"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="目录文件夹，不写则为随附的 seeds")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"] or settings.ROOT / "seeds"
        try:
            report = load_catalogue(folder, at=timezone.now())
        except NoSuchFolder as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        except InvalidCatalogue as error:
            if options["json"]:
                problems = [problem.as_json() for problem in error.problems]
                self.stdout.write(json.dumps({"folder": str(folder), "problems": problems}, ensure_ascii=False))
            raise CommandError(
                f"{error}\n目录有 {len(error.problems)} 处不对，什么也没有改动", returncode=BAD_DATA
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(folder, report), ensure_ascii=False))
        else:
            self.stdout.write(_words(folder, report))


def _as_json(folder: Path, report: LoadReport) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "changed": report.changed,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "days_changed": report.days_changed,
        "matters_to_wind": report.matters_to_wind,
    }


def _words(folder: Path, report: LoadReport) -> str:
    if not report.changed:
        return f"目录 {folder} 与已载入的相同，没有改动"
    titles = SECTIONS | {section.name: section.title for section in OF_OTHER_ROOMS.values()}
    parts = []
    for verb, counts in (("新增", report.created), ("修改", report.updated)):
        named = [f"{titles[section]} {count}" for section, count in counts.items() if count]
        if named:
            parts.append(f"{verb} {'、'.join(named)}")
    if report.days_changed:
        parts.append(f"节假日与调休 {report.days_changed} 天")
    if report.matters_to_wind:
        parts.append(f"{report.matters_to_wind} 件事项待重新计算时钟")
    return f"目录 {folder} 已载入：{'；'.join(parts)}"
