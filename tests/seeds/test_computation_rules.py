"""The rules by which periods are counted, each with the examples that show it, or why it moves no date of a limit."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from cases.catalogue import Core, read_catalogue
from tests.seeds.examples import Example, examples, wound

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


class Rule(NamedTuple):
    """A rule of counting: `shown` by examples, as limit and due day or moment; or `no_date` says why it has none."""

    code: str
    article: str
    shown: tuple[tuple[str, str], ...] = ()
    no_date: str = ""


RULES = (
    Rule(
        "cr_crim_period",
        "刑事诉讼法 第一百零五条",
        (("crim_no_arrest_reconsider_5d", "2026-02-24"), ("crim_detain_notify_24h", "2026-10-02 00:00")),
    ),
    Rule(
        "cr_crim_custody_no_roll",
        "刑事诉讼法 第一百零五条",
        (("crim_arrest_request_3d", "2026-02-17"), ("crim_custody_2m", "2026-10-03")),
    ),
    Rule(
        "cr_adm_period",
        "公安机关办理行政案件程序规定 第三十五条",
        (("psa_case_30d_v2025", "2026-10-08"), ("adm_foreigner_detain_review_30d", "2026-02-19")),
    ),
    Rule(
        "cr_pen_workday",
        "行政处罚法 第八十五条",
        (
            ("adm_revoke_publication_3wd", "2026-02-25"),
            ("adm_hearing_apply_5wd", "2026-10-13"),
            ("prop_adm_register_7wd", "2026-05-13"),
            ("adm_case_90d", "2026-04-07"),
        ),
    ),
    Rule(
        "cr_force_workday",
        "行政强制法 第六十九条",
        (
            ("adm_urge_10d", "2015-09-09"),
            ("prop_adm_freeze_serve_3wd", "2019-05-06"),
            ("prop_adm_seizure_30d", "2026-09-20"),
            ("adm_enforce_objection_15d", "2020-02-03"),
        ),
    ),
    Rule(
        "cr_recon_workday",
        "行政复议法 第八十八条",
        (
            ("recon_accept_5wd", "2026-02-27"),
            ("recon_copy_7wd", "2026-05-13"),
            ("recon_reply_10wd", "2026-02-28"),
            ("recon_decide_60d", "2026-10-08"),
        ),
    ),
    Rule("cr_civil_proc", "民事诉讼法 第八十五条", (("suit_answer_15d", "2020-02-03"),)),
    Rule(
        "cr_tv_workday",
        "道路交通安全违法行为处理程序规定 第八十一条",
        (
            ("tv_simple_report_2wd", "2026-02-24"),
            ("tv_vehicle_verify_10wd", "2026-03-02"),
            ("tv_licence_transfer_15wd", "2026-09-30"),
            ("tv_accept_30d", "2026-02-24"),
        ),
    ),
    Rule(
        "cr_ta_workday",
        "道路交通事故处理程序规定 第一百一十二条",
        (
            ("ta_determination_serve_3wd", "2026-09-30"),
            ("ta_determination_10wd", "2019-05-09"),
            ("ta_appraisal_30d", "2019-05-05"),
            ("ta_suspend_max_60d", "2026-10-08"),
        ),
    ),
    Rule(
        "cr_civil_start",
        "民法典 第二百零一条",
        (("psa_case_30d_v2025", "2026-04-01"), ("psa_limitation_6m", "2026-09-30")),
    ),
    Rule(
        "cr_civil_month",
        "民法典 第二百零二条",
        (("crim_supplement_1m", "2026-02-28"), ("adm_limitation_2y", "2026-02-28")),
    ),
    Rule(
        "cr_civil_roll",
        "民法典 第二百零三条",
        (("xf_notify_15d", "2026-09-28"), ("xf_complete_60d", "2026-10-08")),
    ),
    Rule(
        "cr_spc_month",
        "最高法关于适用刑诉法的解释 第二百零二条",
        (("crim_custody_2m", "2026-02-28"), ("crim_custody_2m", "2026-03-28"), ("crim_tech_3m", "2026-08-28")),
    ),
    Rule(
        "cr_inclusive_psa",
        "治安管理处罚法 第一百四十三条",
        (("psa_case_30d_v2025", "2026-05-06"), ("psa_inquiry_8h_v2025", "2026-05-02 06:10")),
    ),
    Rule(
        "cr_inclusive_adm",
        "公安机关办理行政案件程序规定 第二百六十五条",
        (("adm_hearing_accept_2d", "2026-09-20"), ("prop_adm_seizure_30d", "2026-10-20")),
    ),
    Rule("cr_detention_day", "拘留所条例 第三十二条", (("adm_detention_cap_20d", "2026-10-05"),)),
    Rule(
        "cr_detention_offset",
        "治安管理处罚法 第一百一十条",
        no_date="折抵决定拘留执行几日，写在处罚决定里；没有一条时限以它为长度",
    ),
    Rule(
        "cr_detention_no_offset",
        "公安机关办理行政案件程序规定 第一百六十三条",
        no_date="同上：哪些时间不予折抵，也只关系执行几日",
    ),
    Rule(
        "cr_adm_transfer_restart",
        "公安机关办理行政案件程序规定 第六十二条",
        (
            ("psa_inquiry_8h_v2025", "2026-05-02 10:00"),
            ("psa_inquiry_8h_v2012", "2025-11-02 09:00"),
            ("adm_inquiry_8h", "2026-10-08 07:00"),
            ("prop_adm_seizure_30d", "2026-10-08"),
        ),
    ),
    Rule(
        "cr_mediation_restart",
        "公安机关办理行政案件程序规定 第一百八十五条",
        (("psa_case_30d_v2025", "2026-05-20"), ("psa_case_30d_v2012", "2025-07-10")),
    ),
    Rule(
        "cr_drunk_excluded",
        "公安机关办理行政案件程序规定 第五十八条",
        (
            ("psa_inquiry_8h_v2025", "2026-05-02 10:10"),
            ("psa_inquiry_8h_v2012", "2025-11-02 06:00"),
            ("adm_inquiry_8h", "2026-10-08 08:00"),
        ),
    ),
    Rule(
        "cr_crim_appraisal_counts",
        "公安机关办理刑事案件程序规定 第二百五十七条",
        (("crim_custody_2m", "2026-05-10"), ("crim_custody_2m", "2026-05-30")),
    ),
    Rule("cr_identity_unknown", "公安机关办理刑事案件程序规定 第一百五十二条", (("crim_custody_2m", "2026-06-15"),)),
    Rule("cr_detention_leave", "治安管理处罚法 第一百二十六条", (("adm_detention_cap_20d", "2026-10-07"),)),
    Rule(
        "cr_force_night",
        "行政强制法 第四十三条",
        no_date="说何时不得强制执行，不说到何时为止",
    ),
    Rule(
        "cr_fugitive_not_stop",
        "公安机关办理行政案件程序规定 第一百六十五条",
        no_date="不是中止：逃跑不使办案期限停下，见下面的测试",
    ),
    Rule(
        "cr_adm_close",
        "公安机关办理行政案件程序规定 第二百五十八条",
        no_date="说何时算结案，见下面的测试；办案期限以作出决定为止",
    ),
    Rule(
        "cr_adm_terminate",
        "公安机关办理行政案件程序规定 第二百五十九条",
        no_date="说何时终止调查，见下面的测试",
    ),
    Rule(
        "cr_crim_withdraw",
        "公安机关办理刑事案件程序规定 第一百八十六条",
        no_date="说何时撤销案件，见下面的测试",
    ),
    Rule(
        "cr_law_of_time",
        "行政处罚法 第三十七条",
        (("psa_case_30d_v2012", "2026-01-19"), ("psa_inquiry_8h_v2012", "2026-01-01 04:00")),
    ),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_shown_by_examples_or_says_why_it_moves_no_date(rule: Rule) -> None:
    told = {(example.limit, example.due) for example in examples()}

    assert bool(rule.shown) != bool(rule.no_date)
    assert set(rule.shown) - told == set()


def test_the_rules_are_those_of_the_collection(shared: Path) -> None:
    rows = json.loads((shared / "domain" / "computation_rules.json").read_text(encoding="utf-8"))

    assert [(rule.code, rule.article) for rule in RULES] == [
        (row["code"], f"{row['law']} {row['article']}") for row in rows
    ]


def case(events: str, limit: str = "psa_case_30d_v2025") -> Example:
    return Example("", limit, "", events, "", "", {"unit_kind": "station"}, "", "", False)


INCLUSIVE = (
    ("psa_case_30d_v2025", "case_filed 2026-03-02; decision_made 2026-04-01 23:59", False, "the thirtieth day itself"),
    ("psa_case_30d_v2025", "case_filed 2026-03-02; decision_made 2026-04-02 00:00", True, "the midnight after it"),
    ("adm_recusal_2d", "recusal_applied 2026-03-02; recusal_decided 2026-03-04", False, "the second day itself"),
    ("adm_recusal_2d", "recusal_applied 2026-03-02; recusal_decided 2026-03-05", True, "the day after it"),
)


@pytest.mark.parametrize(
    ("limit", "events", "late", "why"), INCLUSIVE, ids=[row[3] + " " + row[0] for row in INCLUSIVE]
)
def test_within_includes_the_last_day(law: Core, limit: str, events: str, late: bool, why: str) -> None:
    """治安管理处罚法 143, 行政案件程序规定 265"""
    assert wound(law, case(events, limit)).late is late, why


def test_flight_does_not_stop_the_clock(law: Core) -> None:
    """行政案件程序规定 165: nothing but the appraisal and the hearing is taken out of the time for a case."""
    pauses = {pause.begins for pause in law.limit("psa_case_30d_v2025").pauses}

    assert pauses == {"appraisal_commissioned", "hearing_notified"}
    assert not law.limit("adm_case_90d").pauses


CLOSING = (
    ("decision_made", False, "行政案件程序规定 258: decided but not executed is not closed"),
    ("case_executed", True, "行政案件程序规定 258: executed"),
    ("case_not_filed", True, "not filed"),
    ("investigation_ended", True, "行政案件程序规定 259: the investigation is ended"),
    ("case_withdrawn", True, "刑事程序规定 186: withdrawn"),
    ("transferred_for_prosecution", True, "handed over for prosecution"),
)


@pytest.mark.parametrize(("kind", "closes", "why"), CLOSING, ids=[row[0] for row in CLOSING])
def test_what_closes_a_case(kind: str, closes: bool, why: str) -> None:
    assert read_catalogue(SEEDS).events[kind].closes is closes, why


@pytest.mark.parametrize("ended", ["decision_made 2026-03-20 10:00", "investigation_ended 2026-03-20"])
def test_the_time_for_a_case_ends_with_the_decision_or_the_end_of_the_investigation(law: Core, ended: str) -> None:
    """治安管理处罚法 118, 行政案件程序规定 259"""
    clock = wound(law, case(f"case_filed 2026-03-02; {ended}"))

    assert (clock.state.value, clock.late, clock.due_on) == ("stopped", False, date(2026, 4, 1))


def test_a_transfer_ends_the_time_for_a_case_and_does_not_count_it_anew(law: Core) -> None:
    """行政案件程序规定 62 counts questioning and seizure anew, not the case."""
    clock = wound(law, case("case_filed 2026-03-02; jurisdiction_transferred 2026-03-10 10:00"))

    assert clock.state.value == "stopped"
