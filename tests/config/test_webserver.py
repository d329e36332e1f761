"""What a web process does before its first page."""

import gc
from collections.abc import Iterator

import pytest

from config.webserver import settle


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_a_process_keeps_for_good_is_not_walked_again_by_the_collector() -> None:
    assert gc.get_freeze_count() == 0

    settle()

    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count()
