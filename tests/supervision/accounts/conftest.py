"""A bureau with its three administrators, a leader, and an officer who is none of them."""

import pytest

from cases.models import Officer, Role
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_bureau, make_officer
from tests.supervision.accounts.factories import AT, with_password


@pytest.fixture
def bureau(db: None) -> Bureau:
    plan_roles()
    return make_bureau()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return with_password(make_officer("100001", bureau.station, Role.CASE_OFFICER))


@pytest.fixture
def leader(bureau: Bureau) -> Officer:
    return with_password(make_officer("100009", bureau.county, Role.LEADER))


@pytest.fixture
def keeper(bureau: Bureau) -> Officer:
    """The system administrator."""
    return with_password(make_officer("900001", bureau.county, Role.SYSTEM_ADMIN))


@pytest.fixture
def guard(bureau: Bureau) -> Officer:
    """The security administrator."""
    return with_password(make_officer("900002", bureau.county, Role.SECURITY_ADMIN))


@pytest.fixture
def auditor(bureau: Bureau) -> Officer:
    return with_password(make_officer("900003", bureau.county, Role.AUDITOR))


@pytest.fixture
def abroad(bureau: Bureau) -> Officer:
    """An officer of the county next door, whose accounts are looked after there."""
    return with_password(make_officer("200001", bureau.other_station, Role.CASE_OFFICER))
