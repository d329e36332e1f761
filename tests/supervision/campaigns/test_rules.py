import pytest

from supervision.campaigns.rules import Fact, Filter, Standstill, share
from tests.cases.factories import day

NAMES = {"case": "行政案件", "criminal": "刑事案件"}
PERIOD = (day("2026-03-01"), day("2026-03-31"))


@pytest.mark.parametrize(
    ("looked_at", "said"),
    [
        (Filter(("case", "criminal"), *PERIOD), "2026-03-01 至 2026-03-31 发生的行政案件、刑事案件"),
        (
            Filter(("case",), *PERIOD, Fact.ENTERPRISE, Standstill.OVER),
            "2026-03-01 至 2026-03-31 发生、有期限超期的涉企的行政案件",
        ),
        (Filter(("unknown",), *PERIOD, Fact.ECONOMIC), "2026-03-01 至 2026-03-31 发生、经济犯罪的unknown"),
    ],
)
def test_a_filter_is_told_in_words_and_kept_as_data(looked_at: Filter, said: str) -> None:
    assert looked_at.words(NAMES) == said
    assert Filter.read(looked_at.as_data()) == looked_at


def test_what_a_filter_does_not_know_is_no_filter() -> None:
    with pytest.raises(ValueError, match="colour"):
        Filter.read({**Filter(("case",), *PERIOD).as_data(), "fact": "colour"})


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(1, 3, ""), (1, 9, ""), (1, 12, "8.33%"), (2, 12, "16.66%"), (12, 12, "100.00%")]
)
def test_a_share_is_cut_and_of_few_there_is_none(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said
