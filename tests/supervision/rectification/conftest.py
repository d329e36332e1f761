"""A station that is ordered, a legal officer who orders, an officer next door who must see nothing; two problems."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.rectification.models import Grade, Order, Problem
from tests.cases.factories import Bureau, make_bureau, make_catalogue, make_officer
from tests.supervision.rectification.factories import AT, order_for

Opened = Callable[[Officer], Client]


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def catalogue(db: None) -> None:
    make_catalogue()
    Problem.objects.create(
        code="overrun",
        name="超过法定期限",
        fault="期限",
        law="测试法",
        article="第一条",
        grade=Grade.SUPERVISED,
        workdays=3,
        demand="尽快作出决定，并说明超期原因。",
    )
    Problem.objects.create(
        code="slip",
        name="文书笔误",
        fault="文书",
        law="测试法",
        article="第九条",
        workdays=5,
        needs_evidence=False,
        order=200,
    )


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    """Who is ordered."""
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    """His head."""
    return make_officer("100002", bureau.station, Role.UNIT_HEAD)


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    """Who orders and verifies."""
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def second_legal_officer(bureau: Bureau) -> Officer:
    return make_officer("100004", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def stranger(bureau: Bureau) -> Officer:
    """A head next door, who must see nothing."""
    return make_officer("100005", bureau.sibling, Role.UNIT_HEAD)


@pytest.fixture
def order(bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer) -> Order:
    """Issued on Tuesday 19 May 2026, so due on Friday 22 May."""
    return order_for(bureau.station, officer, by=legal_officer)


@pytest.fixture
def evidence_folder(tmp_path: Path, settings: Settings) -> Path:
    """An empty folder of evidence."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "evidence"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages take it for this moment."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    return AT


@pytest.fixture
def desk(catalogue: None, now: datetime, evidence_folder: Path) -> Opened:
    """Signs an officer in and hands over his browser."""
    plan_roles()

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
