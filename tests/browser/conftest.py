"""A small house served to a real browser of 1366 by 768, with one officer who signs in."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from cases.models import Matter, Officer, Role
from cases.roles import plan_roles
from supervision.alerts.services import sweep
from tests.cases.factories import make_bureau, make_case, make_catalogue, make_officer, record

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

PASSWORD = "liangzhu-jade-5300"


@pytest.fixture
def case(transactional_db: None) -> Matter:
    """One case of the officer's, over for some days, and one in time; with a pause, and an extension that was refused."""
    bureau = make_bureau()
    make_catalogue()
    plan_roles()
    officer = make_officer("100001", bureau.station, Role.CASE_OFFICER)
    officer.set_password(PASSWORD)
    officer.save()
    today = timezone.localdate()

    def ago(days: int) -> str:
        return f"{today - timedelta(days=days)} 08:00"

    late = make_case("治〔2026〕7号", bureau.station, officer, filed=ago(60), title="张某殴打他人案")
    record(late, "test_began", ago(50))
    record(late, "test_ended", ago(45))
    record(late, "longer", ago(40), approver="deputy")
    make_case("治〔2026〕8号", bureau.station, officer, filed=ago(3))
    visit = make_case("入〔2026〕1号", bureau.station, officer, filed=ago(2), kind="visit")
    record(visit, "left", ago(1))
    sweep(at=timezone.now())
    return late


@pytest.fixture
def root(case: Matter) -> Officer:
    return Officer.objects.create_superuser("root", "建站账号", case.unit, PASSWORD)


@pytest.fixture
def screen(page: "Page", live_server: LiveServer) -> "Iterator[Page]":
    """The page at the bureau's usual size. Nothing it asks for may be missing."""
    missing: list[str] = []

    def look(response: "Response") -> None:
        if response.status >= 400:
            missing.append(f"{response.status} {response.url}")

    page.on("response", look)
    page.set_viewport_size({"width": 1366, "height": 768})
    yield page
    assert missing == []


def sign_in(page: "Page", server: LiveServer, number: str = "100001") -> None:
    page.goto(f"{server.url}/login/")
    page.fill("#id_username", number)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{server.url}/")
