"""A task's lines name the task and the request that had it queued, through a real queue and a real worker."""

import json
from typing import Any

import pytest
from celery import current_app
from django.http import HttpResponse
from django.test import RequestFactory

from config import tracing
from config.tracing import TraceRequests, trace
from tests.rigs.redis import RedisServer
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess

NOTHING = {"request_id": "", "user": "", "task_id": "", "task": ""}


@pytest.fixture
def json_worker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> WorkerProcess:
    """A worker whose log is JSON."""
    monkeypatch.setenv("LOG_FORMAT", "json")
    worker: WorkerProcess = request.getfixturevalue("celery_worker_process")
    return worker


def lines_of(worker: WorkerProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in worker.output().splitlines() if line.startswith("{")]


def queue_within(number: str) -> str:
    """A task that a page queues while it answers the request of that number."""
    queued: list[str] = []

    def page(request: Any) -> Any:
        queued.append(current_app.send_task("alerts.sweep").id)
        return HttpResponse()

    TraceRequests(page)(RequestFactory().get("/x/", headers={"X-Request-ID": number}))
    return queued[0]


@pytest.mark.django_db(transaction=True)
def test_the_lines_of_a_task_name_it_and_the_request_that_queued_it(
    json_worker: WorkerProcess, queue: RedisServer
) -> None:
    first = queue_within("asked-by-a-page")
    second = current_app.send_task("alerts.sweep").id

    until(lambda: sum("succeeded" in line["message"] for line in lines_of(json_worker)) == 2, what="both to be done")
    json_worker.stop()

    done = {line["task_id"]: line for line in lines_of(json_worker) if "succeeded" in line["message"]}
    assert set(done) == {first, second}
    assert (done[first]["task"], done[first]["request_id"]) == ("alerts.sweep", "asked-by-a-page")
    assert "request_id" not in done[second]
    assert all(line["time"].endswith("+08:00") for line in lines_of(json_worker))


@pytest.mark.django_db(transaction=True)
def test_what_a_failing_task_says_of_itself_is_not_in_its_lines(json_worker: WorkerProcess, queue: RedisServer) -> None:
    current_app.send_task("cases.load_upload", args=["欧阳子虚"], kwargs={"no_such_thing": "tok-5b1f0c7e9a"})

    until(lambda: any(line["level"] == "ERROR" for line in lines_of(json_worker)), what="the task to fail", within=60)
    json_worker.stop()

    (line,) = [line for line in lines_of(json_worker) if line["level"] == "ERROR"]
    assert line["error"] == "TypeError" and line["message"].startswith("Task cases.load_upload[")
    assert "欧阳子虚" not in json_worker.output() and "tok-5b1f0c7e9a" not in json_worker.output()


def test_a_request_that_failed_leaves_nothing_behind_for_the_next() -> None:
    def page(request: Any) -> Any:
        assert trace()["request_id"] == "the-one-that-fails"
        raise ValueError("no such page")

    with pytest.raises(ValueError, match="no such page"):
        TraceRequests(page)(RequestFactory().get("/x/", headers={"X-Request-ID": "the-one-that-fails"}))

    assert trace() == NOTHING


def test_a_task_inside_a_request_leaves_the_request_its_lines() -> None:
    def page(request: Any) -> Any:
        tracing.begin_task(task_id="1", task="alerts.sweep", request_id="")
        assert (trace()["task"], trace()["request_id"]) == ("alerts.sweep", "a-request-of-its-own")
        tracing.end_task(queued_in_process=True)
        assert trace() == {**NOTHING, "request_id": "a-request-of-its-own"}
        return HttpResponse()

    TraceRequests(page)(RequestFactory().get("/x/", headers={"X-Request-ID": "a-request-of-its-own"}))
    tracing.begin_task(task_id="1", task="alerts.sweep", request_id="another-request")
    tracing.end_task(queued_in_process=False)

    assert trace() == NOTHING


def test_only_a_request_is_handed_on() -> None:
    headers: dict[str, Any] = {}

    tracing.hand_on(headers)

    assert headers == {}
