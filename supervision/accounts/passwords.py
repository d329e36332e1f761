"""What Django asks of every new password, whoever sets it (`AUTH_PASSWORD_VALIDATORS`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.models import Officer
from supervision.accounts import rules
from supervision.accounts.models import PastPassword
from supervision.accounts.services import password_was_set


class EnoughClasses:
    """Signs of several classes, so that a word alone is no password."""

    def __init__(self, classes: int = 3) -> None:
        self.classes = classes

    def validate(self, password: str, user: Any = None) -> None:
        if rules.classes_of(password) < self.classes:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        return f"密码要有小写字母、大写字母、数字、其他符号中的至少 {self.classes} 类。"


class NotOneself:
    """Neither the police number nor the name, which everybody knows."""

    def validate(self, password: str, user: Any = None) -> None:
        if isinstance(user, Officer) and rules.holds(password, (user.police_number, user.name)):
            raise ValidationError(self.get_help_text(), code="password_is_oneself")

    def get_help_text(self) -> str:
        return "密码不能含有本人的警号或者姓名，倒写也不行。"


class NotUsedBefore:
    """None of the latest passwords of the account. What was set is remembered here, as its hash."""

    def validate(self, password: str, user: Any = None) -> None:
        if not isinstance(user, Officer) or user.pk is None or not settings.PASSWORD_HISTORY:
            return
        latest = PastPassword.objects.filter(officer=user).order_by("-set_at", "-pk")
        for hashed in latest.values_list("hash", flat=True)[: settings.PASSWORD_HISTORY]:
            if check_password(password, hashed):
                raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        return f"不能与最近 {settings.PASSWORD_HISTORY} 次用过的密码相同。"

    def password_changed(self, password: str, user: Any = None) -> None:
        if isinstance(user, Officer) and user.pk is not None:
            password_was_set(officer=user, at=timezone.now())
