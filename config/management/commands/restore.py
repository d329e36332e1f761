"""`manage.py restore FOLDER`: a backup into an empty house."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups.refusals import BackupRefused
from config.backups.restoring import restore


class Command(BaseCommand):
    """Into an empty database and an empty DATA_DIR only; all of it or nothing. SQLite's backup goes into PostgreSQL, too,
    and the other way round."""

    help = "恢复：把一份备份装进空库，先核对每个文件的摘要，装完核对封存链和总摘要；不一致就全部撤回"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="文件夹", help="备份的文件夹，如 dingban-20260102-030405")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = restore(options["folder"])
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        house = done.manifest.house
        rows = sum(table.rows for table in house.tables.values())
        if options["json"]:
            document = {
                "digest": house.whole, "tables": len(house.tables), "rows": rows, "files": len(house.files),
                "made_at": done.manifest.made_at, "seals": done.manifest.seals, "migrated": done.migrated,
            }  # fmt: skip
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        self.stdout.write(
            f"已恢复 {done.manifest.made_at} 的备份：{len(house.tables)} 张表 {rows} 行，{len(house.files)} 个文件；"
            f"封存链完好（{done.manifest.seals} 条），摘要与备份一致：{house.whole}"
        )
