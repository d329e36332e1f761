"""What the timetable calls."""

from typing import Any

import pytest
from django.utils import timezone

from supervision.bulletins.composing import reading
from supervision.bulletins.models import Bulletin, Letter
from supervision.bulletins.tasks import RoundFailed, issue_due_task, send_letters_task
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, make_reader


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the morning of Wednesday 1 April 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: APRIL_FIRST)


def test_a_round_makes_what_is_owed_once(place: County, morning: None) -> None:
    make_reader(place.county, "wang@example.cn", entered="2025-06-01")

    first, again = issue_due_task(), issue_due_task()

    # Three months wait for a signature; the week and the days since go out by themselves.
    assert (first, again) == (5, 0)
    assert Bulletin.objects.issued().count() == Letter.objects.count() == 2
    assert set(Bulletin.objects.unfinished().values_list("kind", flat=True)) == {"monthly"}


def test_the_minutes_round_sends_what_waits(place: County, mailoutbox: list[Any]) -> None:
    issued(place.county, "one@example.cn")
    Letter.objects.update(next_try_at=timezone.now())

    assert send_letters_task() == 1
    assert send_letters_task() == 0
    assert [mail.to for mail in mailoutbox] == [["one <one@example.cn>"]]


def test_a_round_of_issuing_in_which_a_unit_failed_is_told_aloud(
    place: County, morning: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reader(place.county, "wang@example.cn", entered="2025-06-01")

    def broken(unit: Any, period: Any) -> Any:
        raise ZeroDivisionError("坏数据")

    monkeypatch.setattr(reading, "read_figures", broken)

    with pytest.raises(RoundFailed, match="县局 2026年3月月通报：ZeroDivisionError: 坏数据"):
        issue_due_task()
