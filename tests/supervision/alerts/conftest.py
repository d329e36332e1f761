"""The same people as in the room below: a supervised station, and the catalogue its cases run by."""

import pytest

from tests.cases.factories import Bureau, make_bureau, make_catalogue


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def catalogue(db: None) -> None:
    make_catalogue()
