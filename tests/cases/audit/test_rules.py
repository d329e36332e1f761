"""What a row comes to, and where a batch and its seal part."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from cases.audit.rules import (
    ALGORITHMS,
    BEGINNING,
    Difference,
    Fault,
    UnknownAlgorithm,
    canonical,
    first_difference,
    hasher,
    link,
    removable_before,
    row_digest,
    seal_rows,
)

ROWS = [(1, "甲"), (2, "乙"), (5, "丙")]
MARKS = seal_rows("sha256", ROWS).marks


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8))), datetime(2026, 3, 1, tzinfo=UTC)),
        (Decimal("1.50"), Decimal("1.5")),
        ({"b": 1, "a": [2]}, {"a": (2,), "b": 1}),
        (memoryview(b"x"), b"x"),
    ],
)
def test_the_same_value_is_digested_the_same_on_every_database(one: object, other: object) -> None:
    assert row_digest("sha256", (1, one)) == row_digest("sha256", (1, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(None, ""), ("1", 1), (True, 2), (date(2026, 3, 1), date(2026, 3, 2)), (("ab", "c"), ("a", "bc")), (0.1, 0.2)],
)
def test_another_value_is_another_digest(one: object, other: object) -> None:
    assert row_digest("sha256", (1, one)) != row_digest("sha256", (1, other))


def test_a_type_nobody_thought_of_is_not_guessed_at() -> None:
    with pytest.raises(TypeError, match="object cannot be sealed"):
        canonical(object())


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (ROWS, None),
        ([(1, "甲"), (2, "改"), (5, "丙")], Difference(Fault.ALTERED, 2)),
        ([(1, "甲"), (5, "丙")], Difference(Fault.MISSING, 2)),
        ([(1, "甲"), (2, "乙"), (3, "插"), (5, "丙")], Difference(Fault.INSERTED, 3)),
        ([(1, "甲"), (2, "乙")], Difference(Fault.MISSING, 5)),
        ([(1, "甲"), (3, "插"), (5, "改")], Difference(Fault.MISSING, 2)),
        ([], Difference(Fault.MISSING, 1)),
    ],
)
def test_the_first_row_that_differs_is_named(rows: list[tuple[int, str]], found: Difference | None) -> None:
    assert first_difference(MARKS, seal_rows("sha256", rows).marks) == found


def test_a_batch_says_how_many_rows_and_keeps_a_mark_of_each() -> None:
    sealed = seal_rows("sha256", ROWS)

    assert (sealed.count, len(sealed.marks)) == (3, 48)
    assert sealed.digest != seal_rows("sha256", ROWS[:2]).digest


def test_a_seal_hangs_on_the_one_before_on_what_it_says_and_on_its_marks() -> None:
    chain = link("sha256", BEGINNING, (1, "t"), MARKS)

    assert chain == link("sha256", BEGINNING, (1, "t"), MARKS)
    assert len({chain, link("sha256", chain, (1, "t"), MARKS), link("sha256", BEGINNING, (2, "t"), MARKS)}) == 3
    assert chain != link("sha256", BEGINNING, (1, "t"), MARKS[:-1] + b"!")


def test_both_digests_are_what_the_standards_say_of_abc() -> None:
    found = {name: hasher(name) for name in ALGORITHMS}
    for digest in found.values():
        digest.update(b"abc")

    # FIPS 180-4; GB/T 32905-2016, annex A.1.
    assert found["sha256"].hexdigest() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert found["sm3"].hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_weak_digest_is_refused() -> None:
    with pytest.raises(UnknownAlgorithm, match="不支持摘要算法 md5"):
        hasher("md5")


@pytest.mark.parametrize(("keep", "days"), [(183, 184), (400, 400)])
def test_six_months_stay_at_their_longest_whatever_is_set(keep: int, days: int) -> None:
    at = datetime(2026, 12, 31, tzinfo=UTC)

    assert removable_before(at, keep) == at - timedelta(days=days)
