"""March 2026 in the county small enough to check by hand, on pages: every number opens a list of as many rows, and every
row opens what it counts."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from cases.models import Officer
from cases.roles import plan_roles
from supervision.evaluation.models import Side
from supervision.evaluation.queries import figures_of, told_to
from tests.supervision.evaluation.county import LATER, MARCH, County, indicators, march
from tests.supervision.evaluation.pages.conftest import read_list, words_of

pytestmark = pytest.mark.django_db

Opened = Callable[[Officer], Client]


@pytest.fixture(scope="module")
def played(law: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
    """The county, played once for the file; every test's own changes are undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        indicators(minimum=1)
        county = march()
        plan_roles()
        with django_db_blocker.block():
            yield county
        transaction.set_rollback(True)


@pytest.fixture
def county(played: County, db: None, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    return played


@pytest.fixture
def desk(county: County) -> Opened:
    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened


def numbers_of_lists(page: str) -> list[int | None]:
    """How many rows each list behind a figure is said to have, in order; none where it is not said."""
    tabs = page[page.index('aria-label="分子、分母的明细"') :].partition("</nav>")[0]
    return [int(number) if number else None for number in re.findall(r"<a [^>]+>[^<]+(?:<span[^>]*>(\d+)<)?", tabs)]


@pytest.mark.parametrize("who", ["legal_officer", "leader", "A"])
def test_every_number_told_has_as_many_rows_on_its_lists_and_every_row_opens(
    county: County, desk: Opened, who: str
) -> None:
    officer = county.heads[who] if who in county.heads else getattr(county, who)
    unit = officer.unit if who in county.heads else county.county
    client, links, walked = desk(officer), set(), set()

    for told in told_to(figures_of(unit, MARCH, at=LATER), officer, at=LATER):
        indicator = told.cell.indicator
        address = f"/figures/{indicator.code}/?unit={unit.pk}&period={MARCH.code}"
        answer = client.get(address)
        said = numbers_of_lists(answer.content.decode())
        parts = {side: [part for part in indicator.parts.all() if part.side == side] for side in Side}
        above = len(parts[Side.NUMERATOR])
        assert f"{unit} 2026年3月：{told.text}" in words_of(answer.content)
        if told.told:
            assert (sum(n or 0 for n in said[:above]), sum(n or 0 for n in said[above:])) == (
                told.numerator,
                told.denominator,
            )
        places = [(side, number, part.term) for side in Side for number, part in enumerate(parts[side])]
        for (where, number, term), counted in zip(places, said, strict=True):
            # Many indicators count the same thing, and its list is the same list.
            if term.text in walked and counted is not None:
                continue
            walked.add(term.text)
            words, rows = read_list(client, f"{address}&side={where.value}&part={number}")
            hidden = re.search(r"另有 (\d+) 条不在您的可见范围", words)
            links |= {link for link, _ in rows}
            if counted is None:
                assert not told.told and hidden is None
            else:
                assert len(rows) + (int(hidden[1]) if hidden is not None else 0) == counted, term.text

    assert len(walked) > 20 and len(links) > 20
    # Incidents are many and alike: of what is only a matter some are opened, of everything else all.
    matters = sorted(link for link in links if link.startswith("/matters/"))
    for link in [*matters[:10], *(links - set(matters))]:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("who", ["legal_officer", "leader", "A", "B", "C"])
def test_the_page_of_a_unit_says_of_every_indicator_what_may_be_told(county: County, desk: Opened, who: str) -> None:
    officer = county.heads[who] if who in county.heads else getattr(county, who)
    unit = officer.unit if who in county.heads else county.county

    page = words_of(desk(officer).get(f"/figures/?unit={unit.pk}&period={MARCH.code}").content)

    for told in told_to(figures_of(unit, MARCH, at=LATER), officer, at=LATER):
        if told.told:
            between = f" {told.interval}" if told.interval else ""
            assert f"{told.cell.indicator.name} {told.text}{between} {told.numerator} {told.denominator} " in page
        else:
            assert f"{told.cell.indicator.name} {told.text} — — " in page
