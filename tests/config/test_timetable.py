"""The timetable, and the command that writes it into the database."""

import json

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from config.timetable import TIMETABLE

pytestmark = pytest.mark.django_db


def test_every_line_becomes_a_row_in_shanghai_time() -> None:
    call_command("plan_timetable")

    rows = {row.task: row for row in PeriodicTask.objects.exclude(task="celery.backend_cleanup")}
    assert {row.name for row in rows.values()} == {entry.sentence for entry in TIMETABLE}
    due = rows["bulletins.issue_due"].crontab
    assert (due.hour, due.minute, str(due.timezone)) == ("*", "*/5", "Asia/Shanghai")
    assert rows["alerts.sweep"].expire_seconds == 55


def test_planning_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("plan_timetable")
    before = list(PeriodicTask.objects.order_by("pk").values())
    capsys.readouterr()

    call_command("plan_timetable", "--json")

    assert list(PeriodicTask.objects.order_by("pk").values()) == before
    assert json.loads(capsys.readouterr().out)["added"] == []


def test_what_an_administrator_changed_stays() -> None:
    call_command("plan_timetable")
    nine = CrontabSchedule.objects.create(hour="9", minute="0")
    PeriodicTask.objects.filter(task="bulletins.issue_due").update(name="月报改到九点", crontab=nine, enabled=False)

    call_command("plan_timetable")

    row = PeriodicTask.objects.get(task="bulletins.issue_due")
    assert (row.name, row.crontab, row.enabled) == ("月报改到九点", nine, False)


def test_a_line_that_was_deleted_comes_back() -> None:
    call_command("plan_timetable")
    PeriodicTask.objects.filter(task="alerts.sweep").delete()

    call_command("plan_timetable")

    assert PeriodicTask.objects.filter(task="alerts.sweep").count() == 1
