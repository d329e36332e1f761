"""`manage.py plan_timetable`: write the timetable's missing lines."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from config.timetable import TIMETABLE, Entry


class Command(BaseCommand):
    """Creates a row for each line of `config.timetable` whose task has none. Never changes a row that exists: an
    administrator's hour, name or switch stays, however often this runs."""

    help = "补齐定时任务：只添加缺少的，不改动管理员调整过的。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 文档")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            added = [entry.sentence for entry in TIMETABLE if plan(entry)]
        kept = [entry.sentence for entry in TIMETABLE if entry.sentence not in added]
        if options["json"]:
            self.stdout.write(json.dumps({"added": added, "kept": kept}, ensure_ascii=False))
        else:
            self.stdout.write(f"定时任务：新增 {len(added)} 项，保留 {len(kept)} 项。")


def plan(entry: Entry) -> bool:
    """Add the entry's row; False when the task already has one, under whatever name or hour."""
    if PeriodicTask.objects.filter(task=entry.task).exists():
        return False
    hours, _ = CrontabSchedule.objects.get_or_create(
        minute=entry.minute,
        hour=entry.hour,
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.TIME_ZONE,
    )
    _, created = PeriodicTask.objects.get_or_create(
        name=entry.sentence,
        defaults={"task": entry.task, "crontab": hours, "expire_seconds": entry.stale_after},
    )
    return created
