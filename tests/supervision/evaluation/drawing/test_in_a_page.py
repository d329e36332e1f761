"""A drawing inside a page under the site's own content policy, in a real browser."""

from typing import TYPE_CHECKING

import pytest
from csp.utils import build_policy

from supervision.evaluation.drawing.rendering import svg
from tests.supervision.evaluation.drawing import examples

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

ADDRESS = "http://127.0.0.1:9"


def serve(page: "Page", body: str) -> None:
    """Every address answers with the page under the policy that the site sends; nothing leaves this machine."""
    policy = build_policy()
    assert "default-src 'self'" in policy

    def answer(route: "Route") -> None:
        route.fulfill(
            body=f"<!doctype html><title>图</title><body>{body}</body>",
            headers={"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"},
        )

    page.route("**/*", answer)
    page.goto(f"{ADDRESS}/evaluation/")


@pytest.mark.browser
def test_the_policy_lets_every_kind_pass_and_letters_have_their_size(page: "Page") -> None:
    serve(page, "".join(svg(drawing) for drawing in examples.every_kind().values()))

    assert page.locator("svg.drawing").count() == 6
    size = page.get_by_text("北关派出所", exact=True).first.evaluate("e => getComputedStyle(e).fontSize")
    assert size == "9.5px"
    clear = page.locator("svg.drawing a rect").first.evaluate("e => getComputedStyle(e).fill")
    assert clear == "rgba(0, 0, 0, 0)"


@pytest.mark.browser
def test_a_mark_leads_to_the_rows_behind_it_by_mouse_and_by_keyboard(page: "Page") -> None:
    serve(page, svg(examples.bars()))

    page.get_by_role("link", name="北关派出所 57.14%（4/7），数量过少").click()
    page.wait_for_url(f"{ADDRESS}/evaluation/units/4/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{ADDRESS}/evaluation/units/0/")


@pytest.mark.browser
def test_a_drawing_shrinks_with_the_window(page: "Page") -> None:
    page.set_viewport_size({"width": 480, "height": 800})
    serve(page, svg(examples.heat()))

    box = page.locator("svg.drawing").bounding_box()
    assert box is not None and box["width"] <= 480
