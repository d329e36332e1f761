"""Whatever a worker does leaves a row; what goes wrong with the row never stops the work."""

import pytest
from celery import current_app, shared_task
from django.db import DatabaseError
from django.utils.module_loading import autodiscover_modules

from config.celery import own_up_to_broken_runs
from supervision.operations.models import JobRun, Outcome
from supervision.operations.recording import RecordedTask
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess
from tests.supervision.operations.factories import ran


class PetitionerNamed(Exception):
    """An error whose text says too much."""


@shared_task(name="tests.counts")
def counts() -> int:
    return 7


@shared_task(name="tests.fails")
def fails() -> None:
    raise PetitionerNamed("张三 13800000000")


def test_every_task_of_the_product_is_recorded() -> None:
    autodiscover_modules("tasks")
    ours = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]

    assert ours and all(isinstance(task, RecordedTask) for task in ours)


@pytest.mark.django_db
def test_a_good_run_says_how_much_it_did() -> None:
    counts.delay()

    run = JobRun.objects.get()
    assert (run.job, run.outcome, run.done, run.error) == ("tests.counts", Outcome.GOOD, 7, "")
    assert run.ended_at is not None and run.ended_at >= run.started_at


@pytest.mark.django_db
def test_a_failed_run_says_why_without_the_words_of_the_error() -> None:
    fails.apply(throw=False)

    run = JobRun.objects.get()
    assert (run.outcome, run.done) == (Outcome.FAILED, None)
    assert run.error == "程序出错，详见运行日志"


@pytest.mark.django_db
def test_a_row_that_cannot_be_written_does_not_stop_the_job(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**kwargs: object) -> None:
        raise DatabaseError("no")

    monkeypatch.setattr("supervision.operations.services.begin_run", refuse)

    assert counts.delay().get() == 7
    assert "could not be recorded" in caplog.text and not JobRun.objects.exists()


@pytest.mark.django_db
def test_what_is_celerys_own_is_not_recorded() -> None:
    current_app.tasks["celery.accumulate"].delay(1)

    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_worker_that_is_ready_owns_up_to_what_it_left() -> None:
    ran(Outcome.RUNNING, worker="celery@gone")

    own_up_to_broken_runs(sender=type("Consumer", (), {"hostname": "celery@gone"}))

    assert JobRun.objects.get().outcome == Outcome.LOST


def test_a_killed_worker_starts_again_and_its_broken_run_is_told(celery_worker_process: WorkerProcess) -> None:
    current_app.send_task("alerts.climb")
    until(lambda: JobRun.objects.filter(job="alerts.climb", outcome=Outcome.GOOD).exists(), what="a recorded run")
    run = JobRun.objects.get(job="alerts.climb")
    left = JobRun.objects.create(job="alerts.sweep", task_id="x", worker=run.worker, started_at=run.started_at)

    celery_worker_process.kill_hard()
    celery_worker_process.start()

    until(lambda: JobRun.objects.get(pk=left.pk).outcome == Outcome.LOST, what="the broken run to be told")
