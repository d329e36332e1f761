"""`/metrics` gives numbers, and only to whoever asks from within."""

import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from cases.models import Clock, Level
from config.counting import BUCKETS, Counted
from config.metrics import COUNTED_ROWS, gauge, requests
from supervision.alerts.models import Alert
from supervision.alerts.services import sweep
from supervision.operations.models import JobRun, Outcome
from tests.cases.factories import make_bureau, make_case, make_catalogue
from tests.rigs.redis import RedisServer
from tests.supervision.operations.factories import plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rows_are_counted_anew() -> Iterator[None]:
    cache.delete(COUNTED_ROWS)
    yield
    cache.delete(COUNTED_ROWS)


LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+-]+$')


def told(client: Client, **asks: str) -> dict[str, str]:
    """Each sample with its value; whatever is no line of the format fails."""
    answer = client.get("/metrics", **asks)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[:2]) == (
        200,
        ["text/plain", " version=0.0.4"],
    )
    lines = answer.content.decode().splitlines()
    samples = [line for line in lines if not line.startswith(("# HELP ", "# TYPE "))]
    assert [line for line in samples if not LINE.match(line)] == []
    assert len({line.rsplit(" ", 1)[0] for line in samples}) == len(samples)
    return dict(line.rsplit(" ", 1) for line in samples)


def test_it_tells_how_old_the_last_good_run_is_and_how_late_the_job(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    started = timezone.now() - timedelta(hours=2)
    JobRun.objects.create(job=plan().task, task_id="a", started_at=started, ended_at=started, outcome=Outcome.GOOD)
    with redis_server.client() as queue:
        queue.rpush("celery", "one", "two")

    values = told(client)

    assert 7200 <= float(values['dingban_job_last_good_age_seconds{job="alerts.sweep"}']) < 7260
    assert 7080 <= float(values['dingban_job_late_seconds{job="alerts.sweep"}']) <= 7200
    assert values['dingban_job_state{job="alerts.sweep",state="late"}'] == "1"
    assert values['dingban_job_state{job="alerts.sweep",state="good"}'] == "0"
    assert (values["dingban_queue_messages"], values["dingban_queue_answers"]) == ("2", "1")
    assert values['dingban_backlog_rows{what="imports",how="broken_off"}'] == "0"


def test_it_tells_the_failed_run_too(client: Client) -> None:
    started = timezone.now() - timedelta(minutes=1)
    JobRun.objects.create(
        job=plan().task, task_id="a", started_at=started, ended_at=started, outcome=Outcome.FAILED, error="磁盘已满"
    )

    values = told(client)

    assert 60 <= float(values['dingban_job_last_failed_age_seconds{job="alerts.sweep"}']) < 120
    assert values['dingban_job_state{job="alerts.sweep",state="failed"}'] == "1"


def test_it_counts_what_runs_what_stands_and_what_waits_to_be_sent(client: Client) -> None:
    make_catalogue()
    make_case("A1", make_bureau().station, filed="2026-01-05 09:00")
    sweep(at=timezone.now())
    assert Alert.objects.filter(ended_at=None, level=Level.RED).count() == 1

    values = told(client)

    assert values["dingban_running_clocks"] == "1"
    assert values['dingban_standing_alerts{level="red"}'] == "1"
    assert values['dingban_standing_alerts{level="yellow"}'] == "0"
    assert values['dingban_outbox_letters{state="queued"}'] == "0"


def test_no_number_tells_of_a_matter_that_only_its_handlers_see(client: Client) -> None:
    make_catalogue()
    make_case("A1", make_bureau().station, filed="2026-01-05 09:00")
    sweep(at=timezone.now())
    Clock.objects.update(restricted=True)
    Alert.objects.update(restricted=True)

    values = told(client)

    assert values["dingban_running_clocks"] == "0"
    assert values['dingban_standing_alerts{level="red"}'] == "0"


def test_rows_are_counted_once_a_minute_however_often_the_collector_asks(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    plan()
    told(client)

    with django_assert_max_num_queries(2):
        told(client)


def test_requests_are_a_histogram_whose_buckets_hold_those_below() -> None:
    counted = Counted("desk:matter", "GET", "200", (1, 0, 2, *[0] * (len(BUCKETS) - 3), 4), 50.5)

    lines = list(requests([counted]))

    labels = 'view="desk:matter",method="GET",status="200"'
    assert lines[0].endswith("# TYPE dingban_request_duration_seconds histogram\n")
    assert f'dingban_request_duration_seconds_bucket{{{labels},le="0.1"}} 3\n' in lines
    assert f'dingban_request_duration_seconds_bucket{{{labels},le="10"}} 3\n' in lines
    assert f'dingban_request_duration_seconds_bucket{{{labels},le="+Inf"}} 7\n' in lines
    assert lines[-2:] == [
        f"dingban_request_duration_seconds_sum{{{labels}}} 50.5\n",
        f"dingban_request_duration_seconds_count{{{labels}}} 7\n",
    ]


def test_what_was_asked_before_is_counted(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.RUN_DIR = tmp_path
    client.get("/healthz")
    client.get("/healthz")

    values = told(client)

    assert values['dingban_request_duration_seconds_count{view="health",method="GET",status="503"}'] == "2"


def test_calls_of_systems_that_were_not_let_in_are_counted_by_why_and_are_no_request(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.RUN_DIR = tmp_path
    for shown in ("nonsense", "dingban_0123456789ab_" + "s" * 43):
        assert client.get("/api/v1/units", headers={"Authorization": f"Bearer {shown}"}).status_code == 401

    values = told(client)

    assert values['dingban_api_calls_not_let_in_total{why="unknown_token"}'] == "2"
    assert values['dingban_request_duration_seconds_count{view="api:units-list",method="GET",status="401"}'] == "2"
    assert [name for name in values if "not_let_in" in name] == [
        'dingban_api_calls_not_let_in_total{why="unknown_token"}'
    ]


def test_without_a_queue_the_rest_is_told(client: Client) -> None:
    values = told(client)

    assert values["dingban_queue_answers"] == "0" and "dingban_queue_messages" not in values
    assert values["dingban_database_answers"] == "1"


def test_without_a_database_the_rest_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OperationalError("no route")

    monkeypatch.setattr("config.metrics.jobs", refuse)

    values = told(client)

    assert values["dingban_database_answers"] == "0" and "dingban_running_clocks" not in values


@pytest.mark.parametrize(
    ("asks", "status"),
    [
        ({"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "10.1.3.3"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 403),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_X_FORWARDED_PROTO": "https"}, 403),
        ({"REMOTE_ADDR": "10.9.9.9", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "10.9.9.9", "HTTP_X_FORWARDED_FOR": "10.1.2.3, 10.1.3.3"}, 403),
        ({"REMOTE_ADDR": "10.9.9.9", "HTTP_X_FORWARDED_PROTO": "https"}, 403),
    ],
)
def test_only_who_asks_from_within_is_answered_and_only_a_named_proxy_is_believed(
    client: Client, settings: Settings, asks: dict[str, str], status: int
) -> None:
    settings.METRICS_NETWORKS = (ip_network("10.1.2.0/24"),)
    settings.TRUSTED_PROXIES = (ip_network("10.9.9.9/32"),)

    assert client.get("/metrics", **asks).status_code == status  # type: ignore[arg-type]


def test_what_a_label_says_cannot_break_the_line() -> None:
    assert list(gauge("x", "y", [({"a": 'b"\n\\'}, 1.5)]))[1] == 'x{a="b\\"\\n\\\\"} 1.5\n'
