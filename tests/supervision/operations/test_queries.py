from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from cases.models import Batch, BatchState, PendingWinding
from config.timetable import TIMETABLE
from supervision.operations import queries
from supervision.operations.models import Outcome
from supervision.operations.rules import JobState
from supervision.webhooks.models import Delivery, DeliveryState, Subscription
from supervision.webhooks.services import enter, send_test, where_ledgers_end
from tests.cases.factories import Bureau, make_case, make_catalogue
from tests.supervision.operations.factories import AT, plan, plan_every, ran

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("minute", "hour", "since", "due"),
    [
        ("*", "*", (2026, 5, 6, 1, 59, 30), (2026, 5, 6, 2, 0)),
        # 03:20 in Shanghai is 19:20 the day before in Greenwich.
        ("20", "3", (2026, 5, 5, 19, 20), (2026, 5, 6, 19, 20)),
        ("20", "3", (2026, 5, 5, 19, 19), (2026, 5, 5, 19, 20)),
        ("*/10", "*", (2026, 5, 6, 1, 50), (2026, 5, 6, 2, 0)),
        ("20", "3", (2026, 12, 31, 19, 0), (2026, 12, 31, 19, 20)),
    ],
)
def test_a_line_is_due_by_the_clock_of_the_bureau(
    minute: str, hour: str, since: tuple[int, ...], due: tuple[int, ...]
) -> None:
    planned = plan(minute=minute, hour=hour)

    assert queries.due_after(planned, datetime(*since, tzinfo=UTC)) == datetime(*due, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_a_line_by_interval_is_due_after_it() -> None:
    assert queries.due_after(plan_every(90), AT) == AT + timedelta(seconds=90)


def test_a_daily_job_missed_last_night_is_late_since_its_hour() -> None:
    plan(task="evaluation.check", minute="20", hour="3")
    ran(job="evaluation.check", ago=timedelta(hours=30, minutes=40))

    [job] = queries.jobs(at=AT)

    # Ten in the morning: six hours and forty minutes after 03:20.
    assert (job.standing.state, job.standing.late_by) == (JobState.LATE, timedelta(hours=6, minutes=40))


def test_a_job_that_only_ever_failed_is_late_since_its_first_try() -> None:
    plan()
    ran(Outcome.FAILED, ago=timedelta(hours=2))
    ran(Outcome.FAILED)

    [job] = queries.jobs(at=AT)

    assert (job.standing.state, job.standing.late_by) == (JobState.LATE, timedelta(hours=1, minutes=59))
    assert job.good is None and job.failed is not None and job.latest == job.failed


def test_the_whole_timetable_takes_two_questions(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    call_command("plan_timetable")
    for entry in TIMETABLE:
        ran(job=entry.task)

    with django_assert_num_queries(2):
        found = queries.jobs(at=AT)

    assert len(found) == len(TIMETABLE)
    assert {job.standing.state for job in found} == {JobState.GOOD}


def test_what_is_stuck_is_counted_and_what_waits_its_turn_is_not(bureau: Bureau) -> None:
    long_ago, just_now = AT - timedelta(hours=2), AT - timedelta(minutes=1)
    for state, started in ((BatchState.LOADING, long_ago), (BatchState.LOADING, just_now)):
        Batch.objects.create(file_name="f", digest="d", mapping="m", source="s", started_at=started, state=state)
    make_catalogue()
    for number, (asked, error) in enumerate(((long_ago, ""), (just_now, ""), (just_now, "坏"))):
        matter = make_case(f"P{number}", bureau.station)
        PendingWinding.objects.update_or_create(
            matter=matter, defaults={"cause": "c", "asked_at": asked, "error": error}
        )

    portal = enter(
        subscription=Subscription(
            name="门户", unit=bureau.county, address="https://h/", events="test", secret_name="S"
        ),
        ends=where_ledgers_end(),
        at=long_ago,
    )
    send_test(subscription=portal, by=None, at=long_ago)
    send_test(subscription=portal, by=None, at=just_now)
    send_test(subscription=portal, by=None, at=just_now)
    last = Delivery.objects.latest("pk")
    given_up = {"state": DeliveryState.GIVEN_UP, "next_try_at": None, "ended_at": AT, "reason": "拒收"}
    Delivery.objects.filter(pk=last.pk).update(**given_up)

    found = {one.name: one for one in queries.backlogs(at=AT)}

    assert (found["导入"].broken_off, found["导入"].stuck, found["导入"].oldest_at) == (1, 1, long_ago)
    assert (found["待算时钟"].overdue, found["待算时钟"].failed, found["待算时钟"].oldest_at) == (1, 1, long_ago)
    pushed = found["对外推送"]
    assert (pushed.overdue, pushed.failed, pushed.oldest_at) == (1, 1, long_ago)
    assert found["通报信件"].stuck == found["通知信件"].stuck == 0 and found["通报信件"].oldest_at is None
