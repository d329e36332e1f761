"""The benchmarks run, in a database of their own, and print ratios of one run."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from cases.models import Matter
from config.bench_alerts import LISTS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("intake", ["intake_200"]),
        ("rewind", ["rewind_all", "rewind_unchanged"]),
        ("sweep", ["sweep_20", "sweep_200", "sweep_growth"]),
        ("storm", ["storm_200"]),
        ("lists", [f"{what} {address}" for what in ("questions", "page") for address in LISTS]),
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
