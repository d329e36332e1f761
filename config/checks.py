"""System checks that tell what is wrong with the environment, and stop the start.

E001 a word that is neither true nor false, E002 an address that cannot be understood, E003 a host name, E004 a folder
or file that cannot be used, E006 a field key, E005 and E010-E012 what production does not accept,
E030 a network that cannot be understood.
"""

import sys
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SECRET_LENGTH = 50
SECRET_VARIETY = 5
MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

HOW_TO_NAME = {
    "SECRET_KEY": "用 openssl rand -base64 48 生成一个，各进程相同，妥善保管。",
    "ALLOWED_HOSTS": "写明访问本系统的主机名，逗号分隔。",
    "DATABASE_URL": "写明 postgresql://用户:口令@主机:5432/库名。",
    "REDIS_URL": "写明 redis://主机:6379/0。",
    "EMAIL_URL": "写明 smtp://主机:25 等邮件服务器地址；不设时信件只落在本机目录。",
    "FIELD_KEYS": '用 echo "k1:$(openssl rand -base64 32)" 生成，与备份分开保管；丢失后已加密的内容无法恢复。',
}


@register()
def environment_is_understood(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every variable given can be understood."""
    return [Error(fault.sentence, hint=fault.hint, id=fault.id) for fault in settings.FAULTS]


@register()
def production_names_its_own(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """In production nothing is left at a default that is only good for a first look, and secrets are secret."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = [
        Error(f"正式运行必须设置环境变量 {name}。", hint=HOW_TO_NAME[name], id="config.E010")
        for name in settings.LEFT_AT_FIRST_LOOK
    ]
    if settings.DEBUG:
        found.append(Error("正式运行不能打开 DEBUG：出错页会泄露数据。", hint="去掉环境变量 DEBUG。", id="config.E011"))
    if "EMAIL_URL" not in settings.LEFT_AT_FIRST_LOOK and settings.EMAIL_BACKEND != MAIL_BACKEND:
        found.append(
            Error("正式运行的信件必须交给邮件服务器。", hint="EMAIL_URL 请用 smtp 开头的地址。", id="config.E012")
        )
    secret = settings.SECRET_KEY
    if "SECRET_KEY" not in settings.LEFT_AT_FIRST_LOOK and (
        len(secret) < SECRET_LENGTH or len(set(secret)) < SECRET_VARIETY
    ):
        found.append(
            Error(
                f"环境变量 SECRET_KEY 太弱：至少 {SECRET_LENGTH} 个字符，且不能是重复的字符。",
                hint=HOW_TO_NAME["SECRET_KEY"],
                id="config.E005",
            )
        )
    return found


def wrong_settings() -> list[CheckMessage]:
    """What the two checks above find; for processes that start without Django's command line."""
    return [*environment_is_understood(None), *production_names_its_own(None)]


def stop_on_wrong_settings() -> None:
    """End the process with status 1 where settings are wrong, saying what and what would be right."""
    found = wrong_settings()
    if not found:
        return
    # Not sys.stderr: Celery has turned that into a log that may be switched off.
    for line in ("配置有误，不能启动：", *(f"  {message}" for message in found)):
        print(line, file=sys.__stderr__)
    raise SystemExit(1)
