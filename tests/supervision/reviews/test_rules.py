from collections import Counter
from datetime import date
from itertools import permutations

import pytest

from cases.statute.workdays import Calendar
from supervision.reviews import rules
from supervision.reviews.rules import Candidate, Handled, Mark, Reviewer, Verdict, Weight

SIX = [Candidate("X1", f"case\tA{number}") for number in range(6)]


def frame(**units: dict[str, int]) -> list[Candidate]:
    """`frame(X1={"case": 3})`: so many of each unit and kind, numbered."""
    return [
        Candidate(unit, rules.matter_key(kind, f"{unit}-{kind}-{number}"))
        for unit, kinds in units.items()
        for kind, size in kinds.items()
        for number in range(size)
    ]


# -- how many of what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "files", "least", "drawn", "why"),
    [
        ({("A", "k"): 10, ("B", "k"): 10}, 10, 1, {("A", "k"): 5, ("B", "k"): 5}, "equal units get equal shares"),
        ({("A", "k"): 90, ("B", "k"): 10}, 10, 1, {("A", "k"): 9, ("B", "k"): 1}, "by size"),
        ({("A", "k"): 990, ("B", "k"): 10}, 10, 2, {("A", "k"): 8, ("B", "k"): 2}, "the least comes first"),
        ({("A", "k"): 990, ("B", "k"): 1}, 10, 2, {("A", "k"): 9, ("B", "k"): 1}, "no more than there is"),
        ({("A", "k"): 3, ("B", "k"): 3}, 6, 1, {("A", "k"): 3, ("B", "k"): 3}, "all of them"),
        ({("A", "k"): 5, ("B", "k"): 5}, 3, 1, {("A", "k"): 2, ("B", "k"): 1}, "a tie goes to the lower code"),
        ({("A", "k"): 6, ("A", "l"): 2}, 4, 1, {("A", "k"): 3, ("A", "l"): 1}, "a unit's share is parted by kind"),
        ({("A", "k"): 9, ("A", "l"): 1}, 2, 1, {("A", "k"): 2, ("A", "l"): 0}, "a small kind may get none"),
    ],
)
def test_files_are_parted_over_units_and_kinds(
    sizes: dict[rules.Stratum, int], files: int, least: int, drawn: dict[rules.Stratum, int], why: str
) -> None:
    assert rules.allocate(sizes, files=files, least=least) == drawn, why


def test_too_few_files_for_every_unit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not reach"):
        rules.allocate({("A", "k"): 5, ("B", "k"): 5}, files=3, least=2)


@pytest.mark.parametrize("files", range(7, 41))
def test_whatever_the_number_it_is_drawn_in_full_and_every_unit_gets_its_least(files: int) -> None:
    sizes = {("A", "k"): 1, ("B", "k"): 7, ("B", "l"): 5, ("C", "k"): 20, ("C", "l"): 1, ("C", "m"): 6}

    drawn = rules.allocate(sizes, files=files, least=3)

    assert sum(drawn.values()) == files
    assert all(drawn[stratum] <= size for stratum, size in sizes.items())
    units = Counter[str]()
    for (unit, _), number in drawn.items():
        units[unit] += number
    assert units["A"] == 1 and units["B"] >= 3 and units["C"] >= 3


# -- the draw ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_whatever_order_the_frame_comes_in() -> None:
    whole = frame(X1={"case": 40, "letter": 10}, X2={"case": 25})

    first = rules.draw(whole, seed="42", files=12, least=2)

    assert rules.draw(reversed(whole), seed="42", files=12, least=2) == first
    assert rules.draw(whole, seed="43", files=12, least=2) != first
    assert len(first) == len(set(first)) == 12


def test_the_sample_of_a_seed_is_this_one() -> None:
    """A literal, by `sha256sum` of the six lines, so that a change of the method is seen and gets another name."""
    drawn = rules.draw(SIX, seed="42", files=3, least=1)

    assert [one.number for one in drawn] == ["A4", "A3", "A1"]


def test_over_many_seeds_every_file_of_a_stratum_is_drawn_as_often_as_any_other() -> None:
    """Chi-square over 30 files with 29 degrees of freedom: 58.3 is its 0.999 quantile. The seeds are fixed."""
    whole = frame(X1={"case": 30}, X2={"case": 30})
    drawn: Counter[Candidate] = Counter()

    for seed in range(600):
        drawn.update(rules.draw(whole, seed=f"{seed}", files=20, least=1))

    for unit in ("X1", "X2"):
        counts = [drawn[one] for one in whole if one.unit == unit]
        expected = 600 * 10 / 30
        assert sum(counts) == 6000
        assert sum((count - expected) ** 2 / expected for count in counts) < 58.3


def test_the_second_review_is_drawn_by_another_rank_and_rounded_up() -> None:
    whole = frame(X1={"case": 30})

    second = rules.drawn_for_second(whole, seed="42", percent=10)

    assert len(second) == 3
    assert len(rules.drawn_for_second(whole, seed="42", percent=11)) == 4
    assert rules.drawn_for_second(whole, seed="42", percent=0) == set()
    assert second != set(rules.draw(whole, seed="42", files=3, least=1))


# -- who reviews ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reviewer", "file", "crossed", "recuses", "why"),
    [
        (Reviewer("1", frozenset({"L"}), "X"), Handled("S", "X"), False, False, "a file of another unit"),
        (Reviewer("1", frozenset({"S"}), "X"), Handled("S", "X"), False, True, "his own unit"),
        (Reviewer("1", frozenset({"L", "S"}), "X"), Handled("S", "X"), False, True, "he holds a post there"),
        (Reviewer("1", frozenset({"L"}), "X"), Handled("S", "X", frozenset("1")), False, True, "he handled it"),
        (
            Reviewer("1", frozenset({"L"}), "X", frozenset("2")),
            Handled("S", "X", frozenset("2")),
            False,
            True,
            "his kin",
        ),
        (
            Reviewer("1", frozenset({"L"}), "X", frozenset("3")),
            Handled("S", "X", frozenset("2")),
            False,
            False,
            "no kin",
        ),
        (Reviewer("1", frozenset({"L"}), "X"), Handled("S", "X", barred=frozenset("1")), False, True, "barred"),
        (Reviewer("1", frozenset({"L"}), "X"), Handled("S", "X"), True, True, "crossed: his own bureau"),
        (Reviewer("1", frozenset({"L"}), "Y"), Handled("S", "X"), True, False, "crossed: another bureau"),
    ],
)
def test_whoever_has_a_part_in_a_file_keeps_away(
    reviewer: Reviewer, file: Handled, crossed: bool, recuses: bool, why: str
) -> None:
    assert rules.must_recuse(reviewer, file, crossed=crossed) is recuses, why


def test_files_are_given_out_evenly_by_lot_and_again_the_same() -> None:
    sample = frame(S={"case": 30})
    handled = {one: Handled("S", "X") for one in sample}
    reviewers = [Reviewer(number, frozenset({"L"}), "X") for number in ("1", "2", "3")]

    given = rules.give_out(sample, handled, reviewers, seed="42")

    assert Counter(given.values()) == {"1": 10, "2": 10, "3": 10}
    assert rules.give_out(sample, handled, reviewers[::-1], seed="42") == given
    assert rules.give_out(sample, handled, reviewers, seed="43") != given


def test_a_file_from_which_all_keep_away_has_no_reviewer_and_nobody_reviews_twice() -> None:
    [one] = frame(S={"case": 1})
    home, away = Reviewer("1", frozenset({"S"}), "X"), Reviewer("2", frozenset({"L"}), "X")
    handled = {one: Handled("S", "X")}

    assert rules.give_out([one], handled, [home], seed="42") == {one: None}
    assert rules.give_out([one], handled, [home, away], seed="42") == {one: "2"}
    assert rules.give_out([one], handled, [home, away], seed="42", besides={one: "2"}) == {one: None}


# -- what a form comes to ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "score", "verdict", "why"),
    [
        ((), 100, Verdict.CLEAN, "nothing found"),
        ((Mark(Weight.FLAW, 3), Mark(Weight.FLAW, 5)), 92, Verdict.FLAWED, "deducted"),
        ((Mark(Weight.FAULT, 1),), 99, Verdict.FAULTY, "one fault is a fault whatever the points"),
        ((Mark(Weight.FLAW, 60), Mark(Weight.FAULT, 60)), 0, Verdict.FAULTY, "never below nought"),
        ((Mark(Weight.MERIT, 5),), 100, Verdict.CLEAN, "never above a hundred"),
        ((Mark(Weight.FLAW, 10), Mark(Weight.MERIT, 5)), 95, Verdict.FLAWED, "a merit adds and heals nothing"),
        ((Mark(Weight.FLAW, 110), Mark(Weight.MERIT, 5)), 0, Verdict.FLAWED, "the floor is looked at last"),
        ((Mark(Weight.FLAW, 100), Mark(Weight.MERIT, 5)), 5, Verdict.FLAWED, "added after all is deducted"),
    ],
)
def test_a_form_comes_to(marks: tuple[Mark, ...], score: int, verdict: Verdict, why: str) -> None:
    for ordered in permutations(marks):
        assert (rules.score(ordered), rules.verdict(ordered)) == (score, verdict), why


@pytest.mark.parametrize(
    ("found", "drawn", "needed"),
    [
        (Verdict.CLEAN, False, False),
        (Verdict.FLAWED, False, False),
        (Verdict.FAULTY, False, True),
        (Verdict.CLEAN, True, True),
    ],
)
def test_every_fault_and_whatever_was_drawn_is_reviewed_twice(found: Verdict, drawn: bool, needed: bool) -> None:
    assert rules.needs_second(found, drawn=drawn) is needed


# -- days ----------------------------------------------------------------------------------------------------------------


def test_days_for_an_objection_and_its_decision_are_working_days() -> None:
    calendar = Calendar("cn", (), (2026,))

    # Settled on Monday 2 March 2026: Tuesday is the first day, Monday the 9th the fifth.
    assert rules.objection_until(date(2026, 3, 2), calendar) == date(2026, 3, 9)
    assert rules.decision_until(date(2026, 3, 2), calendar) == date(2026, 3, 16)
    # No limit in law: a year not announced is taken by its weekends.
    assert rules.objection_until(date(2027, 3, 1), calendar) == date(2027, 3, 8)
