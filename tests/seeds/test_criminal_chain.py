"""One suspect from detention to the end of custody, step by step, under the shipped catalogue: what is legal only in order.

Each row tells what had happened and which limits then run until when; the measures of another suspect are another
matter and change nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pytest

from cases.catalogue import Core
from cases.statute.clocks import Clock, Rulebook, State
from cases.statute.events import Occurrence
from tests.seeds.examples import due_of
from tests.statute.facts import LATER, SHANGHAI, at, happened

MEASURE, VISIT = "coercive_measure", "custody_visit"


def clocks_of(
    law: Core,
    *events: Occurrence,
    kind: str = MEASURE,
    known: datetime = LATER,
    facts: Mapping[str, str] | None = None,
) -> list[Clock]:
    book = Rulebook(law.of_kind(kind), law.calendars, SHANGHAI, law.approvers)
    return book.wind(events, known, facts or {})


def running(clocks: Sequence[Clock]) -> dict[str, str]:
    return {clock.limit.code: due_of(clock) for clock in clocks if clock.state in (State.RUNNING, State.PAUSED)}


def of(clocks: Sequence[Clock], code: str) -> list[Clock]:
    return [clock for clock in clocks if clock.limit.code == code]


# A suspect detained on Tuesday 2026-02-10 at 14:00, told in the order things happened.
CHAIN = (
    (
        "刑事诉讼法 85、86、91",
        happened("detained", "2026-02-10 14:00"),
        {
            "crim_detain_to_centre_24h": "2026-02-11 14:00",
            "crim_detain_notify_24h": "2026-02-11 14:00",
            "crim_detain_interrogate_24h": "2026-02-11 14:00",
            "crim_arrest_request_3d": "2026-02-13",
        },
        "three duties of a day and the three days",
    ),
    (
        "刑事程序规定 126",
        happened("sent_to_detention_centre", "2026-02-10 20:00"),
        {
            "crim_detain_notify_24h": "2026-02-11 14:00",
            "crim_detain_interrogate_24h": "2026-02-11 14:00",
            "crim_arrest_request_3d": "2026-02-13",
        },
        "taken to the centre",
    ),
    (
        "刑事程序规定 127",
        happened("family_notified_of_detention", "2026-02-11 09:00"),
        {"crim_detain_interrogate_24h": "2026-02-11 14:00", "crim_arrest_request_3d": "2026-02-13"},
        "the family is told",
    ),
    (
        "刑事程序规定 128",
        happened("detention_interrogated", "2026-02-11 10:00"),
        {"crim_arrest_request_3d": "2026-02-13"},
        "questioned within the day",
    ),
    (
        "刑事诉讼法 91",
        happened("detention_extended", "2026-02-13", approver="county_leader", amount=4),
        {"crim_arrest_request_3d": "2026-02-17"},
        "four days more, into the festival",
    ),
    (
        "刑事诉讼法 91",
        happened("detention_extended_to_30d", "2026-02-17", approver="county_leader", ground="结伙作案"),
        {"crim_arrest_request_3d": "2026-03-12"},
        "thirty in all",
    ),
    (
        "刑事诉讼法 91",
        happened("arrest_requested", "2026-03-12"),
        {"proc_arrest_review_7d": "2026-03-19"},
        "seven of the procuratorate: thirty-seven days at most",
    ),
    ("刑事诉讼法 91", happened("arrest_approved", "2026-03-18"), {}, "approved in time"),
    (
        "刑事诉讼法 93、94、156",
        happened("arrested", "2026-03-18 16:00"),
        {
            "crim_arrest_execute_receipt_3d": "2026-03-23",
            "crim_arrest_interrogate_24h": "2026-03-19 16:00",
            "crim_arrest_notify_24h": "2026-03-19 16:00",
            "crim_custody_2m": "2026-05-18",
            "crim_custody_extend_request_7d": "2026-05-11",
        },
        "arrest: two months of custody; what is to be asked for is to be asked for seven days before",
    ),
    (
        "刑事程序规定 142",
        happened("arrest_receipt_sent", "2026-03-19"),
        {
            "crim_arrest_interrogate_24h": "2026-03-19 16:00",
            "crim_arrest_notify_24h": "2026-03-19 16:00",
            "crim_custody_2m": "2026-05-18",
            "crim_custody_extend_request_7d": "2026-05-11",
        },
        "the receipt is sent; 03-21 would have been a Saturday",
    ),
    (
        "刑事程序规定 144",
        happened("arrest_interrogated", "2026-03-19 09:00"),
        {
            "crim_arrest_notify_24h": "2026-03-19 16:00",
            "crim_custody_2m": "2026-05-18",
            "crim_custody_extend_request_7d": "2026-05-11",
        },
        "questioned within the day",
    ),
    (
        "刑事程序规定 145",
        happened("family_notified_of_arrest", "2026-03-19 15:00"),
        {"crim_custody_2m": "2026-05-18", "crim_custody_extend_request_7d": "2026-05-11"},
        "the family is told",
    ),
    (
        "刑事程序规定 148",
        happened("custody_extension_requested", "2026-05-09"),
        {"crim_custody_2m": "2026-05-18"},
        "asked on the worked Saturday, two days before it was due",
    ),
    (
        "刑事诉讼法 156",
        happened("custody_extended", "2026-05-15", approver="city_procuratorate", ground="案情复杂、期限届满不能终结"),
        {"crim_custody_2m": "2026-06-18", "crim_custody_extend_request_7d": "2026-06-11"},
        "one month more, and before its end anew",
    ),
    (
        "刑事程序规定 149",
        happened("custody_extension_requested", "2026-06-10"),
        {"crim_custody_2m": "2026-06-18"},
        "asked in time",
    ),
    (
        "刑事诉讼法 158",
        happened("custody_extended", "2026-06-17", approver="province_procuratorate", ground="流窜作案的重大复杂案件"),
        {"crim_custody_2m": "2026-08-18", "crim_custody_extend_request_7d": "2026-08-11"},
        "two months more",
    ),
    (
        "刑事程序规定 150",
        happened("custody_extension_requested", "2026-08-10"),
        {"crim_custody_2m": "2026-08-18"},
        "asked in time",
    ),
    (
        "刑事诉讼法 159",
        happened(
            "custody_extended", "2026-08-14", approver="province_procuratorate", ground="可能判处十年有期徒刑以上刑罚"
        ),
        {"crim_custody_2m": "2026-10-18", "crim_custody_extend_request_7d": "2026-10-10"},
        "seven months in all; seven days before is Sunday 10-11: Saturday 10-10 is worked",
    ),
    (
        "刑事诉讼法 160",
        happened("other_crime_found", "2026-09-01"),
        {
            "crim_custody_2m": "2026-11-01",
            "crim_custody_recalc_5d": "2026-09-07",
            "crim_custody_extend_request_7d": "2026-10-23",
        },
        "another crime of weight: counted anew; 09-06 and 10-25 are Sundays",
    ),
    (
        "刑事程序规定 151",
        happened("recalculation_approved", "2026-09-04", approver="county_leader"),
        {"crim_custody_2m": "2026-11-01", "crim_custody_extend_request_7d": "2026-10-23"},
        "approved in time",
    ),
    (
        "刑事诉讼法 149",
        happened("psychiatric_appraisal_commissioned", "2026-09-10"),
        {"crim_custody_2m": "none"},
        "held while the appraisal is out",
    ),
    (
        "刑事诉讼法 149",
        happened("psychiatric_appraisal_received", "2026-09-20"),
        {"crim_custody_2m": "2026-11-11", "crim_custody_extend_request_7d": "2026-11-04"},
        "ten days are not counted",
    ),
    ("刑事诉讼法 162", happened("transferred_for_prosecution", "2026-11-02"), {}, "handed over in time"),
)


@pytest.mark.parametrize("step", range(1, len(CHAIN) + 1), ids=lambda n: f"{n} {CHAIN[n - 1][3]}")
def test_a_chain_that_is_legal_in_order(law: Core, step: int) -> None:
    article, _, expected, why = CHAIN[step - 1]

    clocks = clocks_of(law, *(event for _, event, _, _ in CHAIN[:step]))

    assert running(clocks) == expected, f"{article}: {why}"
    assert [fault.code for clock in clocks for fault in clock.faults if fault.refused] == []
    assert [clock.limit.code for clock in clocks if clock.late] == []


def test_what_was_not_yet_known_is_as_if_the_chain_had_stopped_there(law: Core) -> None:
    """The same whole chain, asked as of any step, gives what that step gave."""
    events = [event for _, event, _, _ in CHAIN]

    for article, event, expected, why in CHAIN:
        assert running(clocks_of(law, *events, known=event.known_at)) == expected, f"{article}: {why}"


ARRESTED = happened("arrested", "2026-03-18 16:00")
EXTENDED = happened("custody_extended", "2026-05-15", approver="city_procuratorate", ground="案情复杂")

ASKED = (
    ("2026-05-11", "stopped", False, "on the very day"),
    ("2026-05-12", "stopped", True, "a day too late: the procuratorate need not take it up"),
    ("", "moot", False, "never asked: the extension that came anyway closes the duty"),
)


@pytest.mark.parametrize(("asked", "state", "late", "why"), ASKED, ids=[row[3] for row in ASKED])
def test_a_request_is_due_seven_days_before_the_end_of_custody(
    law: Core, asked: str, state: str, late: bool, why: str
) -> None:
    """刑事程序规定 148, 检察规则 309"""
    events = [ARRESTED, EXTENDED, *([happened("custody_extension_requested", asked)] if asked else [])]

    first = of(clocks_of(law, *events), "crim_custody_extend_request_7d")[0]

    assert (str(first.due_on), first.state.value, first.late) == ("2026-05-11", state, late), why


def test_a_refused_extension_opens_no_new_request(law: Core) -> None:
    """What was granted on no lawful ground moves neither the custody nor what hangs on its end."""
    groundless = EXTENDED._replace(ground="人手不足")

    clocks = clocks_of(law, ARRESTED, groundless)

    assert running(clocks)["crim_custody_2m"] == "2026-05-18"
    assert [str(clock.due_on) for clock in of(clocks, "crim_custody_extend_request_7d")] == ["2026-05-11"]
    (fault,) = of(clocks, "crim_custody_2m")[0].faults
    assert "人手不足" in fault.text
    assert "案情复杂" in fault.text, "it names what would do"


def test_going_over_the_end_of_custody_is_late_whatever_is_entered_afterwards(law: Core) -> None:
    too_late = EXTENDED._replace(at=at("2026-05-19"), day=date(2026, 5, 19), known_at=at("2026-05-19"))
    handed_over = happened("transferred_for_prosecution", "2026-06-01")

    (custody,) = of(clocks_of(law, ARRESTED, too_late, handed_over), "crim_custody_2m")

    assert (custody.due_on, custody.late) == (date(2026, 5, 18), True)
    assert [fault.code for fault in custody.faults] == ["late"]


def test_each_suspect_has_a_chain_of_his_own(law: Core) -> None:
    """A measure is a matter of its own under the case: what befalls one suspect moves nothing of the other."""
    first = clocks_of(law, happened("detained", "2026-02-10 14:00"))
    second = clocks_of(
        law,
        happened("detained", "2026-02-11 09:00"),
        happened("detention_extended_to_30d", "2026-02-13", approver="county_leader", ground="多次作案"),
    )

    assert running(first)["crim_arrest_request_3d"] == "2026-02-13"
    assert running(second)["crim_arrest_request_3d"] == "2026-03-13"


MEASURES = (
    (
        "刑事诉讼法 79",
        [happened("bail_started", "2026-02-28")],
        {"crim_bail_12m": "2027-02-28"},
        "bail for twelve months",
    ),
    (
        "刑事诉讼法 79",
        [happened("bail_started", "2026-02-28"), happened("residential_started", "2026-04-01")],
        {"crim_residential_6m": "2026-10-01"},
        "from bail to residence: the bail is over and six months begin; no roll over National Day",
    ),
    (
        "刑事诉讼法 91",
        [happened("detained", "2026-02-10 14:00"), happened("bail_started", "2026-02-12")],
        {
            "crim_detain_to_centre_24h": "2026-02-11 14:00",
            "crim_detain_notify_24h": "2026-02-11 14:00",
            "crim_detain_interrogate_24h": "2026-02-11 14:00",
            "crim_bail_12m": "2027-02-12",
        },
        "from detention to bail: nothing more to ask the procuratorate for; the duties of the day stay open",
    ),
    (
        "刑事诉讼法 98",
        [ARRESTED, happened("arrest_receipt_sent", "2026-03-19"), happened("residential_started", "2026-05-18")],
        {
            "crim_arrest_interrogate_24h": "2026-03-19 16:00",
            "crim_arrest_notify_24h": "2026-03-19 16:00",
            "crim_residential_6m": "2026-11-18",
        },
        "custody ran out without an end of the case: residence instead",
    ),
    (
        "刑事诉讼法 99",
        [happened("residential_started", "2026-04-01"), happened("measure_lifted", "2026-05-01 09:00")],
        {},
        "lifted",
    ),
)


@pytest.mark.parametrize(("article", "events", "expected", "why"), MEASURES, ids=[row[3] for row in MEASURES])
def test_one_measure_follows_another(
    law: Core, article: str, events: list[Occurrence], expected: dict[str, str], why: str
) -> None:
    assert running(clocks_of(law, *events)) == expected, f"{article}: {why}"


# -- hours in the case-handling area ---------------------------------------------------------------------------------

VISITS = (
    (
        "继续盘问规定 11",
        "cont_interrogation_12h",
        ["brought_for_questioning 2026-02-16 22:00"],
        "2026-02-17 10:00",
        [],
    ),
    (
        "继续盘问规定 11",
        "cont_interrogation_12h",
        [
            "brought_for_questioning 2026-02-16 22:00",
            "questioning_extended_to_24h 2026-02-17 09:00 county_duty_leader",
            "questioning_extended_to_48h 2026-02-17 21:00 county_leader",
        ],
        "2026-02-18 22:00",
        [],
    ),
    (
        "继续盘问规定 11",
        "cont_interrogation_12h",
        [
            "brought_for_questioning 2026-02-16 22:00",
            "questioning_extended_to_48h 2026-02-17 09:00 county_leader",
            "questioning_extended_to_24h 2026-02-17 09:30 county_duty_leader",
        ],
        "2026-02-17 22:00",
        ["order"],
    ),
    (
        "刑事诉讼法 119",
        "crim_summon_12h",
        ["summons_arrived 2026-02-16 22:00", "summons_extended_to_24h 2026-02-17 10:00 department_head"],
        "2026-02-17 22:00",
        [],
    ),
    (
        "治安管理处罚法 97",
        "psa_inquiry_8h_v2025",
        [
            "suspect_arrived 2026-02-16 22:00",
            "inquiry_extended_to_12h 2026-02-17 05:00 ",
            "inquiry_extended_to_24h 2026-02-17 09:00 ",
        ],
        "2026-02-17 22:00",
        [],
    ),
)


@pytest.mark.parametrize(("article", "code", "told", "due", "refused"), VISITS)
def test_hours_from_tier_to_tier(
    law: Core, article: str, code: str, told: list[str], due: str, refused: list[str]
) -> None:
    events = []
    for text in told:
        kind, day, time, *approver = text.split()
        events.append(happened(kind, f"{day} {time}", approver="".join(approver)))

    (clock,) = of(clocks_of(law, *events, kind=VISIT), code)

    assert due_of(clock) == due, article
    assert [fault.code for fault in clock.faults if fault.refused] == refused


def test_a_visit_that_ends_a_second_over_its_hours_is_late(law: Core) -> None:
    """治安管理处罚法 97: not longer than eight hours."""
    arrived = happened("suspect_arrived", "2026-02-16 22:00:00")

    in_time = of(
        clocks_of(law, arrived, happened("visit_ended", "2026-02-17 06:00:00"), kind=VISIT), "psa_inquiry_8h_v2025"
    )
    late = of(
        clocks_of(law, arrived, happened("visit_ended", "2026-02-17 06:00:01"), kind=VISIT), "psa_inquiry_8h_v2025"
    )

    assert ([clock.late for clock in in_time], [clock.late for clock in late]) == ([False], [True])
