"""The people of this room's tests: a bureau that supervises, a station that is supervised, an officer who must see nothing."""

import pytest

from cases.models import Officer, Role
from tests.cases.factories import Bureau, make_bureau, make_catalogue, make_officer


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def catalogue(db: None) -> None:
    make_catalogue()


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    """A case officer of the supervised station."""
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def stranger(bureau: Bureau) -> Officer:
    """A case officer of the station next door, who must see nothing."""
    return make_officer("100002", bureau.sibling, Role.CASE_OFFICER)


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    """A legal officer of the county bureau, who supervises."""
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)
