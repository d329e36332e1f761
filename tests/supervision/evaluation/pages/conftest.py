"""The pages on Thursday 2 April 2026 at nine; officers with the permissions of their roles; and how a page is read."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from cases.models import Officer
from cases.roles import plan_roles
from tests.cases.factories import moment

NOW = moment("2026-04-02 09:00")

Opened = Callable[[Officer], Client]

_ROW = re.compile(r'<tr tabindex="0" data-href="([^"]+)"><td class="number"><a href="\1">([^<]+)</a>')
_NEXT = re.compile(r'rel="next" href="([^"#]+)')


def words_of(page: bytes) -> str:
    """The words of the page's own part, without marks."""
    text = page.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.index('<div class="desk">') :]))


def read_list(client: Client, address: str) -> tuple[str, list[tuple[str, str]]]:
    """The words of the page of a figure, and what its list names, page after page: (address of the row's own page, name)."""
    words, found = "", []
    while True:
        answer = client.get(address)
        words = words or words_of(answer.content)
        page = answer.content.decode()
        found += [(html.unescape(link), name) for link, name in _ROW.findall(page)]
        following = _NEXT.search(page)
        if following is None:
            return words, found
        address = address.partition("?")[0] + html.unescape(following[1])


def names_of(client: Client, address: str) -> list[str]:
    return [name for _, name in read_list(client, address)[1]]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def desk(db: None) -> Opened:
    """Signs an officer in and hands over his browser."""
    plan_roles()

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
