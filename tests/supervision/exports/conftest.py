"""The bureau every test of this room looks at."""

import pytest

from tests.supervision.exports.factories import Desk, make_desk


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()
