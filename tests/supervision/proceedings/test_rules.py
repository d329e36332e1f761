"""The days of a figure, and how a rate is said."""

from zoneinfo import ZoneInfo

import pytest

from supervision.proceedings.rules import Period, rate_words
from tests.cases.factories import day, moment


def test_a_period_is_half_open_in_local_time() -> None:
    period = Period(day("2026-03-01"), day("2026-03-31"))

    assert period.moments(ZoneInfo("Asia/Shanghai")) == (moment("2026-03-01"), moment("2026-04-01"))


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="早于起日"):
        Period(day("2026-03-02"), day("2026-03-01"))


@pytest.mark.parametrize(
    ("counted", "of", "said"),
    [
        (0, 0, "—"),
        (0, 3, "0.00 %"),
        (9644, 10914, "88.36 %"),
        (10, 10, "100.00 %"),
        (49999, 50000, "99.99 %"),
        (2, 3, "66.66 %"),
    ],
)
def test_a_rate_is_cut_off_and_nothing_out_of_nothing_is_a_dash(counted: int, of: int, said: str) -> None:
    assert rate_words(counted, of) == said
