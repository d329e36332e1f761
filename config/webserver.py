"""gunicorn's settings: `gunicorn -c python:config.webserver config.wsgi`.

One process of several threads is what SQLite and a first look need; production adds `--workers`. gunicorn trusts
`X-Forwarded-Proto` from this machine only; a proxy on another machine is named in FORWARDED_ALLOW_IPS.
"""

import gc
import os
from typing import Any

bind = "127.0.0.1:8000"
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 15
max_requests = 5000
max_requests_jitter = 500
errorlog = "-"
loglevel = "warning"
# No second door beside the address above.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Refuse in the master, before a worker is made: wrong settings, and in production static files not collected."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # import here: gunicorn reads this file before it knows the environment

    django.setup()
    log_as_the_house_does()
    from django.conf import settings

    from config.checks import stop_on_wrong_settings

    stop_on_wrong_settings()
    if settings.PRODUCTION and not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        raise SystemExit("静态文件尚未收集，不能启动。请先运行：manage.py collectstatic --noinput")


def on_reload(server: Any) -> None:
    """gunicorn has just made its log anew."""
    log_as_the_house_does()


def log_as_the_house_does() -> None:
    """gunicorn's own lines look like all others. It has no log of requests: those it writes hold addresses, and an address
    may hold a secret; the house writes its own (`config.tracing`)."""
    import logging  # import here: gunicorn takes every name of this file for a setting

    (ours,) = logging.getLogger().handlers[:1]
    for handler in logging.getLogger("gunicorn.error").handlers:
        handler.setFormatter(ours.formatter)


def post_worker_init(worker: Any) -> None:
    settle()


def settle() -> None:
    """Have everything that a process keeps for good built now, and the garbage collector leave it alone.

    It would walk hundreds of thousands of objects of code, models and addresses again and again, in the middle of pages.
    """
    from django.urls import get_resolver  # import here: gunicorn reads this file before it knows the environment

    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
