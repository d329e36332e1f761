"""Which case may be handled by the expedited procedure, and what is wrong with one that was: the articles as tables."""

from dataclasses import replace

import pytest

from supervision.expedited.rules import (
    GROUNDS,
    Answer,
    Fact,
    Late,
    Record,
    Rule,
    Stand,
    State,
    Telling,
    Verdict,
    computed,
    faults,
    state_of,
    weigh,
)
from tests.cases.factories import moment

FIT = {ground.fact: ground.wanted for ground in GROUNDS}
OTHER = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}
MAY = weigh("行政", FIT, {})
MAY_NOT = weigh("行政", {**FIT, Fact.MINOR: Answer.YES}, {})
LATE = Late(7, "《公安机关办理行政案件程序规定》第四十七条", "2026-03-12 09:00")

# (fact, the answer that excludes, the article): 公安机关办理行政案件程序规定第四十条, 第四十一条.
EXCLUDING = [
    (Fact.ON_SPOT, Answer.YES, "第四十条"),
    (Fact.CLEAR, Answer.NO, "第四十条"),
    (Fact.ADMITS, Answer.NO, "第四十条"),
    (Fact.UNDISPUTED, Answer.NO, "第四十条"),
    (Fact.IMPAIRED, Answer.YES, "第四十一条"),
    (Fact.MINOR, Answer.YES, "第四十一条"),
    (Fact.MENTAL, Answer.YES, "第四十一条"),
    (Fact.HEARING, Answer.YES, "第四十一条"),
    (Fact.TEN_DAYS, Answer.YES, "第四十一条"),
    (Fact.UNSUITABLE, Answer.YES, "第四十一条"),
]


def test_a_case_of_which_everything_speaks_for_it_may() -> None:
    assert MAY.verdict == Verdict.MAY
    assert MAY.against == [] and MAY.missing == []


def test_the_table_names_every_ground() -> None:
    assert [row[0] for row in EXCLUDING] == [ground.fact for ground in GROUNDS]


@pytest.mark.parametrize(("fact", "answer", "article"), EXCLUDING)
def test_one_ground_against_is_enough_and_names_its_article(fact: Fact, answer: Answer, article: str) -> None:
    weighed = weigh("行政", {**FIT, fact: answer}, {})

    assert weighed.verdict == Verdict.MAY_NOT
    [reason] = weighed.against
    assert reason.endswith(f"（《公安机关办理行政案件程序规定》{article}）")


@pytest.mark.parametrize("fact", [ground.fact for ground in GROUNDS])
def test_a_fact_that_nobody_stated_leaves_it_open_and_is_listed(fact: Fact) -> None:
    weighed = weigh("行政", {**FIT, fact: Answer.UNKNOWN}, {})

    assert weighed.verdict == Verdict.UNTOLD
    assert weighed.missing == [next(ground.question for ground in GROUNDS if ground.fact == fact)]


def test_a_ground_against_goes_before_what_is_missing() -> None:
    weighed = weigh("行政", {Fact.TEN_DAYS: Answer.YES}, {})

    assert weighed.verdict == Verdict.MAY_NOT
    assert len(weighed.missing) == len(GROUNDS) - 1


def test_a_criminal_case_may_not() -> None:
    weighed = weigh("刑事", FIT, {})

    assert weighed.verdict == Verdict.MAY_NOT
    assert weighed.against == ["不是行政案件（《公安机关办理行政案件程序规定》第四十条）"]


@pytest.mark.parametrize(
    ("events", "facts", "told"),
    [
        ({"case_accepted"}, {}, {}),
        ({"hearing_right_told"}, {}, {Fact.HEARING: Answer.YES}),
        ({"onspot_penalty_made"}, {}, {Fact.ON_SPOT: Answer.YES}),
        (set(), {"minor": False}, {Fact.MINOR: Answer.NO}),
        # A minor may be the victim: a person is asked.
        (set(), {"minor": True}, {}),
    ],
)
def test_what_the_record_tells(events: set[str], facts: dict[str, object], told: dict[Fact, Answer]) -> None:
    assert computed(events, facts) == told


def test_the_record_goes_before_what_was_stated_and_is_marked() -> None:
    weighed = weigh("行政", FIT, {Fact.HEARING: Answer.YES})

    [against] = [one for one in weighed.weighed if one.stand == Stand.AGAINST]
    assert (against.ground.fact, against.computed) == (Fact.HEARING, True)
    assert sum(one.computed for one in weighed.weighed) == 1


EARLY, LATER = moment("2026-03-11 09:00"), moment("2026-03-12 09:00")


@pytest.mark.parametrize(
    ("decided", "converted", "closed", "became"),
    [
        (None, None, None, (State.OPEN, None)),
        (EARLY, None, None, (State.DECIDED, EARLY)),
        (EARLY, LATER, LATER, (State.DECIDED, EARLY)),
        (LATER, EARLY, LATER, (State.CONVERTED, EARLY)),
        (None, None, LATER, (State.CLOSED, LATER)),
    ],
)
def test_what_came_first_is_what_became_of_it(decided, converted, closed, became) -> None:  # type: ignore[no-untyped-def]
    assert state_of(decided, converted, closed) == became


CLEAN = Record(MAY, State.DECIDED, LATER, EARLY, Telling.SIGNED)


@pytest.mark.parametrize(
    ("record", "rules", "article"),
    [
        (CLEAN, [], ""),
        (replace(CLEAN, telling=None), [], ""),
        (replace(CLEAN, consented_at=LATER), [], ""),
        (Record(MAY, State.OPEN), [], ""),
        (Record(weigh("行政", {}, {}), State.OPEN), [], ""),
        (Record(MAY, State.CONVERTED, LATER), [], ""),
        (Record(MAY_NOT, State.CONVERTED, LATER), [], ""),
        (replace(CLEAN, eligibility=MAY_NOT), [Rule.INELIGIBLE], "第四十一条"),
        (Record(MAY_NOT, State.OPEN), [Rule.UNCONVERTED], "第四十八条"),
        (replace(CLEAN, consented_at=None), [Rule.NO_CONSENT], "第四十二条"),
        (replace(CLEAN, ended_at=EARLY, consented_at=LATER), [Rule.NO_CONSENT], "第四十二条"),
        (replace(CLEAN, telling=Telling.ORAL), [Rule.NO_CONSENT], "第四十二条"),
        (replace(CLEAN, telling=Telling.UNSIGNED), [Rule.NO_CONSENT], "第四十二条"),
        (replace(CLEAN, late=LATE), [Rule.OVERLONG], "第四十七条"),
        (Record(MAY, State.CONVERTED, LATER, late=LATE), [Rule.OVERLONG], "第四十七条"),
    ],
)
def test_what_is_wrong_with_a_case(record: Record, rules: list[Rule], article: str) -> None:
    seen = faults(record)

    assert [one.rule for one in seen] == rules
    assert all(article in one.citation for one in seen)
    assert [one.clock for one in seen if one.rule == Rule.OVERLONG] == [7] * (rules == [Rule.OVERLONG])


def test_everything_wrong_at_once_is_found_at_once() -> None:
    seen = faults(Record(MAY_NOT, State.DECIDED, LATER, late=LATE))

    assert [one.rule for one in seen] == [Rule.INELIGIBLE, Rule.NO_CONSENT, Rule.OVERLONG]
