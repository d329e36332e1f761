"""The product's commands as an operator starts them: in a process of their own, with the product's own settings."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

VARIABLES = (
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "DATA_DIR",
    "FIELD_KEYS",
    "PASSWORD_DAYS",
    "PASSWORD_HISTORY",
    "SECOND_FACTOR",
    "ADMIN_NETWORKS",
    "TRUSTED_PROXIES",
    "SESSIONS_AT_ONCE",
    "METRICS_NETWORKS",
    "LOG_FORMAT",
    "DJANGO_SETTINGS_MODULE",
    # Set by the browser rig for the rest of the run; a deployment is rightly told off for it.
    "DJANGO_ALLOW_ASYNC_UNSAFE",
)


def first_look(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of somebody who has set nothing, but for DATA_DIR and what the test adds."""
    bare = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {**bare, "DATA_DIR": str(folder), **variables}


def production(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of a bureau that serves other machines, with everything it must name."""
    named = {
        "SECRET_KEY": "MuwQ0Yc3-ZkS9tq4vT1xXb7nJh2dLg6pRf8aEoKi5sNzCyHBq7Wd",
        "ALLOWED_HOSTS": "dingban.example.cn",
        "DATABASE_URL": "postgresql://dingban:secret@db.example.cn:5432/dingban",
        "REDIS_URL": "redis://queue.example.cn:6379/0",
        "EMAIL_URL": "smtp+tls://dingban%40example.cn:secret@mail.example.cn:587",
        "FIELD_KEYS": "k1:dGhlc2UtdGhpcnR5LXR3by1ieXRlcy1hcmUtYS1rZXk=",
    }
    return first_look(folder, **{**named, **variables})


def manage(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`manage.py` with these words, to its end."""
    return run(sys.executable, "manage.py", *words, environment=environment)


def run(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=settings.ROOT, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
