"""A real Chromium, the system's own, driven by Playwright: `browser` for the session, `page` fresh for each test.

Tests that use it carry the marker `browser`. Where no Chromium is installed they are skipped and say so; with CI=true
that is an error, because nobody would notice.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH, HEIGHT = 1440, 900
PATIENCE_MILLISECONDS = 15_000


def find_chromium() -> str | None:
    return next((path for path in CHROMIUM if Path(path).is_file()), None) or shutil.which("chromium")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real Chromium")


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Chromium with a profile of its own that is thrown away."""
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium installed, and CI=true")
        pytest.skip("no Chromium installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright  # import here: heavy

    # Playwright keeps an event loop in this thread; Django would take every query of the test for an async one.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
            yield launched
            launched.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A page in Chinese and Shanghai time. The test fails at its end when a script failed, the content policy stopped
    something, or the page asked anybody but this machine."""
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": WIDTH, "height": HEIGHT}
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
    opened.on(
        "console",
        lambda message: wrong.append(f"policy: {message.text}") if "Content Security Policy" in message.text else None,
    )
    opened.on(
        "request",
        lambda request: wrong.append(f"asked outside: {request.url}") if leaves_this_machine(request.url) else None,
    )
    yield opened
    context.close()
    assert wrong == []


def leaves_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")
