"""When the demonstration bureau is not loaded: in each case with a reason, and the database as it was."""

import pytest
from django.core.management import CommandError, call_command

from cases import services
from cases.models import Officer, Unit, UnitLevel

pytestmark = pytest.mark.django_db


def test_a_database_with_units_of_its_own_is_refused_and_left_alone() -> None:
    services.add_unit(code="R", name="真实公安局", level=UnitLevel.COUNTY)

    with pytest.raises(CommandError, match="只装进空库"):
        call_command("load_demo")

    assert not Officer.objects.exists()


def test_without_a_catalogue_it_says_what_is_missing_and_what_to_run_first() -> None:
    with pytest.raises(CommandError, match=r"目录里没有：.*petition.*请先运行 manage\.py load_catalogue"):
        call_command("load_demo")

    assert not Unit.objects.exists()


def test_a_size_there_is_not_is_refused() -> None:
    with pytest.raises(CommandError, match="huge"):
        call_command("load_demo", "--size", "huge")


def test_a_day_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CommandError, match="2026-02-29"):
        call_command("load_demo", "--at", "2026-02-29")


def test_the_year_of_the_report_takes_no_moment_as_it_is_over() -> None:
    with pytest.raises(CommandError, match="止于 2024 年底"):
        call_command("load_demo", "--size", "report", "--at", "2024-06-01T09:00")

    assert not Unit.objects.exists()


def test_the_year_of_the_report_needs_a_catalogue_and_leaves_nothing_behind_without_one() -> None:
    with pytest.raises(CommandError, match="请先运行"):
        call_command("load_demo", "--size", "report")

    assert not Unit.objects.exists()
