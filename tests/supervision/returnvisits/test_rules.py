"""Drawing, codes, replies: what is known without a database."""

from random import Random

import pytest

from cases.statute.workdays import Calendar, SpecialDay
from supervision.returnvisits import rules
from supervision.returnvisits.rules import Candidate, Satisfaction, Tally
from tests.cases.factories import day

FRAME = [Candidate(unit, f"case\tN{number}") for unit in ("X1", "X2") for number in range(20)]


def test_the_same_seed_over_the_same_frame_gives_the_same_sample_in_whatever_order_it_comes() -> None:
    shuffled = FRAME[:]
    Random(7).shuffle(shuffled)

    first, again = (rules.draw(frame, seed="1", per_unit=3) for frame in (FRAME, shuffled))

    assert first == again
    assert rules.frame_digest(FRAME) == rules.frame_digest(shuffled)


def test_a_sample_is_what_the_method_says_so_that_any_tool_draws_it_again() -> None:
    frame = [Candidate("X1", "case\tA1"), Candidate("X1", "case\tA2"), Candidate("X1", "case\tA3")]

    sample = rules.draw(frame, seed="42", per_unit=2)

    # printf '42\tX1\tcase\tA1' | sha256sum: 5a88…; for A2 e46b…, for A3 39ce…
    assert rules.rank("42", frame[0]) == "5a882095c5e2e7bf3d8d814296dafbcec2175be03509177c3cdde0253e5bb270"
    assert [one.key for one in sample] == ["case\tA3", "case\tA1"]


def test_another_seed_gives_another_sample() -> None:
    assert rules.draw(FRAME, seed="1", per_unit=3) != rules.draw(FRAME, seed="2", per_unit=3)


def test_each_unit_gives_so_many_and_one_with_fewer_gives_all() -> None:
    small = [Candidate("X3", "case\tM1")]

    sample = rules.draw([*FRAME, *small], seed="1", per_unit=4)

    assert [one.unit for one in sample] == ["X1"] * 4 + ["X2"] * 4 + ["X3"]


def test_over_many_seeds_everybody_is_drawn_about_as_often() -> None:
    frame = FRAME[:10]
    times = dict.fromkeys(frame, 0)

    for seed in range(1000):
        for one in rules.draw(frame, seed=str(seed), per_unit=3):
            times[one] += 1

    # Expected 300 each; five standard deviations are 72.
    assert all(228 <= count <= 372 for count in times.values())


def test_a_matter_more_in_the_frame_changes_its_digest() -> None:
    assert rules.frame_digest(FRAME) != rules.frame_digest(FRAME[1:])


@pytest.mark.parametrize("number", [1, 9, 10, 4711, 10**12])
def test_a_code_is_read_back(number: int) -> None:
    assert rules.read_code(rules.code_of(number)) == number


def test_a_code_is_read_whatever_the_telephone_made_of_it() -> None:
    code = rules.code_of(1024)

    assert rules.read_code(f" {code.lower()} ") == 1024
    assert rules.read_code("".join(chr(ord(letter) + 0xFEE0) for letter in code)) == 1024


def test_a_digit_wrong_or_two_exchanged_is_no_code() -> None:
    code = rules.code_of(1234)

    assert rules.read_code(code.replace("1234", "1235")) is None
    assert rules.read_code(code.replace("1234", "1324")) is None
    assert rules.read_code(code[:-1]) is None
    assert rules.read_code("13800000000") is None


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("1", Satisfaction.SATISFIED),
        ("１", Satisfaction.SATISFIED),
        ("满意", Satisfaction.SATISFIED),
        ("2", Satisfaction.BASICALLY),
        (" 基本满意。", Satisfaction.BASICALLY),
        ("不满意", Satisfaction.DISSATISFIED),
        ("4", Satisfaction.VERY_DISSATISFIED),
        ("很 不满意", Satisfaction.VERY_DISSATISFIED),
    ],
)
def test_a_reply_means_its_grade(said: str, grade: Satisfaction) -> None:
    assert rules.read_reply(said) == grade


@pytest.mark.parametrize("said", ["", "5", "0", "还行", "满意吧", "12", "不"])
def test_nothing_is_guessed_from_a_reply(said: str) -> None:
    assert rules.read_reply(said) is None


@pytest.mark.parametrize(
    ("told", "quoted"),
    [
        ("群众说等了一个月没有人回话", True),
        ("等了一个月，没有人回话", True),
        ("受理后未按期告知进展", False),
        ("", False),
    ],
)
def test_words_of_the_answer_are_recognised_in_what_the_unit_reads(told: str, quoted: bool) -> None:
    assert rules.quotes("等了一个月没有人回话", told) is quoted


def test_an_answer_of_a_word_or_two_quotes_nothing() -> None:
    assert not rules.quotes("慢", "办理偏慢")


# Five working days after the day it was opened; 1 to 5 May 2026 are off, Saturday 9 May is worked (国办放假通知).
@pytest.mark.parametrize(
    ("opened", "due"),
    [("2026-03-02", "2026-03-09"), ("2026-03-06", "2026-03-13"), ("2026-04-29", "2026-05-09")],
)
def test_a_check_has_five_working_days(opened: str, due: str) -> None:
    may = [SpecialDay(day(f"2026-05-0{number}"), False, "劳动节") for number in range(1, 6)]
    calendar = Calendar("cn", [*may, SpecialDay(day("2026-05-09"), True, "劳动节")], (2026,))

    assert rules.check_due_on(day(opened), calendar) == day(due)


def test_a_whole_is_the_sum_of_its_parts() -> None:
    whole = rules.total([Tally(drawn=2, valid=1, satisfied=1), Tally(drawn=3, valid=2, satisfied=1)])

    assert (whole.drawn, whole.valid, whole.satisfied) == (5, 3, 2)
    assert rules.total([]) == Tally()
