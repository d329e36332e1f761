"""The county of the other rooms, with a system that is let in for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches

from cases.models import Officer, Role
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_bureau, make_catalogue, make_officer
from tests.supervision.api.calling import Caller, let_in

MAPPING = """
intake:
  name: 平台案件
  source: 平台
  rows: matter
  matter: {kind: {column: 种类, values: {案件: case, 来信: letter, "": case}}, number: 编号, unit: 单位, title: 名称}
  events:
    - {kind: filed, when: 立案}
"""


@pytest.fixture
def bureau(db: None) -> Bureau:
    bureau = make_bureau()
    make_catalogue()
    return bureau


@pytest.fixture
def security(bureau: Bureau) -> Officer:
    plan_roles()
    """Of the province, who may give tokens for whatever unit a test is about."""
    return make_officer("900001", bureau.county, Role.SECURITY_ADMIN, post=bureau.province)


@pytest.fixture
def county(bureau: Bureau, security: Officer) -> Caller:
    """A system of the county, let in for everything."""
    return let_in(bureau.county, security)


@pytest.fixture
def platform_mapping(tmp_path: Path, settings: Any) -> None:
    """The bureau's own mapping for the rows of its platform."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "platform.yaml").write_text(MAPPING, encoding="utf-8")


@pytest.fixture(autouse=True)
def counts(settings: Any) -> Iterator[None]:
    """The counts in memory: a server that is not there is asked several times before it is done without."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rates"}
    settings.CACHES = {**settings.CACHES, "rates": memory}
    yield
    caches["rates"].clear()
