"""How a ladder presses a clock, and that a unit's own is never slacker than the one above."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.statute.ladders import GRADES, Conduct, Demand, Ladder, Lead, Said, at_least, slacker

LONG = Ladder("long", Lead(days=7), Lead(days=3), from_length=30)


def test_a_duty_is_loud_asks_for_a_word_and_in_the_end_for_an_order_of_three_working_days() -> None:
    manner = LONG.manner(counted=True)

    assert manner.yellow == manner.orange == Conduct(True, Demand.ACKNOWLEDGEMENT)
    assert manner.red == Conduct(True, Demand.ORDER, "reminder", 3)
    assert manner.climbs == (2, 2, 2)


def test_a_right_of_parties_is_quiet_and_asks_for_nothing() -> None:
    manner = LONG.manner(counted=False)

    assert manner.yellow == manner.orange == manner.red == Conduct(False, Demand.NONE)


def test_a_right_of_parties_may_be_made_loud_but_never_asks() -> None:
    loud = replace(LONG, said=(Said(loud=True, demands=Demand.ORDER), Said(), Said(demands=Demand.ORDER)))

    manner = loud.manner(counted=False)

    assert (manner.yellow, manner.red) == (Conduct(True, Demand.NONE), Conduct(False, Demand.NONE))


def test_what_a_ladder_says_goes_before_the_nature_of_the_limit() -> None:
    said = (Said(loud=False, demands=Demand.NONE), Said(), Said(demands=Demand.ORDER, grade="listed", within=5))

    manner = replace(LONG, said=said, climbs=(1, 2, 3)).manner(counted=True)

    assert manner.yellow == Conduct(False, Demand.NONE)
    assert manner.red == Conduct(True, Demand.ORDER, "listed", 5)
    assert manner.climbs == (1, 2, 3)


@pytest.mark.parametrize(
    ("own", "parts"),
    [
        (replace(LONG, yellow=Lead(days=10)), []),
        (replace(LONG, yellow=Lead(days=5)), ["yellow"]),
        (replace(LONG, yellow=Lead(workdays=10)), ["yellow"]),
        (replace(LONG, orange=Lead(days=3, at=time(9))), ["orange"]),
        (replace(LONG, orange=Lead(days=4, at=time(9))), []),
        (replace(LONG, said=(Said(loud=False), Said(), Said())), ["yellow_said"]),
        (replace(LONG, said=(Said(loud=True), Said(), Said())), []),
        (replace(LONG, said=(Said(), Said(demands=Demand.ORDER, within=1), Said())), []),
        (replace(LONG, said=(Said(), Said(), Said(demands=Demand.ACKNOWLEDGEMENT))), ["red_said"]),
        (replace(LONG, said=(Said(), Said(), Said(within=5))), ["red_said"]),
        (replace(LONG, said=(Said(), Said(), Said(grade="listed", within=2))), []),
        (replace(LONG, climbs=(1, 2, 2)), []),
        (replace(LONG, climbs=(3, 2, 2)), ["climbs"]),
    ],
)
def test_what_of_a_units_ladder_is_slacker_than_above(own: Ladder, parts: list[str]) -> None:
    assert list(slacker(own, LONG)) == parts


saids = st.builds(
    Said,
    loud=st.sampled_from([None, True, False]),
    demands=st.sampled_from([None, *Demand]),
    grade=st.sampled_from(GRADES),
    within=st.integers(1, 9),
)
ladders = st.builds(
    Ladder,
    code=st.just("long"),
    yellow=st.builds(Lead, days=st.integers(5, 9)),
    orange=st.builds(Lead, days=st.integers(0, 5)),
    said=st.tuples(saids, saids, saids),
    climbs=st.tuples(*[st.integers(1, 5)] * 3),
)


@given(own=ladders, above=ladders)
def test_what_is_made_no_slacker_is_no_slacker(own: Ladder, above: Ladder) -> None:
    kept = at_least(own, above)

    assert list(slacker(kept, above)) == []
    assert at_least(kept, above) == kept
    pressed, floor = kept.manner(counted=True), above.manner(counted=True)
    for level in ("yellow", "orange", "red"):
        assert getattr(pressed, level).loud >= getattr(floor, level).loud
        assert getattr(pressed, level).demands >= getattr(floor, level).demands
    assert kept.yellow.days is not None and above.yellow.days is not None and kept.yellow.days >= above.yellow.days
