"""Which events count, in which order, and how stretches of uncounted time become one."""

from datetime import UTC, date, datetime

import pytest

from cases.statute.events import (
    DaySpan,
    Interval,
    MomentSpan,
    comes_before,
    concerns,
    merge_days,
    merge_moments,
    pair,
    standing,
)
from tests.statute.facts import LATER, ROME, at, happened


def keys(events) -> list[int]:
    return [event.key for event in events]


# -- what counts -----------------------------------------------------------------------------------------------------


def test_only_what_was_known_by_then_counts() -> None:
    filed = happened("filed", "2026-03-02 10:00", key=1)
    learnt_late = happened("appraised", "2026-03-10", known="2026-03-27 09:00", key=2)

    assert keys(standing([filed, learnt_late], at("2026-03-27 08:59:59"))) == [1]
    assert keys(standing([filed, learnt_late], at("2026-03-27 09:00"))) == [1, 2]


def test_events_stand_in_the_order_they_happened_and_at_one_moment_in_the_order_they_were_recorded() -> None:
    second = happened("b", "2026-03-02 10:00", key=7)
    first = happened("a", "2026-03-02 10:00", key=3)
    earlier = happened("c", "2026-03-01 10:00", key=9)

    assert keys(standing([second, first, earlier], LATER)) == [9, 3, 7]


def test_what_is_struck_out_does_not_count_and_the_correction_does() -> None:
    wrong = happened("filed", "2026-03-02", known="2026-03-02 10:00", key=1)
    right = happened("filed", "2026-03-04", known="2026-06-10 10:00", key=2, voids=1)

    assert keys(standing([wrong, right], at("2026-06-10 09:00"))) == [1]
    assert keys(standing([wrong, right], at("2026-06-10 10:00"))) == [2]


def test_striking_out_a_striking_out_restores_the_first() -> None:
    first = happened("filed", "2026-03-02", key=1)
    struck = happened("", "2026-03-05 10:00", key=2, voids=1)
    restored = happened("", "2026-03-06 10:00", key=3, voids=2)

    assert keys(standing([restored, first, struck], LATER)) == [1, 3]
    assert keys(standing([restored, first, struck], at("2026-03-05 12:00"))) == [2]


def test_a_striking_out_is_judged_by_the_order_of_recording_even_where_it_is_known_at_an_odd_time() -> None:
    first = happened("filed", "2026-03-02", key=1)
    struck = happened("", "2026-03-05", known="2026-03-09 10:00", key=2, voids=1)
    restored = happened("", "2026-03-06", known="2026-03-06 10:00", key=3, voids=2)

    assert keys(standing([first, struck, restored], LATER)) == [1, 3]


def test_moments_of_a_local_zone_are_ordered_by_the_clock_that_never_jumps() -> None:
    later = happened("b", "2026-10-25 02:10", zone=ROME, key=1)._replace(
        at=datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=ROME)
    )
    earlier = happened("a", "2026-10-25 02:40", zone=ROME, key=2)

    stood = standing([later, earlier], LATER)

    assert keys(stood) == [2, 1]
    assert all(event.at.tzinfo is UTC for event in stood)


# -- before, and about -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "before"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:01", True),
        ("2026-03-02 10:00", "2026-03-02 10:00", False),
        ("2026-03-02", "2026-03-02 10:00", False),
        ("2026-03-02 10:00", "2026-03-02", False),
        ("2026-03-02", "2026-03-03", True),
        ("2026-03-02 23:59", "2026-03-03", True),
    ],
)
def test_an_event_is_before_another_only_where_that_is_certain(one: str, other: str, before: bool) -> None:
    assert comes_before(happened("a", one), happened("b", other)) is before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("", "", True), ("甲", "", True), ("", "乙", True), ("甲", "甲", True), ("甲", "乙", False)],
)
def test_two_references_that_differ_are_about_different_things(one: str, other: str, same: bool) -> None:
    event, start = happened("a", "2026-03-02", reference=one), happened("b", "2026-03-02", reference=other)

    assert concerns(event, start) is same


# -- intervals -------------------------------------------------------------------------------------------------------


def paired(*events):
    by_kind = {kind: [e for e in events if e.kind == kind] for kind in ("from", "to")}
    return [(begun.key, None if ended is None else ended.key) for begun, ended in pair(by_kind, "from", "to")]


def test_beginnings_pair_with_the_ends_that_follow_them_first_with_first() -> None:
    found = paired(
        happened("to", "2026-03-01", key=1),
        happened("from", "2026-03-02", key=2),
        happened("from", "2026-03-05", key=3),
        happened("to", "2026-03-07", key=4),
        happened("to", "2026-03-09", key=5),
        happened("from", "2026-03-10", key=6),
    )

    assert found == [(2, 4), (3, 5), (6, None)]


def test_an_end_with_the_same_reference_comes_first() -> None:
    found = paired(
        happened("from", "2026-03-02", key=1, reference="伤情"),
        happened("from", "2026-03-03", key=2, reference="酒精"),
        happened("to", "2026-03-07", key=3, reference="酒精"),
        happened("to", "2026-03-09", key=4),
    )

    assert found == [(1, 4), (2, 3)]


def test_an_end_with_another_reference_never_ends_it() -> None:
    found = paired(
        happened("from", "2026-03-02", key=1, reference="伤情"),
        happened("to", "2026-03-07", key=2, reference="酒精"),
    )

    assert found == [(1, None)]


def test_an_end_with_the_same_reference_is_none_of_a_later_beginning() -> None:
    found = paired(
        happened("to", "2026-03-01", key=1, reference="伤情"),
        happened("from", "2026-03-02", key=2, reference="伤情"),
        happened("to", "2026-03-09", key=3),
    )

    assert found == [(2, 3)]


def test_an_end_of_the_same_day_ends_what_began_on_a_day_only() -> None:
    found = paired(happened("from", "2026-03-02 15:00", key=1), happened("to", "2026-03-02", key=2))

    assert found == [(1, 2)]


def test_no_beginning_makes_no_interval() -> None:
    assert pair({"to": [happened("to", "2026-03-02")]}, "from", "to") == []


def test_an_interval_names_both_its_events() -> None:
    begun, ended = happened("from", "2026-03-02"), happened("to", "2026-03-05")

    assert pair({"from": [begun], "to": [ended]}, "from", "to") == [Interval(begun, ended)]


# -- merging ---------------------------------------------------------------------------------------------------------


def day(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.parametrize(
    ("spans", "merged", "why"),
    [
        ([(5, 9), (7, 12)], [(5, 12)], "overlapping"),
        ([(5, 12), (7, 9)], [(5, 12)], "nested"),
        ([(5, 9), (9, 12)], [(5, 12)], "touching: (5, 9] and (9, 12]"),
        ([(5, 9), (10, 12)], [(5, 9), (10, 12)], "10 March lies between them"),
        ([(7, 12), (5, 9), (20, 21)], [(5, 12), (20, 21)], "in any order"),
        ([(5, None), (7, 9)], [(5, None)], "one open"),
        ([(7, 9), (8, None)], [(7, None)], "open from within"),
        ([(1, 9)], [(2, 9)], "clipped to the start"),
        ([(1, 2)], [], "over before the start"),
        ([(6, 6)], [], "begun and ended on one day"),
    ],
)
def test_uncounted_days_become_one(spans, merged, why: str) -> None:
    found = merge_days([DaySpan(day(a), day(b) if b else None) for a, b in spans], day(2), None)

    assert [(span.after, span.until) for span in found] == [(day(a), day(b) if b else None) for a, b in merged], why


def test_open_days_end_with_the_run() -> None:
    found = merge_days([DaySpan(day(5), None)], day(2), day(8))

    assert found == [DaySpan(day(5), day(8))]


def test_a_merged_stretch_remembers_every_pause_it_comes_from() -> None:
    found = merge_days([DaySpan(day(5), day(9), (1,)), DaySpan(day(7), day(12), (0,))], day(2), None)

    assert found == [DaySpan(day(5), day(12), (0, 1))]


def test_uncounted_moments_merge_the_same_way() -> None:
    spans = [
        MomentSpan(at("2026-03-02 10:00"), at("2026-03-02 12:00"), (0,)),
        MomentSpan(at("2026-03-02 11:00"), at("2026-03-02 11:30"), (1,)),
        MomentSpan(at("2026-03-02 13:00"), None),
    ]

    found = merge_moments(spans, at("2026-03-02 10:30"), at("2026-03-02 14:00"))

    assert found == [
        MomentSpan(at("2026-03-02 10:30"), at("2026-03-02 12:00"), (0, 1)),
        MomentSpan(at("2026-03-02 13:00"), at("2026-03-02 14:00")),
    ]
