"""The benchmarks run, in a database of their own, and print ratios of one run."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from cases.models import Matter
from config import bench_law
from config.bench_lists import LISTS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("law", ["law_plain", "law_case", "law_custody", "date_roll_forward", "date_15_workdays"]),
        ("change", ["change_limit_200", "change_days_200", "change_growth"]),
        ("intake", ["intake_200"]),
        ("rewind", ["rewind_all", "rewind_unchanged"]),
        ("sweep", ["sweep_20", "sweep_200", "sweep_growth"]),
        ("storm", ["storm_200"]),
        ("lists", [f"{what} {address}" for what in ("questions", "page") for address in LISTS]),
        (
            "figures",
            [
                "figures_served_200",
                "figures_counted_from_rows_200",
                "figures_month_stored_anew_200",
                "figures_served_to_a_scan_by_unit_first",
                "figures_counted_from_rows_to_a_scan_by_unit_first",
                "figures_month_stored_anew_to_a_scan_by_unit_first",
                "figures_served_ten_times_the_matters",
                "figures_day_folded_to_its_writing",
                "figures_trend_90_days_p95_to_10_ms",
                "figures_36_months_anew_to_one",
            ],
        ),
    ],
)
def test_a_benchmark_prints_ratios_and_leaves_the_configured_database_alone(name: str, printed: list[str]) -> None:
    before = connection.settings_dict["NAME"]
    out = StringIO()

    call_command("bench", name, "--rows", "200", "--json", stdout=out)

    found = json.loads(out.getvalue())
    assert [one["name"] for one in found] == printed
    assert all(one["ratio"] > 0 for one in found)
    assert connection.settings_dict["NAME"] == before
    assert not Matter.objects.exists()


def test_the_law_is_timed_in_microseconds_too_and_a_date_is_quicker_than_a_library_asked_day_by_day() -> None:
    out = StringIO()

    call_command("bench", "law", "--rows", "400", "--json", stdout=out)

    found = {one["name"]: one for one in json.loads(out.getvalue())}
    assert all(one["microseconds"] > 0 for one in found.values())
    assert found["date_15_workdays"]["ratio"] < 1 / 20
    assert found["law_plain"]["microseconds"] < found["law_case"]["microseconds"]


def test_without_the_library_only_the_winding_is_timed_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_law, "LIBRARY", "a_library_that_is_not_there")
    out, err = StringIO(), StringIO()

    call_command("bench", "law", "--rows", "40", stdout=out, stderr=err)

    assert [line.split()[0] for line in out.getvalue().splitlines()] == ["law_plain", "law_case", "law_custody"]
    assert "chinesecalendar" in err.getvalue()
