"""What is marked and kept can be read again; what is most urgent comes first; pasted numbers are found."""

from datetime import UTC, datetime

import pytest

from supervision.handovers.rules import (
    Mark,
    Running,
    Thing,
    counted,
    most_urgent_first,
    read_mark,
    read_numbers,
    read_running,
)

SOON, LATE = datetime(2026, 3, 4, 16, tzinfo=UTC), datetime(2026, 4, 1, 16, tzinfo=UTC)


def test_a_mark_is_read_as_it_was_written() -> None:
    for mark in (Mark(Thing.MATTER, 7, 3, None), Mark(Thing.ORDER, 8, 3, 4, 2), Mark(Thing.FOLLOWED, 9, 3, 4)):
        assert read_mark(mark.as_list()) == mark

    assert Mark(Thing.MATTER, 7, 3, None).key == Mark(Thing.MATTER, 7, 5, 6).key == "matter-7"


def test_a_limit_is_read_as_it_was_written_and_only_one_that_ran_out_stays() -> None:
    red = Running("作出决定", "2026-02-04", SOON, 3, "超 26 天", "■", "red")
    paused = Running("作出决定", "暂停", None, None, "暂停计算", "‖", "grey")

    assert [read_running(one.as_json()) for one in (red, paused)] == [red, paused]
    assert (red.stays, paused.stays) == (True, False)


def test_what_runs_out_first_comes_first_and_what_does_not_run_comes_last() -> None:
    rows = [(None, "A"), (LATE, "B"), (SOON, "D"), (SOON, "C")]

    assert [number for _, number in sorted(rows, key=most_urgent_first)] == ["C", "D", "B", "A"]


@pytest.mark.parametrize(
    ("things", "words"),
    [
        (["matter", "order", "matter"], "事项 2 件、整改 1 件"),
        (["followed"], "盯办 1 件"),
        ([], "没有"),
    ],
)
def test_what_is_handed_over_is_counted_by_kind(things: list[str], words: str) -> None:
    assert counted(things) == words


def test_numbers_are_read_however_they_were_pasted() -> None:
    assert read_numbers(" A-1\nA-2，A-3;A-1、 A-4\t") == ["A-1", "A-2", "A-3", "A-4"]
    assert read_numbers("\n ") == []
