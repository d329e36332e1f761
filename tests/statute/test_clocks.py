"""From events to clocks: which starts open a run, which stops end it, which version rules it, what hangs on its end."""

import subprocess
import sys
from datetime import date, time
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.statute.clocks import Rulebook, State, wind
from cases.statute.ladders import Ladder, Lead
from cases.statute.limits import Limit
from cases.statute.reckoning import ApproverLevel
from tests.statute.facts import CHINA, ROME, SHANGHAI, at, clock, clocks, happened, limit


def told(*found) -> list[tuple[str, str, str | None]]:
    """Code, state and due day of each clock."""
    return [(c.limit.code, c.state.value, str(c.due_on) if c.due_on else None) for c in found]


# -- starts and stops ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "state", "late", "why"),
    [
        ("2026-03-20 09:00", State.STOPPED, False, "well in time"),
        ("2026-04-01 23:59:59", State.STOPPED, False, "in the last second of the due day"),
        ("2026-04-02 00:00", State.STOPPED, True, "治安法 118: over the thirty days"),
        ("2026-04-01", State.STOPPED, False, "on the due day"),
        ("2026-03-02", State.STOPPED, False, "on the day of the start, the moment not known"),
        ("2026-03-02 09:59", State.RUNNING, False, "before the start: something else"),
    ],
)
def test_a_stop_ends_the_clock_late_or_not(stop: str, state: State, late: bool, why: str) -> None:
    found = clock(limit(), happened("began", "2026-03-02 10:00"), happened("done", stop))

    assert (found.state, found.late) == (state, late), why


@pytest.mark.parametrize(
    ("stop", "late"),
    [("2026-05-02 06:10:00", False), ("2026-05-02 06:10:01", True), ("2026-05-02", False)],
)
def test_an_hour_limit_is_late_from_the_second_after_its_moment(stop: str, late: bool) -> None:
    found = clock(limit(length=8, unit="hour"), happened("began", "2026-05-01 22:10"), happened("done", stop))

    assert found.late is late


def test_a_stop_at_the_very_moment_of_the_start_ends_it_whichever_was_recorded_first() -> None:
    for start_key, stop_key in ((1, 2), (2, 1)):
        found = clock(
            limit(),
            happened("began", "2026-03-02 10:00", key=start_key),
            happened("done", "2026-03-02 10:00", key=stop_key),
        )
        assert found.state is State.STOPPED


def test_a_second_start_while_the_clock_runs_changes_nothing_and_after_its_end_begins_anew() -> None:
    again = happened("began", "2026-03-10")
    later = happened("began", "2026-05-10")

    found = clocks(limit(), happened("began", "2026-03-02"), again, happened("done", "2026-03-20"), later)

    assert told(*found) == [("case", "stopped", "2026-04-01"), ("case", "running", "2026-06-09")]


def test_what_was_done_before_the_start_counts_only_where_the_limit_says_so() -> None:
    paid, notified = happened("done", "2026-02-20 09:00"), happened("began", "2026-03-02 10:00")

    assert clock(limit(), paid, notified).state is State.RUNNING
    satisfied = clock(limit(satisfied_before=True), paid, notified)
    assert (satisfied.state, satisfied.late, satisfied.ended) == (State.STOPPED, False, paid)


def test_a_stop_that_came_too_early_leaves_the_run_to_a_later_one() -> None:
    found = clock(
        limit(), happened("done", "2026-02-20"), happened("began", "2026-03-02"), happened("done", "2026-03-20", key=7)
    )

    assert found.ended is not None
    assert found.ended.key == 7


def test_an_early_stop_satisfies_one_run_only() -> None:
    found = clocks(
        limit(satisfied_before=True),
        happened("done", "2026-02-20"),
        happened("began", "2026-03-02"),
        happened("began", "2026-03-10"),
    )

    assert [c.state for c in found] == [State.STOPPED, State.RUNNING]


def test_a_stop_that_is_also_a_start_ends_one_run_and_opens_the_next() -> None:
    rule = limit(starts=["reported"], stops=["reported"], length=7)

    found = clocks(rule, *(happened("reported", f"2026-03-{day:02}") for day in (2, 6, 20)))

    assert [(c.state, c.late, c.due_on) for c in found] == [
        (State.STOPPED, False, date(2026, 3, 9)),
        (State.STOPPED, True, date(2026, 3, 13)),
        (State.RUNNING, False, date(2026, 3, 27)),
    ]


def test_events_no_limit_listens_to_make_no_clock() -> None:
    assert clocks(limit(), happened("phoned", "2026-03-02")) == []
    assert clocks(limit(), happened("done", "2026-03-02")) == []
    assert clocks(limit()) == []


# -- several at a time -----------------------------------------------------------------------------------------------


def test_of_several_runs_at_a_time_a_stop_ends_the_one_with_its_reference_otherwise_the_oldest() -> None:
    rule = limit(concurrent=True)
    starts = [
        happened("began", "2026-03-02", reference="甲"),
        happened("began", "2026-03-03", reference="乙"),
        happened("began", "2026-03-04"),
    ]

    by_name = clocks(rule, *starts, happened("done", "2026-03-10", reference="乙"))
    unnamed = clocks(rule, *starts, happened("done", "2026-03-10"))
    unknown = clocks(rule, *starts, happened("done", "2026-03-10", reference="丙"))

    assert [c.state.value for c in by_name] == ["running", "stopped", "running"]
    assert [c.state.value for c in unnamed] == ["stopped", "running", "running"]
    # It may only be about the one that has no name.
    assert [c.state.value for c in unknown] == ["running", "running", "stopped"]


def test_a_stop_about_something_else_does_not_end_a_run_even_on_the_day_of_its_start() -> None:
    rule = limit(concurrent=True)

    found = clock(
        rule, happened("done", "2026-03-02", reference="乙"), happened("began", "2026-03-02 10:00", reference="甲")
    )

    assert found.state is State.RUNNING


def test_a_limit_that_runs_once_at_a_time_does_not_look_at_references() -> None:
    found = clock(
        limit(), happened("began", "2026-03-02", reference="甲"), happened("done", "2026-03-10", reference="乙")
    )

    assert found.state is State.STOPPED


# -- restarts --------------------------------------------------------------------------------------------------------

MEDIATED = {"starts": ["began", "failed"], "restarts": ["failed"], "stops": ["done", "agreed"]}


def test_a_restart_counts_anew_and_old_extensions_and_pauses_do_not_carry_over() -> None:
    # 公安机关办理行政案件程序规定(2020) 第一百八十五条
    rule = limit(
        **MEDIATED,
        extensions=[{"event": "extended", "length": 30}],
        pauses=[{"from": "sent", "to": "back"}],
    )
    events = [
        happened("began", "2026-03-02"),
        happened("sent", "2026-03-05"),
        happened("back", "2026-03-15"),
        happened("extended", "2026-03-20"),
        happened("failed", "2026-04-20"),
    ]

    first, second = clocks(rule, *events)

    assert (first.state, first.late, first.due_on) == (State.RESTARTED, False, date(2026, 5, 11))
    assert (second.state, second.due_on) == (State.RUNNING, date(2026, 5, 20))
    extended = clocks(rule, *events, happened("extended", "2026-05-10"))[1]
    assert extended.due_on == date(2026, 6, 19), "the new run has its own ladder"


def test_a_pause_that_goes_on_over_a_restart_holds_the_new_run_from_its_start() -> None:
    rule = limit(**MEDIATED, pauses=[{"from": "sent", "to": "back"}])

    first, second = clocks(
        rule,
        happened("began", "2026-03-02"),
        happened("sent", "2026-03-10"),
        happened("failed", "2026-03-20"),
        happened("back", "2026-03-25"),
    )

    assert first.due_on == date(2026, 4, 16)
    assert second.due_on == date(2026, 4, 24)


def test_a_restart_after_the_due_day_leaves_the_first_run_late() -> None:
    first, _ = clocks(limit(**MEDIATED), happened("began", "2026-03-02"), happened("failed", "2026-04-20"))

    assert first.late


def test_after_a_stop_a_restart_begins_anew_only_if_it_is_a_start_too() -> None:
    events = [happened("began", "2026-03-02"), happened("agreed", "2026-03-20"), happened("failed", "2026-04-20")]

    mediated = clocks(limit(**MEDIATED), *events)
    only_restarts = clocks(limit(**MEDIATED | {"starts": ["began"]}), *events)

    # Story 20: the mediation failed after all, and the case clock runs from that day.
    assert told(*mediated) == [("case", "stopped", "2026-04-01"), ("case", "running", "2026-05-20")]
    # A measure that has been lifted is not revived by a transfer of the case.
    assert told(*only_restarts) == [("case", "stopped", "2026-04-01")]


def test_a_restart_of_several_runs_at_a_time_restarts_the_one_it_is_about() -> None:
    rule = limit(concurrent=True, restarts=["moved"])

    found = clocks(
        rule,
        happened("began", "2026-03-02", reference="甲"),
        happened("began", "2026-03-03", reference="乙"),
        happened("moved", "2026-03-10", reference="乙"),
    )

    assert [(c.state.value, c.start.reference) for c in found] == [
        ("running", "甲"),
        ("restarted", "乙"),
        ("running", "乙"),
    ]


ANOTHER_CRIME: dict[str, Any] = {
    "length": 2,
    "unit": "month",
    "custody": True,
    "restarts": ["found"],
    "restart_approval": {"event": "approved", "days": 5, "approvers": ["county"]},
}
LEVELS = {
    "county": ApproverLevel("county", "县级公安机关负责人", "police", 30),
    "office": ApproverLevel("office", "办案部门负责人", "police", 20),
    "procuratorate": ApproverLevel("procuratorate", "人民检察院", "procuratorate", 40),
}
FOUND = ("found", "2026-04-20", "")


@pytest.mark.parametrize(
    ("events", "due", "faults", "why"),
    [
        ([FOUND, ("approved", "2026-04-24", "county")], "2026-06-20", [], "刑诉法 160"),
        ([FOUND, ("approved", "2026-04-20", "county")], "2026-06-20", [], "on the same day"),
        ([FOUND, ("approved", "2026-04-27", "county")], "2026-06-20", [], "the fifth day is Saturday 04-25"),
        ([FOUND, ("approved", "2026-04-28", "county")], "2026-05-10", [("late", True)], "after the five days"),
        ([FOUND, ("approved", "2026-04-22", "office")], "2026-05-10", [("approver", True)], "too low"),
        ([FOUND, ("approved", "2026-04-22", "procuratorate")], "2026-05-10", [("approver", True)], "another line"),
        (
            [FOUND, ("approved", "2026-04-22", "office"), ("approved", "2026-04-23", "county")],
            "2026-06-20",
            [],
            "one approval that will do is enough",
        ),
        ([FOUND, ("approved", "2026-04-22", "")], "2026-06-20", [("approver_missing", False)], "missing is only told"),
        ([FOUND], "2026-06-20", [("approval_missing", False)], "and so is an approval that is not on record"),
        (
            [("approved", "2026-04-19", "county"), FOUND],
            "2026-06-20",
            [("approval_missing", False)],
            "none can come before the discovery",
        ),
        (
            [("found", "2026-05-10", ""), ("approved", "2026-05-11", "county")],
            "2026-07-10",
            [],
            "found on the last day",
        ),
        (
            [("found", "2026-05-11", ""), ("approved", "2026-05-11", "county")],
            "2026-05-10",
            [("late", True)],
            "what has run out cannot be counted anew",
        ),
    ],
)
def test_a_restart_that_needs_an_approval_restarts_only_with_one_in_time(
    events: list[tuple[str, str, str]], due: str, faults: list[tuple[str, bool]], why: str
) -> None:
    # 刑事诉讼法(2018) 第一百六十条, 公安机关办理刑事案件程序规定(2020) 第一百五十一条
    happenings = [happened(kind, when, approver=approver) for kind, when, approver in events]

    last = clocks(limit(**ANOTHER_CRIME), happened("began", "2026-03-10"), *happenings, approvers=LEVELS)[-1]

    assert last.due_on == date.fromisoformat(due), why
    assert [(fault.code, fault.refused) for fault in last.faults] == faults


def test_a_refused_restart_says_who_would_have_had_to_approve() -> None:
    events = [happened("began", "2026-03-10"), happened("found", "2026-04-20")]

    (found,) = clocks(
        limit(**ANOTHER_CRIME), *events, happened("approved", "2026-04-22", approver="office"), approvers=LEVELS
    )

    assert [fault.text for fault in found.faults] == [
        "重新计算须县级公安机关负责人批准，批准层级“办案部门负责人”不够，不予计算"
    ]


def test_an_hour_limit_names_the_moment_from_which_it_could_no_longer_be_counted_anew() -> None:
    rule = limit(length=8, unit="hour", restarts=["moved"], restart_approval={"event": "approved", "days": 1})

    (found,) = clocks(rule, happened("began", "2026-03-02 10:00"), happened("moved", "2026-03-02 18:01"))

    assert [fault.text for fault in found.faults] == ["2026-03-02重新计算时期限已于2026-03-02 18:00届满，不予计算"]


def test_a_held_clock_may_be_counted_anew() -> None:
    """Its expiry is not known, so nothing can have come too late."""
    rule = limit(**ANOTHER_CRIME, pauses=[{"from": "sent", "to": "back"}])
    events = [happened("began", "2026-03-10"), happened("sent", "2026-04-01"), happened("found", "2026-05-20")]

    found = clocks(rule, *events, approvers=LEVELS)

    assert [clock.state for clock in found] == [State.RESTARTED, State.PAUSED]


def test_a_stop_that_is_also_a_restart_restarts() -> None:
    rule = limit(stops=["done", "failed"], restarts=["failed"])

    found = clocks(rule, happened("began", "2026-03-02"), happened("failed", "2026-03-10"))

    assert [c.state.value for c in found] == ["restarted", "running"]


def test_a_later_day_set_by_a_document_restarts_the_clock() -> None:
    rule = limit(length=None, set_by_event=True, starts=["ordered"], restarts=["put_off"])

    found = clocks(
        rule,
        happened("ordered", "2026-03-02", sets_on=date(2026, 3, 20)),
        happened("put_off", "2026-03-18", sets_on=date(2026, 4, 10)),
    )

    assert told(*found) == [("case", "restarted", "2026-03-20"), ("case", "running", "2026-04-10")]


# -- states ----------------------------------------------------------------------------------------------------------

PAUSED = {"pauses": [{"from": "sent", "to": "back"}]}


def test_an_open_pause_holds_the_clock_and_takes_its_due_day_away() -> None:
    found = clock(limit(**PAUSED), happened("began", "2026-03-02"), happened("sent", "2026-03-10"))

    assert (found.state, found.due_on, found.due_at) == (State.PAUSED, None, None)


def test_a_start_that_waits_is_held_too() -> None:
    rule = limit(delays=[{"from": "unknown", "to": "known"}])

    found = clock(rule, happened("began", "2026-03-02"), happened("unknown", "2026-03-02"))

    assert found.state is State.PAUSED


def test_a_pause_open_at_the_stop_ends_with_it() -> None:
    found = clock(
        limit(**PAUSED),
        happened("began", "2026-03-02"),
        happened("sent", "2026-03-10"),
        happened("done", "2026-05-20"),
    )

    assert (found.state, found.late) == (State.STOPPED, False)
    assert found.due_on == date(2026, 6, 11)  # 71 days not counted


def test_what_happens_after_the_end_changes_nothing() -> None:
    rule = limit(**PAUSED, extensions=[{"event": "extended", "length": 30}])
    ended = [happened("began", "2026-03-02"), happened("done", "2026-03-20 09:00")]

    found = clock(rule, *ended, happened("sent", "2026-03-21"), happened("extended", "2026-03-25"))

    assert (found.due_on, found.faults) == (date(2026, 4, 1), [])


def test_an_extension_on_the_day_of_a_stop_whose_moment_is_not_known_is_within_the_run() -> None:
    rule = limit(extensions=[{"event": "extended", "length": 30}])

    found = clock(
        rule,
        happened("began", "2026-03-02"),
        happened("extended", "2026-03-20 10:00"),
        happened("done", "2026-03-20"),
    )

    assert found.due_on == date(2026, 5, 1)


# -- what was known --------------------------------------------------------------------------------------------------


def test_clocks_are_as_far_as_was_known_then() -> None:
    # The walked case: the appraisal of 10 to 25 March is entered on the 27th.
    rule = limit(**PAUSED)
    events = [
        happened("began", "2026-03-02 10:00"),
        happened("sent", "2026-03-10", known="2026-03-27 09:00"),
        happened("back", "2026-03-25", known="2026-03-27 09:00"),
    ]

    assert clocks(rule, *events, known=at("2026-03-02 09:59")) == []
    assert clock(rule, *events, known=at("2026-03-27 08:59")).due_on == date(2026, 4, 1)
    assert clock(rule, *events, known=at("2026-03-27 09:00")).due_on == date(2026, 4, 16)


def test_a_corrected_start_moves_the_clock_and_a_struck_out_one_takes_it_away() -> None:
    wrong = happened("began", "2026-03-02", key=1)
    right = happened("began", "2026-03-04", known="2026-06-10 10:00", key=2, voids=1)
    struck = happened("", "2026-06-11", key=3, voids=2)

    assert clock(limit(), wrong, right).due_on == date(2026, 4, 3)
    assert clock(limit(), wrong, right, known=at("2026-06-10 09:00")).due_on == date(2026, 4, 1)
    assert clock(limit(), wrong, right, struck).due_on == date(2026, 4, 1), "the correction itself was struck out"


# -- versions --------------------------------------------------------------------------------------------------------


def versions(**newer: Any) -> list[Limit]:
    """治安管理处罚法: the text of 2012 from acceptance, that of 2025 from filing."""
    old = limit(
        code="psa_v2012",
        starts=["accepted"],
        in_force_from="2013-01-01",
        in_force_until="2025-12-31",
        extensions=[{"event": "extended", "length": 30}],
        rollover="forward",
    )
    new = limit(
        code="psa_v2025",
        **{
            "starts": ["filed"],
            "in_force_from": "2026-01-01",
            "extensions": [{"event": "extended", "length": 30, "times": 2}],
            "rollover": "forward",
        }
        | newer,
    )
    return [new, old]


@pytest.mark.parametrize(
    ("events", "expected", "why"),
    [
        ([("accepted", "2025-12-20")], [("psa_v2012", "2026-01-19")], "story 6: 2012 text, from acceptance"),
        ([("filed", "2026-03-02")], [("psa_v2025", "2026-04-01")], "story 1: 2025 text, from filing"),
        ([("accepted", "2025-12-31")], [("psa_v2012", "2026-01-30")], "on the last day of the old text"),
        ([("filed", "2026-01-01")], [("psa_v2025", "2026-02-02")], "on the first of the new; 01-31 is a Saturday"),
        ([("filed", "2025-12-20")], [], "the old text does not start on filing"),
        ([("accepted", "2026-01-05")], [], "nor the new one on acceptance"),
        (
            [("accepted", "2026-01-05"), ("filed", "2026-01-06")],
            [("psa_v2025", "2026-02-05")],
            "both, after: from filing",
        ),
        ([("accepted", "2025-12-20"), ("filed", "2026-01-05")], [("psa_v2012", "2026-01-19")], "one run at a time"),
        (
            [("accepted", "2025-12-20"), ("extended", "2026-01-10")],
            [("psa_v2012", "2026-02-24")],
            "story 7: 02-18 is a festival",
        ),
    ],
)
def test_the_version_in_force_when_the_clock_starts(
    events: list[tuple[str, str]], expected: list[tuple[str, str]], why: str
) -> None:
    found = clocks(versions(), *(happened(kind, day) for kind, day in events))

    assert [(c.limit.code, str(c.due_on)) for c in found] == expected, why


def test_a_second_extension_is_refused_under_the_old_text_also_after_the_new_one_is_in_force() -> None:
    events = [
        happened("accepted", "2025-12-20"),
        happened("extended", "2026-01-10"),
        happened("extended", "2026-02-20"),
    ]

    (found,) = clocks(versions(), *events)

    assert [fault.code for fault in found.faults] == ["times"]


@pytest.mark.parametrize(
    ("events", "expected", "why"),
    [
        ([("accepted", "2025-12-20")], [("psa_v2025", "2026-02-18", "running")], "open on 1 January"),
        (
            [("accepted", "2025-12-20"), ("done", "2025-12-31")],
            [("psa_v2012", "2026-01-19", "stopped")],
            "over by then",
        ),
        (
            [("accepted", "2025-12-20"), ("done", "2026-01-01")],
            [("psa_v2025", "2026-02-18", "stopped")],
            "over on the day",
        ),
        (
            [("accepted", "2025-11-25")],
            [("psa_v2012", "2025-12-25", "running")],
            "had expired: the new text heals nothing",
        ),
        (
            [("accepted", "2025-12-01")],
            [("psa_v2012", "2025-12-31", "running")],
            "its last day was the old text's last",
        ),
        (
            [("accepted", "2025-12-02")],
            [("psa_v2025", "2026-01-31", "running")],
            "its last day is the first of the new",
        ),
        (
            [("accepted", "2025-12-20"), ("closed", "2026-01-10")],
            [("psa_v2025", "2026-02-18", "stopped")],
            "stopped as the new text says",
        ),
        (
            [("accepted", "2025-12-20"), ("closed", "2025-12-25")],
            [("psa_v2025", "2026-02-18", "running")],
            "the old one did not know that stop",
        ),
    ],
)
def test_a_version_may_also_rule_what_is_open_when_it_comes_into_force(
    events: list[tuple[str, str]], expected: list[tuple[str, str, str]], why: str
) -> None:
    both = versions(transition="running", length=60, rollover="none", stops=["done", "closed"])

    found = clocks(both, *(happened(kind, day) for kind, day in events))

    assert [(c.limit.code, str(c.due_on), c.state.value) for c in found] == expected, why


def test_it_does_so_only_where_its_facts_hold() -> None:
    both = versions(transition="running", length=60, rollover="none", when={"major": True})
    accepted = happened("accepted", "2025-12-20")

    assert clock(both, accepted, facts={"major": "true"}).limit.code == "psa_v2025"
    assert clock(both, accepted).limit.code == "psa_v2012"


def test_a_run_restarted_under_a_text_that_knows_no_such_restart_goes_on_under_its_own() -> None:
    old, new = (
        limit(code="x_v1", restarts=["moved"], in_force_until="2025-12-31"),
        limit(code="x_v2", in_force_from="2026-01-01"),
    )

    found = clocks([old, new], happened("began", "2025-12-20"), happened("moved", "2026-01-05"))

    assert told(*found) == [("x_v1", "restarted", "2026-01-19"), ("x_v1", "running", "2026-02-04")]


def test_of_two_texts_in_force_the_one_whose_facts_hold_is_taken() -> None:
    both = [
        limit(code="a", family="f", length=10, when={"expedited": True}),
        limit(code="b", family="f", length=90, when={"expedited": ["", False]}),
    ]

    assert clock(both, happened("began", "2026-03-02"), facts={"expedited": "true"}).limit.code == "a"
    assert clock(both, happened("began", "2026-03-02")).limit.code == "b"
    assert clocks(both, happened("began", "2026-03-02"), facts={"expedited": "perhaps"}) == []


def test_drafts_and_rules_without_a_length_raise_nothing() -> None:
    rules = [limit(code="draft", status="draft"), limit(code="rule", bound="rule", length=None)]

    assert clocks(rules, happened("began", "2026-03-02")) == []


# -- before an expiry ------------------------------------------------------------------------------------------------


def custody() -> list[Limit]:
    """刑事诉讼法(2018) 第一百五十六条; 公安机关办理刑事案件程序规定(2020) 第一百四十八条: to be asked for seven days before."""
    return [
        limit(
            code="custody",
            starts=["arrested"],
            stops=["prosecuted"],
            length=2,
            unit="month",
            custody=True,
            restarts=["other_crime_found"],
            extensions=[
                {"event": "extended", "length": 1, "approvers": ["city"]},
                {"event": "extended", "length": 2, "approvers": ["province"]},
            ],
            pauses=[{"from": "sent", "to": "back"}],
        ),
        limit(code="ask", before_expiry_of="custody", stops=["asked", "extended"], length=7, rollover="backward"),
    ]


ASKING = {code: ApproverLevel(code, code, "procuratorate", rank) for rank, code in enumerate(("city", "province"))}
ARRESTED = happened("arrested", "2026-03-02 10:00")


def asked(*events, **more):
    return [c for c in clocks(custody(), ARRESTED, *events, **more) if c.limit.code == "ask"]


def test_what_is_due_before_an_expiry_is_counted_back_from_it_and_rolled_back() -> None:
    (found,) = asked()

    # 05-02 less seven days is 04-25, a Saturday.
    assert told(found) == [("ask", "running", "2026-04-24")]
    assert found.start.key == ARRESTED.key
    assert found.started_at == ARRESTED.at


def test_each_stage_has_its_own() -> None:
    found = asked(
        happened("asked", "2026-04-20"),
        happened("extended", "2026-04-28"),
        happened("asked", "2026-05-27"),
    )

    # 06-02 less seven days is 05-26.
    assert told(*found) == [("ask", "stopped", "2026-04-24"), ("ask", "stopped", "2026-05-26")]
    assert [c.late for c in found] == [False, True]
    assert [c.start.kind for c in found] == ["arrested", "extended"]


def test_a_stage_ends_where_the_next_begins() -> None:
    ladder = [
        happened("extended", "2026-04-28", approver="city"),
        happened("extended", "2026-05-28", approver="province"),
        happened("asked", "2026-06-10"),
    ]

    # Nobody asked before the second extension; that of 06-10 is about the third stage.
    assert [(c.state.value, c.late) for c in asked(*ladder, approvers=ASKING)] == [
        ("stopped", True),
        ("stopped", True),
        ("stopped", False),
    ]


def test_what_was_asked_before_the_measure_or_after_its_end_is_not_the_asking() -> None:
    found = asked(
        happened("asked", "2026-02-20"), happened("prosecuted", "2026-04-20"), happened("asked", "2026-04-21")
    )

    assert [c.state for c in found] == [State.MOOT]


def test_one_request_serves_one_stage_also_where_days_are_all_that_is_known() -> None:
    found = asked(happened("asked", "2026-04-28", key=1), happened("extended", "2026-04-28", key=2))

    assert [c.state for c in found] == [State.STOPPED, State.RUNNING]


def test_the_event_that_opens_a_stage_is_not_what_was_due_before_its_end() -> None:
    found = asked(happened("asked", "2026-04-20"), happened("extended", "2026-04-28"))

    assert [c.state for c in found] == [State.STOPPED, State.RUNNING]


def test_an_extension_nobody_asked_for_is_the_asking_itself() -> None:
    found = asked(happened("extended", "2026-04-28"))

    assert [(c.state, c.late) for c in found] == [(State.STOPPED, True), (State.RUNNING, False)]


def test_a_refused_extension_opens_no_stage() -> None:
    found = asked(
        happened("extended", "2026-04-28", approver="nobody"),
    )

    assert [c.start.kind for c in found] == ["arrested"]


def test_it_is_moot_once_the_other_clock_has_ended_without_it() -> None:
    ended = asked(happened("prosecuted", "2026-04-28"))
    restarted = asked(happened("other_crime_found", "2026-04-10"))

    assert [(c.state, c.late) for c in ended] == [(State.MOOT, False)]
    assert [(c.state, c.start.kind, c.due_on) for c in restarted] == [
        (State.MOOT, "arrested", date(2026, 4, 24)),
        (State.RUNNING, "other_crime_found", date(2026, 6, 3)),
    ]


def test_while_the_other_is_held_nothing_can_be_counted_back_from_its_end() -> None:
    held = asked(happened("sent", "2026-04-01"))
    extended = asked(happened("sent", "2026-04-01"), happened("extended", "2026-05-20"))
    resumed = asked(happened("sent", "2026-04-01"), happened("extended", "2026-05-20"), happened("back", "2026-05-25"))

    assert held == []
    assert extended == []
    assert [c.late for c in resumed] == [False, False]


def test_it_is_provisional_with_the_expiry_it_is_counted_back_from() -> None:
    rules = [
        limit(code="bail", starts=["bailed"], length=12, unit="month"),
        limit(code="notice", before_expiry_of="bail", stops=["noticed"], length=15, rollover="backward"),
    ]

    found = clocks(rules, happened("bailed", "2026-01-05"))

    assert [(c.due_on, c.provisional) for c in found] == [(date(2027, 1, 5), True), (date(2026, 12, 21), True)]


def test_of_several_runs_at_a_time_each_has_its_own_and_a_stop_is_about_the_one_it_names() -> None:
    rules = [
        limit(code="seizure", concurrent=True),
        limit(code="ask", before_expiry_of="seizure", stops=["asked"], length=7),
    ]
    events = [
        happened("began", "2026-03-02", reference="甲"),
        happened("began", "2026-03-02", reference="乙"),
        happened("asked", "2026-03-10", reference="乙"),
    ]

    found = [c for c in clocks(rules, *events) if c.limit.code == "ask"]

    assert [(c.start.reference, c.state.value) for c in found] == [("甲", "running"), ("乙", "stopped")]


def test_where_there_is_one_run_at_a_time_references_do_not_matter() -> None:
    rules = [limit(code="bail"), limit(code="ask", before_expiry_of="bail", stops=["asked"], length=7)]
    events = [happened("began", "2026-03-02", reference="甲"), happened("asked", "2026-03-10", reference="乙")]

    assert clocks(rules, *events)[1].state is State.STOPPED


def test_whether_it_is_due_may_depend_on_the_facts() -> None:
    rules = [
        limit(code="bail"),
        limit(code="notice", before_expiry_of="bail", length=15, when={"transferred": True}),
    ]
    begun = happened("began", "2026-03-02")

    assert [c.limit.code for c in clocks(rules, begun, facts={"transferred": "true"})] == ["bail", "notice"]
    assert [c.limit.code for c in clocks(rules, begun)] == ["bail"]


def test_hours_before_the_end_of_a_day_are_counted_from_its_midnight() -> None:
    rules = [limit(code="seizure"), limit(code="remind", before_expiry_of="seizure", length=24, unit="hour")]

    found = clocks(rules, happened("began", "2026-03-02"))

    assert found[1].due_at == at("2026-04-01 00:00")


# -- after an expiry -------------------------------------------------------------------------------------------------


def remedies(**more: Any) -> list[Limit]:
    """行政强制法(2012) 第五十三条: within three months after the time for a remedy is over."""
    return [
        limit(code="remedy", starts=["served"], stops=["applied"], length=60, nature="party_right"),
        limit(
            **{"code": "enforce", "after_expiry_of": "remedy", "stops": ["enforced"], "length": 3, "unit": "month"}
            | more
        ),
    ]


@pytest.mark.parametrize(
    ("events", "expected", "why"),
    [
        ([], ("running", "2026-08-01"), "counted from the expiry, 2026-05-01, itself not counted"),
        ([("applied", "2026-04-20")], None, "done in time: nothing follows"),
        ([("applied", "2026-05-01")], None, "done on the due day"),
        ([("applied", "2026-05-02")], ("running", "2026-08-01"), "done late: the expiry stands"),
        ([("enforced", "2026-07-20")], ("stopped", "2026-08-01"), "stopped"),
        ([("enforced", "2026-04-20")], ("running", "2026-08-01"), "before the expiry: something else"),
        ([("enforced", "2026-05-02")], ("stopped", "2026-08-01"), "on the day after the expiry"),
        ([("enforced", "2026-07-20"), ("enforced", "2026-08-20")], ("stopped", "2026-08-01"), "by the first of two"),
    ],
)
def test_one_limits_end_starts_another(
    events: list[tuple[str, str]], expected: tuple[str, str] | None, why: str
) -> None:
    found = clocks(remedies(), happened("served", "2026-03-02"), *(happened(kind, day) for kind, day in events))

    after = [(c.state.value, str(c.due_on)) for c in found if c.limit.code == "enforce"]
    assert after == ([expected] if expected else []), why
    assert not any(c.late for c in found if c.limit.code == "enforce")


def test_what_was_done_before_may_count_for_it() -> None:
    events = [happened("served", "2026-03-02"), happened("enforced", "2026-04-20")]

    assert clocks(remedies(satisfied_before=True), *events)[1].state is State.STOPPED


def test_it_begins_when_the_day_of_the_expiry_is_over() -> None:
    found = clocks(remedies(), happened("served", "2026-03-02"))[1]

    assert found.started_at == at("2026-05-02 00:00")
    assert [str(step.before) for step in found.steps()] == ["2026-05-01"]


def test_an_extension_on_the_day_of_the_expiry_is_not_yet_about_what_follows() -> None:
    rules = remedies(extensions=[{"event": "extended", "length": 1}])
    served = happened("served", "2026-03-02")

    before = clocks(rules, served, happened("extended", "2026-05-01 12:00"))[1]
    after = clocks(rules, served, happened("extended", "2026-05-02 12:00"))[1]

    assert (before.due_on, after.due_on) == (date(2026, 8, 1), date(2026, 9, 1))


def test_after_a_moment_hours_go_on_from_it_and_days_from_its_day() -> None:
    rules = [
        limit(code="hold", length=8, unit="hour"),
        limit(code="hours", after_expiry_of="hold", length=2, unit="hour"),
        limit(code="days", after_expiry_of="hold", length=2),
    ]

    found = clocks(rules, happened("began", "2026-05-01 22:10"))

    assert found[1].due_at == at("2026-05-02 08:10")
    assert found[2].due_on == date(2026, 5, 4)


def test_a_chain_takes_the_version_in_force_at_the_expiry() -> None:
    old = remedies(code="enforce_v1", in_force_until="2026-04-30")
    new = remedies(code="enforce_v2", in_force_from="2026-05-01", length=6)

    still_old = remedies(code="enforce_v1", in_force_until="2026-05-01")
    not_yet = remedies(code="enforce_v2", in_force_from="2026-05-02", length=6)
    served = happened("served", "2026-03-02")

    # The sixty days are over on 05-01.
    assert clocks([*old, new[1]], served)[1].limit.code == "enforce_v2"
    assert clocks([*still_old, not_yet[1]], served)[1].limit.code == "enforce_v1"


def test_after_hours_it_is_the_version_of_the_day_they_end_on() -> None:
    rules = [
        limit(code="hold", length=8, unit="hour"),
        limit(code="x_v1", after_expiry_of="hold", length=2, in_force_until="2026-05-01"),
        limit(code="x_v2", after_expiry_of="hold", length=2, in_force_from="2026-05-02"),
    ]

    assert clocks(rules, happened("began", "2026-05-01 22:10"))[1].limit.code == "x_v2"


def test_a_chain_may_go_on() -> None:
    rules = [*remedies(), limit(code="third", after_expiry_of="enforce", length=10)]

    assert told(*clocks(rules, happened("served", "2026-03-02")))[2] == ("third", "running", "2026-08-11")


def test_an_extended_stage_has_no_expiry_that_anything_follows() -> None:
    rules = remedies()
    rules[0] = limit(code="remedy", starts=["served"], length=60, extensions=[{"event": "extended", "length": 30}])

    found = clocks(rules, happened("served", "2026-03-02"), happened("extended", "2026-04-20"))

    assert told(*found) == [("remedy", "running", "2026-05-31"), ("enforce", "running", "2026-08-31")]


def test_of_clocks_one_event_would_start_twice_the_first_to_expire_counts() -> None:
    rules = [
        limit(code="seizure", concurrent=True, extensions=[{"event": "extended", "length": 30}]),
        limit(code="ask", before_expiry_of="seizure", stops=["asked"], length=7),
    ]
    events = [
        happened("began", "2026-03-09", reference="甲"),
        happened("began", "2026-03-02", reference="乙"),
        happened("extended", "2026-03-20"),
    ]

    found = [c for c in clocks(rules, *events) if c.limit.code == "ask" and c.start.kind == "extended"]

    assert [c.due_on for c in found] == [date(2026, 4, 24)]


def test_an_anchor_may_be_named_by_its_family_or_by_the_code_of_a_version() -> None:
    for name in ("bail", "bail_v2018"):
        rules = [
            limit(code="bail_v2018", starts=["bailed"], length=12, unit="month"),
            limit(code="notice", before_expiry_of=name, stops=["noticed"], length=15),
        ]
        assert [c.limit.code for c in clocks(rules, happened("bailed", "2025-03-03"))] == ["bail_v2018", "notice"]


def test_what_counts_from_a_limit_that_does_not_apply_here_does_not_apply_either() -> None:
    rules = [
        limit(code="notice", before_expiry_of="bail", stops=["noticed"], length=15),
        limit(code="then", after_expiry_of="notice", length=3),
        limit(code="case"),
    ]

    assert [c.limit.code for c in clocks(rules, happened("began", "2026-03-02"))] == ["case"]


def test_limits_that_count_from_each_other_are_refused() -> None:
    circle = [limit(code="a", after_expiry_of="b"), limit(code="b", after_expiry_of="a")]

    with pytest.raises(ValueError, match="a、b"):
        Rulebook(circle, {"cn": CHINA})


def test_a_limit_may_stand_before_the_one_it_counts_from() -> None:
    found = clocks(remedies()[::-1], happened("served", "2026-03-02"))

    assert [c.limit.code for c in found] == ["remedy", "enforce"]


# -- warnings --------------------------------------------------------------------------------------------------------

LONG = Ladder("long", Lead(days=7), Lead(days=3))
HOURS = Ladder("hours", Lead(share=0.25), Lead(share=0.1), exact=True)


def test_a_clock_says_when_its_warnings_begin() -> None:
    days = clock(limit(rollover="forward"), happened("began", "2026-03-02 10:00"))
    hours = clock(limit(length=48, unit="hour"), happened("began", "2026-10-01 15:30"))

    assert days.warnings(LONG) == (at("2026-03-25 00:00"), at("2026-03-29 00:00"))
    assert hours.warnings(HOURS) == (at("2026-10-03 03:30"), at("2026-10-03 10:42"))


def test_a_clock_without_an_end_has_no_warnings() -> None:
    found = clock(limit(**PAUSED), happened("began", "2026-03-02"), happened("sent", "2026-03-10"))

    assert found.warnings(LONG) is None


def test_orange_never_begins_before_yellow() -> None:
    odd = Ladder("odd", Lead(days=0, at=time(9)), Lead(days=3))

    yellow, orange = clock(limit(), happened("began", "2026-03-02")).warnings(odd) or (None, None)

    assert yellow == orange == at("2026-04-01 09:00")


# -- the whole -------------------------------------------------------------------------------------------------------


def story(found) -> list[Any]:
    return [
        (c.limit.code, c.start.key, c.due_at, c.state, c.late, [f.code for f in c.faults], [s.text for s in c.steps()])
        for c in found
    ]


def test_the_order_in_which_events_are_told_changes_nothing_even_when_they_share_a_moment() -> None:
    rules = [
        limit(**MEDIATED, **PAUSED, extensions=[{"event": "extended", "length": 30}]),
        limit(code="other", concurrent=True),
    ]
    events = [
        happened("began", "2026-03-02 10:00", key=1),
        happened("done", "2026-03-02 10:00", key=2),
        happened("failed", "2026-03-02 10:00", key=3),
        happened("sent", "2026-03-02", key=4),
        happened("back", "2026-03-05", key=5),
        happened("extended", "2026-03-05", key=6),
    ]

    told_in_order = story(clocks(rules, *events))

    assert all(story(clocks(rules, *order)) == told_in_order for order in permutations(events))


def test_a_rulebook_winds_matter_after_matter_without_remembering_any() -> None:
    book = Rulebook([limit(**PAUSED)], {"cn": CHINA})
    one = [happened("began", "2026-03-02"), happened("sent", "2026-03-10")]
    other = [happened("began", "2026-03-02")]
    known = at("2030-01-01")

    first = story(book.wind(one, known))
    assert [c.due_on for c in book.wind(other, known)] == [date(2026, 4, 1)]
    assert story(book.wind(one, known)) == first


def test_a_limit_of_another_country_is_only_another_row() -> None:
    # Codice della strada, art. 201: the fine is to be sent within ninety days.
    rule = limit(code="send", starts=["created"], stops=["sent"], length=90, calendar="")
    created = happened("created", "2007-01-15", zone=ROME)

    in_time = clock(rule, created, happened("sent", "2007-04-15", zone=ROME), calendar={}, zone=ROME)
    late = clock(rule, created, happened("sent", "2007-04-16", zone=ROME), calendar={}, zone=ROME)

    assert in_time.due_at == at("2007-04-16 00:00", ROME)
    assert (in_time.late, late.late) == (False, True)


def test_wind_takes_one_calendar_or_several_by_name() -> None:
    events = [happened("began", "2026-03-02")]

    by_name = wind(events, [limit()], {"cn": CHINA}, at("2030-01-01"), zone=SHANGHAI)

    assert story(by_name) == story(wind(events, [limit()], CHINA, at("2030-01-01")))


@pytest.mark.parametrize(
    ("when", "zone"), [("9999-12-31", SHANGHAI), ("9999-12-20 10:00", ROME), ("0001-01-01", SHANGHAI)]
)
def test_a_date_at_the_end_of_all_days_is_refused_in_words(when: str, zone: ZoneInfo) -> None:
    with pytest.raises(ValueError, match="太早或者太晚"):
        clocks(limit(), happened("began", when, known="2026-03-02", zone=zone), zone=zone)


def test_the_law_is_imported_with_no_django_installed() -> None:
    program = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "celery", "redis", "config", "supervision"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import cases.statute
from cases.statute import clocks, events, limits, periods, reckoning, workdays

imported = {name.partition(".")[0] for name in sys.modules} - before - set(sys.stdlib_module_names) - {"cases"}
print(sorted(name for name in imported if not name.startswith("_")))
"""
    program = "import sys; before = {name.partition('.')[0] for name in sys.modules}\n" + program
    root = Path(__file__).resolve().parents[2]

    run = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "[]", "")
