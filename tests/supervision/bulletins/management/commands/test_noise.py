"""`manage.py noise`, as an operator and a script use it."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from cases.models import Officer
from supervision.bulletins.models import Notice
from tests.supervision.bulletins.factories import County, make_officer, moment

TODAY = moment("2026-04-30 12:00")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: TODAY)


def told(officer: Officer, day: str, messages: int) -> None:
    """The notice of the day, and as many urgent ones as make up the number."""
    at = datetime.fromisoformat(f"{day}T09:00+08:00")
    for number in range(messages):
        Notice.objects.create(
            officer=officer,
            day=date.fromisoformat(day),
            composed_at=at + timedelta(minutes=number),
            urgent=number > 0,
            headline="预警 2 条",
            size=2,
            **officer.unit.scope_ids,
        )


@pytest.fixture
def three_days(place: County) -> None:
    """Ten person-days: eight with one message, one with two, one with five; and one that is too long ago."""
    officers = [make_officer(place.a) for _ in range(5)]
    for officer in officers[:4]:
        told(officer, "2026-04-29", 1)
        told(officer, "2026-04-30", 1)
    told(officers[4], "2026-04-29", 2)
    told(officers[4], "2026-04-30", 5)
    told(officers[4], "2026-03-31", 9)


def test_it_says_the_median_the_ninety_fifth_and_the_most_of_a_person_a_day(
    three_days: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("noise", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "since": "2026-04-01",
        "until": "2026-04-30",
        "people": 5,
        "person_days": 10,
        "messages": 15,
        "urgent": 5,
        "lines": 30,
        "p50": 1,
        "p95": 5,
        "most": 5,
        "spread": [8, 1, 0, 1],
        "letters": 0,
    }


def test_it_says_so_in_a_sentence(three_days: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("noise", "--days", "1")

    assert capsys.readouterr().out == (
        "2026-04-30 至 2026-04-30：5 人收到 9 条通知（其中紧急 4 条），内含 18 个事项；"
        "每人每天中位数 1 条，95% 不超过 5 条，最多 5 条；另发信件 0 封\n"
    )


def test_of_nothing_everything_is_nought(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("noise", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["people"], told["p50"], told["p95"], told["most"]) == (0, 0, 0, 0)


def test_less_than_one_day_is_wrongly_asked(db: None) -> None:
    with pytest.raises(CommandError, match="天数至少是 1") as refusal:
        call_command("noise", "--days", "0")

    assert refusal.value.returncode == 2
