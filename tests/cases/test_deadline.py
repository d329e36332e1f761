"""`manage.py deadline`: one question, one answer, with the steps; and what it refuses to answer."""

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from cases import asking, calculator
from cases.calculator import Given, calculate, law_in_force
from cases.catalogue import Core, load_core
from cases.catalogue.loading import load_catalogue
from cases.models import Limit
from cases.services import CaseRefused
from tests.cases.factories import moment
from tests.cases.test_catalogue import GOOD, folder_of

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="module")
def law() -> Core:
    return load_core(SEEDS)


@pytest.fixture
def shipped(law: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped law, read once for all these tests."""
    monkeypatch.setattr(calculator, "law_in_force", lambda: (law, ()))


def answer(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command("deadline", *words, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def said(*words: str) -> list[str]:
    out = StringIO()
    call_command("deadline", *words, stdout=out)
    return out.getvalue().splitlines()


def refused(*words: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("deadline", *words, stdout=out, stderr=StringIO())
    assert out.getvalue() == ""
    return error.value.returncode, str(error.value)


CASE = ("psa_case_30d", "--start", "2026-03-02")
APPRAISAL = ("--event", "appraisal_commissioned@2026-03-10/2026-03-25")
LONGER = ("--event", "extension_approved@2026-04-14,approver=county_bureau")

# -- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shipped")
def test_a_family_is_answered_by_the_version_in_force_on_the_start_day() -> None:
    new = answer("psa_case_30d", "--start", "2026-03-02")
    old = answer("psa_case_30d", "--start", "2025-12-20")

    assert (new["limit"], new["law"], new["article"]) == ("psa_case_30d_v2025", "治安管理处罚法", "第一百一十八条")
    assert (new["due_on"], new["due_at"]) == ("2026-04-01", "2026-04-02T00:00:00+08:00")
    assert (old["limit"], old["article"], old["due_on"]) == ("psa_case_30d_v2012", "第九十九条", "2026-01-19")


@pytest.mark.usefixtures("shipped")
def test_every_step_is_told_with_its_article_and_they_add_up() -> None:
    found = answer(*CASE, *APPRAISAL, *LONGER)

    steps = found["steps"]
    assert [(step["kind"], step["before"], step["after"], step["days"]) for step in steps] == [
        ("length", "2026-03-02", "2026-04-01", 30),
        ("pause", "2026-04-01", "2026-04-16", 15),
        ("extension", "2026-04-16", "2026-05-16", 30),
        ("rollover", "2026-05-16", "2026-05-18", 2),
    ]
    assert steps[3]["skipped"] == [{"day": "2026-05-16", "why": "周六"}, {"day": "2026-05-17", "why": "周日"}]
    assert steps[3]["article"] == "《公安机关办理行政案件程序规定》第三十五条"
    assert found["due_on"] == "2026-05-18"
    assert found["warnings"] == {
        "yellow_at": "2026-05-11T00:00:00+08:00",
        "orange_at": "2026-05-15T00:00:00+08:00",
    }


@pytest.mark.usefixtures("shipped")
def test_hours_are_answered_with_a_moment_and_no_day() -> None:
    found = answer("adm_quick_48h", "--start", "2026-10-01T15:30")

    assert (found["due_on"], found["due_at"]) == (None, "2026-10-03T15:30:00+08:00")
    assert found["steps"][0]["days"] == 2
    assert found["warnings"]["yellow_at"] == "2026-10-03T03:30:00+08:00"


@pytest.mark.usefixtures("shipped")
def test_a_moment_may_name_its_zone() -> None:
    found = answer("adm_quick_48h", "--start", "2026-10-01T07:30Z")

    assert found["due_at"] == "2026-10-03T15:30:00+08:00"


@pytest.mark.usefixtures("shipped")
def test_a_tier_is_named() -> None:
    found = answer("psa_inquiry_8h_v2025", "--start", "2026-05-01T22:10", "--tier", "12h")

    assert (found["tier"], found["due_at"]) == ("12h", "2026-05-02T10:10:00+08:00")


@pytest.mark.usefixtures("shipped")
def test_only_what_had_happened_by_the_day_asked_is_known() -> None:
    before = answer(*CASE, *APPRAISAL, "--on", "2026-03-09")
    during = answer(*CASE, *APPRAISAL, "--on", "2026-03-10")
    after = answer(*CASE, *APPRAISAL, "--on", "2026-03-25")

    assert (before["state"], before["due_on"]) == ("running", "2026-04-01")
    assert (during["state"], during["due_on"], during["due_at"]) == ("paused", None, None)
    assert (after["state"], after["due_on"]) == ("running", "2026-04-16")


@pytest.mark.usefixtures("shipped")
def test_an_event_may_be_learnt_later_than_it_happened() -> None:
    late = ("--event", "appraisal_commissioned@2026-03-10/2026-03-25,known=2026-03-27")

    assert answer(*CASE, *late, "--on", "2026-03-26")["due_on"] == "2026-04-01"


@pytest.mark.usefixtures("shipped")
def test_what_is_not_accepted_is_told_and_moves_nothing() -> None:
    found = answer(*CASE, *APPRAISAL, "--event", "extension_approved@2026-04-20,approver=county_bureau")

    assert found["due_on"] == "2026-04-16"
    assert [(fault["code"], fault["event"], fault["refused"]) for fault in found["faults"]] == [
        ("late", "批准延长办案期限", True)
    ]


@pytest.mark.usefixtures("shipped")
def test_an_amount_shortens_an_extension() -> None:
    words = ("crim_arrest_request_3d", "--start", "2026-02-10T14:00")
    found = answer(*words, "--event", "detention_extended@2026-02-12,approver=county_leader,amount=2")

    assert found["due_on"] == "2026-02-15"


@pytest.mark.usefixtures("shipped")
def test_facts_decide_who_may_approve() -> None:
    squad = answer(*CASE, *APPRAISAL, *LONGER, "--fact", "unit_kind=squad")

    assert (squad["due_on"], squad["faults"][0]["code"]) == ("2026-04-16", "approver")


@pytest.mark.usefixtures("shipped")
def test_a_stop_ends_the_clock_in_time_or_late() -> None:
    in_time = answer(*CASE, "--event", "decision_made@2026-04-01")
    late = answer(*CASE, "--event", "decision_made@2026-04-02")

    assert (in_time["state"], in_time["late"]) == ("stopped", False)
    assert (late["state"], late["late"], late["ended_at"]) == ("stopped", True, "2026-04-02T00:00:00+08:00")


@pytest.mark.usefixtures("shipped")
def test_a_restart_is_answered_by_the_clock_that_runs_now() -> None:
    found = answer(*CASE, "--event", "mediation_failed@2026-04-20")

    assert (found["due_on"], found["state"]) == ("2026-05-20", "running")


@pytest.mark.usefixtures("shipped")
def test_a_limit_before_an_expiry_is_asked_with_the_expiry() -> None:
    """刑事程序规定 148: seven days before; 05-03 is in the Labour Day holiday."""
    found = answer("crim_custody_extend_request_7d", "--start", "2026-05-10")

    assert found["due_on"] == "2026-04-30"
    assert found["warnings"]["yellow_at"] == "2026-04-27T00:00:00+08:00"


@pytest.mark.usefixtures("shipped")
def test_a_year_not_announced_makes_the_answer_provisional() -> None:
    found = answer("crim_bail_12m", "--start", "2026-03-02")

    assert (found["due_on"], found["provisional"]) == ("2027-03-02", True)
    assert found["cautions"] == ["届满日所在年份的放假安排尚未公布，日期只是暂定"]


@pytest.mark.usefixtures("shipped")
def test_what_is_not_verified_is_answered_with_a_warning() -> None:
    found = answer("xlj_mps2016_review", "--start", "2026-03-02")

    assert (found["status"], found["cautions"]) == ("draft", ["这一时限尚未核实（草稿），不得作为法定上限"])


@pytest.mark.usefixtures("shipped")
def test_a_day_for_a_limit_in_hours_is_taken_from_its_midnight_and_told() -> None:
    found = answer("adm_quick_48h", "--start", "2026-10-01")

    assert found["due_at"] == "2026-10-03T00:00:00+08:00"
    assert found["cautions"] == ["只有日期，按当日零时起算，是最早的读法"]


@pytest.mark.usefixtures("shipped")
def test_an_event_before_the_start_is_told() -> None:
    found = answer(*CASE, "--event", "extension_approved@2026-03-01,approver=county_bureau")

    assert found["due_on"] == "2026-04-01"
    assert found["cautions"] == ["节点“批准延长办案期限”早于起算，没有计算"]


@pytest.mark.usefixtures("shipped")
def test_the_answer_in_words() -> None:
    lines = said(*CASE, *APPRAISAL, *LONGER)

    assert [line for line in lines if not line.startswith("待定：")] == [
        "治安案件办案期限（2025法）（psa_case_30d_v2025）",
        "依据：《治安管理处罚法》第一百一十八条（2025-06-27修订，2026-01-01起施行）",
        "  1. 自2026-03-02起30日，开始的日不计算在内：2026-04-01（周三）　《治安管理处罚法》第一百一十八条",
        "  2. 2026-03-10至2026-03-25鉴定15日不计入：2026-04-16（周四）　《治安管理处罚法》第一百一十八条",
        "  3. 2026-04-14经县级公安机关批准延长30日：2026-05-16（周六）　《治安管理处罚法》第一百一十八条",
        "  4. 末日2026-05-16（周六）不是工作日，顺延至2026-05-18：2026-05-18（周一）　"
        "《公安机关办理行政案件程序规定》第三十五条",
        "     其中 2026-05-16（周六）、2026-05-17（周日）",
        "届满：2026-05-18（周一），当日结束前",
        "预警：2026-05-11 00:00 转黄，2026-05-15 00:00 转橙",
        "状态：计时中",
        "说明：自立案之日起算，最长 30+30+30 日，鉴定、听证期间除外。"
        "派出所办理的案件由所属公安机关批准延长，其他办案单位由上一级公安机关批准。",
    ]


@pytest.mark.usefixtures("shipped")
def test_a_paused_clock_in_words() -> None:
    lines = said(*CASE, "--event", "appraisal_commissioned@2026-03-10")

    assert "届满：暂停计算，恢复后才能确定" in lines
    assert "状态：暂停" in lines


@pytest.mark.usefixtures("shipped")
def test_a_refused_extension_in_words() -> None:
    lines = said(*CASE, "--event", "extension_approved@2026-04-20,approver=county_bureau")

    assert "不予计算：“批准延长办案期限”2026-04-20批准延长时期限已于2026-04-01届满，不予计算" in lines


# -- refusals --------------------------------------------------------------------------------------------------------

REFUSED = (
    (("psa_case_30", "--start", "2026-03-02"), 1, "没有代码或者族名为“psa_case_30”的时限，相近的有 psa_case_30d"),
    (("psa_case_30d_v2025", "--start", "2025-12-20"), 1, "2025-12-20 起算的应适用“psa_case_30d_v2012”"),
    (("psa_case_30d_v2012", "--start", "2012-01-04"), 1, "在 2012-01-04 没有施行的文本"),
    (("psa_case_30d", "--start", "2026-02-29"), 1, "没有“2026-02-29”这个时间"),
    (("adm_quick_48h", "--start", "2026-03-02T24:00"), 1, "没有“2026-03-02T24:00”这个时间"),
    (("psa_case_30d", "--start", "昨天"), 2, "“昨天”不是时间，应写成 2026-03-02 或 2026-03-02T10:00"),
    ((*CASE, "--tier", "12h"), 1, "“治安案件办案期限（2025法）”不分档"),
    (
        ("psa_inquiry_8h_v2025", "--start", "2026-05-01T22:10", "--tier", "9h"),
        1,
        "没有“9h”这一档，可用的有：12h（涉案人数众多或者身份不明）、24h（情况复杂，可能适用行政拘留）",
    ),
    (
        (*CASE, "--event", "bail_started@2026-03-05"),
        1,
        "与节点“bail_started”无关，可用的有：appraisal_commissioned（委托鉴定）",
    ),
    ((*CASE, "--event", "extension_approved@2026-03-05/2026-03-06"), 1, "不是一段时间的开始，请只写一个日期"),
    ((*CASE, "--event", "appraisal_commissioned@2026-03-25/2026-03-10"), 1, "结束早于开始"),
    ((*CASE, "--event", "2026-03-05"), 2, "应写成 节点@日期 或 节点@开始/结束"),
    ((*CASE, "--event", "extension_approved@2026-03-05,by=me"), 2, "“by=me”应写成 名称=值，名称可用 approver、"),
    ((*CASE, "--event", "extension_approved@2026-03-05,amount=many"), 2, "amount 应为正整数，现为“many”"),
    ((*CASE, "--fact", "unit_kind"), 2, "“unit_kind”应写成 名称=值"),
    ((*CASE, "--on", "2026-03-01"), 1, "到 2026-03-01 为止还没有起算"),
    (("adm_quick_48h", "--start", "2026-10-01", "--fact", "expedited=false"), 1, "只适用于 expedited 为 true"),
    (("adm_mediation_clock_restart", "--start", "2026-10-01"), 1, "没有法定的长度，无法推算"),
)


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(("words", "status", "text"), REFUSED, ids=[row[2][:16] for row in REFUSED])
def test_a_question_without_an_answer_is_refused(words: tuple[str, ...], status: int, text: str) -> None:
    code, message = refused(*words)

    assert code == status
    assert text in message


# -- the function behind it ------------------------------------------------------------------------------------------


def test_the_calculator_takes_days_and_moments(law: Core) -> None:
    pause = Given("appraisal_commissioned", date(2026, 3, 10), until=date(2026, 3, 25))

    by_day = calculate("psa_case_30d", date(2026, 3, 2), events=[pause], law=law)
    by_moment = calculate("psa_case_30d", moment("2026-03-02 23:59"), events=[pause], law=law)

    assert by_day.clock.due_on == by_moment.clock.due_on == date(2026, 4, 16)


DATED = """
limits:
  - {code: dated, name: 按文书办理, kinds: [case], starts: [filed], set_by_event: true, calendar: cn, law: 某规定}
"""


def test_a_limit_whose_day_a_document_sets_asks_for_that_day(tmp_path: Path) -> None:
    core = load_core(folder_of(tmp_path, {**GOOD, "limits/dated.yaml": DATED}))

    with pytest.raises(CaseRefused, match="届满由文书确定"):
        calculate("dated", date(2026, 3, 2), law=core)
    found = calculate("dated", Given("", date(2026, 3, 2), sets_on=date(2026, 3, 20)), law=core)

    assert found.clock.due_on == date(2026, 3, 20)


ROME = """
kinds:
  - {code: fine, name: 罚单, zone: Europe/Rome}
limits:
  - {code: pay, name: 缴纳, kinds: [fine], starts: [filed], stops: [decided], length: 24, unit: hour, law: 某法}
"""


def test_local_time_is_that_of_the_matters_a_limit_applies_to(tmp_path: Path) -> None:
    """Twenty-four hours across the night the clocks go forward end an hour later on the wall."""
    core = load_core(folder_of(tmp_path, {**GOOD, "rome.yaml": ROME}))

    found = calculate("pay", asking.read_when("2026-03-28T12:00"), law=core).as_json()

    assert found["due_at"] == "2026-03-29T13:00:00+02:00"


def test_every_limit_that_can_be_computed_is_answered(law: Core) -> None:
    start = moment("2026-03-02 10:00")

    answers = [
        calculate(limit.code, start, law=law) for limit in _computable(law) if limit.in_force_on(date(2026, 3, 2))
    ]

    # All but five without a number and the two texts of 2012.
    assert len(answers) == 233 - 5 - 2
    assert [found.limit.code for found in answers if found.clock.due_at is None] == []
    assert [found.limit.code for found in answers if found.steps[-1].after not in _ends(found)] == []
    assert all(found.as_json()["steps"] and list(found.lines()) for found in answers)


def _computable(law: Core) -> Iterator[Any]:
    return (limit for limit in law.limits if limit.computable)


def _ends(found: Any) -> tuple[Any, ...]:
    return (found.clock.due_on, found.clock.due_at)


# -- which law -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_law_is_that_of_the_database_once_it_is_loaded(tmp_path: Path) -> None:
    load_catalogue(folder_of(tmp_path, GOOD), at=moment("2026-03-01"))

    found = answer("decide", "--start", "2026-04-01")

    # 05-01 is off, and this folder knows of no other holiday in May.
    assert (found["law"], found["due_on"]) == ("某法", "2026-05-04")
    assert found["warnings"]["yellow_at"] == "2026-04-27T00:00:00+08:00"


@pytest.mark.django_db
def test_before_anything_is_loaded_the_shipped_catalogue_answers() -> None:
    assert Limit.objects.count() == 0

    found = answer(*CASE)

    assert found["due_on"] == "2026-04-01"
    assert "数据库中还没有时限，按随附的目录推算" in found["cautions"]


def test_the_shipped_catalogue_answers_where_there_is_no_database_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise OperationalError("no such table: cases_limit")

    monkeypatch.setattr(Limit.objects, "all", missing)

    law, cautions = law_in_force()

    assert law.limit("psa_case_30d_v2025").length == 30
    assert cautions
