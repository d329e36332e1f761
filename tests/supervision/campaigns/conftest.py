"""The county that every test of this room looks at: that of the reviews, whose rounds belong to campaigns."""

import pytest

from tests.supervision.reviews.factories import County, make_county


@pytest.fixture
def county(db: None) -> County:
    return make_county()
