"""Limits as values: what a catalogue row may say, what is refused and how the refusal reads, leads and ladders."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from cases.statute.ladders import Demand, Ladder, Lead, Said
from cases.statute.limits import (
    Approval,
    InvalidLimit,
    Limit,
    Nature,
    RestartApproval,
    Rollover,
    Transition,
    Unit,
    among,
    default_ladder,
    family_of,
    holds,
    parse_ladder,
    parse_limit,
)
from tests.statute.facts import CHINA, ROME, SHANGHAI, at

LEAST = {
    "code": "case_30d",
    "name": "办案期限",
    "law": "治安管理处罚法",
    "article": "第一百一十八条",
    "starts": ["filed"],
    "length": 30,
}


def parsed(**fields: Any) -> Limit:
    return parse_limit({**LEAST, **fields})


def problems(**fields: Any) -> list[tuple[str, str]]:
    row = {name: value for name, value in {**LEAST, **fields}.items() if value is not ...}
    with pytest.raises(InvalidLimit) as refusal:
        parse_limit(row)
    return refusal.value.problems


# -- what is read ----------------------------------------------------------------------------------------------------


def test_the_least_a_row_may_say_is_a_duty_in_calendar_days_that_stays_where_it_falls() -> None:
    limit = parsed()

    assert (limit.unit, limit.length) == (Unit.DAY, 30)
    assert limit.nature is Nature.DUTY
    assert limit.rollover is Rollover.NONE
    assert limit.transition is Transition.AT_START
    assert limit.family == "case_30d"
    assert limit.citation == "《治安管理处罚法》第一百一十八条"
    assert limit.plain


def test_a_full_row_is_read_field_by_field() -> None:
    limit = parsed(
        code="case_30d_v2025",
        when={"major": True, "unit_kind": ["station", "squad"]},
        tiers=[{"code": "7d", "length": 7, "condition": "需要查证", "by": "extended", "grounds": ["线索"]}],
        extensions=[
            {
                "event": "extension_approved",
                "length": 30,
                "times": 2,
                "approvers": ["city", {"level": "county", "when": {"unit_kind": "station"}}],
                "grounds": ["重大", "复杂"],
                "requires": "told",
            },
            {"event": "renewed", "length": 6, "unit": "month", "times": "unlimited"},
        ],
        pauses=[{"from": "appraisal_commissioned", "to": "appraisal_received", "name": "鉴定"}],
        delays=[{"from": "identity_unknown", "to": "identity_established", "approvers": ["county"]}],
        restarts=["mediation_failed"],
        restart_approval={"event": "agreed", "days": 5, "approvers": ["county"], "article": "某条"},
        rollover="forward",
        calendar="cn",
        in_force_from="2026-01-01",
        in_force_until=date(2030, 12, 31),
    )

    assert limit.family == "case_30d"
    assert limit.when == (("major", ("true",)), ("unit_kind", ("station", "squad")))
    assert (limit.tiers[0].by, limit.tiers[0].grounds) == (("extended",), ("线索",))
    assert limit.delays[0].approvers == (Approval("county"),)
    assert limit.restart_approval == RestartApproval("agreed", 5, (Approval("county"),), "某条")
    assert limit.tiers[0].unit is Unit.DAY
    assert limit.extensions[0].times == 2
    assert limit.extensions[0].approvers == (
        Approval("city"),
        Approval("county", (("unit_kind", ("station",)),)),
    )
    assert limit.extensions[1].times is None
    assert limit.extensions[1].unit is Unit.MONTH
    assert (limit.in_force_from, limit.in_force_until) == (date(2026, 1, 1), date(2030, 12, 31))
    assert not limit.plain
    assert limit.decisions == {"extended", "extension_approved", "renewed"}


def test_an_extension_is_granted_once_unless_the_row_says_otherwise() -> None:
    limit = parsed(extensions=[{"event": "extension_approved", "length": 30}])

    assert limit.extensions[0].times == 1


def test_a_limit_knows_every_kind_of_event_it_listens_to() -> None:
    limit = parsed(
        stops=["decided"],
        restarts=["failed"],
        tiers=[{"code": "7d", "length": 7, "by": ["widened"]}],
        extensions=[{"event": "extended", "length": 30, "requires": "told"}],
        pauses=[{"from": "sent", "to": "back"}],
        delays=[{"from": "unknown", "to": "known"}],
        restart_approval={"event": "agreed", "days": 5},
    )

    assert limit.kinds_heard() == set(
        "filed decided failed widened extended told sent back unknown known agreed".split()
    )


def test_a_draft_may_be_incomplete() -> None:
    draft = parse_limit({"code": "x", "name": "草案", "law": "某规定", "status": "draft"})

    assert not draft.computable


def test_a_mere_rule_needs_no_length() -> None:
    assert not parse_limit({**LEAST, "length": None, "bound": "rule"}).computable


def test_what_must_be_done_before_an_expiry_is_counted_back_without_saying_so() -> None:
    limit = parse_limit({**LEAST, "starts": [], "before_expiry_of": "custody", "length": 7})

    assert limit.backward


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("psa_case_30d_v2025", "psa_case_30d"),
        ("psa_case_30d", "psa_case_30d"),
        ("a_view", "a_view"),
        ("_v2025", "_v2025"),
    ],
)
def test_all_versions_share_the_name_without_the_year(code: str, family: str) -> None:
    assert family_of(code) == family


def test_a_version_is_the_law_from_its_first_day_to_its_last() -> None:
    limit = parsed(in_force_from=date(2013, 1, 1), in_force_until=date(2025, 12, 31))

    assert not limit.in_force_on(date(2012, 12, 31))
    assert limit.in_force_on(date(2013, 1, 1))
    assert limit.in_force_on(date(2025, 12, 31))
    assert not limit.in_force_on(date(2026, 1, 1))


def test_a_condition_holds_when_every_fact_has_one_of_its_values_and_a_missing_fact_is_empty() -> None:
    condition = (("major", ("true",)), ("kind", ("", "theft")))

    assert holds(condition, {"major": "true"})
    assert holds(condition, {"major": "true", "kind": "theft"})
    assert not holds(condition, {"major": "true", "kind": "fraud"})
    assert not holds(condition, {})


@pytest.mark.parametrize(
    ("ground", "known"),
    [("流窜作案", True), ("流窜作案、结伙作案", True), ("流窜作案、案情复杂", False), ("案情复杂", False)],
)
def test_a_ground_is_one_of_those_the_law_knows_or_several_of_them(ground: str, known: bool) -> None:
    # 刑事诉讼法(2018) 第九十一条
    assert among(ground, ("流窜作案", "多次作案", "结伙作案")) is known


def test_a_ground_that_has_a_comma_of_its_own_is_taken_whole() -> None:
    assert among("案情复杂、期限届满不能终结", ("案情复杂、期限届满不能终结",))


def test_custody_never_rolls_whatever_its_rollover_says() -> None:
    limit = Limit("c", "c", "羁押", 2, Unit.MONTH, "刑诉法", "", rollover=Rollover.FORWARD, custody=True)

    assert limit.rolls is Rollover.NONE


# -- what is refused -------------------------------------------------------------------------------------------------

INTERVAL = [{"from": "a", "to": "b"}]
EXTENSION = [{"event": "e", "length": 1}]


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"code": ...}, "code", "必填"),
        ({"name": ""}, "name", "必填"),
        ({"law": ...}, "law", "必填"),
        ({"name": 5}, "name", "应为文字"),
        ({"lenght": 30}, "lenght", "没有这个字段"),
        ({"starts": []}, "starts", "没有起算节点"),
        ({"starts": [1]}, "starts", "应为文字列表"),
        ({"length": ...}, "length", "没有长度"),
        ({"length": 0}, "length", "应为不小于 1 的整数"),
        ({"length": -3}, "length", "应为不小于 1 的整数"),
        ({"length": True}, "length", "应为不小于 1 的整数"),
        ({"length": "30"}, "length", "应为不小于 1 的整数"),
        ({"length": 36_526}, "length", "不能超过一百年"),
        ({"unit": "week"}, "unit", "应为"),
        ({"custody": "yes"}, "custody", "true 或 false"),
        ({"in_force_from": "2026-02-29"}, "in_force_from", "不是日期"),
        ({"in_force_from": datetime(2026, 1, 1, 8)}, "in_force_from", "不带时间"),  # noqa: DTZ001
        ({"in_force_from": "2026-01-01", "in_force_until": "2025-12-31"}, "in_force_until", "失效日早于施行日"),
        ({"bound": "most"}, "bound", "max、min、rule"),
        ({"when": ["major"]}, "when", "事实"),
        ({"unit": "workday"}, "calendar", "必须写明日历"),
        ({"rollover": "forward"}, "calendar", "必须写明日历"),
        ({"rollover": "forward", "custody": True, "calendar": "cn"}, "rollover", "限制人身自由"),
        ({"rollover": "backward", "custody": True, "calendar": "cn"}, "rollover", "限制人身自由"),
        ({"unit": "hour", "rollover": "forward", "calendar": "cn"}, "rollover", "不顺延"),
        ({"tiers": "7d"}, "tiers", "应为列表"),
        ({"tiers": ["7d"]}, "tiers[1]", "应为一组字段"),
        ({"tiers": [{"length": 7}]}, "tiers[1].code", "必填"),
        ({"tiers": [{"code": "a", "length": 7, "unti": "day"}]}, "tiers[1].unti", "没有这个字段"),
        ({"tiers": [{"code": "a", "length": 7}, {"code": "a", "length": 9}]}, "tiers", "档次代码重复"),
        ({"tiers": [{"code": "a", "length": 7, "follows": "b"}]}, "tiers[1].follows", "没有“b”这一档"),
        ({"tiers": [{"code": "a", "length": 7, "follows": "a"}]}, "tiers[1].follows", "没有“a”这一档"),
        ({"extensions": [{"length": 30}]}, "extensions[1].event", "必填"),
        ({"extensions": [{"event": "e", "length": 30, "times": 0}]}, "extensions[1].times", "应为不小于 1 的整数"),
        ({"extensions": [{"event": "e", "length": 3, "unit": "hour"}]}, "extensions[1].unit", "不能延长"),
        ({"unit": "hour", "extensions": [{"event": "e", "length": 1, "unit": "month"}]}, "extensions[1].unit", "不能"),
        ({"extensions": [{"event": "e", "length": 1, "approvers": [7]}]}, "extensions[1].approvers", "审批层级"),
        ({"pauses": [{"from": "a", "to": "a"}]}, "pauses[1].to", "不能是同一种节点"),
        ({"pauses": [{"from": "a"}]}, "pauses[1].to", "必填"),
        ({"delays": [{"to": "a"}]}, "delays[1].from", "必填"),
        ({"delays": [{"from": "a", "to": "a"}]}, "delays[1].to", "不能是同一种节点"),
        ({"restart_approval": {"event": "a", "days": 5}}, "restart_approval", "没有重新起算"),
        ({"restarts": ["r"], "restart_approval": "a"}, "restart_approval", "应为一组字段"),
        ({"restarts": ["r"], "restart_approval": {"days": 5}}, "restart_approval.event", "必填"),
        ({"restarts": ["r"], "restart_approval": {"event": "a"}}, "restart_approval.days", "必填"),
        ({"restarts": ["r"], "restart_approval": {"event": "a", "days": 5, "by": 1}}, "restart_approval.by", "没有"),
        ({"pauses": [{"from": "a", "to": "b", "approvers": ["c"]}]}, "pauses[1].approvers", "没有这个字段"),
        ({"before_expiry_of": "c"}, "starts", "不再另有起算节点"),
        ({"after_expiry_of": "c"}, "starts", "不再另有起算节点"),
        ({"starts": [], "after_expiry_of": "c", "restarts": ["a"]}, "restarts", "不再另有起算节点"),
        ({"starts": [], "after_expiry_of": "c", "before_expiry_of": "d"}, "after_expiry_of", "同时"),
        ({"starts": [], "after_expiry_of": "c", "backward": True}, "backward", "不能又向前倒算"),
        ({"starts": [], "after_expiry_of": "c", "set_by_event": True}, "set_by_event", "不能又由节点"),
        ({"set_by_event": True, "backward": True}, "backward", "不能又向前倒算"),
        ({"backward": True, "start_counted": True}, "start_counted", "不计算开始的日"),
        ({"backward": True, "rollover": "forward", "calendar": "cn"}, "rollover", "只能提前"),
        ({"backward": True, "pauses": INTERVAL}, "pauses", "只随"),
        ({"backward": True, "delays": INTERVAL}, "delays", "只随"),
        ({"backward": True, "extensions": EXTENSION}, "extensions", "只随"),
    ],
)
def test_a_row_that_could_not_be_computed_is_refused_by_field(fields: dict[str, Any], field: str, text: str) -> None:
    found = problems(**fields)

    assert [said for name, said in found if name == field and text in said], found


def test_every_problem_is_named_not_only_the_first() -> None:
    found = problems(length=0, unit="week", name="")

    assert [name for name, _ in found][:3] == ["unit", "name", "length"]


def test_a_refusal_reads_as_a_sentence_with_the_code() -> None:
    with pytest.raises(InvalidLimit, match=r"^case_30d: length：应为不小于 1 的整数，现为 0$"):
        parsed(length=0)


def test_an_hour_limit_may_roll_where_one_of_its_tiers_is_counted_in_days() -> None:
    limit = parsed(
        unit="hour",
        length=24,
        rollover="forward",
        calendar="cn",
        tiers=[{"code": "complex", "length": 3, "unit": "day"}],
    )

    assert limit.rolls is Rollover.FORWARD


def test_an_hour_limit_may_be_extended_by_days_of_twenty_four_hours() -> None:
    limit = parsed(unit="hour", length=24, extensions=[{"event": "e", "length": 2, "unit": "day"}])

    assert limit.extensions[0].unit is Unit.DAY


# -- leads -----------------------------------------------------------------------------------------------------------

START = at("2026-03-02 10:00")
DUE_ON = date(2026, 5, 18)
DUE_AT = at("2026-05-19 00:00")


@pytest.mark.parametrize(
    ("lead", "moment", "why"),
    [
        (Lead(days=7), "2026-05-11 00:00", "midnight at the beginning of the seventh day before"),
        (Lead(days=3), "2026-05-15 00:00", "of the third"),
        (Lead(days=0, at=time(9)), "2026-05-18 09:00", "nine in the morning of the due day"),
        (Lead(workdays=2), "2026-05-14 00:00", "two working days before: the 14th and 15th are Thursday and Friday"),
        (Lead(hours=6), "2026-05-18 18:00", "before the day is over"),
        (Lead(days=100), "2026-03-02 10:00", "never before the start"),
    ],
)
def test_a_level_is_reached_so_long_before_the_due_moment(lead: Lead, moment: str, why: str) -> None:
    found = lead.before(start=START, due_at=DUE_AT, due_on=DUE_ON, zone=SHANGHAI, calendar=CHINA)

    assert found == at(moment), why


@pytest.mark.parametrize(
    ("hours", "share", "moment"),
    [
        (48, 0.25, "2026-10-03 03:30"),
        (48, 0.1, "2026-10-03 10:42"),
        (8, 0.25, "2026-10-01 21:30"),
    ],
)
def test_a_share_of_an_hour_limit_is_what_is_left_of_it(hours: int, share: float, moment: str) -> None:
    start = at("2026-10-01 15:30")
    due_at = datetime.fromtimestamp(start.timestamp() + hours * 3600, tz=SHANGHAI)

    found = Lead(share=share).before(start=start, due_at=due_at, due_on=None, zone=SHANGHAI, calendar=None)

    assert found == at(moment)


def test_a_share_is_to_the_second() -> None:
    found = Lead(share=0.1).before(
        start=at("2026-10-01 15:30:00"), due_at=at("2026-10-01 15:30:07"), due_on=None, zone=SHANGHAI, calendar=None
    )

    assert found == at("2026-10-01 15:30:06")


def test_a_time_of_day_is_the_time_on_the_wall_also_when_the_clocks_change() -> None:
    found = Lead(days=0, at=time(9)).before(
        start=at("2026-03-01 10:00", ROME),
        due_at=at("2026-03-30 00:00", ROME),
        due_on=date(2026, 3, 29),
        zone=ROME,
        calendar=None,
    )

    assert found == at("2026-03-29 09:00", ROME)


def test_working_days_without_a_calendar_are_taken_as_days() -> None:
    found = Lead(workdays=2).before(start=START, due_at=DUE_AT, due_on=DUE_ON, zone=SHANGHAI, calendar=None)

    assert found == at("2026-05-16 00:00")


def test_what_was_due_before_it_began_is_not_warned_of_later_than_it_is_red() -> None:
    found = Lead(days=1).before(
        start=at("2026-05-20 10:00"), due_at=DUE_AT, due_on=DUE_ON, zone=SHANGHAI, calendar=None
    )

    assert found == DUE_AT


@pytest.mark.parametrize(
    ("start", "due_on", "reached"),
    [
        # 行政案件程序规定(2020) 第一百一十条 reads seven days, 行政处罚法(2021) 第五十六条 seven working days: warned by the
        # first, late by the second. 29 April over the May holiday: the seventh day is 6 May, long before the 12th.
        ("2026-04-29 10:00", date(2026, 5, 12), "2026-05-06 00:00"),
        # An ordinary week: the seventh day is the fifth working day.
        ("2026-03-04 10:00", date(2026, 3, 13), "2026-03-11 00:00"),
        # Never after the due moment.
        ("2026-03-04 10:00", date(2026, 3, 9), "2026-03-10 00:00"),
    ],
)
def test_a_level_may_be_reached_on_a_calendar_day_after_the_start(start: str, due_on: date, reached: str) -> None:
    due_at = at(f"{due_on}") + timedelta(days=1)

    found = Lead(since_start=7).before(start=at(start), due_at=due_at, due_on=due_on, zone=SHANGHAI, calendar=None)

    assert found == at(reached)


# -- ladders as rows -------------------------------------------------------------------------------------------------

DAYS = {
    "code": "long",
    "name": "三十日以上",
    "counts": "day",
    "from_length": 30,
    "yellow": {"days": 7, "at": "08:30"},
    "orange": {"days": 3},
}


def test_a_ladder_is_read_from_its_row() -> None:
    hours = {"code": "h", "name": "按时", "counts": "exact", "yellow": {"share": 0.25}, "orange": {"share": 0.1}}

    assert parse_ladder(DAYS) == Ladder("long", Lead(days=7, at=time(8, 30)), Lead(days=3), from_length=30)
    assert parse_ladder(hours) == Ladder("h", Lead(share=0.25), Lead(share=0.1), exact=True)


def test_a_ladder_may_say_what_is_told_and_asked_and_how_fast_it_climbs() -> None:
    row = {
        **DAYS,
        "yellow": {"days": 7, "loud": False, "demands": "none"},
        "red": {"demands": "order", "grade": "supervised", "within": 5},
        "climbs": [1, 2, 3],
    }

    ladder = parse_ladder(row)

    assert ladder.said == (
        Said(loud=False, demands=Demand.NONE),
        Said(),
        Said(demands=Demand.ORDER, grade="supervised", within=5),
    )
    assert ladder.climbs == (1, 2, 3)


@pytest.mark.parametrize(
    ("fields", "field", "text"),
    [
        ({"code": ""}, "code", "必填"),
        ({"name": ""}, "name", "必填"),
        ({"counts": "hours"}, "counts", "day 或 exact"),
        ({"colour": "red"}, "colour", "没有这个字段"),
        ({"from_length": -1}, "from_length", "不小于 0"),
        ({"yellow": None}, "yellow", "必填"),
        ({"yellow": {"days": 7, "workdays": 2}}, "yellow", "只写一种"),
        ({"yellow": {"at": "09:00"}}, "yellow", "必须写一种"),
        ({"yellow": {"days": 7, "at": "25:00"}}, "yellow.at", "不是钟点"),
        ({"yellow": {"days": 7, "hour": 2}}, "yellow.hour", "没有这个字段"),
        ({"yellow": {"share": 1.5}, "orange": {"share": 0.1}}, "yellow.share", "大于 0 小于 1"),
        ({"orange": {"days": 9}}, "orange", "不能早于黄色"),
        ({"yellow": {"days": 7, "loud": "yes"}}, "yellow.loud", "true 或 false"),
        ({"yellow": {"days": 7, "demands": "shout"}}, "yellow.demands", "none、acknowledgement、order"),
        ({"red": "order"}, "red", "应写成"),
        ({"red": {"days": 1}}, "red.days", "没有这个字段"),
        ({"red": {"demands": "order", "grade": "worst"}}, "red.grade", "reminder、supervised、listed"),
        ({"red": {"demands": "order", "within": 0}}, "red.within", "1 至 60"),
        ({"climbs": [2, 2]}, "climbs", "三个数"),
        ({"climbs": [2, 0, 2]}, "climbs", "1 至 60"),
    ],
)
def test_a_ladder_that_says_too_little_or_too_much_is_refused_by_field(
    fields: dict[str, Any], field: str, text: str
) -> None:
    with pytest.raises(InvalidLimit) as refusal:
        parse_ladder(DAYS | fields)

    assert [said for name, said in refusal.value.problems if name == field and text in said], refusal.value.problems


# -- which ladder ----------------------------------------------------------------------------------------------------

LADDERS = [
    Ladder("short", Lead(days=1), Lead(days=0, at=time(9)), from_length=0),
    Ladder("middle", Lead(days=3), Lead(days=1), from_length=7),
    Ladder("long", Lead(days=7), Lead(days=3), from_length=30),
    Ladder("hours", Lead(share=0.25), Lead(share=0.1), exact=True, from_length=0),
    Ladder("named", Lead(days=20), Lead(days=10)),
]


@pytest.mark.parametrize(
    ("length", "unit", "code"),
    [
        (30, Unit.DAY, "long"),
        (29, Unit.DAY, "middle"),
        (7, Unit.WORKDAY, "middle"),
        (3, Unit.DAY, "short"),
        (1, Unit.MONTH, "long"),
        (48, Unit.HOUR, "hours"),
        (5, Unit.MINUTE, "hours"),
        (None, Unit.DAY, "short"),
    ],
)
def test_a_limit_without_a_ladder_of_its_own_takes_the_one_for_its_length(
    length: int | None, unit: Unit, code: str
) -> None:
    ladder = default_ladder(length, unit, LADDERS)

    assert ladder is not None
    assert ladder.code == code


def test_no_ladder_fits_where_none_is_counted_that_way() -> None:
    assert default_ladder(48, Unit.HOUR, LADDERS[:3]) is None
