"""`/metrics` gives numbers, and only to whoever asks from within."""

import re
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.metrics import estimate, gauge
from supervision.operations.models import JobRun, Outcome
from tests.rigs.redis import RedisServer
from tests.supervision.operations.factories import plan

pytestmark = pytest.mark.django_db
LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+-]+$')


def test_it_tells_how_old_the_last_good_run_is_and_how_late_the_job(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    started = timezone.now() - timedelta(hours=2)
    JobRun.objects.create(job=plan().task, task_id="a", started_at=started, ended_at=started, outcome=Outcome.GOOD)
    with redis_server.client() as queue:
        queue.rpush("celery", "one", "two")

    answer = client.get("/metrics")

    lines = answer.content.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert [line for line in lines if not line.startswith(("# HELP ", "# TYPE ")) and not LINE.match(line)] == []
    assert 7200 <= float(values['dingban_job_last_good_age_seconds{job="alerts.sweep"}']) < 7260
    assert 7080 <= float(values['dingban_job_late_seconds{job="alerts.sweep"}']) <= 7200
    assert (values["dingban_queue_messages"], values["dingban_queue_answers"]) == ("2", "1")
    assert values['dingban_backlog_rows{what="imports",how="broken_off"}'] == "0"


def test_without_a_queue_the_rest_is_told(client: Client) -> None:
    page = client.get("/metrics").content.decode()

    assert "dingban_queue_answers 0" in page and "dingban_queue_messages" not in page


@pytest.mark.parametrize(
    ("asks", "status"),
    [
        ({"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "10.1.3.3"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 403),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_X_FORWARDED_PROTO": "https"}, 403),
    ],
)
def test_only_who_asks_directly_from_within_is_answered(
    client: Client, settings: Settings, asks: dict[str, str], status: int
) -> None:
    settings.METRICS_NETWORKS = (ip_network("10.1.2.0/24"),)

    assert client.get("/metrics", **asks).status_code == status  # type: ignore[arg-type]


def test_what_a_label_says_cannot_break_the_line() -> None:
    assert list(gauge("x", "y", [({"a": 'b"\n\\'}, 1.5)]))[1] == 'x{a="b\\"\\n\\\\"} 1.5\n'


def test_a_table_nobody_knows_is_empty() -> None:
    assert estimate("no_such_table") == 0
