"""Logs are kept as long as the law asks, and sealed by a digest this machine has."""

from typing import Any

import pytest

from config.checks import logs_are_kept_and_sealed
from config.env import Environment


@pytest.mark.parametrize(("days", "told"), [(182, ["config.E007"]), (183, []), (1096, [])])
def test_fewer_days_than_six_months_stop_the_start(settings: Any, days: int, told: list[str]) -> None:
    settings.AUDIT_KEEP_DAYS = days

    assert [one.id for one in logs_are_kept_and_sealed(None)] == told


@pytest.mark.parametrize(("digest", "told"), [("sha256", []), ("sm3", []), ("md5", ["config.E008"])])
def test_a_digest_that_is_not_offered_stops_the_start(settings: Any, digest: str, told: list[str]) -> None:
    settings.AUDIT_DIGEST = digest

    assert [one.id for one in logs_are_kept_and_sealed(None)] == told


@pytest.mark.parametrize("text", ["three years", "-5", "1.5", "１２"])
def test_what_is_no_number_of_days_is_a_fault(text: str) -> None:
    environment = Environment({"AUDIT_KEEP_DAYS": text})

    assert environment.days("AUDIT_KEEP_DAYS", default=1096) == 1096
    assert [one.id for one in environment.faults] == ["config.E007"]


def test_a_number_of_days_is_taken_as_it_is() -> None:
    environment = Environment({"AUDIT_KEEP_DAYS": "400"})

    assert environment.days("AUDIT_KEEP_DAYS", default=1096) == 400
    assert environment.faults == []
