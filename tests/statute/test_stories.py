"""The stories with their dates, told to the shipped catalogue: law and arithmetic tested together.

Dates are written out by hand and checked against the official calendar. A due day ends at its midnight.
"""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cases.catalogue import Core, load_core
from cases.statute.clocks import Clock, Rulebook, State
from cases.statute.events import Occurrence
from tests.statute.facts import LATER, SHANGHAI, happened

SEEDS = Path(__file__).resolve().parents[2] / "seeds"

CASE, VISIT, MEASURE, ITEM, PETITION = (
    "public_order_case",
    "custody_visit",
    "coercive_measure",
    "seized_item",
    "petition",
)


@pytest.fixture(scope="module")
def law() -> Core:
    return load_core(SEEDS)


def told(law: Core, kind: str, limit: str, *events: Occurrence, facts: Mapping[str, str] | None = None) -> Clock:
    """The latest clock of a limit on a matter of this kind to which these things happened, under the whole catalogue."""
    book = Rulebook(law.of_kind(kind), law.calendars, SHANGHAI, law.approvers)
    clocks = [one for one in book.wind(events, LATER, facts or {}) if limit in (one.limit.code, one.limit.family)]
    return max(clocks, key=lambda one: one.started_at)


FILED = happened("case_filed", "2026-03-02")
APPRAISAL = (happened("appraisal_commissioned", "2026-03-10"), happened("appraisal_received", "2026-03-25"))
FIRST = happened("extension_approved", "2026-04-14", approver="county_bureau")
SECOND = happened("extension_approved", "2026-05-15", approver="county_bureau")
ACCEPTED = happened("case_accepted", "2025-12-20")
BY_STATION = {"unit_kind": "station"}
DETAINED = happened("detained", "2026-02-10 14:00")
PETITION_ACCEPTED = happened("petition_accepted", "2026-09-20")
LONGER = happened("petition_extended", "2026-11-16", approver="county_leader")
TOLD = happened("petition_told_extension", "2026-11-17")
SEIZED = happened("property_seized", "2026-08-20")


class Story(NamedTuple):
    number: str
    article: str
    kind: str
    limit: str
    events: tuple[Occurrence, ...]
    due: str
    why: str
    facts: Mapping[str, str] = BY_STATION


DAYS = (
    Story("1", "治安管理处罚法 118", CASE, "psa_case_30d", (FILED,), "2026-04-01", "the day after filing is day 1"),
    Story(
        "2", "治安管理处罚法 118", CASE, "psa_case_30d", (FILED, *APPRAISAL), "2026-04-16", "15 days are not counted"
    ),
    Story(
        "3",
        "治安管理处罚法 118",
        CASE,
        "psa_case_30d",
        (FILED, *APPRAISAL, FIRST),
        "2026-05-18",
        "a station's case, extended by its own bureau; 05-16 is a Saturday",
    ),
    Story(
        "4",
        "治安管理处罚法 118",
        CASE,
        "psa_case_30d",
        (FILED, *APPRAISAL, FIRST, SECOND),
        "2026-06-15",
        "counted from 05-16, not from the day it was rolled to",
    ),
    Story(
        "5",
        "治安管理处罚法 118",
        CASE,
        "psa_case_30d",
        (FILED, *APPRAISAL, happened("extension_approved", "2026-04-20", approver="county_bureau")),
        "2026-04-16",
        "an extension after the expiry moves nothing",
    ),
    Story(
        "6", "治安管理处罚法(2012) 99", CASE, "psa_case_30d", (ACCEPTED,), "2026-01-19", "2012 text, from acceptance"
    ),
    Story(
        "7",
        "治安管理处罚法(2012) 99",
        CASE,
        "psa_case_30d",
        (ACCEPTED, happened("extension_approved", "2026-01-15", approver="county_bureau")),
        "2026-02-24",
        "02-18 is in the Spring Festival",
    ),
    Story(
        "8",
        "治安管理处罚法 118",
        CASE,
        "psa_case_30d",
        (
            happened("case_filed", "2026-01-05"),
            happened("hearing_notified", "2026-01-20"),
            happened("hearing_ended", "2026-01-28"),
        ),
        "2026-02-12",
        "the 8 days of the hearing are not counted",
    ),
    Story("9", "刑事诉讼法 91", MEASURE, "crim_arrest_request_3d", (DETAINED,), "2026-02-13", "three days"),
    Story(
        "9 with four days",
        "刑事诉讼法 91",
        MEASURE,
        "crim_arrest_request_3d",
        (DETAINED, happened("detention_extended", "2026-02-12", approver="county_leader", amount=4)),
        "2026-02-17",
        "custody: it stays although in the festival",
    ),
    Story(
        "9 with thirty days",
        "刑事诉讼法 91",
        MEASURE,
        "crim_arrest_request_3d",
        (DETAINED, happened("detention_extended_to_30d", "2026-02-12", approver="county_leader")),
        "2026-03-12",
        "thirty days in all",
    ),
    Story(
        "9 with four days, then thirty",
        "刑事诉讼法 91",
        MEASURE,
        "crim_arrest_request_3d",
        (
            DETAINED,
            happened("detention_extended", "2026-02-12", approver="county_leader", amount=4),
            happened("detention_extended_to_30d", "2026-02-16", approver="county_leader"),
        ),
        "2026-03-12",
        "the four days are part of the thirty",
    ),
    Story(
        "10",
        "刑事诉讼法 91",
        MEASURE,
        "proc_arrest_review_7d",
        (happened("arrest_requested", "2026-02-13"),),
        "2026-02-20",
        "custody, no roll; another body's duty",
    ),
    Story(
        "13",
        "信访工作条例 23",
        PETITION,
        "xf_notify_15d",
        (happened("petition_received", "2026-09-11"),),
        "2026-09-28",
        "09-26 is in the Mid-Autumn holiday",
    ),
    Story("14", "信访工作条例 34", PETITION, "xf_complete_60d", (PETITION_ACCEPTED,), "2026-11-19", "60 days"),
    Story(
        "15",
        "信访工作条例 34",
        PETITION,
        "xf_complete_60d",
        (PETITION_ACCEPTED, LONGER, TOLD),
        "2026-12-21",
        "12-19 is a Saturday",
    ),
    Story(
        "15 without the notice",
        "信访工作条例 34",
        PETITION,
        "xf_complete_60d",
        (PETITION_ACCEPTED, LONGER),
        "2026-11-19",
        "the extension is not complete until the petitioner is told",
    ),
    Story(
        "16",
        "行政强制法 25",
        ITEM,
        "prop_adm_seizure_30d",
        (SEIZED,),
        "2026-09-20",
        "09-19 is a Saturday, 09-20 a Sunday that is worked",
    ),
    Story(
        "17",
        "行政强制法 25",
        ITEM,
        "prop_adm_seizure_30d",
        (SEIZED, happened("seizure_extended", "2026-09-18", approver="county_leader")),
        "2026-10-19",
        "60 days",
    ),
    Story(
        "18",
        "行政处罚法 56",
        ITEM,
        "prop_adm_register_7wd",
        (happened("evidence_registered", "2026-04-30"),),
        "2026-05-13",
        "05-06, 07, 08, 09 (a worked Saturday), 11, 12, 13",
    ),
    Story(
        "19",
        "行政处罚法 64",
        CASE,
        "adm_hearing_apply_5wd",
        (happened("hearing_right_told", "2026-09-30"),),
        "2026-10-13",
        "10-08, 09, 10 (a worked Saturday), 12, 13",
    ),
    Story(
        "20",
        "行政案件程序规定 185",
        CASE,
        "psa_case_30d",
        (FILED, happened("mediation_agreed", "2026-03-20"), happened("mediation_failed", "2026-04-20")),
        "2026-05-20",
        "the agreement was not performed: the clock starts again",
    ),
    Story(
        "21",
        "刑事程序规定 107",
        MEASURE,
        "crim_bail_12m",
        (happened("bail_started", "2026-03-02"),),
        "2027-03-02",
        "twelve months; 2027 is not announced",
    ),
)


@pytest.mark.parametrize("story", DAYS, ids=lambda story: story.number)
def test_the_due_day_of_a_story(law: Core, story: Story) -> None:
    clock = told(law, story.kind, story.limit, *story.events, facts=story.facts)

    assert clock.due_on == date.fromisoformat(story.due), story.why
    assert clock.due_at is not None
    assert clock.due_at.astimezone(SHANGHAI).isoformat(" ")[10:16] == " 00:00"
    assert clock.provisional is (story.number == "21")


HOURS = (
    ("11", CASE, "adm_quick_48h", {"expedited": "true"}, "2026-10-01 15:30", "", "2026-10-03 15:30"),
    ("12", VISIT, "psa_inquiry_8h", {}, "2026-05-01 22:10", "", "2026-05-02 06:10"),
    ("12 many", VISIT, "psa_inquiry_8h", {}, "2026-05-01 22:10", "12h", "2026-05-02 10:10"),
    ("12 complex", VISIT, "psa_inquiry_8h", {}, "2026-05-01 22:10", "24h", "2026-05-02 22:10"),
)


@pytest.mark.parametrize(
    ("number", "kind", "limit", "facts", "arrived", "tier", "due"), HOURS, ids=[row[0] for row in HOURS]
)
def test_the_due_moment_of_a_story(
    law: Core, number: str, kind: str, limit: str, facts: dict[str, str], arrived: str, tier: str, due: str
) -> None:
    """行政案件程序规定 47; 治安管理处罚法(2025) 97: hours run through the holiday, to the second."""
    clock = told(law, kind, limit, happened("suspect_arrived", arrived, tier=tier), facts=facts)

    assert clock.due_on is None
    assert clock.due_at == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)


def refusals(clock: Clock) -> list[str]:
    return [fault.code for fault in clock.faults if fault.refused]


REFUSED: tuple[tuple[str, tuple[Any, ...], str], ...] = (
    (
        "a third extension under the 2025 text",
        (FILED, *APPRAISAL, FIRST, SECOND, happened("extension_approved", "2026-06-10", approver="county_bureau")),
        "times",
    ),
    (
        "a second extension under the 2012 text",
        (
            ACCEPTED,
            happened("extension_approved", "2026-01-15", approver="county_bureau"),
            happened("extension_approved", "2026-02-10", approver="county_bureau"),
        ),
        "times",
    ),
    (
        "an extension after the expiry",
        (FILED, *APPRAISAL, happened("extension_approved", "2026-04-20", approver="county_bureau")),
        "late",
    ),
    (
        "a station's case extended by its own head",
        (FILED, happened("extension_approved", "2026-03-20", approver="station_head")),
        "approver",
    ),
)


@pytest.mark.parametrize(("what", "events", "code"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_a_story_refuses_is_flagged(law: Core, what: str, events: tuple[Occurrence, ...], code: str) -> None:
    clock = told(law, CASE, "psa_case_30d", *events, facts=BY_STATION)

    assert refusals(clock) == [code]


def test_a_squads_case_is_extended_by_the_bureau_above_its_own(law: Core) -> None:
    """治安管理处罚法(2025) 118: only a station's case is extended by its own bureau."""
    by_county = told(law, CASE, "psa_case_30d", FILED, *APPRAISAL, FIRST, facts={"unit_kind": "squad"})
    above = happened("extension_approved", "2026-04-14", approver="city_bureau")
    by_city = told(law, CASE, "psa_case_30d", FILED, *APPRAISAL, above, facts={"unit_kind": "squad"})

    assert refusals(by_county) == ["approver"]
    assert by_county.due_on == date(2026, 4, 16)
    assert refusals(by_city) == []
    assert by_city.due_on == date(2026, 5, 18)


def test_the_hearing_is_counted_under_the_2012_text(law: Core) -> None:
    """治安管理处罚法(2012) 99 takes out the appraisal only."""
    hearing = (happened("hearing_notified", "2025-12-25"), happened("hearing_ended", "2026-01-02"))

    clock = told(law, CASE, "psa_case_30d", ACCEPTED, *hearing, facts=BY_STATION)

    assert clock.due_on == date(2026, 1, 19)


def test_an_agreement_ends_the_clock_and_its_failure_starts_another(law: Core) -> None:
    """行政案件程序规定 185"""
    events = (FILED, happened("mediation_agreed", "2026-03-20"), happened("mediation_failed", "2026-04-20"))
    book = Rulebook(law.of_kind(CASE), law.calendars, SHANGHAI, law.approvers)

    first, second = (c for c in book.wind(events, LATER, BY_STATION) if c.limit.family == "psa_case_30d")

    assert (first.state, first.late) == (State.STOPPED, False)
    assert (second.state, second.started_at.astimezone(SHANGHAI).date()) == (State.RUNNING, date(2026, 4, 20))


def test_no_extension_follows_the_thirty_days(law: Core) -> None:
    """刑事诉讼法 91"""
    thirty = happened("detention_extended_to_30d", "2026-02-12", approver="county_leader")
    four = happened("detention_extended", "2026-03-10", approver="county_leader", amount=4)

    clock = told(law, MEASURE, "crim_arrest_request_3d", DETAINED, thirty, four)

    assert clock.due_on == date(2026, 3, 12)
    assert refusals(clock) == ["total"]


def test_the_request_to_extend_custody_is_due_seven_days_before_each_expiry(law: Core) -> None:
    """刑事程序规定 148, 刑事诉讼法 156"""
    arrested = happened("arrested", "2026-03-10")
    extended = happened("custody_extended", "2026-05-08", approver="city_procuratorate")
    book = Rulebook(law.of_kind(MEASURE), law.calendars, SHANGHAI, law.approvers)

    clocks = [c for c in book.wind((arrested, extended), LATER) if c.limit.code == "crim_custody_extend_request_7d"]

    # 05-10 less seven is 05-03, in the Labour Day holiday; 06-10 less seven is a Wednesday.
    assert [clock.due_on for clock in clocks] == [date(2026, 4, 30), date(2026, 6, 3)]


LADDER = (
    ("filed", (FILED,), "2026-03-25 00:00", "2026-03-29 00:00"),
    ("the appraisal is entered", (FILED, *APPRAISAL), "2026-04-09 00:00", "2026-04-13 00:00"),
    ("extended", (FILED, *APPRAISAL, FIRST), "2026-05-11 00:00", "2026-05-15 00:00"),
)


@pytest.mark.parametrize(("when", "events", "yellow", "orange"), LADDER, ids=[row[0] for row in LADDER])
def test_the_levels_of_the_case_walked_through(
    law: Core, when: str, events: tuple[Occurrence, ...], yellow: str, orange: str
) -> None:
    clock = told(law, CASE, "psa_case_30d", *events, facts=BY_STATION)
    ladder = law.ladder_for(clock.limit, clock.tier)
    assert ladder is not None

    warnings = clock.warnings(ladder)

    assert warnings is not None
    assert [f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for moment in warnings] == [yellow, orange]


LENGTHS = (
    ("xf_notify_15d", PETITION, "petition_received", "2026-09-01", "2026-09-13 00:00", "2026-09-15 00:00"),
    ("adm_hearing_apply_5wd", CASE, "hearing_right_told", "2026-09-07", "2026-09-13 00:00", "2026-09-14 09:00"),
    ("crim_detain_notify_24h", MEASURE, "detained", "2026-02-10 14:00", "2026-02-11 08:00", "2026-02-11 11:36"),
    ("prop_adm_register_7wd", ITEM, "evidence_registered", "2026-04-30", "2026-05-07 00:00", "2026-05-12 00:00"),
)


@pytest.mark.parametrize(
    ("code", "kind", "start", "when", "yellow", "orange"), LENGTHS, ids=[row[0] for row in LENGTHS]
)
def test_the_levels_of_a_limit_follow_from_its_length(
    law: Core, code: str, kind: str, start: str, when: str, yellow: str, orange: str
) -> None:
    """7 to 29 days: 3 and 1; shorter: 1 and the morning; hours: a quarter and a tenth left; evidence: day 7."""
    clock = told(law, kind, code, happened(start, when))
    ladder = law.ladder_for(clock.limit)
    assert ladder is not None

    warnings = clock.warnings(ladder)

    assert warnings is not None
    assert [f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for moment in warnings] == [yellow, orange]


@pytest.mark.parametrize("story", DAYS, ids=lambda story: story.number)
def test_the_explanation_of_a_story_adds_up(law: Core, story: Story) -> None:
    clock = told(law, story.kind, story.limit, *story.events, facts=story.facts)

    steps = clock.steps()

    assert steps[-1].after == clock.due_on
    assert all(one.after == following.before for one, following in pairwise(steps))
    assert all(step.article for step in steps)
