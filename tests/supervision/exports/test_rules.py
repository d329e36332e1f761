"""What may leave at once, and how a request stands."""

from datetime import timedelta

import pytest

from supervision.exports.rules import Leave, Standing, Why, outgrown, plain_query, standing_of, why_held
from tests.supervision.exports.factories import AT


@pytest.mark.parametrize(
    ("rows", "sensitive", "why"),
    [
        (None, False, None),
        (0, False, None),
        (1000, False, None),
        (1001, False, Why.MANY),
        (1, True, Why.SENSITIVE),
        (5000, True, Why.SENSITIVE),
    ],
)
def test_so_many_rows_leave_freely_and_one_more_does_not(rows: int | None, sensitive: bool, why: Why | None) -> None:
    assert why_held(rows=rows, sensitive=sensitive, freely=1000) is why


@pytest.mark.parametrize(
    ("before", "rows", "why"),
    [(999, 1, None), (1000, 1, Why.MANY), (600, 500, Why.MANY), (5000, None, None), (5000, 0, None)],
)
def test_what_was_taken_out_in_parts_counts_along(before: int, rows: int | None, why: Why | None) -> None:
    assert why_held(rows=rows, sensitive=False, freely=1000, before=before) is why


@pytest.mark.parametrize(("approved", "rows", "too_many"), [(1000, 1100, False), (1000, 1101, True), (0, 0, False), (3, 4, True), (10, 11, False)])  # fmt: skip
def test_a_tenth_more_than_approved_is_still_what_was_approved(approved: int, rows: int, too_many: bool) -> None:
    assert outgrown(approved=approved, rows=rows) is too_many


LEAVE = Leave(AT, 3, 2)


@pytest.mark.parametrize(
    ("state", "leave", "moments", "standing"),
    [
        ("asked", None, 0, Standing.ASKED),
        ("refused", None, 0, Standing.REFUSED),
        ("withdrawn", None, 0, Standing.WITHDRAWN),
        ("approved", LEAVE, -1, Standing.USABLE),
        ("approved", LEAVE, 0, Standing.EXPIRED),
        ("approved", Leave(AT, 3, 3), -1, Standing.USED_UP),
    ],
)
def test_how_a_request_stands(state: str, leave: Leave | None, moments: int, standing: Standing) -> None:
    assert standing_of(state, leave, at=AT + timedelta(seconds=moments)) is standing


def test_the_same_filter_is_the_same_text_wherever_in_the_list_one_is() -> None:
    assert plain_query("b=2&a=1&after=9.7&c=") == plain_query("a=1&b=2&before=3.1") == "a=1&b=2"
    assert plain_query("unit=1&unit=2") != plain_query("unit=1")
    assert plain_query("q=%E5%BC%A0") == "q=%E5%BC%A0"
