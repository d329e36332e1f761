"""What the timetable calls."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from supervision.bulletins import services
from supervision.bulletins.models import Bulletin, Letter
from supervision.bulletins.services import add_recipient
from supervision.bulletins.tasks import RoundFailed, issue_monthly_task, send_letters_task
from tests.supervision.bulletins.factories import County, issued


def test_the_morning_round_issues_the_month_that_is_over_once(place: County) -> None:
    # Weekends decide, and the first working day of this month may still be ahead: a reader of long ago is owed more.
    long_ago = timezone.now() - timedelta(days=200)
    add_recipient(unit=place.county, name="王", address="wang@example.cn", at=long_ago)

    first, again = issue_monthly_task(), issue_monthly_task()

    assert first in (2, 3)
    assert again == 0
    assert Letter.objects.count() == Bulletin.objects.issued().count() == first


def test_the_minutes_round_sends_what_waits(place: County, mailoutbox: list[Any]) -> None:
    issued(place.county, "one@example.cn")
    Letter.objects.update(next_try_at=timezone.now())

    assert send_letters_task() == 1
    assert send_letters_task() == 0
    assert [mail.to for mail in mailoutbox] == [["one <one@example.cn>"]]


def test_a_round_of_issuing_in_which_a_unit_failed_is_told_aloud(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_recipient(unit=place.county, name="王", address="wang@example.cn", at=timezone.now() - timedelta(days=200))

    def broken(unit: Any, period: Any) -> Any:
        raise ZeroDivisionError("坏数据")

    monkeypatch.setattr(services, "read_figures", broken)

    with pytest.raises(RoundFailed, match=r"县局 .*月：ZeroDivisionError: 坏数据"):
        issue_monthly_task()
