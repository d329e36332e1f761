"""How often the public form may be called."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from supervision.returnvisits.rates import Rate
from tests.cases.factories import moment

AT = moment("2026-03-03 11:00")


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> LocMemCache:
    """A server of counts that answers."""
    cache = LocMemCache("rates-of-a-test", {})
    cache.clear()
    monkeypatch.setattr("supervision.returnvisits.rates.caches", {"rates": cache, "default": caches["default"]})
    return cache


def test_so_many_are_let_through_in_a_window_and_the_next_window_begins_anew(redis: LocMemCache) -> None:
    rate = Rate("test", most=2, seconds=60)

    assert [rate.lets_through("a", at=AT) for _ in range(3)] == [True, True, False]
    assert rate.lets_through("b", at=AT)
    assert rate.lets_through("a", at=AT + timedelta(seconds=60))


def test_where_the_server_of_counts_does_not_answer_each_process_counts_for_itself() -> None:
    rate = Rate("test", most=2, seconds=60)

    # Nobody listens where the settings of the tests look for Redis.
    assert [rate.lets_through("a", at=AT) for _ in range(3)] == [True, True, False]
