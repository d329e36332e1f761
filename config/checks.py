"""System checks that tell what is wrong with the environment, and stop the start.

E001 a word that is neither true nor false, E002 an address that cannot be understood, E003 a host name, E004 a folder
or file that cannot be used, E006 a field key, E007 days for which logs are kept, E008 a digest that cannot be computed,
E014 a network, E015 a number, E016 a word of a few, E040 a host of other systems, E041 a secret shared with one that is
too short, E060 a file of how long records are kept, E005, E010-E013 and E017 what production does not accept.
"""

import sys
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from cases.audit.rules import ALGORITHMS, LEAST_KEEP_DAYS, UnknownAlgorithm, hasher
from supervision.retention.keeping import retention_rules
from supervision.retention.rules import InvalidRetention

SECRET_LENGTH = 50
SECRET_VARIETY = 5
WEBHOOK_SECRET_LENGTH = 32
MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

HOW_TO_NAME = {
    "SECRET_KEY": "用 openssl rand -base64 48 生成一个，各进程相同，妥善保管。",  # nosec B105
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
def logs_are_kept_and_sealed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Logs are kept for as long as the law asks (网络安全法 2025, 23 (3)), and sealed by a digest this machine has."""
    found: list[CheckMessage] = []
    if settings.AUDIT_KEEP_DAYS < LEAST_KEEP_DAYS:
        found.append(
            Error(
                f"审计日志留存 {settings.AUDIT_KEEP_DAYS} 天，少于六个月。",
                hint=f"AUDIT_KEEP_DAYS 至少 {LEAST_KEEP_DAYS}（网络安全法第二十三条）；不设即为三年。",
                id="config.E007",
            )
        )
    try:
        hasher(settings.AUDIT_DIGEST)
    except UnknownAlgorithm as error:
        found.append(
            Error(
                f"环境变量 AUDIT_DIGEST 不能用：{error}。",
                hint=f"请写 {'、'.join(ALGORITHMS)} 之一。",
                id="config.E008",
            )
        )
    return found


@register()
def receivers_share_good_secrets(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What is sent to other systems is signed with secrets that nobody guesses."""
    return [
        Error(
            f"环境变量 WEBHOOK_SECRET_{name} 太短：少于 {WEBHOOK_SECRET_LENGTH} 个字符。",
            hint="用 openssl rand -hex 32 生成，交给接收系统的管理员。",
            id="config.E041",
        )
        for name, secret in sorted(settings.WEBHOOK_SECRETS.items())
        if len(secret) < WEBHOOK_SECRET_LENGTH
    ]


@register()
def retention_is_understood(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The file that says how long each kind of record is kept can be used."""
    try:
        retention_rules()
    except InvalidRetention as error:
        hint = "照 seeds/retention.yaml 改正 RETENTION_FILE 指的文件；不设即用随程序提供的。"
        return [Error(f"留存期文件不能用：{error}。", hint=hint, id="config.E060")]
    return []


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
    if settings.SECOND_FACTOR_ASKED != "required":
        found.append(
            Error("正式运行时管理员和领导必须使用二次验证。", hint="去掉环境变量 SECOND_FACTOR。", id="config.E013")
        )
    if settings.ADMIN_NETWORKS and settings.SERVES_OTHERS and not settings.TRUSTED_PROXIES:
        # Other machines come through a proxy, and then every address would be the proxy's own.
        found.append(
            Error(
                "设了 ADMIN_NETWORKS 就必须说明反向代理是谁，否则认不出管理员的地址。",
                hint="环境变量 TRUSTED_PROXIES 写反向代理的地址，在本机的写 127.0.0.1。",
                id="config.E017",
            )
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
    """What the checks above find; for processes that start without Django's command line."""
    checks = (
        environment_is_understood,
        logs_are_kept_and_sealed,
        receivers_share_good_secrets,
        retention_is_understood,
        production_names_its_own,
    )
    return [fault for check in checks for fault in check(None)]


def stop_on_wrong_settings() -> None:
    """End the process with status 1 where settings are wrong, saying what and what would be right."""
    found = wrong_settings()
    if not found:
        return
    # Not sys.stderr: Celery has turned that into a log that may be switched off.
    for line in ("配置有误，不能启动：", *(f"  {message}" for message in found)):
        print(line, file=sys.__stderr__)
    raise SystemExit(1)
