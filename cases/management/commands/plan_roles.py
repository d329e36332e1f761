"""`manage.py plan_roles`: make the groups of the roles say what the role table says."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.roles import UnknownPermission, plan_roles


class Command(BaseCommand):
    """May run at any time; a second run changes nothing. Exits with 1 when the table names an unknown permission."""

    help = "按角色表建立各角色的权限组；可随时重复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = plan_roles()
        except UnknownPermission as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
        else:
            self.stdout.write(f"角色：新增 {report.groups} 组，授予权限 {report.given} 项，收回 {report.taken} 项。")
