"""A real worker, on a real Redis and the test database."""

import pytest
from celery import current_app
from django_celery_beat.models import PeriodicTask

from tests.rigs.redis import RedisServer
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess


def test_a_real_worker_reads_the_test_database_and_survives_a_kill(
    celery_worker_process: WorkerProcess, queue: RedisServer
) -> None:
    current_app.send_task("celery.backend_cleanup")
    until(lambda: "celery.backend_cleanup" in celery_worker_process.output(), what="the first task to be taken")

    celery_worker_process.kill_hard()
    current_app.send_task("celery.backend_cleanup")
    with queue.client() as client:
        assert client.llen("celery") >= 1

    celery_worker_process.start()
    until(lambda: drained(queue), what="the waiting task to be taken")


def drained(queue: RedisServer) -> bool:
    with queue.client() as client:
        return client.llen("celery") == 0


@pytest.mark.django_db
def test_without_the_rig_tasks_run_at_once() -> None:
    assert current_app.conf.task_always_eager is True
    assert PeriodicTask.objects.count() == 0
