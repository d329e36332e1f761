"""The description is whole and true: whatever it allows is answered, and answered as it says."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cases.models import Officer
from supervision.api.rules import Scope
from supervision.api.views import describe
from supervision.evaluation.models import Indicator
from tests.cases.factories import Bureau
from tests.supervision.api.calling import Caller, a_bulletin, a_figure, an_indicator, an_order, case_of, let_in, warn

pytestmark = pytest.mark.django_db

OPERATIONS = [
    (method.upper(), path) for path, item in describe()["paths"].items() for method in item if method in ("get", "post")
]
EXAMPLES = 15
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_every_operation_is_described_with_what_may_go_wrong() -> None:
    described = describe()

    assert len(OPERATIONS) == 16
    assert described["openapi"].startswith("3.")
    for path, item in described["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert {"200", "400", "401", "403", "429"} <= set(operation["responses"]), path
            assert operation["security"] == [{"token": []}], path


def test_the_description_is_openapi_and_nothing_in_it_was_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    validate_schema(describe())

    assert capsys.readouterr().err == ""


def test_the_description_is_for_systems_and_for_whoever_is_signed_in(
    bureau: Bureau, security: Officer, county: Caller
) -> None:
    client = Client()
    stranger = client.get("/api/v1/schema")
    client.force_login(security, backend="config.backends.PostsBackend")

    assert stranger.status_code in (401, 403)
    assert client.get("/api/v1/schema").status_code == 200
    assert (
        let_in(bureau.station, security, scopes=[Scope.CLOCKS.value]).get("schema").json()
        == county.get("schema").json()
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_the_description_allows_is_answered(
    bureau: Bureau, county: Caller, method: str, path: str, asked_often: None
) -> None:
    for unit in (bureau.station, bureau.sibling):
        an_order(case_of(f"{unit.code}-1", unit))
        a_figure(unit, Indicator.objects.first() or an_indicator())
        a_bulletin(unit, unit.pk)
    warn()
    loaded = schemathesis.openapi.from_dict(describe())
    operation = loaded[path][method]
    headers = {"Authorization": f"Bearer {county.shown}"}

    @seed(20260302)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.data())
    def ask(case: Any) -> None:
        asked = case.draw(operation.as_strategy())
        answer = asked.call(app=get_wsgi_application(), base_url="http://localhost", headers=headers)

        asked.validate_response(answer, checks=CHECKS, headers=headers)

    ask()


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(
        ["X1", "Y1", "案件", "来信", "案1", "2026-03-02", "2026-03-02 09:00", "0001-01-01", "9999-12-31 23:59"]
    ),
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(("编号", "单位", "名称", "立案", "种类"), CELLS)), max_size=4)


def test_whatever_stands_in_the_cells_is_answered(county: Caller, platform_mapping: None, asked_often: None) -> None:
    loaded = schemathesis.openapi.from_dict(describe())
    operation = loaded["/api/v1/intake/{mapping}"]["POST"]
    keys = count()
    headers = {"Authorization": f"Bearer {county.shown}"}

    @seed(20260302)
    @settings(
        max_examples=EXAMPLES * 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(rows=ROWS, dry_run=st.booleans())
    def ask(rows: Any, dry_run: bool) -> None:
        asked = operation.Case(
            path_parameters={"mapping": "平台案件"},
            headers={"Idempotency-Key": f"key-{next(keys):08}"},
            query={"dry_run": "true"} if dry_run else {},
            body={"rows": rows},
            media_type="application/json",
        )
        answer = asked.call(app=get_wsgi_application(), base_url="http://localhost", headers=headers)

        asked.validate_response(answer, checks=CHECKS, headers=headers)
        assert answer.status_code in (200, 422), answer.text

    ask()


@pytest.fixture
def asked_often(settings: Any) -> Iterator[None]:
    """As often as the test likes, over the connection that the test will roll back."""
    settings.API_CALLS_A_MINUTE = 10_000
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
