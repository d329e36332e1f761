"""`/healthz`: whether this process can reach what it stands on; `/readyz`: whether it can do its work. Neither needs a
sign-in, and neither tells anything else."""

import logging
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
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
    """Whether the database is as this version of the product wants it."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        logger.error("migrations cannot be read: %s", error)
        return False


def timetable_ticks(*, at: datetime) -> bool:
    """Whether beat handed anything out lately."""
    try:
        last = PeriodicTask.objects.aggregate(last=Max("last_run_at"))["last"]
    except Error as error:
        logger.error("the timetable cannot be read: %s", error)
        return False
    return last is not None and at - last <= TICKS_WITHIN


@require_safe
@never_cache
def readiness(request: HttpRequest) -> JsonResponse:
    """200 when database, queue and migrations are as they should be, else 503.

    Whether the timetable ticks is told but does not count: pages can be served without it, and a load balancer that
    took every web process away because beat stands still would only make it worse.
    """
    found = {"database": database_answers(), "queue": queue_answers()}
    found["migrations"] = found["database"] and migrations_applied()
    status = 200 if all(found.values()) else 503
    found["timetable"] = found["database"] and timetable_ticks(at=timezone.now())
    return JsonResponse(found, status=status)
