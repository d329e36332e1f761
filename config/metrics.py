"""`/metrics`: how the product is doing, in the text format that Prometheus collects. Numbers only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address

import redis
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.models import Clock
from config.health import QUEUE_SECONDS
from supervision.alerts.models import Alert
from supervision.operations.queries import backlogs, jobs
from supervision.operations.rules import JobState

logger = logging.getLogger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUEUE = "celery"
# What a proxy adds to what it passes on: its own address says nothing about who asks.
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded")

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Refuses with 403 whoever does not ask directly from one of METRICS_NETWORKS."""
    if not asks_from_within(request):
        raise PermissionDenied
    return HttpResponse("".join(exposition(at=timezone.now())), content_type=CONTENT_TYPE)


def asks_from_within(request: HttpRequest) -> bool:
    """Whether the other end is in METRICS_NETWORKS; never through a proxy."""
    if any(header in request.headers for header in PASSED_ON):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_NETWORKS)


def exposition(*, at: datetime) -> Iterator[str]:
    """Each measure with its help, its type and its samples."""
    planned = jobs(at=at)
    yield from gauge(
        "dingban_job_last_good_age_seconds",
        "Seconds since the last good run of the job began.",
        (
            ({"job": job.planned.task}, (at - job.good.started_at).total_seconds())
            for job in planned
            if job.good is not None
        ),
    )
    yield from gauge(
        "dingban_job_late_seconds",
        "Seconds by which the job is late against its schedule.",
        (({"job": job.planned.task}, job.standing.late_by.total_seconds()) for job in planned),
    )
    yield from gauge(
        "dingban_job_stuck",
        "1 where the latest run of the job has no end.",
        (({"job": job.planned.task}, float(job.standing.state is JobState.STUCK)) for job in planned),
    )
    yield from gauge(
        "dingban_backlog_rows",
        "Rows that wait longer than they should, were broken off, or failed.",
        (
            ({"what": what, "how": how}, float(number))
            for what, backlog in zip(
                ("bulletin_letters", "notice_letters", "imports", "windings"), backlogs(at=at), strict=True
            )
            for how, number in (
                ("overdue", backlog.overdue),
                ("broken_off", backlog.broken_off),
                ("failed", backlog.failed),
            )
        ),
    )
    yield from gauge(
        "dingban_rows_estimate",
        "About how many rows a table holds, by the database's own estimate.",
        (({"table": model._meta.db_table}, float(estimate(model._meta.db_table))) for model in (Clock, Alert)),
    )
    length = queue_length()
    yield from gauge("dingban_queue_answers", "1 where the queue answers.", [({}, float(length is not None))])
    if length is not None:
        yield from gauge("dingban_queue_messages", "Messages no worker has taken.", [({}, float(length))])


def gauge(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of one measure; without a sample only what it is."""
    yield f"# HELP {name} {says}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{inside}}} {value:g}\n" if inside else f"{name} {value:g}\n"


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def estimate(table: str) -> int:
    """PostgreSQL's estimate as of the last ANALYZE; on SQLite the last number given out. Neither reads the table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [f'"{table}"'])
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    return max(int(row[0]), 0) if row else 0


def queue_length() -> int | None:
    """Messages waiting in the queue; None when it does not answer."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=QUEUE_SECONDS, socket_timeout=QUEUE_SECONDS
    )
    try:
        return int(client.llen(QUEUE))
    except redis.RedisError as error:
        logger.error("queue does not answer: %s", error)
        return None
    finally:
        client.close()
