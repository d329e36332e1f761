"""Signing in with a phone, in a real browser: enrolling, the codes on paper, and the next morning."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from cases.models import Matter, Officer, Role
from tests.browser.conftest import PASSWORD
from tests.cases.factories import make_officer
from tests.supervision.accounts.factories import OTHER, code_at

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def leader(case: Matter, settings: Settings) -> Officer:
    """A leader whose first password was set by somebody else, where leaders must have a second factor."""
    settings.SECOND_FACTOR = "required"
    leader = make_officer("100009", case.unit, Role.LEADER)
    leader.set_password(PASSWORD)
    leader.must_change_password = True
    leader.save()
    return leader


def give_password(page: "Page", server: LiveServer, password: str) -> None:
    page.goto(f"{server.url}/login/")
    page.fill("#id_username", "100009")
    page.fill("#id_password", password)
    page.get_by_role("button", name="登录").click()


def test_a_leaders_first_morning_and_his_second(screen: "Page", live_server: LiveServer, leader: Officer) -> None:
    give_password(screen, live_server, PASSWORD)
    screen.wait_for_url("**/account/password/**")
    screen.fill("#id_old_password", PASSWORD)
    screen.fill("#id_new_password1", OTHER)
    screen.fill("#id_new_password2", OTHER)
    screen.get_by_role("button", name="更改密码").click()

    screen.wait_for_url("**/account/factor/enrol/**")
    box = screen.locator(".qr svg").bounding_box()
    assert box is not None and box["width"] == box["height"] > 150
    secret = screen.input_value("input.secret").replace(" ", "")
    screen.fill("#id_code", code_at(secret, timezone.now()))
    screen.get_by_role("button", name="启用").click()

    screen.wait_for_selector("ul.codes")
    assert screen.locator("ul.codes li").count() == 10
    screen.click("text=我已保存")
    screen.wait_for_url(f"{live_server.url}/")

    screen.context.clear_cookies()
    give_password(screen, live_server, OTHER)
    screen.wait_for_url("**/account/factor/**")
    # The code of the step before is spent; a phone may be one step ahead.
    screen.fill("#id_code", code_at(secret, timezone.now() + timedelta(seconds=30)))
    screen.get_by_role("button", name="验证").click()
    screen.wait_for_url(f"{live_server.url}/")
    assert "上次登录" in screen.inner_text("#last-sign-in")

    screen.goto(f"{live_server.url}/account/")
    assert screen.locator("text=已启用").count() == 1
    assert screen.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
