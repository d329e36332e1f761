"""`manage.py backup`: the whole house, at one moment, into a folder."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backups.refusals import BackupRefused
from config.backups.writing import back_up


class Command(BaseCommand):
    """Exits with 1 where nothing was written, with 3 where the backup stands but evidence is missing or damaged."""

    help = "备份：全部表、证据和其他文件写进一个文件夹，附带摘要和签名；不含密钥。写入期间照常使用"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, type=Path, metavar="目录", help="备份放在哪里，其下新建一个文件夹")
        parser.add_argument("--keep", type=int, metavar="份数", help="写完以后只留最近几份，不写即全部留下")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep 至少留 1 份", returncode=2)
        try:
            done = back_up(out=options["out"], at=timezone.now(), keep=options["keep"])
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        manifest = done.manifest
        rows = sum(table.rows for table in manifest.house.tables.values())
        if options["json"]:
            document = {
                "folder": str(done.folder), "digest": manifest.house.whole, "tables": len(manifest.house.tables),
                "rows": rows, "files": len(manifest.house.files), "bytes": done.size, "removed": done.removed,
                "left_out": manifest.left_out, "damaged": manifest.damaged,
            }  # fmt: skip
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self.stdout.write(
                f"已备份到 {done.folder}：{len(manifest.house.tables)} 张表 {rows} 行，{len(manifest.house.files)} 个文件，"
                f"共 {done.size / 1024 / 1024:.1f} MB，摘要 {manifest.house.whole}"
            )
            if done.removed:
                self.stdout.write(f"已清理较早的 {len(done.removed)} 份：{'、'.join(done.removed)}")
            if manifest.left_out:
                self.stdout.write(f"不属于本程序、没有备份的表：{'、'.join(manifest.left_out)}")
            self.stdout.write("备份里没有密钥。请把 FIELD_KEYS 和 SECRET_KEY 与备份分开保管，没有它们不能恢复。")
        if manifest.damaged:
            some = "、".join(manifest.damaged[:5])
            raise CommandError(
                f"备份已写成，但 {len(manifest.damaged)} 个证据文件缺失或者与登记的摘要不符：{some}。请从更早的备份里找回",
                returncode=3,
            )
