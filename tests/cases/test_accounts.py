"""How a clock is accounted for: days that count and days that do not, and the notices that made them so."""

from datetime import date
from typing import Any

import pytest

from cases.accounts import clock_json, notices_of, text_of, unannounced_years
from cases.statute.workdays import Calendar, SpecialDay
from tests.statute.facts import SHANGHAI, clock, days_of, happened, limit

NOTICE = "国办发明电〔2025〕7号"
OFF = [SpecialDay(day, False, "劳动节", NOTICE) for day in days_of("2026-05-01/2026-05-05")]
WORKED = [SpecialDay(date(2026, 5, 9), True, "劳动节", NOTICE)]
CHINA = Calendar("cn", OFF + WORKED, {2026})

# (facts of the limit, events, counted and uncounted days of each step, due day, what the notice did)
ACCOUNTS: tuple[tuple[dict[str, Any], tuple[tuple[str, str], ...], list[tuple[int, int]], str, list[str]], ...] = (
    # 行政处罚法 第八十五条: seven working days over the May holiday; Saturday the 9th is worked, Sunday the 10th is not.
    (
        {"length": 7, "unit": "workday"},
        (("began", "2026-04-29"),),
        [(7, 6)],
        "2026-05-12",
        ["2026-05-01 至 05-05 劳动节放假，2026-05-09 劳动节调休上班"],
    ),
    # 行政案件程序规定 第三十五条: the last day, 1 May, is carried to the 6th.
    (
        {"length": 30, "rollover": "forward"},
        (("began", "2026-04-01"),),
        [(30, 0), (0, 5)],
        "2026-05-06",
        ["2026-05-01 至 05-05 劳动节放假"],
    ),
    # It falls on the Saturday that is worked, and for that reason stays there.
    ({"length": 10, "rollover": "forward"}, (("began", "2026-04-29"),), [(10, 0)], "2026-05-09", ["2026-05-09 劳动节调休上班"]),
    # Calendar days that are not carried: no notice bears on them.
    ({"length": 10}, (("began", "2026-04-29"),), [(10, 0)], "2026-05-09", []),
    # A plain weekend needs no notice.
    ({"length": 3, "rollover": "forward"}, (("began", "2026-03-04"),), [(3, 0), (0, 2)], "2026-03-09", []),
    # 治安管理处罚法(2025) 第一百一十八条: fifteen days of testing, then thirty more.
    (
        {
            "pauses": [{"from": "test", "to": "tested"}],
            "extensions": [{"event": "longer", "length": 30}],
        },
        (("began", "2026-03-02"), ("test", "2026-03-10"), ("tested", "2026-03-25"), ("longer", "2026-04-14")),
        [(30, 0), (0, 15), (30, 0)],
        "2026-05-16",
        [],
    ),
    # An extension in working days passes over the weekend of 16 and 17 May.
    (
        {"length": 2, "unit": "workday", "extensions": [{"event": "longer", "length": 3, "unit": "workday"}]},
        (("began", "2026-05-13"), ("longer", "2026-05-14")),
        [(2, 0), (3, 2)],
        "2026-05-20",
        [],
    ),
    # The first day counts: it is one of the days.
    ({"length": 3, "start_counted": True}, (("began", "2026-03-02"),), [(3, 0)], "2026-03-04", []),
    # Counted back four working days from 9 May: the 8th, 7th and 6th, and over the holiday to 30 April.
    (
        {"length": 4, "unit": "workday", "backward": True},
        (("began", "2026-05-09"),),
        [(4, 5)],
        "2026-04-30",
        ["2026-05-01 至 05-05 劳动节放假"],
    ),
)  # fmt: skip


@pytest.mark.parametrize(("fields", "events", "days", "due", "notices"), ACCOUNTS)
def test_days_counted_and_not_and_the_notices_that_bore_on_them(
    fields: dict[str, Any],
    events: tuple[tuple[str, str], ...],
    days: list[tuple[int, int]],
    due: str,
    notices: list[str],
) -> None:
    found = clock(limit(**fields), *(happened(kind, when) for kind, when in events), calendar=CHINA)

    assert [(step.counted, step.uncounted) for step in found.steps()] == days
    assert str(found.due_on) == due
    assert [one.text for one in notices_of(found)] == notices
    assert {one.notice for one in notices_of(found)} <= {NOTICE}


def test_hours_are_not_counted_in_days() -> None:
    found = clock(limit(length=24, unit="hour"), happened("began", "2026-05-01 22:10"), calendar=CHINA)

    (step,) = clock_json(found, SHANGHAI)["steps"]
    assert (step["counted_days"], step["uncounted_days"], step["days"]) == (None, None, 1)
    assert clock_json(found, SHANGHAI)["notices"] == []


def test_the_steps_of_a_clock_add_up_to_the_days_between_its_ends() -> None:
    found = clock(limit(length=7, unit="workday"), happened("began", "2026-04-29"), calendar=CHINA)

    said = clock_json(found, SHANGHAI)
    assert sum(step["counted_days"] + step["uncounted_days"] for step in said["steps"]) == 13
    assert said["notices"] == [
        {
            "notice": NOTICE,
            "days": [
                *({"day": f"2026-05-0{n}", "name": "劳动节", "working": False} for n in range(1, 6)),
                {"day": "2026-05-09", "name": "劳动节", "working": True},
            ],
        }
    ]


def test_a_provisional_day_names_the_years_without_a_notice() -> None:
    found = clock(limit(length=30, rollover="forward"), happened("began", "2026-12-20"), calendar=CHINA)

    assert found.provisional
    assert unannounced_years(found) == [2027]


def test_a_step_names_the_text_of_its_article_where_it_is_the_limits_own() -> None:
    rule = limit(length=30, rollover="forward", rollover_basis="《另一规定》第三十五条", text_version="2025-06-27修订")
    found = clock(rule, happened("began", "2026-04-01"), calendar=CHINA)

    assert [(step["article"], step["text_version"]) for step in clock_json(found, SHANGHAI)["steps"]] == [
        ("《某法》第一条", "2025-06-27修订"),
        ("《另一规定》第三十五条", ""),
    ]


def test_a_text_says_since_and_until_when_it_is_in_force() -> None:
    rule = limit(text_version="2012-10-26修正", in_force_from="2013-01-01", in_force_until="2025-12-31")

    assert text_of(rule) == "2012-10-26修正，2013-01-01起施行，2025-12-31后失效"
    assert text_of(limit()) == ""
