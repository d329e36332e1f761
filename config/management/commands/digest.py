"""`manage.py digest`: one digest over the whole house, to compare it with another or with a backup."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backups.digesting import digest_house


class Command(BaseCommand):
    help = "总摘要：全部表和文件算成一个摘要，两种数据库算出来相同，用来比较两处数据或者与备份比较"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON，内含各表、各文件的摘要")

    def handle(self, *args: Any, **options: Any) -> None:
        house = digest_house()
        if options["json"]:
            self.stdout.write(json.dumps({"digest": house.whole, **asdict(house)}, ensure_ascii=False))
            return
        rows = sum(table.rows for table in house.tables.values())
        self.stdout.write(f"{house.whole}  {len(house.tables)} 张表 {rows} 行，{len(house.files)} 个文件")
