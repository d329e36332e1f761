"""The bureau whose administrator looks after the jobs."""

import pytest

from tests.cases.factories import Bureau, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()
