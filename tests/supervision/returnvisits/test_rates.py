"""How often the public form may be called: counted in a real Redis, or by each process for itself."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from supervision.returnvisits.rates import Rate
from tests.cases.factories import moment
from tests.rigs.redis import RedisServer

AT = moment("2026-03-03 11:00")
RATE = Rate("test", most=2, seconds=60)


@pytest.fixture
def redis_there(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """The counts lie in a server that answers, as the settings name it but for its place."""
    named = {key: value for key, value in settings.CACHES["rates"].items() if key not in ("BACKEND", "LOCATION")}
    counts = RedisCache(redis_server.url, named)
    monkeypatch.setattr("supervision.returnvisits.rates.caches", {"rates": counts, "default": caches["default"]})
    return redis_server


def test_so_many_are_let_through_in_a_window_and_the_next_window_begins_anew(redis_there: RedisServer) -> None:
    assert [RATE.lets_through("a", at=AT) for _ in range(3)] == [True, True, False]
    assert RATE.lets_through("b", at=AT)
    assert RATE.lets_through("a", at=AT + timedelta(seconds=60))


def test_the_counts_go_by_themselves_and_say_nothing_of_who_called(redis_there: RedisServer) -> None:
    RATE.lets_through("a", at=AT)

    with redis_there.client() as client:
        keys = client.keys("dingban-rates*")
        assert len(keys) == 1  # type: ignore[arg-type]
        assert 0 < client.ttl(keys[0]) <= 120  # type: ignore[index, operator]
        assert int(client.get(keys[0])) == 1  # type: ignore[index, arg-type]


def test_where_the_server_of_counts_does_not_answer_each_process_counts_for_itself() -> None:
    # Nobody listens where the settings of the tests look for Redis.
    assert [RATE.lets_through("a", at=AT) for _ in range(3)] == [True, True, False]
