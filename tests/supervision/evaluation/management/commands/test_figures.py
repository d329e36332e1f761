"""`manage.py figures`: one JSON document, held against its lists, and refusals fit to be read."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from supervision.evaluation.models import Figure
from supervision.evaluation.services import fold
from tests.cases.factories import Bureau, make_case, moment, record
from tests.supervision.evaluation.factories import house_indicator


def asked(*words: str) -> dict[str, Any]:
    document = StringIO()
    call_command("figures", *words, "--at", "2026-04-02T09:00", "--json", stdout=document)
    told: dict[str, Any] = json.loads(document.getvalue())
    return told


@pytest.fixture
def counted(bureau: Bureau) -> Bureau:
    house_indicator()
    house_indicator("closing_of_orders", numerator=[{"source": "orders", "at": "issued", "where": {"verified": True}}], denominator=[{"source": "orders", "at": "issued"}], name="整改率")  # fmt: skip
    for number in range(7):
        case = make_case(f"A{number}", bureau.station, filed="2026-03-02")
        if number < 3:
            record(case, "closed", "2026-03-20")
    return bureau


def test_a_figure_names_what_made_it_and_both_numbers(counted: Bureau) -> None:
    (figure,) = asked("--month", "2026-03", "--unit", "X1", "--indicator", "closing")["figures"]

    assert figure | {"cutoff": "", "name": ""} == {
        "indicator": "closing",
        "version": 1,
        "name": "",
        "unit": "X1",
        "period": "2026-03",
        "numerator": 3,
        "denominator": 7,
        "value": "42.85",
        "grey": False,
        "cutoff": "",
        "provisional": "",
    }
    assert figure["cutoff"] == "2026-04-01T00:00:00+08:00"


def test_nothing_to_count_has_no_value_and_a_year_that_runs_says_so(counted: Bureau) -> None:
    (none,) = asked("--month", "2026-02", "--unit", "X1", "--indicator", "closing")["figures"]
    (year,) = asked("--year", "2026", "--unit", "P", "--indicator", "closing")["figures"]

    assert (none["numerator"], none["denominator"], none["value"]) == (0, 0, None)
    assert (year["period"], year["denominator"]) == ("2026", 7)
    assert year["provisional"] == "统计期未完，截至 2026-04-02 09:00"


def test_every_figure_is_checked_against_its_list(counted: Bureau) -> None:
    told = asked("--month", "2026-03", "--check")

    assert (told["checked"], told["list_differs"], told["rebuild_differs"]) == (16, 0, 0)
    assert len(told["figures"]) == 16


def test_a_stored_figure_that_its_rows_do_not_bear_out_is_told_and_the_command_fails(counted: Bureau) -> None:
    fold(at=moment("2026-04-02 09:00"))
    Figure.objects.filter(unit=counted.station, indicator__code="closing", month=date(2026, 3, 1)).update(numerator=4)
    document, complaint = StringIO(), StringIO()

    with pytest.raises(SystemExit) as left:
        call_command(
            "figures", "--month", "2026-03", "--unit", "X1", "--at", "2026-04-02T09:00", "--check", "--json",
            stdout=document, stderr=complaint,
        )  # fmt: skip

    told = json.loads(document.getvalue())
    assert (left.value.code, told["list_differs"], told["rebuild_differs"]) == (1, 1, 1)
    assert "与明细不符：X1 closing@1 2026-03：4/7，从明细数得 3/7" in complaint.getvalue()
    assert "与重算不符：X1 closing@1 2026-03：4/7，从明细数得 3/7" in complaint.getvalue()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--month", "2026-13"), "不是统计期"),
        (("--month", "2026"), "月份写成 2026-03"),
        (("--year", "2026-03"), "年份写成 2026"),
        (("--month", "2026-03", "--unit", "Z"), "没有代码为“Z”的单位"),
        (("--month", "2026-03", "--indicator", "crime"), "没有代码为“crime”的指标"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_status_two(
    counted: Bureau, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("figures", *words)

    assert refused.value.returncode == 2
