"""The county that every test of this room looks at; nobody's counts outlive a test, and no test waits for Redis."""

from collections.abc import Iterator

import pytest
from django.core.cache import caches

from tests.supervision.returnvisits.factories import County, make_county


@pytest.fixture
def county(db: None) -> County:
    return make_county()


@pytest.fixture(autouse=True)
def counts() -> Iterator[None]:
    caches["default"].clear()
    yield
    caches["default"].clear()
