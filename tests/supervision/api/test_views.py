"""What a system reads: its unit and what lies below it, page by page, and nothing about anybody."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Clock, Matter, Officer
from supervision.alerts.models import Alert
from supervision.bulletins.models import Bulletin
from supervision.rectification.models import Order
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.api.calling import Caller, a_bulletin, a_figure, an_indicator, an_order, case_of, let_in, warn

pytestmark = pytest.mark.django_db

LISTS = ("matters", "clocks", "alerts", "orders", "bulletins")


def fill(bureau: Bureau, rows: int = 1) -> None:
    """In each station so many rows of everything."""
    for unit in (bureau.station, bureau.sibling, bureau.other_station):
        for number in range(rows):
            an_order(case_of(f"{unit.code}-{number}", unit))
    warn()
    for serial, unit in enumerate((bureau.county, bureau.station, bureau.sibling, bureau.other_station), 1):
        a_bulletin(unit, serial)


def test_a_system_sees_its_own_unit_and_what_lies_below_it(bureau: Bureau, security: Officer) -> None:
    fill(bureau)
    expected = {
        bureau.city: {"X1", "X2", "Y1"},
        bureau.county: {"X1", "X2"},
        bureau.station: {"X1"},
        bureau.sibling: {"X2"},
        bureau.other_county: {"Y1"},
    }

    for unit, stations in expected.items():
        caller = let_in(unit, security)
        for path in LISTS:
            found = {row["unit"] for row in caller.rows(path)}
            assert found - {"X"} == stations, (unit.code, path)
    assert {row["unit"] for row in let_in(bureau.station, security).rows("bulletins")} == {"X1"}


def test_a_row_outside_is_not_to_be_had_by_its_number_either(bureau: Bureau, security: Officer) -> None:
    fill(bureau)
    models: dict[str, Any] = {
        "matters": Matter,
        "clocks": Clock,
        "alerts": Alert,
        "orders": Order,
        "bulletins": Bulletin,
    }
    caller = let_in(bureau.station, security)

    for path, model in models.items():
        for row in model.objects.select_related("unit"):
            answer = caller.get(f"{path}/{row.pk}")
            assert answer.status_code == (200 if row.unit == bureau.station else 404), path
    assert caller.get("matters/999999999999999999").json()["code"] == "not_found"


def test_what_is_closed_to_all_but_named_handlers_never_goes_out(bureau: Bureau, security: Officer) -> None:
    letter = case_of("信1", bureau.station, kind="letter")
    an_order(letter)
    warn("2026-06-01 09:00")
    caller = let_in(bureau.province, security)

    assert letter.restricted and Clock.objects.filter(matter=letter).exists() and Alert.objects.exists()
    for path in ("matters", "clocks", "alerts", "orders"):
        assert caller.rows(path) == []
    assert caller.get(f"matters/{letter.pk}").status_code == 404


def test_a_parent_that_is_not_to_be_seen_is_not_named(bureau: Bureau, security: Officer) -> None:
    letter, case = case_of("信1", bureau.station, kind="letter"), case_of("案1", bureau.station)
    for number, parent in (("子1", letter), ("子2", case)):
        Matter.objects.filter(pk=case_of(number, bureau.station).pk).update(parent=parent)

    for unit in (bureau.station, bureau.province):
        rows = {row["number"]: row["parent"] for row in let_in(unit, security).rows("matters")}
        assert rows == {"案1": None, "子1": None, "子2": case.pk}


def test_nobody_is_named(bureau: Bureau, county: Caller) -> None:
    officer = make_officer("100006", bureau.station)
    case = case_of("案1", bureau.station)
    Matter.objects.filter(pk=case.pk).update(officer=officer)
    Clock.objects.update(officer=officer)
    an_order(case)
    warn()

    for path in ("matters", "clocks", "alerts", "orders"):
        text = county.get(path).content.decode()
        assert "案1" in text
        assert not [word for word in ("张三", officer.name, officer.police_number) if word in text]


def test_a_clock_says_what_law_it_is_of_and_where_it_is_explained(bureau: Bureau, county: Caller) -> None:
    clock = Clock.objects.get(matter=case_of("案1", bureau.station), limit__code="decide")

    row = county.get(f"clocks/{clock.pk}").json()
    assert (row["law"], row["article"], row["due_on"]) == (
        "测试法",
        "第一条",
        clock.due_on.isoformat() if clock.due_on else "",
    )
    assert row["explanation"] == f"/clocks/{clock.pk}/"


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_a_fixed_number_of_questions(bureau: Bureau, security: Officer, path: str) -> None:
    def questions(rows: int) -> int:
        caller.get(path)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(caller.rows(path)) >= rows
        return len(asked)

    caller = let_in(bureau.province, security)
    case = case_of("一", bureau.station)
    an_order(case)
    warn()
    a_bulletin(bureau.city, 9)
    one = questions(1)
    fill(bureau, rows=1)

    assert questions(3) == one <= 6


def test_units_and_figures_ask_a_fixed_number_of_questions(bureau: Bureau, security: Officer) -> None:
    indicator = an_indicator()

    def questions(caller: Caller, path: str) -> int:
        caller.get(path)
        with CaptureQueriesContext(connection) as asked:
            caller.rows(path)
        return len(asked)

    narrow, wide = let_in(bureau.station, security), let_in(bureau.county, security)
    a_figure(bureau.station, indicator)
    few = questions(wide, "figures?month=2026-03")
    for unit in (bureau.county, bureau.sibling):
        a_figure(unit, indicator)

    assert questions(wide, "figures?month=2026-03") == few == 3
    assert questions(narrow, "units") == questions(wide, "units") == 3


def test_of_a_figure_only_the_last_that_is_known_goes_out(bureau: Bureau, county: Caller) -> None:
    indicator, closed = an_indicator(), an_indicator("letters", restricted=True)
    a_figure(bureau.station, indicator, "2026-04-01", 1)
    a_figure(bureau.station, indicator, "2026-04-05", 2)
    a_figure(bureau.station, closed)
    a_figure(bureau.other_station, indicator)

    [row] = county.rows("figures", month="2026-03")
    assert (row["unit"], row["numerator"], row["known_on"], row["few"]) == ("X1", 2, "2026-04-05", True)
    assert county.rows("figures", month="2026-04") == []


def test_units_are_those_of_the_token(bureau: Bureau, county: Caller) -> None:
    assert {row["code"] for row in county.rows("units")} == {"X", "X0", "X1", "X2"}
    assert [row["parent"] for row in county.rows("units", code="X1")] == ["X"]


def test_pages_follow_each_other_without_gap_or_repetition(bureau: Bureau, county: Caller) -> None:
    for number in range(5):
        case_of(f"案{number}", bureau.station, opened=f"2026-03-0{1 + number // 2} 09:00")
    undated = Matter.objects.filter(number="案4")
    undated.update(opened_at=None)

    for path in ("matters", "units"):
        seen, after = [], ""
        while True:
            page = county.get(path, size=2, **({"after": after} if after else {})).json()
            seen += [row["id"] for row in page["rows"]]
            if (after := page["next"]) is None:
                break
        assert seen == [row["id"] for row in county.rows(path)] and len(set(seen)) == len(seen) >= 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after": "!!"}, "after"),
        ({"after": "bm9uc2Vuc2U"}, "after"),
        ({"size": "0"}, "size"),
        ({"size": "201"}, "size"),
        ({"colour": "red"}, "colour"),
        ({"opened_from": "yesterday"}, "opened_from"),
        ({"opened_from": "0001-01-01T00:00:00+14:00"}, "opened_from"),
        ({"state": "asleep"}, "state"),
    ],
)
def test_a_question_that_is_not_understood_is_refused_by_name(
    county: Caller, query: dict[str, str], field: str
) -> None:
    answer = county.get("matters", **query)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field] and answer.json()["code"] == "bad_fields"


def test_figures_are_asked_for_by_month(county: Caller) -> None:
    for query in ({}, {"month": "2026-13"}, {"month": "2026-03-01"}):
        assert list(county.get("figures", **query).json()["fields"]) == ["month"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"unit": "X"}, {"案1", "案2"}),
        ({"unit": "X1"}, {"案1"}),
        ({"unit": "Y1"}, set()),
        ({"unit": "nowhere"}, set()),
        ({"number": "案2"}, {"案2"}),
        ({"kind": "case", "state": "open"}, {"案1", "案2"}),
        ({"state": "closed"}, set()),
        ({"opened_from": "2026-03-03T00:00:00+08:00"}, {"案2"}),
        ({"opened_until": "2026-03-03T00:00:00+08:00"}, {"案1"}),
    ],
)
def test_matters_are_found_by(bureau: Bureau, county: Caller, query: dict[str, str], numbers: set[str]) -> None:
    case_of("案1", bureau.station)
    case_of("案2", bureau.sibling, opened="2026-03-03 09:00")
    case_of("案3", bureau.other_station)

    assert {row["number"] for row in county.rows("matters", **query)} == numbers


@pytest.mark.parametrize(
    ("path", "query", "rows"),
    [
        ("clocks", {"open": "true", "limit": "decide"}, 2),
        ("clocks", {"open": "false"}, 0),
        ("clocks", {"due_until": "2026-03-01T00:00:00+08:00"}, 0),
        ("clocks", {"state": "1", "level": "3", "limit": "decide"}, 2),
        ("alerts", {"state": "open", "level": "3"}, 2),
        ("alerts", {"state": "withdrawn"}, 0),
        ("orders", {"state": "issued", "grade": "reminder", "problem": "overrun"}, 2),
        ("orders", {"issued_until": "2026-01-01T00:00:00+08:00"}, 0),
        ("bulletins", {"kind": "monthly"}, 3),
        ("bulletins", {"kind": "daily"}, 0),
    ],
)
def test_the_other_lists_are_found_by(
    bureau: Bureau, county: Caller, path: str, query: dict[str, str], rows: int
) -> None:
    fill(bureau)

    assert len(county.rows(path, **query)) == rows


def test_who_has_the_latest_is_told_only_that(bureau: Bureau, county: Caller) -> None:
    case_of("案1", bureau.station)
    first = county.get("matters")

    again = county.get("matters", headers={"If-None-Match": first["ETag"]})
    case_of("案2", bureau.station)
    later = county.get("matters", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert later.status_code == 200 and len(later.json()["rows"]) == 2
    assert "private" in first["Cache-Control"] and "Authorization" in first["Vary"]


def test_a_draft_of_a_bulletin_is_nobodys(bureau: Bureau, county: Caller) -> None:
    Bulletin.objects.create(
        kind="monthly", **bureau.county.scope_ids, begins_on="2026-03-01", ends_on="2026-04-01", title="草稿",
        cutoff=moment("2026-04-01"), composed_at=moment("2026-04-01"), figures={},
    )  # fmt: skip

    assert county.rows("bulletins") == []
