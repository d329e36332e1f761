import hashlib
from datetime import date

import pytest

from cases.statute.workdays import Calendar
from supervision.inspections import rules
from supervision.inspections.rules import Candidate

FRAME = [Candidate(f"U{n % 3}", rules.matter_key("target:旅馆业", f"H{n}")) for n in range(1, 21)]
POOL = ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("size", "percent", "number", "why"),
    [
        (100, 5, 5, "five in a hundred"),
        (10, 25, 3, "two and a half are three"),
        (1, 1, 1, "of one at least one"),
        (7, 100, 7, "all of them"),
        (200, 1, 2, "exactly"),
    ],
)
def test_a_share_is_rounded_up(size: int, percent: int, number: int, why: str) -> None:
    assert rules.how_many(size, percent) == number, why


def test_targets_are_those_with_the_least_hash_whatever_order_they_come_in() -> None:
    def by_hand(one: Candidate) -> str:
        return hashlib.sha256(f"7\t{one.unit}\t{one.kind}\t{one.number}".encode()).hexdigest()

    drawn = rules.draw_targets(reversed(FRAME), seed="7", percent=20)

    assert drawn == sorted(FRAME, key=by_hand)[:4]
    assert rules.draw_targets(FRAME, seed="8", percent=20) != drawn


def test_inspectors_are_given_out_evenly_and_keep_away_where_they_must() -> None:
    drawn = rules.draw_targets(FRAME, seed="7", percent=40)
    away = {rules.line_of(one): ["1"] for one in drawn[:4]}

    chosen = rules.give_out(drawn, POOL, away, seed="7", each=2)

    assert all(len(set(numbers)) == 2 for numbers in chosen.values())
    assert not any("1" in chosen[one] for one in drawn[:4])
    loads = [sum(number in numbers for numbers in chosen.values()) for number in POOL]
    assert sum(loads) == 16 and max(loads) - min(loads) <= 1


def test_who_steps_in_is_the_next_by_lot_and_nobody_where_none_is_left() -> None:
    one = FRAME[0]
    lots = sorted(("3", "4"), key=lambda number: rules.lot("7", one, number))

    assert rules.next_by_lot(one, POOL, {}, seed="7", besides=["1", "2"]) == lots[0]
    assert rules.next_by_lot(one, POOL, {rules.line_of(one): ["4"]}, seed="7", besides=["1", "2"]) == "3"
    assert rules.next_by_lot(one, POOL, {}, seed="7", besides=POOL) is None


def test_a_result_is_public_within_working_days_of_the_inspection() -> None:
    # Friday 3 April 2026; the weekend is not counted, nor the day itself.
    assert rules.publish_until(date(2026, 4, 3), 20, Calendar("x", {}, frozenset({2026}))) == date(2026, 5, 1)
