"""`/healthz`: whether this process can reach what it stands on. Needs no sign-in and tells nothing else."""

import logging

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)
QUEUE_SECONDS = 2


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
