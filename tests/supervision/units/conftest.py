"""The two counties every test of this room looks at."""

import pytest

from tests.supervision.units.factories import Tree, make_tree


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()
