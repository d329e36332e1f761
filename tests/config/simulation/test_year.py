"""A simulated year, made short: the same dice give the same bureau, and what must always hold is looked at and held."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from cases.models import Clock, Level, Officer, Role
from config.simulation.drawing import Plan, draw
from config.simulation.year import Year, what_broke
from supervision.alerts.models import Action, Alert, AlertStep
from supervision.followup.models import FollowedCase
from supervision.rectification.models import Order, OrderState

pytestmark = pytest.mark.django_db

BEGINS = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
HELD = {"overdue_missing_from_standing_list": 0, "clocks_with_two_open_alerts": 0, "refused": 0}


def plan(*, units: int = 2, cases: int = 150, months: int = 2, seed: int = 1) -> Plan:
    return Plan(units=units, cases=cases, months=months, seed=seed, begins=BEGINS)


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """Two months of two stations, lived once for all tests of the file."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        call_command("load_followup", verbosity=0)
        figures = Year(plan()).live()
        with django_db_blocker.block():
            yield figures
        transaction.set_rollback(True)


def test_the_same_seed_draws_the_same_cases_and_another_seed_others() -> None:
    first, again, other = (list(draw(plan(seed=seed), 6)) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert [case.number for case in first][:2] == ["模000001", "模000002"]


def test_nothing_is_entered_before_it_happens_and_cases_come_in_the_order_they_begin() -> None:
    cases = list(draw(plan(cases=500), 6))

    assert all(act.entered > act.at for case in cases for act in case.acts)
    assert all(case.acts == tuple(sorted(case.acts, key=lambda act: act.entered)) for case in cases)


def test_what_must_hold_held_on_each_of_the_days(lived: dict[str, Any]) -> None:
    assert lived["days"] == 61
    assert lived["overdue_looked_at"] > 0
    assert what_broke(lived) == []


def test_every_figure_is_a_count_of_rows(lived: dict[str, Any]) -> None:
    assert lived["clocks"] == Clock.objects.count() > 0
    assert lived["alerts_standing"] == Alert.objects.standing().count()
    assert lived["orders"] == Order.objects.count() > 0
    assert lived["orders_verified"] == Order.objects.filter(state=OrderState.VERIFIED).count() > 0
    assert lived["followed"] == FollowedCase.objects.count() > 0
    raised = AlertStep.objects.filter(action=Action.RAISED)
    assert sum(lived["alerts_by_level"].values()) == raised.count()
    assert lived["alerts_by_level"][Level.YELLOW.label] == raised.filter(level=Level.YELLOW).count() > 0


def test_nobody_verified_what_he_had_answered_himself(lived: dict[str, Any]) -> None:
    legal = Officer.objects.filter(posts__role=Role.LEGAL_OFFICER)

    assert Order.objects.filter(state=OrderState.VERIFIED).exclude(verified_by__in=legal).count() == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"overdue_missing_from_standing_list": 2}, "有 2 次超期不在长期超期清单上"),
        ({"clocks_with_two_open_alerts": 1}, "有 1 次一个时钟同时有两件预警"),
        ({"refused": 3}, "有 3 次办理被拒绝"),
    ],
)
def test_what_did_not_hold_is_said(wrong: dict[str, int], words: str) -> None:
    assert what_broke({**HELD, **wrong}) == [words]


@pytest.mark.parametrize("option", ["units", "cases", "months"])
def test_a_bureau_without_units_cases_or_months_is_refused(option: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("simulate", **{option: 0})

    assert refusal.value.returncode == 2
