"""Beat hands out what is due, whatever was done to the clock and however long it stood still."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler
from django_celery_beat.tzcrontab import TzAwareCrontab

from config import beat
from config.beat import Timetable
from config.celery import app
from config.timetable import TIMETABLE
from tests.cases.factories import moment

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Wall:
    """The clock on the wall, for all who look at it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def go(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Ten in the morning."""
    wall = Wall(moment("2026-05-06 10:00:30"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: wall.at)
    monkeypatch.setattr(app, "now", lambda: wall.at.astimezone(app.timezone))
    monkeypatch.setattr(beat.ModelEntry, "_default_now", lambda self: wall.at.astimezone(app.timezone))
    monkeypatch.setattr(beat.ModelEntry, "default_now", lambda self: wall.at.astimezone(app.timezone), raising=False)
    monkeypatch.setattr("django_celery_beat.schedulers.aware_now", lambda: wall.at)
    # A test has one connection, and stays inside one transaction.
    monkeypatch.setattr("django_celery_beat.schedulers.close_old_connections", lambda: None)
    monkeypatch.setattr(TzAwareCrontab, "nowfunc", lambda self: wall.at.astimezone(self.tz))
    monkeypatch.setattr(time, "time", lambda: wall.at.timestamp())
    return wall


class Handed:
    """A scheduler that notes what it would hand to the queue."""

    def __init__(self, kind: type[DatabaseScheduler]) -> None:
        self.tasks: list[str] = []

        class Noting(kind):  # type: ignore[misc, valid-type]
            producer = None

            def apply_async(scheduler, entry: Any, producer: Any = None, advance: bool = True, **_: Any) -> None:
                scheduler.reserve(entry)
                self.tasks.append(entry.task)

            def _do_sync(scheduler) -> None:
                scheduler.sync()

        self.scheduler = Noting(app=app, lazy=False)
        # It would write its rows once more when the run of the tests ends, when they are long gone.
        self.scheduler._finalize.cancel()

    def run(self, wall: Wall, length: timedelta) -> list[str]:
        """What is handed out while the wall clock goes on that long, looked at every five seconds."""
        self.tasks.clear()
        until = wall.at + length
        while wall.at < until:
            # A tick hands out one line; the rest of the minute is for the others.
            for _ in range(2 * len(TIMETABLE)):
                if self.scheduler.tick() > 0:
                    break
            wall.go(5 * SECOND)
        self.scheduler.sync()
        return [task for task in self.tasks if not task.startswith("celery.")]


@pytest.fixture
def planned(wall: Wall) -> None:
    call_command("plan_timetable", verbosity=0)
    PeriodicTask.objects.filter(task__startswith="celery.").delete()


MINUTELY = sum(entry.minute == "*" and entry.hour == "*" for entry in TIMETABLE)
DAILY = {entry.task for entry in TIMETABLE if entry.hour != "*"}


def last_ran(at: datetime) -> None:
    PeriodicTask.objects.update(last_run_at=at)


def test_each_minute_everything_of_the_minute_is_handed_out_once(wall: Wall, planned: None) -> None:
    last_ran(wall.at)

    handed = Handed(Timetable).run(wall, 3 * MINUTE)

    assert handed.count("alerts.sweep") == 3
    assert len({task for task in handed if handed.count(task) == 3}) == MINUTELY


def test_when_the_clock_is_put_back_an_hour_the_minutes_go_on(wall: Wall, planned: None) -> None:
    last_ran(wall.at)
    beating = Handed(Timetable)
    beating.run(wall, 2 * MINUTE)

    wall.go(-HOUR)
    after = beating.run(wall, 3 * MINUTE)

    assert 3 <= after.count("alerts.sweep") <= 4
    assert {after.count(task) for task in after if task in ("bulletins.send_letters", "cases.wind_pending")} <= {3, 4}


def test_a_beat_started_after_the_clock_was_put_back_does_not_wait_for_it(wall: Wall, planned: None) -> None:
    last_ran(wall.at + HOUR)

    handed = Handed(Timetable).run(wall, 2 * MINUTE)

    assert handed.count("alerts.sweep") == 2


def test_the_library_alone_would_wait_out_the_hour(wall: Wall, planned: None) -> None:
    last_ran(wall.at + HOUR)

    assert Handed(DatabaseScheduler).run(wall, 2 * MINUTE) == []


def test_what_was_missed_in_the_night_is_made_good_in_the_morning_once(wall: Wall, planned: None) -> None:
    last_ran(wall.at - timedelta(hours=20))

    handed = Handed(Timetable).run(wall, 3 * MINUTE)

    assert {task for task in handed if task in DAILY} == DAILY
    assert {handed.count(task) for task in DAILY} == {1}
    saved = PeriodicTask.objects.get(task="archives.collect").last_run_at
    assert saved is not None and saved.astimezone(UTC).date() == wall.at.astimezone(UTC).date()


def test_days_of_silence_are_one_run_of_each_and_not_one_a_minute(wall: Wall, planned: None) -> None:
    last_ran(wall.at - timedelta(days=4))

    handed = Handed(Timetable).run(wall, 20 * SECOND)

    assert sorted(handed) == sorted(entry.task for entry in TIMETABLE)
