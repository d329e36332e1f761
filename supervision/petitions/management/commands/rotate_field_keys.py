"""`manage.py rotate_field_keys`: put everything sealed under the newest key of FIELD_KEYS."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from supervision.accounts.services import rotate_secrets
from supervision.petitions.services import rotate_keys


class Command(BaseCommand):
    help = "把加密保存的身份信息和二次验证密钥全部改用 FIELD_KEYS 中最前面的密钥；可以中断，重跑接着做。完成以后才可去掉旧密钥"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, metavar="行数", help="每个事务处理的行数")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("每批至少一行", returncode=2)
        done = rotate_keys(chunk=options["batch"])
        # One command for all that is sealed: a key named as removable must open nothing any more.
        factors = rotate_secrets(chunk=options["batch"])
        done.resealed += factors.resealed
        done.unreadable += factors.unreadable
        for key, count in factors.left.items():
            done.left[key] = done.left.get(key, 0) + count
        removable = [key for key in settings.FIELD_KEYS if key != done.key and key not in done.left]
        if options["json"]:
            document = {
                "key": done.key, "resealed": done.resealed, "left": done.left, "removable": removable,
                "unreadable": done.unreadable,
            }  # fmt: skip
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self.stdout.write(f"密钥 {done.key}：改用新密钥 {done.resealed} 条，不能解密 {len(done.unreadable)} 条")
            if done.left:
                counts = "、".join(f"{key} {count} 条" for key, count in done.left.items())
                self.stdout.write(f"仍用其他密钥的：{counts}")
            if removable:
                self.stdout.write(f"可以从 FIELD_KEYS 去掉的密钥：{'、'.join(removable)}")
        if done.unreadable:
            rows = "、".join(str(pk) for pk in done.unreadable[:20])
            raise CommandError(f"以下记录不能解密，请把原来的密钥放回 FIELD_KEYS 再运行：{rows}")
