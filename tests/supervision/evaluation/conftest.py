"""A county of two stations under the invented catalogue."""

import pytest

from cases.models import Officer, Role
from tests.cases.factories import Bureau, make_bureau, make_catalogue, make_officer


@pytest.fixture
def bureau(db: None) -> Bureau:
    make_catalogue()
    return make_bureau()


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    """Who defines indicators for the county."""
    return make_officer("100001", bureau.legal, Role.LEGAL_OFFICER, post=bureau.county)
