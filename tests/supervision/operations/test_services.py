from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django_celery_beat.models import PeriodicTask

from cases.models import Officer, Role
from supervision.operations import rules, services
from supervision.operations.models import JobRequest, JobRun, Outcome
from supervision.operations.services import JobRefused
from tests.cases.factories import Bureau, make_officer
from tests.rigs.redis import RedisServer
from tests.rigs.worker import connect_to
from tests.supervision.operations.factories import AT, plan, ran

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def admin(bureau: Bureau) -> Officer:
    return make_officer("900001", bureau.county, Role.SYSTEM_ADMIN)


# -- runs ------------------------------------------------------------------------------------------------------------


def test_a_run_is_begun_and_ended_with_what_it_did() -> None:
    services.begin_run(job="alerts.sweep", task_id="a", worker="w", at=AT)
    services.end_run(job="alerts.sweep", task_id="a", done=3, error="", at=AT + MINUTE)

    run = JobRun.objects.get()
    assert (run.outcome, run.done, run.ended_at) == (Outcome.GOOD, 3, AT + MINUTE)


def test_a_run_that_came_back_shows_that_the_first_was_broken_off() -> None:
    services.begin_run(job="alerts.sweep", task_id="a", worker="w", at=AT)
    services.begin_run(job="alerts.sweep", task_id="a", worker="w", at=AT + MINUTE)
    services.end_run(job="alerts.sweep", task_id="a", done=0, error="", at=AT + 2 * MINUTE)

    assert list(JobRun.objects.order_by("id").values_list("outcome", flat=True)) == [Outcome.LOST, Outcome.GOOD]


def test_the_end_of_a_run_that_was_given_up_is_not_written_over_it() -> None:
    services.begin_run(job="alerts.sweep", task_id="a", worker="w", at=AT)
    services.lose_runs(worker="w")

    services.end_run(job="alerts.sweep", task_id="a", done=0, error="", at=AT + MINUTE)

    assert JobRun.objects.get().outcome == Outcome.LOST


def test_a_worker_that_starts_owns_up_to_the_runs_of_its_own_name_only() -> None:
    mine, other = ran(Outcome.RUNNING, worker="mine"), ran(Outcome.RUNNING, worker="other", job="alerts.climb")
    ended = ran(worker="mine", ago=MINUTE)

    assert services.lose_runs(worker="mine") == 1

    assert [JobRun.objects.get(pk=row.pk).outcome for row in (mine, other, ended)] == ["lost", "running", "good"]


def test_a_run_without_an_end_is_given_up_after_a_day() -> None:
    old = ran(Outcome.RUNNING, ago=timedelta(days=1))
    fresh = ran(Outcome.RUNNING, ago=timedelta(hours=23))

    services.begin_run(job="alerts.sweep", task_id="new", worker="w", at=AT)

    assert [JobRun.objects.get(pk=row.pk).outcome for row in (old, fresh)] == ["lost", "running"]


def test_runs_are_bounded_but_the_last_good_and_the_last_failed_stay() -> None:
    good, failed = ran(ago=timedelta(hours=9)), ran(Outcome.FAILED, ago=timedelta(hours=8))
    ran(Outcome.LOST, ago=timedelta(hours=7))
    open_run = ran(Outcome.RUNNING, ago=timedelta(hours=6))
    of_another = ran(job="alerts.climb", ago=timedelta(hours=9))
    for number in range(rules.RUNS_KEPT):
        ran(Outcome.LOST, ago=timedelta(minutes=60 - number))

    assert services.forget_runs(job="alerts.sweep") == 1
    assert services.forget_runs(job="alerts.sweep") == 0

    kept = set(JobRun.objects.values_list("pk", flat=True))
    assert len(kept) == rules.RUNS_KEPT + 4
    assert {good.pk, failed.pk, open_run.pk, of_another.pk} <= kept


@pytest.mark.parametrize("wrong", [{"outcome": "good"}, {"outcome": "running", "error": "x"}, {"ended_at": AT}])
def test_the_database_refuses_a_run_that_contradicts_itself(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.create(job="alerts.sweep", task_id="a", started_at=AT, **wrong)


# -- asking for one --------------------------------------------------------------------------------------------------


def waiting(queue: RedisServer) -> int:
    with queue.client() as client:
        return int(client.llen("celery"))


def test_a_job_that_was_asked_for_is_queued_once(queue: RedisServer, admin: Officer) -> None:
    planned = plan()

    request = services.run_once(planned, by=admin, at=AT)
    with pytest.raises(JobRefused, match="刚才已经排队"):
        services.run_once(planned, by=admin, at=AT + MINUTE)

    assert waiting(queue) == 1
    assert (request.queued_at, request.by, JobRequest.objects.count()) == (AT, admin, 1)


def test_once_it_has_begun_and_ended_it_may_be_asked_for_again(queue: RedisServer, admin: Officer) -> None:
    planned = plan()
    first = services.run_once(planned, by=admin, at=AT)
    services.begin_run(job=planned.task, task_id=first.task_id, worker="w", at=AT)

    with pytest.raises(JobRefused, match="正在运行"):
        services.run_once(planned, by=admin, at=AT)
    services.end_run(job=planned.task, task_id=first.task_id, done=0, error="", at=AT)
    services.run_once(planned, by=admin, at=AT)

    assert waiting(queue) == 2


def test_a_request_the_worker_never_took_does_not_stand_in_the_way_for_ever(queue: RedisServer, admin: Officer) -> None:
    planned = plan()
    services.run_once(planned, by=admin, at=AT)

    services.run_once(planned, by=admin, at=AT + rules.ASK_AGAIN_AFTER)

    assert waiting(queue) == 2


def test_what_is_switched_off_is_not_run(queue: RedisServer, admin: Officer) -> None:
    planned = plan()
    PeriodicTask.objects.filter(pk=planned.pk).update(enabled=False)

    with pytest.raises(JobRefused, match="已停用"):
        services.run_once(planned, by=admin, at=AT)

    assert waiting(queue) == 0 and not JobRequest.objects.exists()


def test_without_a_queue_it_says_so_and_may_be_asked_again_once_there_is_one(
    queue: RedisServer, admin: Officer
) -> None:
    planned = plan()
    connect_to("redis://127.0.0.1:1/0", eager=False)

    with pytest.raises(JobRefused, match="任务队列连不上"):
        services.run_once(planned, by=admin, at=AT)
    connect_to(queue.url, eager=False)
    with pytest.raises(JobRefused, match="刚才已经排队"):
        services.run_once(planned, by=admin, at=AT)
    services.run_once(planned, by=admin, at=AT + rules.QUEUE_ANSWERS_WITHIN)

    assert waiting(queue) == 1
    assert list(JobRequest.objects.order_by("id").values_list("queued_at", flat=True)) == [
        None,
        AT + rules.QUEUE_ANSWERS_WITHIN,
    ]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_who_asked_stays_on_record(queue: RedisServer, admin: Officer, act: str) -> None:
    services.run_once(plan(), by=admin, at=AT)

    with pytest.raises((IntegrityError, Exception), match="台账只能追加"), transaction.atomic():
        if act == "update":
            JobRequest.objects.update(asked_at=AT + MINUTE)
        else:
            JobRequest.objects.all().delete()
