"""`manage.py simulate`: a seeded year of a bureau that does not exist, in a database of its own."""

import json
from argparse import ArgumentParser
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.bench import scratch_database
from config.simulation.drawing import Plan
from config.simulation.year import Year, what_broke

WORDS = {
    "people": "民警",
    "clocks": "时钟",
    "ended_late": "超期办结",
    "alerts_by_level": "各级预警",
    "alert_steps": "预警台账",
    "alerts_standing": "未了预警",
    "orders": "整改通知",
    "rectified": "已整改",
    "followed": "盯办案件",
    "followed_ended": "其中已办结",
    "messages": "消息",
    "messages_per_person_day_p95": "每人每天消息数（95 分位）",
    "messages_per_person_day_max": "每人每天消息数（最多）",
    "overdue_looked_at": "逐日核对的超期",
    "overdue_missing_from_standing_list": "其中不在长期超期清单上的",
    "clocks_with_two_open_alerts": "同时有两件预警的时钟",
}


class Command(BaseCommand):
    """Lives through the year in a scratch database of the configured engine, dropped afterwards. Exits with 1 when what
    must always hold did not: something overdue missing from the standing list, a clock warned of twice at once, an act
    refused that should have been done."""

    help = "按固定的骰子模拟一个单位的一年，在专门建立、用后删除的数据库中进行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--units", type=int, default=40, help="办案单位数")
        parser.add_argument("--cases", type=int, default=20_000, help="事项数")
        parser.add_argument("--months", type=int, default=12, help="月数")
        parser.add_argument("--seed", type=int, default=1, help="骰子的种子；同样的种子结果相同")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan(
            units=options["units"],
            cases=options["cases"],
            months=options["months"],
            seed=options["seed"],
            begins=datetime(2026, 1, 1, tzinfo=ZoneInfo(settings.TIME_ZONE)),
        )
        if min(plan.units, plan.cases, plan.months) < 1:
            raise CommandError("单位数、事项数、月数都至少是 1", returncode=2)
        say = (lambda text: None) if options["json"] else self.stderr.write
        with scratch_database():
            call_command("load_catalogue", stdout=StringIO())
            call_command("load_followup", stdout=StringIO())
            figures = Year(plan, say).live()
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
        else:
            for key, words in WORDS.items():
                self.stdout.write(f"{words}：{figures[key]}")
        if broken := what_broke(figures):
            raise CommandError("；".join(broken))
