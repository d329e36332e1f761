"""Where the old and the new, the higher and the lower law differ: each line of the collected table is on its limits.

The table is section 3 of the collected facts; a line is told by its number there.
"""

import pytest

from cases.catalogue import Core

# (line, limits, words that its conflict must hold)
RECORDED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "1",
        ("psa_case_30d_v2025",),
        ("第一百六十五条", "自立案之日", "二次", "所属公安机关", "听证期间也不计入", "上位法"),
    ),
    ("1", ("psa_case_30d_v2012",), ("第一百一十八条", "自受理之日", "延长一次", "没有过渡条款")),
    ("2", ("psa_inquiry_8h_v2025",), ("第六十九条", "十二小时", "人数众多、身份不明", "全程同步录音录像", "上位法")),
    ("2", ("adm_inquiry_8h",), ("第九十七条", "没有十二小时一档")),
    ("6", ("adm_hearing_apply_5wd",), ("第一百三十三条", "三日", "五个工作日", "第八十五条")),
    ("6", ("adm_hearing_apply_3d_reg",), ("第六十四条", "五个工作日", "不起时钟")),
    ("7", ("prop_adm_register_7wd",), ("第一百一十条", "第七个工作日", "第七个自然日", "第五十六条、第八十五条")),
    ("7a", ("prop_adm_register_7wd",), ("办案部门负责人", "行政机关负责人", "须由法制部门确定", "上位法更严")),
    ("8", ("adm_decision_serve_7d",), ("第三十六条", "第七个工作日", "第六十一条、第八十五条")),
    ("11", ("adm_accept_review_24h",), ("2015 年意见", "第九十条", "立即立案", "内部预警", "第十九条")),
    ("12", ("psa_case_30d_v2025", "psa_case_30d_v2012"), ("第二百五十七条", "不计入鉴定期间", "行刑转换时必须切换")),
    ("12", ("crim_custody_2m",), ("第二百五十七条", "除精神病鉴定外", "行刑转换时必须切换")),
    ("13", ("crim_recusal_reconsider_5d",), ("五个工作日", "五日（自然日）", "第三十七条", "未核实")),
    ("13", ("crim_deposit_reconsider_decide_7d",), ("七个工作日", "七日（自然日）", "第一百零四条", "未核实")),
    ("13", ("xlj_reconsider_decide_3d",), ("三个工作日", "三日（自然日）", "第一百八十一条", "未核实")),
    ("13", ("crim_no_filing_reconsider_30d",), ("不予立案复议三十日", "两处一致")),
    ("14", ("ta_mediation_10wd",), ("第九十五条", "十个工作日", "第九十条、第一百一十二条", "行政法规没有注明工作日")),
    ("15", ("crim_custody_2m",), ("第二百零二条", "取较早", "在押")),
    ("16", ("adm_detention_error_24h",), ("第二十一条", "第二十三条", "条号变动")),
    ("16", ("data_netlog_6m",), ("第二十一条", "第二十三条", "条号变动")),
    ("17", ("adm_foreigner_restrict_60d",), ("延长六十日", "不得延长", "第六十一条")),
    ("17", ("crim_no_arrest_reconsider_5d",), ("七日", "五日", "第一百四十一条")),
    ("18", ("psa_case_30d_v2025",), ("自受理之日", "自立案之日", "以条文为准")),
)
# Lines that are no time limit.
WITHOUT_A_LIMIT = {
    "3": "当场处罚额度：金额，不是期限",
    "4": "当场收缴：金额，不是期限",
    "5": "听证门槛：罚款数额和适用人，不是期限；要求听证的期限见第 6 行",
    "9": "监护人到场：年龄",
    "10": "从重情节：前次处罚的年限，是裁量情节，不起时钟",
}
LINES = {*(str(number) for number in range(1, 19)), "7a"}


def test_every_line_of_the_table_is_recorded_or_is_no_time_limit() -> None:
    recorded = {line for line, _, _ in RECORDED}

    assert recorded | WITHOUT_A_LIMIT.keys() == LINES
    assert recorded.isdisjoint(WITHOUT_A_LIMIT)


@pytest.mark.parametrize(("line", "codes", "words"), RECORDED, ids=[f"{row[0]}-{row[1][0]}" for row in RECORDED])
def test_a_conflict_stands_on_its_limit(law: Core, line: str, codes: tuple[str, ...], words: tuple[str, ...]) -> None:
    for code in codes:
        texts = [f"{one.about} {one.resolved} {one.basis}" for one in law.limit(code).conflicts]

        assert any(all(word in text for word in words) for text in texts), (line, code, texts)


def test_no_limit_records_a_conflict_that_the_table_does_not_have(law: Core) -> None:
    known = {code for _, codes, _ in RECORDED for code in codes}

    assert {limit.code for limit in law.limits if limit.conflicts} == known
