"""`manage.py reset_second_factor`: for when no other security administrator is left who could."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.models import Officer
from supervision.accounts.refusals import UNKNOWN_OFFICER
from supervision.accounts.services import AccountRefused, Visitor, reset_factor


class Command(BaseCommand):
    help = "在服务器上重置一个账号的二次验证：只在没有别的安全管理员可办时使用，照样记入登录台账"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="警号")
        parser.add_argument("--why", required=True, metavar="理由")

    def handle(self, *args: Any, **options: Any) -> None:
        officer = Officer.objects.filter(police_number=options["number"]).first()
        if officer is None:
            raise CommandError(UNKNOWN_OFFICER.format(number=options["number"]))
        try:
            reset_factor(officer=officer, why=options["why"], by=None, visitor=Visitor(), at=timezone.now())
        except AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"已重置{officer}的二次验证，其登录已全部结束")
