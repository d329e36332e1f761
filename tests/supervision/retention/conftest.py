"""The county every test of this room looks at."""

import pytest

from tests.supervision.retention.factories import Archive, make_archive


@pytest.fixture
def archive(db: None) -> Archive:
    return make_archive()
