"""`manage.py load_catalogue`: all of a folder or nothing, once, and only those rewound whom it concerns."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from cases import services
from cases.catalogue import InvalidCatalogue
from cases.catalogue.loading import LoadReport, load_catalogue
from cases.models import (
    CalendarYear,
    Clock,
    DayOff,
    EventKind,
    Ladder,
    Limit,
    Matter,
    MatterKind,
    PendingWinding,
    WorkCalendar,
)
from cases.winding import wind_pending
from tests.cases.factories import Bureau, moment
from tests.cases.test_catalogue import GOOD, folder_of, limit

pytestmark = pytest.mark.django_db

NOW = moment("2026-03-01 08:00")


def load(path: Path, **changed: str) -> LoadReport:
    """Load the good folder with some files replaced."""
    files = {f"{name.replace('__', '/')}.yaml": text for name, text in changed.items()}
    return load_catalogue(folder_of(path, {**GOOD, **files}), at=NOW)


def filed(bureau: Bureau, number: str, on: str, kind: str = "case") -> Matter:
    """A matter with its first event, wound."""
    matter = services.open_matter(kind=kind, number=number, unit=bureau.station)
    when = moment(on)
    services.record_event(matter=matter, kind="filed", occurred_at=when, by=None, at=when)
    return matter


def asked() -> list[str]:
    """Numbers of the matters that are to be rewound."""
    return sorted(PendingWinding.objects.values_list("matter__number", flat=True))


def run(*words: str) -> str:
    out = StringIO()
    call_command("load_catalogue", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


# -- all of it, once -------------------------------------------------------------------------------------------------


def test_a_folder_is_loaded_whole(tmp_path: Path) -> None:
    report = load(tmp_path)

    row = Limit.objects.get(code="decide")
    assert report.created == {"kinds": 1, "events": 3, "approvers": 1, "ladders": 2, "limits": 1, "calendars": 1}
    assert (row.family, row.length, row.unit, row.law, row.citation) == ("decide", 30, "day", "某法", "《某法》第一条")
    assert [kind.code for kind in row.kinds.all()] == ["case"]
    assert row.rule().rollover == "forward"
    assert row.ladder is not None
    assert row.ladder.code == "long"
    assert DayOff.objects.count() == 6
    assert CalendarYear.objects.get(year=2026).notice == "通知一；通知二"


def test_loading_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    load(tmp_path)

    report = load(tmp_path)

    assert not report.changed
    assert (report.matters_to_wind, report.days_changed) == (0, 0)
    assert run(str(tmp_path)) == f"目录 {tmp_path} 与已载入的相同，没有改动\n"


def test_loading_again_asks_the_same_few_questions_whatever_the_number_of_rows(
    tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = "limits:\n" + "".join(
        f"  - {{code: l{n}, name: 时限{n}, kinds: [case], starts: [filed], length: 7, unit: day, law: 某法}}\n"
        for n in range(120)
    )
    load(tmp_path, limits__many=many)

    with django_assert_max_num_queries(40):
        report = load(tmp_path, limits__many=many)

    assert not report.changed


def test_a_bad_folder_changes_nothing(tmp_path: Path) -> None:
    load(tmp_path)
    before = Limit.objects.get().definition

    with pytest.raises(InvalidCatalogue):
        load(tmp_path, limits__ours=limit(length="31"), more="kinds:\n  - {code: new}\n")

    assert Limit.objects.get().definition == before
    assert not MatterKind.objects.filter(code="new").exists()


def test_what_the_folder_does_not_mention_stays(tmp_path: Path) -> None:
    load(tmp_path / "first")

    report = load_catalogue(
        folder_of(tmp_path / "second", {"kinds.yaml": "kinds:\n  - {code: letter, name: 来信}\n"}), at=NOW
    )

    assert report.created["kinds"] == 1
    assert {row.code for row in MatterKind.objects.all()} == {"case", "letter"}
    assert Limit.objects.count() == 1


def test_a_second_folder_may_refer_to_the_first(tmp_path: Path) -> None:
    load(tmp_path / "first")
    own = "limits:\n  - {code: own, name: 自定, kinds: [case], starts: [filed], length: 3, unit: workday, calendar: cn, law: 某局规定}\n"

    load_catalogue(folder_of(tmp_path / "second", {"limits/own.yaml": own}), at=NOW)

    row = Limit.objects.get(code="own")
    assert row.ladder is not None
    assert row.ladder.code == "short"


def test_a_text_that_does_not_fit_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidCatalogue, match="字段 name：最多80个字，现有81个，请缩短"):
        load(tmp_path, limits__ours=limit(name="长" * 81))

    assert MatterKind.objects.count() == 0


def test_a_notice_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCatalogue, match="最多200个字"):
        load(tmp_path, calendars__cn=GOOD["calendars/cn.yaml"].replace("通知二", "号" * 201))


def test_a_limit_applies_to_the_kinds_the_folder_says(tmp_path: Path) -> None:
    load(tmp_path)
    kinds = "kinds:\n  - {code: case, name: 案件}\n  - {code: letter, name: 来信}\n"

    load(tmp_path, kinds=kinds, limits__ours=limit(kinds="[letter]"))

    assert [kind.code for kind in Limit.objects.get().kinds.all()] == ["letter"]


def test_an_explicit_ladder_is_kept_and_a_new_default_reaches_limits_of_other_folders(tmp_path: Path) -> None:
    load(tmp_path / "first", limits__ours=limit(ladder="short"))
    assert Limit.objects.get().ladder == Ladder.objects.get(code="short")
    load(tmp_path / "first", limits__ours=GOOD["limits/ours.yaml"])
    more = (
        "ladders:\n  - {code: nearer, name: 更近, counts: day, from_length: 20, yellow: {days: 5}, orange: {days: 2}}\n"
    )
    nearest = more.replace("nearer", "nearest").replace("20", "25")

    load_catalogue(
        folder_of(tmp_path / "second", {"ladders/more.yaml": more + nearest.removeprefix("ladders:\n")}), at=NOW
    )

    # Thirty days keep the ladder from thirty days on.
    assert Limit.objects.get().ladder == Ladder.objects.get(code="long")


def test_the_longest_fitting_default_is_taken(tmp_path: Path) -> None:
    load(tmp_path, limits__ours=limit(length="29"))
    more = "ladders:\n  - {code: middle, name: 中, counts: day, from_length: 7, yellow: {days: 3}, orange: {days: 1}}\n"

    load_catalogue(folder_of(tmp_path / "second", {"ladders/more.yaml": more}), at=NOW)

    assert Limit.objects.get().ladder == Ladder.objects.get(code="middle")


# -- whose clocks ----------------------------------------------------------------------------------------------------


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    load(tmp_path)
    return tmp_path


def test_a_changed_limit_asks_for_its_matters_and_no_others(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-03-02")
    services.open_matter(kind="case", number="A2", unit=bureau.station)

    report = load(loaded, limits__ours=limit(length="31"))

    assert (asked(), report.matters_to_wind) == (["A1"], 1)
    assert PendingWinding.objects.get().cause == "时限已修改"


def test_a_rewound_matter_has_the_new_due_day(loaded: Path, bureau: Bureau) -> None:
    matter = filed(bureau, "A1", "2026-03-02")
    assert Clock.objects.get(matter=matter).due_on == date(2026, 4, 1)
    load(loaded, limits__ours=limit(length="31"))

    wind_pending(at=moment("2026-03-03"))

    assert Clock.objects.get(matter=matter).due_on == date(2026, 4, 2)
    assert asked() == []


def test_words_alone_ask_for_nothing(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-03-02")

    report = load(loaded, limits__ours=limit(notes="新的说明", name="另一个名称"))

    assert report.updated["limits"] == 1
    assert asked() == []


def test_a_new_limit_asks_for_the_matters_it_starts_on(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-03-02")
    services.open_matter(kind="case", number="A2", unit=bureau.station)
    own = "limits:\n  - {code: own, name: 自定, kinds: [case], starts: [filed], length: 3, unit: day, law: 某局规定}\n"

    load(loaded, limits__own=own)

    assert asked() == ["A1"]


def test_a_withdrawn_matter_is_left_alone(loaded: Path, bureau: Bureau) -> None:
    matter = filed(bureau, "A1", "2026-03-02")
    Matter.objects.filter(pk=matter.pk).update(withdrawn_at=NOW)

    load(loaded, limits__ours=limit(length="31"))

    assert asked() == []


APPROVERS = GOOD["approvers.yaml"].replace("rank: 10", "rank: 20")
LADDERS = GOOD["ladders/ours.yaml"].replace("{days: 7}", "{days: 9}")
RENAMED = GOOD["ladders/ours.yaml"].replace("name: 长", "name: 三十日以上")
EVENTS = GOOD["events.yaml"].replace("name: 立案}", "name: 立案, opens: true}")
KINDS = GOOD["kinds.yaml"].replace("name: 案件}", "name: 案件, zone: Asia/Urumqi}")


@pytest.mark.parametrize(
    ("file", "text", "concerned"),
    [
        ("approvers", APPROVERS, ["A1"]),
        ("ladders__ours", LADDERS, ["A1"]),
        ("ladders__ours", RENAMED, []),
        ("events", EVENTS, ["A1"]),
        ("kinds", KINDS, ["A1"]),
        ("kinds", GOOD["kinds.yaml"].replace("案件", "案子"), []),
    ],
    ids=["rank", "lead", "name of a ladder", "opens", "zone", "name of a kind"],
)
def test_what_a_limit_leans_on_asks_too(
    loaded: Path, bureau: Bureau, file: str, text: str, concerned: list[str]
) -> None:
    filed(bureau, "A1", "2026-03-02")

    load(loaded, **{file: text})

    assert asked() == concerned


def with_day(day: str) -> str:
    return GOOD["calendars/cn.yaml"].replace("days: [2026-05-01]", f"days: [2026-05-01, {day}]")


def test_a_changed_day_asks_only_for_clocks_that_end_near_it(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-03-02")  # due 04-01
    filed(bureau, "A2", "2026-07-01")  # due 07-31

    report = load(loaded, calendars__cn=with_day("2026-04-01"))

    assert (asked(), report.days_changed) == (["A1"], 1)
    assert PendingWinding.objects.get().cause == "日历“cn”的放假安排已变动"


def test_a_changed_day_asks_for_working_days_counted_across_it(loaded: Path, bureau: Bureau) -> None:
    load(loaded, limits__ours=limit(unit="workday", length="60", rollover="none"))
    filed(bureau, "A1", "2026-03-02")  # sixty working days end in late May

    load(loaded, calendars__cn=with_day("2026-03-16"))

    assert asked() == ["A1"]


def test_a_day_renamed_asks_for_nothing(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-04-01")

    report = load(loaded, calendars__cn=GOOD["calendars/cn.yaml"].replace("劳动节", "五一"))

    assert (report.days_changed, asked()) == (1, [])


def test_an_announced_year_asks_for_what_was_provisional(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-12-20")  # due in January 2027
    filed(bureau, "A2", "2026-07-01")
    assert Clock.objects.get(matter__number="A1").provisional
    year = "      - {year: 2027, notice: 通知三, off: [{name: 元旦, days: [2027-01-01]}]}\n"

    load(loaded, calendars__cn=GOOD["calendars/cn.yaml"] + year)
    wind_pending(at=moment("2026-12-31"))

    assert not Clock.objects.get(matter__number="A1").provisional
    assert Clock.objects.get(matter__number="A1").due_on == date(2027, 1, 19)


def test_only_the_matters_of_the_provisional_clocks_are_asked_for(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-12-20")
    filed(bureau, "A2", "2026-07-01")
    year = "      - {year: 2027, notice: 通知三, off: [{name: 元旦, days: [2027-01-01]}]}\n"

    load(loaded, calendars__cn=GOOD["calendars/cn.yaml"] + year)

    assert asked() == ["A1"]


def test_a_day_struck_from_a_listed_year_goes(loaded: Path, bureau: Bureau) -> None:
    filed(bureau, "A1", "2026-04-01")  # 30 days end on 05-01, a Friday off
    assert Clock.objects.get().due_on == date(2026, 5, 4)

    load(loaded, calendars__cn=with_day("2026-06-19").replace("2026-05-01, ", ""))
    wind_pending(at=moment("2026-04-02"))

    assert not DayOff.objects.filter(day=date(2026, 5, 1)).exists()
    assert Clock.objects.get().due_on == date(2026, 5, 1)


def test_a_december_day_set_by_the_next_years_notice_stays(tmp_path: Path) -> None:
    load(tmp_path)
    only_2025 = """
calendars:
  - {code: cn, name: 全国, years: [{year: 2025, notice: 旧通知, off: [{name: 元旦, days: [2025-01-01]}]}]}
"""

    load_catalogue(folder_of(tmp_path / "second", {"calendars/cn.yaml": only_2025}), at=NOW)

    assert DayOff.objects.filter(day=date(2025, 12, 28)).exists()
    assert set(CalendarYear.objects.values_list("year", flat=True)) == {2025, 2026}


# -- the command -----------------------------------------------------------------------------------------------------


def failed(*words: str) -> tuple[int, str, str]:
    """Exit status, standard output and message of a run that fails."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("load_catalogue", *words, stdout=out, stderr=StringIO())
    return error.value.returncode, out.getvalue(), str(error.value)


def test_a_missing_folder_is_bad_use(tmp_path: Path) -> None:
    status, out, message = failed(str(tmp_path / "nowhere"))

    assert (status, out) == (2, "")
    assert message == f"没有目录 {tmp_path / 'nowhere'}"


def test_bad_data_is_told_problem_by_problem(tmp_path: Path) -> None:
    folder_of(tmp_path, {**GOOD, "limits/ours.yaml": limit(starts="[fild]", length="0")})

    status, out, message = failed(str(tmp_path))

    assert (status, out) == (1, "")
    assert message.splitlines() == [
        "limits/ours.yaml，第3行，limits 第1条（decide），字段 length：应为不小于 1 的整数，现为 0",
        "目录有 1 处不对，什么也没有改动",
    ]


def test_bad_data_as_json_has_file_row_and_field(tmp_path: Path) -> None:
    folder_of(tmp_path, {**GOOD, "limits/ours.yaml": limit(starts="[fild]")})

    status, out, _ = failed(str(tmp_path), "--json")

    assert status == 1
    assert json.loads(out)["problems"] == [
        {
            "file": "limits/ours.yaml",
            "line": 3,
            "section": "limits",
            "row": 1,
            "code": "decide",
            "field": "starts",
            "problem": "没有“fild”这种节点，是不是“filed”",
        }
    ]


def test_the_report_as_json(tmp_path: Path) -> None:
    folder_of(tmp_path, GOOD)

    first: dict[str, Any] = json.loads(run(str(tmp_path), "--json"))
    second: dict[str, Any] = json.loads(run(str(tmp_path), "--json"))

    assert (first["changed"], first["created"]["limits"], first["days_changed"]) == (True, 1, 6)
    assert (second["changed"], second["created"]["limits"], second["unchanged"]["limits"]) == (False, 0, 1)


def test_the_report_in_words(tmp_path: Path) -> None:
    folder_of(tmp_path, GOOD)

    assert run(str(tmp_path)) == (
        f"目录 {tmp_path} 已载入：新增 事项种类 1、节点种类 3、批准层级 1、预警阶梯 2、时限 1、日历 1；节假日与调休 6 天\n"
    )


# -- the shipped one -------------------------------------------------------------------------------------------------


def test_the_shipped_catalogue_is_what_is_loaded_when_no_folder_is_named() -> None:
    run()

    assert Limit.objects.filter(code="psa_case_30d_v2025").exists()
    assert WorkCalendar.objects.get().years.count() == 20
    assert EventKind.objects.get(code="case_closed").closes
    assert json.loads(run("--json"))["folder"] == str(settings.ROOT / "seeds")


def test_a_case_under_the_shipped_catalogue_has_the_statutory_due_day_and_levels(bureau: Bureau) -> None:
    """治安管理处罚法(2025) 118"""
    run()
    matter = services.open_matter(kind="public_order_case", number="A1", unit=bureau.station)
    when = moment("2026-03-02 10:00")

    services.record_event(matter=matter, kind="case_filed", occurred_at=when, by=None, at=when)

    clock = Clock.objects.get(matter=matter)
    assert (clock.limit.code, clock.due_on) == ("psa_case_30d_v2025", date(2026, 4, 1))
    assert (clock.yellow_at, clock.orange_at) == (moment("2026-03-25"), moment("2026-03-29"))
    assert clock.due_at == moment("2026-04-01") + timedelta(days=1)


def test_a_stations_case_is_extended_by_its_own_bureau(bureau: Bureau) -> None:
    """What kind of unit holds the matter decides who approves."""
    run()
    due = {}
    for number, unit in (("A1", bureau.station), ("A2", bureau.county)):
        matter = services.open_matter(kind="public_order_case", number=number, unit=unit)
        for kind, on, approver in (
            ("case_filed", "2026-03-02", ""),
            ("extension_approved", "2026-03-20", "county_bureau"),
        ):
            when = moment(on)
            services.record_event(
                matter=matter, kind=kind, occurred_at=when, day_only=True, by=None, at=when, approver=approver
            )
        due[number] = Clock.objects.get(matter=matter).due_on

    assert due == {"A1": date(2026, 5, 6), "A2": date(2026, 4, 1)}
