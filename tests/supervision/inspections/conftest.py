"""The county that every test of this room looks at."""

import pytest

from tests.supervision.inspections.factories import County, make_county


@pytest.fixture
def county(db: None) -> County:
    return make_county()
