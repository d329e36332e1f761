"""`/metrics`: how the product is doing, in the text format that Prometheus collects. Numbers only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate

import redis
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.models import Clock, Level
from cases.models.clock import is_running
from config.counting import BUCKETS, NOT_LET_IN, Counted, all_counts, counts_folder
from config.health import QUEUE_SECONDS
from supervision.accounts.addresses import address_of
from supervision.accounts.rules import lies_in
from supervision.alerts.models import Alert
from supervision.bulletins.models import Letter, LetterState
from supervision.operations.queries import Job, backlogs, jobs
from supervision.operations.rules import JobState

logger = logging.getLogger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUEUE = "celery"
# What a proxy adds to what it passes on.
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded")
# A collector asks every few seconds; rows are counted anew after this.
COUNTED_FOR_SECONDS = 60
COUNTED_ROWS = "config.metrics.rows"

Labels = Mapping[str, str]
Sample = tuple[Labels, float]
Family = tuple[str, str, list[Sample]]


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Refuses with 403 whoever does not ask from one of METRICS_NETWORKS."""
    if not asks_from_within(request):
        raise PermissionDenied
    return HttpResponse("".join(exposition(at=timezone.now())), content_type=CONTENT_TYPE)


def asks_from_within(request: HttpRequest) -> bool:
    """Whether the sender is in METRICS_NETWORKS. What came through a proxy that nobody named in TRUSTED_PROXIES, or that
    does not say for whom, is from anywhere."""
    passed_on = any(header in request.headers for header in PASSED_ON)
    peer = request.META.get("REMOTE_ADDR", "")
    if passed_on and not (lies_in(peer, settings.TRUSTED_PROXIES) and "X-Forwarded-For" in request.headers):
        return False
    return lies_in(address_of(request), settings.METRICS_NETWORKS)


def exposition(*, at: datetime) -> Iterator[str]:
    """Each measure with its help, its type and its samples. What cannot be asked is left out, and said to be missing."""
    rows = _rows(at=at)
    yield from gauge("dingban_database_answers", "1 where the database answers.", [({}, float(rows is not None))])
    for name, says, samples in rows or ():
        yield from gauge(name, says, samples)
    length = queue_length()
    yield from gauge("dingban_queue_answers", "1 where the queue answers.", [({}, float(length is not None))])
    if length is not None:
        yield from gauge("dingban_queue_messages", "Messages no worker has taken.", [({}, float(length))])
    counted = all_counts(counts_folder())
    yield from requests(one for one in counted if one.method != NOT_LET_IN)
    yield from not_let_in(one for one in counted if one.method == NOT_LET_IN)


def _rows(*, at: datetime) -> list[Family] | None:
    """What the database knows; None where it does not answer."""
    try:
        found = _of_jobs(jobs(at=at), at=at)
        counted: list[Family] | None = cache.get(COUNTED_ROWS)
        if counted is None:
            counted = [*_of_backlogs(at=at), *_of_letters(), *_of_cases()]
            cache.set(COUNTED_ROWS, counted, COUNTED_FOR_SECONDS)
    except Error as error:
        logger.error("the database cannot be asked for metrics: %s", error)
        return None
    return [*found, *counted]


def _of_jobs(planned: list[Job], *, at: datetime) -> list[Family]:
    return [
        (
            "dingban_job_last_good_age_seconds",
            "Seconds since the last good run of the job began.",
            [
                ({"job": job.planned.task}, (at - job.good.started_at).total_seconds())
                for job in planned
                if job.good is not None
            ],
        ),
        (
            "dingban_job_last_failed_age_seconds",
            "Seconds since the last failed run of the job began.",
            [
                ({"job": job.planned.task}, (at - job.failed.started_at).total_seconds())
                for job in planned
                if job.failed is not None
            ],
        ),
        (
            "dingban_job_late_seconds",
            "Seconds by which the job is late against its schedule.",
            [({"job": job.planned.task}, job.standing.late_by.total_seconds()) for job in planned],
        ),
        (
            "dingban_job_state",
            "1 for the state the job is in.",
            [
                ({"job": job.planned.task, "state": state.value}, float(job.standing.state is state))
                for job in planned
                for state in JobState
            ],
        ),
    ]


def _of_backlogs(*, at: datetime) -> Iterator[Family]:
    yield (
        "dingban_backlog_rows",
        "Rows that wait longer than they should, were broken off, or failed.",
        [
            ({"what": backlog.what.value, "how": how}, float(number))
            for backlog in backlogs(at=at)
            for how, number in backlog.numbers.items()
        ],
    )


def _of_letters() -> Iterator[Family]:
    on_the_way = (*LetterState.waiting(), LetterState.SENDING)
    waiting = Letter.objects.filter(state__in=on_the_way).values_list("state").annotate(number=Count("pk"))
    numbers = dict(waiting.order_by())
    yield (
        "dingban_outbox_letters",
        "Letters that nobody has yet, by state.",
        [({"state": state.value}, float(numbers.get(state.value, 0))) for state in on_the_way],
    )


def _of_cases() -> Iterator[Family]:
    # A number that moves would tell of a matter that only its handlers know.
    running = Clock.objects.filter(is_running(), restricted=False).count()
    open_ones = Alert.objects.filter(ended_at=None, restricted=False)
    standing = dict(open_ones.values_list("level").annotate(number=Count("pk")).order_by())
    yield (
        "dingban_running_clocks",
        "Clocks that run, but for those of matters only their handlers see.",
        [({}, float(running))],
    )
    yield (
        "dingban_standing_alerts",
        "Alerts that were not withdrawn, by level; the same left out.",
        [
            ({"level": level.name.lower()}, float(standing.get(level.value, 0)))
            for level in (Level.YELLOW, Level.ORANGE, Level.RED)
        ],
    )


def gauge(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of one measure; without a sample only what it is."""
    yield f"# HELP {name} {says}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        yield line(name, labels, value)


def requests(counted: Iterable[Counted]) -> Iterator[str]:
    """The lines of the requests: a histogram, whose buckets each hold those below too."""
    name = "dingban_request_duration_seconds"
    yield f"# HELP {name} Seconds a page took, all processes of this machine together.\n# TYPE {name} histogram\n"
    for one in counted:
        labels = {"view": one.view, "method": one.method, "status": one.status}
        sums = list(accumulate(one.buckets))
        for end, number in zip((*(f"{end:g}" for end in BUCKETS), "+Inf"), sums, strict=True):
            yield line(f"{name}_bucket", {**labels, "le": end}, number)
        yield line(f"{name}_sum", labels, one.seconds)
        yield line(f"{name}_count", labels, sums[-1])


def not_let_in(counted: Iterable[Counted]) -> Iterator[str]:
    """The lines of the calls of other systems that were not let in, by why; nothing else of them is known here."""
    name = "dingban_api_calls_not_let_in_total"
    yield f"# HELP {name} Calls of other systems that were not let in, all processes of this machine together.\n"
    yield f"# TYPE {name} counter\n"
    for one in counted:
        yield line(name, {"why": one.view}, sum(one.buckets))


def line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {value:.16g}\n" if inside else f"{name} {value:.16g}\n"


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


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
