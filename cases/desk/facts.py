"""What the facts of a matter and their values are called on the screens; a fact not named here is shown by its code."""

from collections.abc import Iterable

NAMES = {
    "address_unknown": "住址不明",
    "announced_in_person": "当场宣告",
    "appraisal": "鉴定种类",
    "appraisal_as_evidence": "鉴定意见用作证据",
    "appraisal_needed": "需要检验鉴定",
    "arrest_refused": "不批准逮捕",
    "asset": "财产种类",
    "case_kind": "案件种类",
    "centre_notice": "看守所通知",
    "clue_check": "须经查证",
    "coercive_measure_taken": "已采取强制措施",
    "combined_detention": "拘留合并执行",
    "complainant": "有控告人",
    "complex": "案情复杂",
    "contact_unknown": "联系方式不明",
    "contests_refusal": "要求复议",
    "economic": "经济犯罪",
    "enterprise": "涉企",
    "expedited": "快速办理",
    "fine": "罚款",
    "frozen": "冻结",
    "grave_harm": "涉及生命健康等严重危害",
    "incomplete": "材料不全",
    "jurisdiction": "管辖",
    "kind": "事项种类",
    "legal_procedure": "转入法定程序",
    "leader_instruction": "领导批示",
    "licence_elsewhere": "驾驶证在外地核发",
    "major": "案情重大",
    "media": "社会关注",
    "minor": "涉未成年人",
    "no_crime": "不构成犯罪",
    "not_detained": "未被羁押",
    "notice_impossible": "无法通知",
    "outside_competence": "不属于职责范围",
    "penalty": "处罚种类",
    "petition_category": "信访类别",
    "procedure": "程序",
    "remote": "异地",
    "review_overdue": "审查逾期",
    "rights_not_told": "未告知权利",
    "special_person": "特殊人员",
    "through_police": "经公安机关转送",
    "transferred": "已移送",
    "transferred_by_agency": "行政机关移送",
    "unit_kind": "办案单位类别",
    "vehicle_held": "扣留车辆",
    "victim": "有被侵害人",
}
VALUES = {
    "true": "是",
    "false": "否",
    "": "未写明",
    "accusation": "检举控告",
    "administrative_case": "行政案件",
    "branch": "专业警种",
    "bureau": "公安机关",
    "claim": "申诉求决",
    "complex": "复杂",
    "criminal_case": "刑事案件",
    "deposit": "存款等",
    "elsewhere": "他处",
    "equity": "股权、保单等",
    "fast": "速裁",
    "fast_over_one_year": "速裁，可能判处一年以上",
    "immediate": "即时",
    "legal": "法制部门",
    "own": "本机关",
    "public_order_case": "治安案件",
    "revoke": "吊销",
    "securities": "债券、股票、基金",
    "simplified": "简易",
    "squad": "办案队",
    "station": "派出所",
    "suggestion": "建议意见",
    "suspend": "暂扣",
    "unclear": "不明",
}


def fact_name(code: str) -> str:
    return NAMES.get(code, code)


def fact_value(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return VALUES.get(text, text)


def fact_values(values: Iterable[str]) -> str:
    return "或".join(fact_value(value) for value in values)
