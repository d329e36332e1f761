"""One run from its start to its due day: uncounted time, extensions, tiers, delays, days set by a document."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.statute.limits import Limit
from cases.statute.reckoning import ApproverLevel, Step, approves
from tests.statute.facts import ROME, at, clock, happened, limit

APPRAISAL = {"from": "appraisal_commissioned", "to": "appraisal_received", "name": "鉴定", "article": "治安法118"}
HEARING = {"from": "hearing_notified", "to": "hearing_ended", "name": "听证"}
DRUNK = {"from": "sobering_started", "to": "sobering_ended", "name": "醉酒约束"}


def case(**more: Any) -> Limit:
    """治安管理处罚法(2025) 第一百一十八条, as a row of the catalogue."""
    fields = {
        "length": 30,
        "rollover": "forward",
        "pauses": [APPRAISAL, HEARING],
        "extensions": [{"event": "extended", "length": 30, "times": 2}],
    }
    return limit(**(fields | more))


def custody(**more: Any) -> Limit:
    """刑事诉讼法(2018) 第一百五十六、一百五十八、一百五十九条."""
    ladder = [
        {"event": "extended", "length": 1, "approvers": ["city"], "grounds": ["156"], "article": "刑诉法156"},
        {"event": "extended", "length": 2, "approvers": ["province"], "grounds": ["158"], "article": "刑诉法158"},
        {"event": "extended", "length": 2, "approvers": ["province"], "grounds": ["159"], "article": "刑诉法159"},
    ]
    return limit(**({"length": 2, "unit": "month", "custody": True, "extensions": ladder} | more))


LEVELS = {
    level.code: level
    for level in (
        ApproverLevel("office", "办案部门负责人", "police", 1),
        ApproverLevel("county", "县级公安机关负责人", "police", 2),
        ApproverLevel("bureau", "市级公安机关负责人", "police", 3),
        ApproverLevel("city", "市级人民检察院", "procuratorate", 3),
        ApproverLevel("province", "省级人民检察院", "procuratorate", 4),
    )
}


def said(found) -> list[str]:
    return [fault.code for fault in found.faults]


def chain(steps: list[Step]) -> list[tuple[str, str, str]]:
    return [(step.kind, str(step.before), str(step.after)) for step in steps]


# -- length, rollover, custody ---------------------------------------------------------------------------------------


# article | limit | start | due | why
@pytest.mark.parametrize(
    ("rule", "start", "due", "why"),
    [
        (case(), "2026-03-02 10:00", "2026-04-01", "治安法 118: filing day not counted"),
        (limit(length=15, rollover="forward"), "2026-09-11", "2026-09-28", "信访: 09-26 is in the Mid-Autumn holiday"),
        (limit(length=60, rollover="forward"), "2026-09-20", "2026-11-19", "信访条例 34: started on a worked Sunday"),
        (limit(length=30, rollover="forward"), "2026-08-20", "2026-09-20", "强制法 25: 09-20 is a worked Sunday"),
        (limit(length=30), "2026-08-20", "2026-09-19", "no rollover: it stays on the Saturday"),
        (limit(length=3, custody=True), "2026-02-12 14:00", "2026-02-15", "刑诉法 91: custody stays in the festival"),
        (limit(length=7, unit="workday"), "2026-04-30", "2026-05-13", "处罚法 56, 85: 05-09 is a worked Saturday"),
        (limit(length=5, unit="workday"), "2026-09-30", "2026-10-13", "处罚法 64, 85: 10-10 is a worked Saturday"),
        (custody(), "2026-12-31", "2027-02-28", "刑诉法 156: no 31 February"),
        (limit(length=2, unit="year"), "2024-02-29", "2026-02-28", "追究时效: 29 February"),
        (limit(length=20, start_counted=True, custody=True), "2026-03-02", "2026-03-21", "拘留所条例 32"),
        (limit(length=3, unit="month", start_counted=True), "2026-03-01", "2026-05-31", "the start day counted"),
    ],
)
def test_a_last_day(rule: Limit, start: str, due: str, why: str) -> None:
    found = clock(rule, happened("began", start))

    assert found.due_on == date.fromisoformat(due), why
    assert found.due_at == at(due) + timedelta(days=1)


def test_in_a_year_without_a_notice_weekends_are_all_that_is_known() -> None:
    pauses = [APPRAISAL]
    sent, back = happened(APPRAISAL["from"], "2027-01-06"), happened(APPRAISAL["to"], "2027-01-09")
    workdays = limit(length=5, unit="workday", pauses=pauses)
    before = limit(length=3, unit="workday", backward=True)
    rolled = limit(length=7, backward=True, rollover="backward")
    begun = happened("began", "2026-12-30")

    # 2027-01-01 is a Friday: 12-31, 01-01, 01-04, 01-05, 01-06, and the pause begun on that day ends on a Saturday.
    assert clock(workdays, begun, sent, back).due_on == date(2027, 1, 11)
    assert clock(workdays, happened("began", "2026-12-31"), sent, back).due_on == date(2027, 1, 11)
    assert clock(before, happened("began", "2027-01-08")).due_on == date(2027, 1, 5)
    assert clock(rolled, happened("began", "2027-01-16")).due_on == date(2027, 1, 8)


@pytest.mark.parametrize(
    ("length", "unit", "start", "zone", "due"),
    [
        (48, "hour", "2026-10-01 15:30", "", "2026-10-03 15:30"),
        (8, "hour", "2026-05-01 22:10", "", "2026-05-02 06:10"),
        (5, "minute", "2026-05-01 23:58:30", "", "2026-05-02 00:03:30"),
        (24, "hour", "2026-10-24 15:00", "Europe/Rome", "2026-10-25 14:00"),
    ],
)
def test_a_last_moment_never_rolls(length: int, unit: str, start: str, zone: str, due: str) -> None:
    local = {"zone": ROME} if zone else {}

    found = clock(limit(length=length, unit=unit), happened("began", start, **local), **local)

    assert found.due_on is None
    assert found.due_at == at(due, **local)


@pytest.mark.parametrize(
    ("rule", "start", "provisional"),
    [
        (limit(length=12, unit="month"), "2026-03-02", True),
        (limit(length=12, unit="month", calendar=""), "2026-03-02", False),
        (limit(length=7, unit="workday"), "2026-12-28", True),
        (limit(length=30, rollover="forward"), "2026-12-01", False),
        (limit(length=30, rollover="forward"), "2026-12-10", True),
        (limit(length=10, rollover="forward"), "2024-12-30", False),
        (limit(length=10, rollover="forward"), "2024-12-10", True),
        (limit(length=7, unit="workday"), "2024-12-31", False),
        (limit(length=7, unit="workday", start_counted=True), "2024-12-31", True),
        (limit(length=48, unit="hour"), "2026-12-31 10:00", False),
    ],
    ids=[
        "story 21: a bail into 2027",
        "no calendar, nothing to wait for",
        "working days into 2027",
        "ends on 2026-12-31",
        "ends in 2027",
        "begins before the first notice, counts and ends after it",
        "ends before the first notice",
        "begins on the last unknown day, counts from the first known",
        "counts the last unknown day",
        "hours",
    ],
)
def test_a_day_that_no_notice_covers_makes_the_answer_provisional(rule: Limit, start: str, provisional: bool) -> None:
    assert clock(rule, happened("began", start)).provisional is provisional


def test_working_days_without_a_calendar_are_refused_aloud() -> None:
    with pytest.raises(ValueError, match=r"case.*cn"):
        clock(limit(length=7, unit="workday"), happened("began", "2026-03-02"), calendar={})


# -- uncounted time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pauses", "due", "why"),
    [
        ([("a", "2026-03-10", "2026-03-25")], "2026-04-16", "story 2: 15 days"),
        ([("a", "2026-03-10", "2026-03-25"), ("h", "2026-03-20", "2026-03-30")], "2026-04-21", "overlapping: 20 days"),
        ([("a", "2026-03-10", "2026-03-25"), ("h", "2026-03-12", "2026-03-14")], "2026-04-16", "nested: 15 days"),
        ([("a", "2026-03-10", "2026-03-20"), ("h", "2026-03-20", "2026-03-25")], "2026-04-16", "touching: 15 days"),
        ([("a", "2026-03-10", "2026-03-15"), ("h", "2026-03-20", "2026-03-30")], "2026-04-16", "apart: 5 and 10"),
        ([("a", "2026-02-20", "2026-03-07")], "2026-04-07", "begun before the start: 5 days, 04-06 is a festival"),
        ([("a", "2026-03-02", "2026-03-07")], "2026-04-07", "begun on the start day: the same"),
        ([("a", "2026-03-10", "2026-03-10")], "2026-04-01", "back the same day"),
        ([("a", "2026-04-01", "2026-04-10")], "2026-04-10", "begun on the due day: nothing is left when it ends"),
        ([("a", "2026-04-02", "2026-04-10")], "2026-04-01", "begun after the expiry"),
        (
            [("a", "2026-03-31", "2026-04-10"), ("h", "2026-04-11", "2026-04-20")],
            "2026-04-20",
            "the second on the new due day",
        ),
    ],
)
def test_uncounted_days(pauses: list[tuple[str, str, str]], due: str, why: str) -> None:
    kinds = {"a": (APPRAISAL["from"], APPRAISAL["to"]), "h": (HEARING["from"], HEARING["to"])}
    events = [happened("began", "2026-03-02 10:00")]
    for kind, since, until in pauses:
        events += [happened(kinds[kind][0], since), happened(kinds[kind][1], until)]

    assert clock(case(), *events).due_on == date.fromisoformat(due), why


def test_a_pause_in_the_holiday_after_the_last_day_holds_the_end_until_it_is_over() -> None:
    # The 30 days are over on Saturday 05-16, the period ends on Monday 05-18.
    begun = happened("began", "2026-04-16")
    until = happened(APPRAISAL["to"], "2026-05-28")

    for since in ("2026-05-16", "2026-05-17", "2026-05-18"):
        found = clock(case(), begun, happened(APPRAISAL["from"], since), until)
        assert found.due_on == date(2026, 5, 28), since
    assert clock(case(), begun, happened(APPRAISAL["from"], "2026-05-19"), until).due_on == date(2026, 5, 18)


@pytest.mark.parametrize(
    ("since", "until", "due", "why"),
    [
        ("2026-05-07", "2026-05-10", "2026-05-15", "05-08 and the worked Saturday 05-09 are not counted"),
        ("2026-05-01", "2026-05-05", "2026-05-13", "days off only: nothing to leave out"),
        ("2026-05-13", "2026-05-15", "2026-05-15", "begun on the due day"),
        ("2026-05-13", "2026-05-16", "2026-05-18", "over on a Saturday: due on the Monday, never on a day off"),
    ],
)
def test_uncounted_days_of_a_limit_in_working_days_are_its_working_days(
    since: str, until: str, due: str, why: str
) -> None:
    rule = limit(length=7, unit="workday", pauses=[APPRAISAL])
    events = [happened("began", "2026-04-30"), happened(APPRAISAL["from"], since), happened(APPRAISAL["to"], until)]

    assert clock(rule, *events).due_on == date.fromisoformat(due), why


@pytest.mark.parametrize(
    ("since", "until", "due", "why"),
    [
        ("2026-05-01 23:00", "2026-05-02 02:30", "2026-05-02 09:40", "程序规定 58: three and a half hours"),
        ("2026-05-01 21:00", "2026-05-01 23:10", "2026-05-02 07:10", "begun before the start: one hour"),
        ("2026-05-02 06:10", "2026-05-02 08:10", "2026-05-02 08:10", "begun at the due moment"),
        ("2026-05-02 06:11", "2026-05-02 08:10", "2026-05-02 06:10", "begun after it"),
    ],
)
def test_uncounted_time_of_an_hour_limit_is_taken_to_the_second(since: str, until: str, due: str, why: str) -> None:
    rule = limit(length=8, unit="hour", pauses=[DRUNK])
    events = [happened("began", "2026-05-01 22:10"), happened(DRUNK["from"], since), happened(DRUNK["to"], until)]

    assert clock(rule, *events).due_at == at(due), why


def test_uncounted_time_is_real_time_also_in_the_night_the_clocks_go_back() -> None:
    rule = limit(length=8, unit="hour", pauses=[DRUNK])
    events = [
        happened("began", "2026-10-24 22:00", zone=ROME),
        happened(DRUNK["from"], "2026-10-25 01:00", zone=ROME),
        happened(DRUNK["to"], "2026-10-25 04:00", zone=ROME),
    ]

    # Eight hours would end at 05:00; from 01:00 to 04:00 four hours passed.
    assert clock(rule, *events, zone=ROME).due_at == at("2026-10-25 09:00", ROME)


def test_a_pause_of_several_runs_at_a_time_holds_only_the_one_it_is_about() -> None:
    rule = limit(concurrent=True, pauses=[APPRAISAL])
    events = [
        happened("began", "2026-03-02", reference="甲"),
        happened(APPRAISAL["from"], "2026-03-10", reference="乙"),
        happened(APPRAISAL["to"], "2026-03-25", reference="乙"),
    ]

    assert clock(rule, *events).due_on == date(2026, 4, 1)


# -- extensions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extended", "due", "faults", "why"),
    [
        (["2026-04-14"], "2026-05-18", [], "story 3: 05-16 is a Saturday"),
        (["2026-04-14", "2026-05-14"], "2026-06-15", [], "story 4: counted from 05-16, not from the rolled day"),
        (["2026-04-14", "2026-05-18"], "2026-06-15", [], "approved on the rolled day is in time"),
        (["2026-04-14", "2026-05-14", "2026-06-10"], "2026-06-15", ["times"], "story 4: a third is refused"),
        (["2026-04-20"], "2026-04-16", ["late"], "story 5: came after the expiry"),
        (["2026-04-16"], "2026-05-18", [], "on the last day"),
    ],
)
def test_extensions(extended: list[str], due: str, faults: list[str], why: str) -> None:
    events = [
        happened("began", "2026-03-02 10:00"),
        happened(APPRAISAL["from"], "2026-03-10"),
        happened(APPRAISAL["to"], "2026-03-25"),
        *(happened("extended", day) for day in extended),
    ]

    found = clock(case(), *events)

    assert found.due_on == date.fromisoformat(due), why
    assert said(found) == faults


def test_an_extension_lets_an_appraisal_begin_that_would_have_come_too_late() -> None:
    found = clock(
        case(),
        happened("began", "2026-03-02"),
        happened("extended", "2026-03-30"),
        happened(APPRAISAL["from"], "2026-04-10"),
        happened(APPRAISAL["to"], "2026-04-15"),
    )

    assert found.due_on == date(2026, 5, 6)  # 05-01 and five days; 05-06 is the first day worked


def test_what_is_refused_is_told_apart_from_what_is_only_missing_and_both_say_why() -> None:
    ladder = custody()
    begun = happened("began", "2026-03-02")

    def fault(**more: Any):
        found = clock(ladder, begun, happened("extended", "2026-04-25", **more), approvers=LEVELS)
        return [(one.code, one.refused, one.text) for one in found.faults]

    assert fault(ground="158", approver="province") == [
        ("order", True, "尚未依刑诉法156延长，不能直接适用本次延长，不予计算")
    ]
    assert fault(ground="156", approver="county") == [
        ("approver", True, "批准层级“县级公安机关负责人”不够，须市级人民检察院批准，不予计算")
    ]
    assert fault(ground="156") == [("approver_missing", False, "没有记录批准的机关或负责人")]
    assert fault(approver="city") == [("ground_missing", False, "没有记录法定的理由")]


def test_what_is_late_is_refused_with_the_day_or_moment_it_came_too_late_for() -> None:
    hours = limit(length=8, unit="hour", extensions=[{"event": "extended", "length": 4}])

    day = clock(case(), happened("began", "2026-03-02"), happened("extended", "2026-04-02"))
    moment = clock(hours, happened("began", "2026-03-02 10:00"), happened("extended", "2026-03-02 18:01"))

    assert [one.text for one in day.faults] == ["2026-04-02批准延长时期限已于2026-04-01届满，不予计算"]
    assert [one.text for one in moment.faults] == ["2026-03-02批准延长时期限已于2026-03-02 18:00届满，不予计算"]


@pytest.mark.parametrize(
    ("began", "extended", "taken", "why"),
    [
        ("2026-03-02 10:00", "2026-03-02 09:59", False, "before the start of the same day"),
        ("2026-03-02 10:00", "2026-03-02 10:00", True, "at its very moment"),
        ("2026-03-02 10:00", "2026-03-02 10:01", True, "after it"),
        ("2026-03-02 10:00", "2026-03-02", True, "the same day, the moment not known"),
        ("2026-03-02", "2026-03-02 09:00", True, "the same day, the moment of the start not known"),
        ("2026-03-02 10:00", "2026-03-01", False, "the day before"),
    ],
)
def test_an_extension_is_not_about_a_run_that_certainly_began_after_it(
    began: str, extended: str, taken: bool, why: str
) -> None:
    found = clock(case(), happened("began", began), happened("extended", extended))

    assert (found.due_on == date(2026, 5, 6)) is taken, why


def test_a_refused_extension_does_not_use_up_a_time() -> None:
    rule = case(extensions=[{"event": "extended", "length": 30, "approvers": ["county"]}])
    events = [
        happened("began", "2026-03-02"),
        happened("extended", "2026-03-20", approver="office"),
        happened("extended", "2026-03-30", approver="county"),
    ]

    found = clock(rule, *events, approvers=LEVELS)

    assert said(found) == ["approver"]
    assert found.due_on == date(2026, 5, 6)


@pytest.mark.parametrize(
    ("amount", "due", "faults"),
    [
        (None, "2026-02-17", []),
        (2, "2026-02-15", []),
        (4, "2026-02-17", []),
        (1, "2026-02-14", []),
        (5, "2026-02-13", ["amount"]),
        (0, "2026-02-13", ["amount"]),
    ],
)
def test_an_extension_of_one_to_four_days_is_as_long_as_was_approved(
    amount: int | None, due: str, faults: list[str]
) -> None:
    # 刑事诉讼法(2018) 第九十一条
    rule = limit(length=3, custody=True, extensions=[{"event": "extended", "length": 4}])

    found = clock(rule, happened("began", "2026-02-10 14:00"), happened("extended", "2026-02-12", amount=amount))

    assert found.due_on == date.fromisoformat(due)
    assert said(found) == faults


@pytest.mark.parametrize(
    ("extended", "due", "faults", "why"),
    [
        ([("156", "city")], "2026-06-02", [], "two months and one"),
        ([("156", "city"), ("158", "province"), ("159", "province")], "2026-10-02", [], "2 + 1 + 2 + 2"),
        ([("158", "province")], "2026-05-02", ["order"], "158 only after 156"),
        ([("156", "city"), ("158", "city")], "2026-06-02", ["approver"], "158 is for the province"),
        ([("156", "province")], "2026-06-02", [], "a higher level of the same line may"),
        ([("156", "bureau")], "2026-05-02", ["approver"], "another line may not"),
        ([("156", "")], "2026-06-02", ["approver_missing"], "no level on record: noted, not refused"),
        ([("", "city")], "2026-06-02", ["ground_missing"], "no ground on record: noted, takes the first rung"),
        ([("烦", "city")], "2026-05-02", ["ground"], "no such ground"),
    ],
)
def test_the_ladder_of_custody(extended: list[tuple[str, str]], due: str, faults: list[str], why: str) -> None:
    events = [happened("began", "2026-03-02 10:00")]
    for number, (ground, approver) in enumerate(extended):
        events.append(happened("extended", f"2026-{4 + number:02}-25", ground=ground, approver=approver))

    found = clock(custody(), *events, approvers=LEVELS)

    assert found.due_on == date.fromisoformat(due), why
    assert said(found) == faults


def test_the_rungs_may_be_taken_in_any_order_where_the_law_says_none() -> None:
    events = [happened("began", "2026-03-02"), happened("extended", "2026-04-25", ground="158", approver="province")]

    assert clock(custody(ladder_in_order=False), *events, approvers=LEVELS).due_on == date(2026, 7, 2)


def test_an_extension_without_a_number_of_times_is_granted_again_and_again() -> None:
    rule = limit(length=6, unit="month", extensions=[{"event": "extended", "length": 6, "times": "unlimited"}])
    events = [
        happened("began", "2025-01-15"),
        *(happened("extended", f"{y}-{m}-10") for y, m in ((2025, "07"), (2026, "01"))),
    ]

    assert clock(rule, *events).due_on == date(2026, 7, 15)


@pytest.mark.parametrize(
    ("unit_kind", "approver", "faults"),
    [
        ("station", "county", []),
        ("squad", "county", ["approver"]),
        ("squad", "bureau", []),
        ("", "county", ["approver_unclear"]),
    ],
)
def test_who_must_approve_may_depend_on_whose_case_it_is(unit_kind: str, approver: str, faults: list[str]) -> None:
    # 治安管理处罚法(2025) 第一百一十八条: a station's case by its own bureau, others by the level above.
    levels = [
        {"level": "county", "when": {"unit_kind": "station"}},
        {"level": "bureau", "when": {"unit_kind": "squad"}},
    ]
    rule = case(extensions=[{"event": "extended", "length": 30, "approvers": levels}])
    events = [happened("began", "2026-03-02"), happened("extended", "2026-03-20", approver=approver)]

    found = clock(rule, *events, approvers=LEVELS, facts={"unit_kind": unit_kind})

    assert said(found) == faults
    assert found.due_on == (date(2026, 4, 1) if faults == ["approver"] else date(2026, 5, 6))


@pytest.mark.parametrize(
    ("told", "due", "faults", "why"),
    [
        (["2026-11-12"], "2026-12-21", [], "story 15: 12-19 is a Saturday"),
        ([], "2026-11-19", ["notice"], "story 15: without the notice it stays"),
        (["2026-11-19"], "2026-12-21", [], "on the last day"),
        (["2026-11-20"], "2026-11-19", ["notice"], "told too late"),
        (["2026-09-19"], "2026-11-19", ["notice"], "told before it was accepted: something else"),
    ],
)
def test_an_extension_that_must_be_told_counts_only_if_it_was(
    told: list[str], due: str, faults: list[str], why: str
) -> None:
    rule = limit(length=60, rollover="forward", extensions=[{"event": "extended", "length": 30, "requires": "told"}])
    events = [happened("began", "2026-09-20"), happened("extended", "2026-11-10"), *(happened("told", d) for d in told)]

    found = clock(rule, *events)

    assert found.due_on == date.fromisoformat(due), why
    assert said(found) == faults


def test_one_notice_serves_one_extension() -> None:
    rule = limit(extensions=[{"event": "extended", "length": 30, "times": 2, "requires": "told"}])
    events = [
        happened("began", "2026-03-02"),
        happened("extended", "2026-03-20"),
        happened("told", "2026-03-21"),
        happened("extended", "2026-04-20"),
    ]

    found = clock(rule, *events)

    assert said(found) == ["notice"]
    assert clock(rule, *events, happened("told", "2026-04-21")).due_on == date(2026, 5, 31)


def test_an_extension_in_an_open_pause_is_in_time_and_the_clock_stays_paused() -> None:
    events = [
        happened("began", "2026-03-02"),
        happened(APPRAISAL["from"], "2026-03-20"),
        happened("extended", "2026-04-20"),
    ]

    held = clock(case(), *events)
    resumed = clock(case(), *events, happened(APPRAISAL["to"], "2026-04-30"))

    assert (held.due_on, held.due_at, said(held)) == (None, None, [])
    assert resumed.due_on == date(2026, 6, 11)  # 30 days, 41 not counted, 30 more


def test_only_the_extension_that_is_about_this_run_extends_it() -> None:
    rule = case(concurrent=True)
    events = [
        happened("began", "2026-03-02", reference="甲"),
        happened("extended", "2026-03-20", reference="乙"),
        happened("extended", "2026-03-21"),
    ]

    assert clock(rule, *events).due_on == date(2026, 5, 6)


def test_a_higher_level_of_the_same_line_may_do_what_a_lower_one_may() -> None:
    assert approves("bureau", "county", LEVELS)
    assert not approves("office", "county", LEVELS)
    assert not approves("province", "county", LEVELS)
    assert approves("somebody", "somebody", {})
    assert not approves("somebody", "county", LEVELS)


# -- tiers -----------------------------------------------------------------------------------------------------------


def inquiry(**more: Any) -> Limit:
    """治安管理处罚法(2025) 第九十七条."""
    tiers = [
        {"code": "12h", "length": 12, "condition": "人数众多", "when": {"crowd": True}, "by": ["widened_12"]},
        {"code": "24h", "length": 24, "condition": "情况复杂", "by": ["widened_24"], "approvers": ["county"]},
    ]
    return limit(**({"length": 8, "unit": "hour", "custody": True, "tiers": tiers} | more))


@pytest.mark.parametrize(
    ("tier", "facts", "later", "due", "faults", "why"),
    [
        ("", {}, [], "2026-05-02 06:10", [], "story 12: eight hours"),
        ("12h", {}, [], "2026-05-02 10:10", [], "story 12: twelve, named at the start"),
        ("", {"crowd": "true"}, [], "2026-05-02 10:10", [], "twelve, by a fact"),
        ("", {}, [("widened_12", "")], "2026-05-02 10:10", [], "twelve, by an event"),
        ("", {}, [("widened_24", "county")], "2026-05-02 22:10", [], "story 12: twenty-four from the start"),
        ("", {}, [("widened_24", "office")], "2026-05-02 06:10", ["approver"], "not by the office"),
        ("24h", {}, [], "2026-05-02 22:10", ["approver_missing"], "named at the start, nobody on record"),
        ("36h", {}, [], "2026-05-02 06:10", ["tier"], "no such tier"),
    ],
)
def test_tiers(
    tier: str, facts: dict[str, str], later: list[tuple[str, str]], due: str, faults: list[str], why: str
) -> None:
    events = [happened("began", "2026-05-01 22:10", tier=tier)]
    events += [happened(kind, "2026-05-02 05:00", approver=approver) for kind, approver in later]

    found = clock(inquiry(), *events, facts=facts, approvers=LEVELS)

    assert found.due_at == at(due), why
    assert said(found) == faults


def test_a_tier_taken_after_the_expiry_is_refused() -> None:
    found = clock(inquiry(), happened("began", "2026-05-01 22:10"), happened("widened_12", "2026-05-02 06:11"))

    assert found.due_at == at("2026-05-02 06:10")
    assert said(found) == ["late"]


def test_a_tier_that_follows_another_cannot_be_taken_straight_away() -> None:
    # 公安机关适用继续盘问规定(2004) 第十一条: twelve, twenty-four, and only then forty-eight hours.
    tiers = [
        {"code": "24h", "length": 24, "by": ["widened_24"]},
        {"code": "48h", "length": 48, "by": ["widened_48"], "follows": "24h"},
    ]
    rule = limit(length=12, unit="hour", custody=True, tiers=tiers)
    begun = happened("began", "2026-05-01 08:00")
    last = happened("widened_48", "2026-05-01 19:00")

    straight = clock(rule, begun, last)
    through = clock(rule, begun, happened("widened_24", "2026-05-01 18:00"), last)

    assert (straight.due_at, said(straight)) == (at("2026-05-01 20:00"), ["order"])
    assert (through.due_at, said(through)) == (at("2026-05-03 08:00"), [])


def arrest_request() -> Limit:
    """刑事诉讼法(2018) 第九十一条: three days, one to four more, or thirty in all."""
    return limit(
        length=3,
        custody=True,
        extensions=[{"event": "extended", "length": 4}],
        tiers=[
            {"code": "30d", "length": 30, "condition": "流窜作案", "by": ["extended_to_30", "extended"], "total": True}
        ],
    )


@pytest.mark.parametrize(
    ("events", "due", "faults", "why"),
    [
        ([("extended_to_30", "2026-02-12", "")], "2026-03-12", [], "story 9: thirty from the start"),
        (
            [("extended", "2026-02-12", ""), ("extended_to_30", "2026-02-16", "")],
            "2026-03-12",
            [],
            "the four are within the thirty",
        ),
        (
            [("extended_to_30", "2026-02-12", ""), ("extended", "2026-03-10", "")],
            "2026-03-12",
            ["total"],
            "none can follow",
        ),
        (
            [("extended", "2026-02-12", "30d")],
            "2026-03-12",
            [],
            "an event that may be either turns to the tier it names",
        ),
        ([("extended", "2026-02-12", "")], "2026-02-17", [], "and is an extension if it names none"),
    ],
)
def test_a_total_tier_is_the_whole_length(
    events: list[tuple[str, str, str]], due: str, faults: list[str], why: str
) -> None:
    found = clock(
        arrest_request(),
        happened("began", "2026-02-10 14:00"),
        *(happened(kind, day, tier=tier) for kind, day, tier in events),
    )

    assert found.due_on == date.fromisoformat(due), why
    assert said(found) == faults


def test_an_event_that_could_turn_to_several_tiers_must_say_which() -> None:
    tiers = [{"code": "7d", "length": 7, "by": ["widened"]}, {"code": "30d", "length": 30, "by": ["widened"]}]
    rule = limit(length=3, tiers=tiers)
    begun = happened("began", "2026-03-02")

    unsaid = clock(rule, begun, happened("widened", "2026-03-03"))
    wrong = clock(rule, begun, happened("widened", "2026-03-03", tier="60d"))
    named = clock(rule, begun, happened("widened", "2026-03-03", tier="30d"))

    assert (unsaid.due_on, said(unsaid)) == (date(2026, 3, 5), ["tier"])
    assert (wrong.due_on, said(wrong)) == (date(2026, 3, 5), ["tier"])
    assert (named.due_on, said(named)) == (date(2026, 4, 1), [])


def test_extensions_stand_when_the_tier_is_not_the_whole() -> None:
    tiers = [{"code": "60d", "length": 60, "by": ["widened"]}]
    events = [happened("began", "2026-03-02"), happened("extended", "2026-03-20"), happened("widened", "2026-04-20")]

    assert clock(case(tiers=tiers, rollover="none"), *events).due_on == date(2026, 5, 31)


def test_a_tier_in_days_takes_the_uncounted_time_of_an_hour_limit_in_days() -> None:
    # 关于改革完善受案立案制度的意见(2015) 二(一)2: twenty-four hours, three days where it is complicated.
    tiers = [{"code": "3d", "length": 3, "unit": "day", "condition": "疑难复杂", "by": ["widened"]}]
    rule = limit(length=24, unit="hour", rollover="forward", tiers=tiers, pauses=[DRUNK])
    events = [
        happened("began", "2026-05-06 10:00"),
        happened(DRUNK["from"], "2026-05-06 12:00"),
        happened(DRUNK["to"], "2026-05-07 12:00"),
    ]

    plain = clock(rule, *events)
    widened = clock(rule, *events, happened("widened", "2026-05-07 13:00"))

    assert (plain.due_on, plain.due_at) == (None, at("2026-05-08 10:00"))
    # 05-09 and one day not counted; 05-10 is a Sunday.
    assert widened.due_on == date(2026, 5, 11)


def test_a_tier_in_hours_takes_the_uncounted_time_of_a_day_limit_in_moments() -> None:
    tiers = [{"code": "48h", "length": 48, "unit": "hour", "by": ["hurried"]}]
    rule = limit(length=30, tiers=tiers, pauses=[DRUNK])
    events = [
        happened("began", "2026-05-06 10:00"),
        happened(DRUNK["from"], "2026-05-06 12:00"),
        happened(DRUNK["to"], "2026-05-06 13:30"),
        happened("hurried", "2026-05-07 09:00"),
    ]

    assert clock(rule, *events).due_at == at("2026-05-08 11:30")


def test_a_tier_that_counts_from_its_own_event_leaves_behind_what_was_before_it() -> None:
    tiers = [
        {"code": "appraised", "length": 5, "condition": "鉴定意见确定之日", "by": ["confirmed"], "from_event": True}
    ]
    rule = case(length=10, tiers=tiers)
    events = [
        happened("began", "2026-03-02"),
        happened(APPRAISAL["from"], "2026-03-05"),
        happened("extended", "2026-03-08"),
        happened("confirmed", "2026-03-20"),
        happened(APPRAISAL["to"], "2026-03-22"),
    ]

    found = clock(rule, *events)

    # Five days from 03-20, of which the two days of the pause still running then do not count.
    assert found.due_on == date(2026, 3, 27)
    assert chain(found.steps()) == [
        ("tier", "2026-03-02", "2026-03-20"),
        ("length", "2026-03-20", "2026-03-25"),
        ("pause", "2026-03-25", "2026-03-27"),
    ]


# -- delayed start ---------------------------------------------------------------------------------------------------

UNKNOWN = {"from": "identity_unknown", "to": "identity_established", "name": "身份不明", "article": "刑诉法160"}


@pytest.mark.parametrize(
    ("events", "due", "why"),
    [
        ([("identity_unknown", "2026-03-02"), ("identity_established", "2026-04-10")], "2026-06-10", "刑诉法 160"),
        (
            [("identity_unknown", "2026-03-02 11:00"), ("identity_established", "2026-03-02")],
            "2026-05-02",
            "the same day",
        ),
        ([("identity_unknown", "2026-02-20"), ("identity_established", "2026-02-25")], "2026-05-02", "known before"),
        (
            [
                ("identity_unknown", "2026-02-20"),
                ("identity_established", "2026-02-25"),
                ("identity_unknown", "2026-03-05"),
                ("identity_established", "2026-03-12"),
            ],
            "2026-05-12",
            "taken for another in between",
        ),
        ([("identity_established", "2026-03-20")], "2026-05-02", "never unknown"),
    ],
)
def test_a_delayed_start(events: list[tuple[str, str]], due: str, why: str) -> None:
    rule = custody(delays=[UNKNOWN])

    found = clock(rule, happened("began", "2026-03-02 10:00"), *(happened(kind, day) for kind, day in events))

    assert found.due_on == date.fromisoformat(due), why


def test_a_delay_about_something_else_or_after_the_end_does_not_hold_the_start() -> None:
    rule = limit(concurrent=True, delays=[UNKNOWN])
    begun = happened("began", "2026-03-02", reference="甲")

    other = clock(rule, begun, happened("identity_unknown", "2026-03-02", reference="乙"))
    after = clock(rule, begun, happened("done", "2026-03-10"), happened("identity_unknown", "2026-03-12"))

    assert other.due_on == after.due_on == date(2026, 4, 1)


def test_a_delay_that_ends_at_the_very_start_is_no_step() -> None:
    events = [
        happened("began", "2026-03-02 10:00"),
        happened("identity_unknown", "2026-03-02 09:00"),
        happened("identity_established", "2026-03-02 10:00"),
    ]

    assert [step.kind for step in clock(limit(delays=[UNKNOWN]), *events).steps()] == ["length"]


def test_a_start_that_still_waits_has_no_end_and_nothing_to_explain() -> None:
    found = clock(
        custody(delays=[UNKNOWN]), happened("began", "2026-03-02"), happened("identity_unknown", "2026-03-02")
    )

    assert (found.due_on, found.due_at) == (None, None)
    assert found.steps() == []


def test_a_delayed_hour_limit_runs_from_the_moment_of_clarity_or_the_midnight_of_its_day() -> None:
    rule = limit(length=24, unit="hour", delays=[UNKNOWN])
    begun = [happened("began", "2026-03-02 10:00"), happened("identity_unknown", "2026-03-02 10:00")]

    exactly = clock(rule, *begun, happened("identity_established", "2026-03-03 09:15"))
    by_day = clock(rule, *begun, happened("identity_established", "2026-03-03"))

    assert exactly.due_at == at("2026-03-04 09:15")
    assert by_day.due_at == at("2026-03-04 00:00")


def test_of_two_delays_the_later_counts() -> None:
    # 道路交通事故处理程序规定(2018) 第六十二条
    delays = [UNKNOWN, {"from": "appraisal_commissioned", "to": "appraisal_confirmed"}]
    events = [
        happened("began", "2026-03-02"),
        happened("identity_unknown", "2026-03-02"),
        happened("identity_established", "2026-03-20"),
        happened("appraisal_commissioned", "2026-03-03"),
        happened("appraisal_confirmed", "2026-03-10"),
    ]

    assert clock(limit(length=10, delays=delays), *events).due_on == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("ground", "due", "faults"),
    [
        ("流窜作案", "2026-04-01", []),
        ("流窜作案、结伙作案", "2026-04-01", []),
        ("", "2026-04-01", [("ground_missing", False)]),
        ("案情复杂", "2026-03-05", [("ground", True)]),
    ],
)
def test_a_tier_may_ask_for_a_ground(ground: str, due: str, faults: list[tuple[str, bool]]) -> None:
    # 刑事诉讼法(2018) 第九十一条
    tier = {"code": "30d", "length": 30, "by": ["widened"], "total": True, "grounds": ["流窜作案", "结伙作案"]}

    found = clock(
        limit(length=3, custody=True, tiers=[tier]),
        happened("began", "2026-03-02"),
        happened("widened", "2026-03-04", ground=ground),
    )

    assert found.due_on == date.fromisoformat(due)
    assert [(fault.code, fault.refused) for fault in found.faults] == faults
    assert all("流窜作案" in fault.text for fault in found.faults if fault.refused), "it names what would do"


def test_a_tier_named_by_the_start_asks_for_its_ground_too() -> None:
    tier = {"code": "30d", "length": 30, "grounds": ["流窜作案"]}
    rule = limit(length=3, custody=True, tiers=[tier])

    refused = clock(rule, happened("began", "2026-03-02", tier="30d", ground="案情复杂"))

    assert (refused.due_on, [fault.code for fault in refused.faults]) == (date(2026, 3, 5), ["ground"])


@pytest.mark.parametrize(
    ("approver", "due", "faults"),
    [
        ("county", "2026-06-10", []),
        ("bureau", "2026-06-10", []),
        ("", "2026-06-10", [("approver_missing", False)]),
        ("office", "2026-05-02", [("approver", True)]),
    ],
)
def test_a_delay_may_need_an_approval(approver: str, due: str, faults: list[tuple[str, bool]]) -> None:
    # 公安机关办理刑事案件程序规定(2020) 第一百五十二条
    found = clock(
        custody(delays=[UNKNOWN | {"approvers": ["county"]}]),
        happened("began", "2026-03-02"),
        happened("identity_unknown", "2026-03-02", approver=approver),
        happened("identity_established", "2026-04-10"),
        approvers=LEVELS,
    )

    assert found.due_on == date.fromisoformat(due)
    assert [(fault.code, fault.refused) for fault in found.faults] == faults


def test_a_delay_that_was_over_before_the_start_needs_no_approval() -> None:
    found = clock(
        custody(delays=[UNKNOWN | {"approvers": ["county"]}]),
        happened("began", "2026-03-02"),
        happened("identity_unknown", "2026-02-20"),
        happened("identity_established", "2026-02-25"),
    )

    assert found.faults == []


# -- a day or moment set by a document, and counting back ------------------------------------------------------------


def test_the_day_a_document_sets_is_the_last_day() -> None:
    rule = limit(length=None, set_by_event=True, rollover="forward")

    assert clock(rule, happened("began", "2026-03-02", sets_on=date(2026, 3, 20))).due_on == date(2026, 3, 20)
    assert clock(rule, happened("began", "2026-03-02", sets_on=date(2026, 3, 21))).due_on == date(2026, 3, 23)


def test_a_moment_it_sets_is_taken_as_the_local_day_by_a_limit_in_days() -> None:
    rule = limit(length=None, set_by_event=True)

    # 18:00 in Shanghai is still the 20th in Shanghai, and so is 00:30 on the 21st in Tokyo.
    for moment in ("2026-03-20T18:00+08:00", "2026-03-21T00:30+09:00"):
        found = clock(rule, happened("began", "2026-03-02", sets_at=at("2026-03-20").fromisoformat(moment)))
        assert found.due_on == date(2026, 3, 20)


def test_a_moment_it_sets_is_the_last_moment_of_a_limit_in_hours_and_a_day_ends_at_its_midnight() -> None:
    rule = limit(length=None, unit="hour", set_by_event=True)

    exactly = clock(rule, happened("began", "2026-03-02 10:00", sets_at=at("2026-03-20 15:00")))
    by_day = clock(rule, happened("began", "2026-03-02 10:00", sets_on=date(2026, 3, 20)))

    assert exactly.due_at == at("2026-03-20 15:00")
    assert by_day.due_at == at("2026-03-21 00:00")


def test_a_document_that_sets_nothing_leaves_the_length_or_else_no_end_at_all() -> None:
    counted = clock(limit(length=5, set_by_event=True), happened("began", "2026-03-02"))
    unknown = clock(limit(length=None, set_by_event=True), happened("began", "2026-03-02"))

    assert counted.due_on == date(2026, 3, 7)
    assert unknown.due_at is None
    assert [(fault.code, fault.refused) for fault in unknown.faults] == [("no_date", False)]


def test_what_must_be_done_before_a_day_is_counted_back_from_it() -> None:
    # 公安机关办理行政案件程序规定(2020) 第一百三十六条: 举行听证的七日前
    days = limit(length=7, backward=True, rollover="backward")
    # 行政强制法(2012) 第五十一、六十九条: 代履行三日前, working days
    workdays = limit(length=3, unit="workday", backward=True)
    months = limit(length=1, unit="month", backward=True)
    years = limit(length=1, unit="year", backward=True)
    scheduled = happened("began", "2026-04-20", sets_on=date(2026, 5, 12))

    assert clock(days, scheduled).due_on == date(2026, 4, 30)  # 05-05 is in the holiday
    assert clock(workdays, scheduled).due_on == date(2026, 5, 8)  # 05-11, 05-09 (worked), 05-08
    assert clock(months, scheduled).due_on == date(2026, 4, 12)
    assert clock(years, scheduled).due_on == date(2025, 5, 12)
    assert clock(days, happened("began", "2026-05-12")).due_on == date(2026, 4, 30)


def test_hours_are_counted_back_from_the_moment_or_from_the_beginning_of_the_day() -> None:
    rule = limit(length=24, unit="hour", backward=True)

    exactly = clock(rule, happened("began", "2026-04-20 10:00", sets_at=at("2026-05-12 09:00")))
    by_day = clock(rule, happened("began", "2026-04-20 10:00", sets_on=date(2026, 5, 12)))

    assert exactly.due_at == at("2026-05-11 09:00")
    assert by_day.due_at == at("2026-05-11 00:00")


# -- the explanation -------------------------------------------------------------------------------------------------


def test_an_explanation_goes_step_by_step_from_the_start_to_the_due_day_with_articles() -> None:
    rule = case(
        extensions=[{"event": "extended", "length": 30, "times": 2, "approvers": ["county"], "article": "法118"}]
    )
    found = clock(
        rule,
        happened("began", "2026-03-02 10:00"),
        happened(APPRAISAL["from"], "2026-03-10"),
        happened(APPRAISAL["to"], "2026-03-25"),
        happened("extended", "2026-04-14", approver="county"),
        approvers=LEVELS,
    )

    steps = found.steps()

    assert chain(steps) == [
        ("length", "2026-03-02", "2026-04-01"),
        ("pause", "2026-04-01", "2026-04-16"),
        ("extension", "2026-04-16", "2026-05-16"),
        ("rollover", "2026-05-16", "2026-05-18"),
    ]
    assert [step.text for step in steps] == [
        "自2026-03-02起30日，开始的日不计算在内",
        "2026-03-10至2026-03-25鉴定15日不计入",
        "2026-04-14经县级公安机关负责人批准延长30日",
        "末日2026-05-16（周六）不是工作日，顺延至2026-05-18",
    ]
    assert [step.article for step in steps] == ["《某法》第一条", "治安法118", "法118", "《某法》第一条"]
    assert sum((step.length for step in steps), timedelta()) == date(2026, 5, 18) - date(2026, 3, 2)


def test_a_count_of_working_days_names_the_days_it_passed_over() -> None:
    (step,) = clock(limit(length=7, unit="workday"), happened("began", "2026-04-30")).steps()

    assert [day.day for day, _ in step.skipped] == [1, 2, 3, 4, 5, 10]
    assert step.skipped[0] == (date(2026, 5, 1), "周五，劳动节放假")
    assert step.skipped[-1] == (date(2026, 5, 10), "周日")


def test_the_days_off_right_before_the_due_day_are_named_too() -> None:
    (step,) = clock(limit(length=1, unit="workday"), happened("began", "2026-03-06")).steps()

    assert step.skipped == ((date(2026, 3, 7), "周六"), (date(2026, 3, 8), "周日"))


def test_a_count_of_calendar_days_passes_over_none() -> None:
    (step,) = clock(limit(rollover="forward"), happened("began", "2026-03-02")).steps()

    assert step.skipped == ()


def test_days_off_are_named_also_where_no_notice_is_in() -> None:
    (counted,) = clock(limit(length=2, unit="workday"), happened("began", "2027-01-07")).steps()
    rolled = clock(limit(length=2, rollover="forward"), happened("began", "2027-01-07")).steps()[-1]

    assert counted.skipped == rolled.skipped == ((date(2027, 1, 9), "周六"), (date(2027, 1, 10), "周日"))


def test_a_day_set_by_a_document_means_nothing_to_a_limit_that_is_counted() -> None:
    found = clock(limit(), happened("began", "2026-03-02", sets_on=date(2026, 3, 20)))
    hours = clock(limit(length=8, unit="hour"), happened("began", "2026-03-02 10:00", sets_at=at("2026-03-20 10:00")))

    assert [step.kind for step in found.steps()] == [step.kind for step in hours.steps()] == ["length"]
    assert (found.due_on, hours.due_at) == (date(2026, 4, 1), at("2026-03-02 18:00"))


def test_a_rollover_names_the_days_off_in_between() -> None:
    step = clock(limit(length=15, rollover="forward"), happened("began", "2026-09-11")).steps()[-1]

    assert step.skipped == ((date(2026, 9, 26), "周六，中秋节放假"), (date(2026, 9, 27), "周日，中秋节放假"))


def test_an_hour_limit_is_explained_in_local_moments() -> None:
    rule = limit(length=8, unit="hour", pauses=[DRUNK], extensions=[{"event": "extended", "length": 2}])
    found = clock(
        rule,
        happened("began", "2026-05-01 22:10"),
        happened(DRUNK["from"], "2026-05-01 23:00"),
        happened(DRUNK["to"], "2026-05-02 02:30"),
        happened("extended", "2026-05-02 03:00"),
    )

    steps = found.steps()

    assert [step.text for step in steps] == [
        "自2026-05-01 22:10起8小时，不因节假日顺延",
        "2026-05-01 23:00至2026-05-02 02:30醉酒约束时间不计入",
        "2026-05-02批准延长2小时",
    ]
    assert steps[-1].after == found.due_at == at("2026-05-02 11:40")
    assert sum((step.length for step in steps), timedelta()) == timedelta(hours=13, minutes=30)


def test_a_paused_clock_is_explained_up_to_the_pause() -> None:
    days = clock(case(), happened("began", "2026-03-02"), happened(HEARING["from"], "2026-03-10")).steps()
    hours = clock(
        limit(length=8, unit="hour", pauses=[DRUNK]),
        happened("began", "2026-05-01 22:10"),
        happened(DRUNK["from"], "2026-05-01 23:00"),
    ).steps()

    assert days[-1].kind == hours[-1].kind == "paused"
    assert days[-1].text == "自2026-03-10起听证暂停计算，尚未恢复"
    assert hours[-1].text == "自2026-05-01 23:00起醉酒约束暂停计算，尚未恢复"
    assert days[-1].length == hours[-1].length == timedelta()


def test_a_delay_a_document_and_counting_back_are_steps_too() -> None:
    delayed = clock(
        custody(delays=[UNKNOWN]),
        happened("began", "2026-03-02"),
        happened("identity_unknown", "2026-03-02"),
        happened("identity_established", "2026-04-10"),
    ).steps()
    fixed = clock(
        limit(length=None, set_by_event=True), happened("began", "2026-03-02", sets_on=date(2026, 3, 20))
    ).steps()
    backward = clock(limit(length=7, backward=True), happened("began", "2026-03-02", sets_on=date(2026, 3, 20))).steps()

    assert chain(delayed) == [("delay", "2026-03-02", "2026-04-10"), ("length", "2026-04-10", "2026-06-10")]
    assert delayed[0].article == "刑诉法160"
    assert chain(fixed) == [("set", "2026-03-02", "2026-03-20")]
    assert chain(backward) == [("backward", "2026-03-20", "2026-03-13")]
    assert backward[0].length == timedelta(days=-7)


def test_a_tier_is_named_with_its_length() -> None:
    steps = clock(inquiry(), happened("began", "2026-05-01 22:10", tier="12h")).steps()

    assert steps[0].text == "自2026-05-01 22:10起12小时（人数众多），不因节假日顺延"
