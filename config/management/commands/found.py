"""`manage.py found`: the bureau itself and the first account, in a house where nobody is yet."""

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cases.models import Officer, Unit, UnitKind, UnitLevel
from cases.services import add_unit

LEVELS = {level.name.lower(): level for level in UnitLevel if level is not UnitLevel.STATION}
SOMEBODY = "已经有单位或者账号，不能再建第一个。新的单位和账号请由管理员在页面上建"
NOT_THE_SAME = "两次输入的密码不一样，什么也没有建"


class Command(BaseCommand):
    """Refuses where a unit or an account is there already, and a password that is not good enough."""

    help = "在空库里建立本单位和第一个账号（可以登录后台，建其他单位和三员）；已经有人的不动"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, metavar="代码", help="本单位的代码")
        parser.add_argument("--unit", required=True, metavar="名称", help="本单位的名称，如 某市公安局")
        parser.add_argument("--level", required=True, choices=LEVELS, help="层级：province 省、city 市、county 县")
        parser.add_argument("--number", required=True, metavar="警号", help="第一个账号的警号")
        parser.add_argument("--name", required=True, metavar="姓名", help="姓名")

    def handle(self, *args: Any, **options: Any) -> None:
        self.refuse_somebody()
        password = self.password()
        try:
            with transaction.atomic():
                self.refuse_somebody()
                home = add_unit(
                    code=options["code"], name=options["unit"], level=LEVELS[options["level"]], kind=UnitKind.BUREAU
                )
                first = Officer(police_number=options["number"], name=options["name"], unit=home)
                first.full_clean(exclude=["password"])
                validate_password(password, first)
                Officer.objects.create_superuser(options["number"], options["name"], home, password)
        except ValidationError as error:
            raise CommandError("没有建立：" + "；".join(error.messages)) from error
        self.stdout.write(f"已建立{home.name}和账号 {options['number']}。请登录，建好三员以后停用这个账号。")

    def refuse_somebody(self) -> None:
        if Unit.objects.exists() or Officer.objects.exists():
            raise CommandError(SOMEBODY)

    def password(self) -> str:
        """Asked for twice at a terminal; else the first line that comes in. Never on the command line, which others see."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass("密码：")
        if getpass("再输一遍：") != password:
            raise CommandError(NOT_THE_SAME)
        return password
