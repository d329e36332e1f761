"""The people of this room's tests: a petition about a station, who handles it, who leads it, and who must not know."""

import pytest

from cases.models import Officer, Role
from tests.cases.factories import Bureau, make_bureau, make_officer
from tests.supervision.petitions.factories import Scene, make_petition, petition_catalogue


@pytest.fixture
def bureau(db: None) -> Bureau:
    petition_catalogue()
    return make_bureau()


@pytest.fixture
def registrar(bureau: Bureau) -> Officer:
    """A legal officer of the county, who registers and handles petitions."""
    return make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def leader(bureau: Bureau) -> Officer:
    """A leader of the county bureau."""
    return make_officer("100002", bureau.county, Role.LEADER)


@pytest.fixture
def scene(bureau: Bureau, registrar: Officer, leader: Officer) -> Scene:
    return Scene(bureau, make_petition(bureau, registrar), registrar, leader)
