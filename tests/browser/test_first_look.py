"""An officer's morning in a real browser: scripts run, nothing is stopped by the content policy, nothing asked outside."""

import re
from typing import TYPE_CHECKING

import pytest
from pytest_django.live_server_helper import LiveServer

from cases.models import Event, Matter, Officer
from config.theme import MENU
from tests.browser.conftest import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def fits(page: "Page") -> bool:
    """Whether nothing sticks out to the right."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return wide


def test_from_signing_in_to_the_explanation_of_the_most_urgent_clock(
    screen: "Page", live_server: LiveServer, case: Matter
) -> None:
    sign_in(screen, live_server)
    assert "最急的是" in screen.inner_text(".lead")

    screen.click(".lead a")

    assert "作出决定于" in screen.inner_text(".answer")
    assert screen.locator("#steps tbody tr").count() >= 2
    assert screen.locator("td.due").count() == 1
    assert "批准层级“副职”不够" in screen.inner_text("#content")

    screen.click("text=治〔2026〕7号 >> nth=0")

    assert screen.locator(".picture svg rect.bar").count() >= 1
    assert "张某殴打他人案" in screen.inner_text(".facts")


def test_an_event_entered_by_hand_ends_the_clock(screen: "Page", live_server: LiveServer, case: Matter) -> None:
    sign_in(screen, live_server)
    screen.goto(f"{live_server.url}/matters/{case.pk}/")

    screen.select_option("#id_kind", label="作出决定")
    screen.fill("#id_document_number", "公行罚决字1号")
    screen.click("#add-event button[type=submit]")

    screen.wait_for_selector("text=已登记“作出决定”")
    assert re.search(r"超 \d+ 天办结 ■", screen.inner_text("#content"))
    assert Event.objects.filter(matter=case, kind__code="decided", document_number="公行罚决字1号").exists()

    screen.click(".timeline li:first-child summary")
    screen.fill(".timeline li:first-child input[name=reason]", "录错")
    screen.click(".timeline li:first-child button:text('作废此节点')")

    screen.wait_for_selector("text=已作废“作出决定”")
    assert "作废：录错" in screen.inner_text(".timeline")


def test_the_calculator_answers_as_soon_as_it_is_asked(screen: "Page", live_server: LiveServer, case: Matter) -> None:
    sign_in(screen, live_server)
    screen.goto(f"{live_server.url}/calculator/")

    # Choosing a limit opens its form without another click.
    screen.select_option("#limit", value="decide")
    screen.wait_for_selector("#start")
    screen.fill("#start", "2026-03-02")
    screen.click("#question button[type=submit]")
    screen.wait_for_selector(".answer")

    assert "2026-04-01（周三）" in screen.inner_text(".answer")
    assert "start=2026-03-02" in screen.url


def test_the_keyboard_finds_a_number_and_walks_a_list(screen: "Page", live_server: LiveServer, case: Matter) -> None:
    sign_in(screen, live_server)

    screen.keyboard.press("/")
    screen.keyboard.type("治〔2026〕7")
    screen.keyboard.press("Enter")
    screen.wait_for_url(f"{live_server.url}/matters/{case.pk}/")

    screen.goto(f"{live_server.url}/matters/")
    screen.keyboard.press("j")
    first = screen.evaluate("document.activeElement.dataset.href")
    screen.keyboard.press("j")
    screen.keyboard.press("k")
    screen.keyboard.press("Enter")
    screen.wait_for_url(f"{live_server.url}{first}")


def test_a_slash_typed_into_a_field_is_a_slash(screen: "Page", live_server: LiveServer, case: Matter) -> None:
    sign_in(screen, live_server)
    screen.goto(f"{live_server.url}/matters/{case.pk}/")

    screen.click("#id_note")
    screen.keyboard.type("见卷一/3")

    assert screen.input_value("#id_note") == "见卷一/3"


def test_on_a_list_of_the_theme_the_slash_goes_to_the_number_search(
    screen: "Page", live_server: LiveServer, root: Officer
) -> None:
    sign_in(screen, live_server, "root")
    screen.goto(f"{live_server.url}/cases/unit/")

    screen.keyboard.press("/")

    assert screen.evaluate("document.activeElement.id") == "number-search"


def test_every_page_of_the_menu_opens_and_fits_the_usual_screen(
    screen: "Page", live_server: LiveServer, root: Officer
) -> None:
    sign_in(screen, live_server, "root")
    addresses = screen.eval_on_selector_all("#nav-sidebar-apps a", "all => all.map(one => one.href)")
    assert len(addresses) == sum(len(items) for _, items in MENU)

    sticking_out = []
    for address in addresses:
        screen.goto(address)
        screen.wait_for_load_state("networkidle")
        if not fits(screen):
            sticking_out.append(address)

    assert sticking_out == []


def test_choosing_a_unit_by_typing_works_under_the_content_policy(
    screen: "Page", live_server: LiveServer, root: Officer
) -> None:
    sign_in(screen, live_server, "root")
    screen.goto(f"{live_server.url}/cases/unit/add/")

    screen.click(".select2-selection")
    screen.keyboard.type("县局")

    screen.wait_for_selector(".select2-results__option:has-text('县局')")


def test_printed_it_is_the_account_without_the_menu(screen: "Page", live_server: LiveServer, case: Matter) -> None:
    sign_in(screen, live_server)
    screen.goto(f"{live_server.url}/clocks/{case.clocks.get().pk}/")

    screen.emulate_media(media="print")

    assert not screen.locator("#nav-sidebar").is_visible()
    assert not screen.locator("#number-search").is_visible()
    assert screen.locator("#steps").is_visible()
