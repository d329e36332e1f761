"""`/healthz`: whether this process can reach what it stands on; `/readyz`: whether the whole house does its work. Neither
needs a sign-in, and neither tells anything else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_celery_beat.models import PeriodicTask

logger = logging.getLogger(__name__)
QUEUE_SECONDS = 2
# Beat writes down what it handed out every three minutes.
TICKS_WITHIN = timedelta(minutes=10)

SAYS = {
    "database": ("数据库有答复", "数据库没有答复"),
    "queue": ("任务队列有答复", "任务队列没有答复，请看 Redis"),
    "migrations": ("数据库结构与程序一致", "数据库结构与程序不一致，请运行 manage.py migrate"),
    "timetable": ("定时进程在派发任务", "定时进程十分钟没有派发任务，请看 celery beat"),
}


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        logger.error("database does not answer: %s", error)
        return False
    return True


def queue_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=QUEUE_SECONDS, socket_timeout=QUEUE_SECONDS
    )
    try:
        return bool(client.ping())
    except redis.RedisError as error:
        logger.error("queue does not answer: %s", error)
        return False
    finally:
        client.close()


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when database and queue answer, 503 when one of them does not."""
    found = {"database": database_answers(), "queue": queue_answers()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def migrations_applied() -> bool:
    """Whether every migration of this version of the product has run."""
    try:
        return migrations_known() <= MigrationRecorder(connection).applied_migrations().keys()
    except Error as error:
        logger.error("migrations cannot be read: %s", error)
        return False


@cache
def migrations_known() -> frozenset[tuple[str, str]]:
    """What lies on the disk, read once: whoever asks may ask often."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def timetable_ticks(*, at: datetime) -> bool:
    """Whether beat handed anything out lately. A clock that was put back leaves moments in the future: they say nothing."""
    try:
        last = PeriodicTask.objects.filter(last_run_at__lte=at + TICKS_WITHIN).aggregate(last=Max("last_run_at"))[
            "last"
        ]
    except Error as error:
        logger.error("the timetable cannot be read: %s", error)
        return False
    return last is not None and at - last <= TICKS_WITHIN


@require_safe
@never_cache
def readiness(request: HttpRequest) -> JsonResponse:
    """200 when the house does all of its work, 503 when a part is missing; each part says in words how it is.

    Asked by whoever looks after the house. A load balancer asks `health` instead: pages are served while beat stands still.
    """
    at = timezone.now()
    asked: dict[str, Callable[[], bool]] = {
        "database": database_answers,
        "queue": queue_answers,
        "migrations": migrations_applied,
        "timetable": lambda: timetable_ticks(at=at),
    }
    found: dict[str, bool] = {}
    for name, ask in asked.items():
        found[name] = ask() if name in ("database", "queue") or found["database"] else False
    parts = {name: {"ready": good, "says": SAYS[name][0 if good else 1]} for name, good in found.items()}
    ready = all(found.values())
    return JsonResponse(
        {"ready": ready, **parts}, status=200 if ready else 503, json_dumps_params={"ensure_ascii": False}
    )
