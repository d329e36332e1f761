"""March 2026 in the county small enough to check by hand, on pages: every number opens a list of as many rows, and every
row opens what it counts."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from cases.models import Officer, Unit
from cases.roles import plan_roles
from supervision.evaluation.models import Indicator, Side
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


def lists_of(
    client: Client, indicator: Indicator, unit: Unit
) -> Iterator[tuple[Side, str, list[tuple[str, str]], int]]:
    """Every list behind a figure: its side, the words of its page, its rows, and how many more the officer may not see."""
    for side in Side:
        for number in range(sum(part.side == side for part in indicator.parts.all())):
            address = f"/figures/{indicator.code}/?unit={unit.pk}&period={MARCH.code}&side={side.value}&part={number}"
            words, rows = read_list(client, address)
            hidden = re.search(r"另有 (\d+) 条不在您的可见范围", words)
            yield side, words, rows, int(hidden[1]) if hidden is not None else 0


@pytest.mark.parametrize("who", ["legal_officer", "leader", "A"])
def test_every_number_told_has_as_many_rows_on_its_lists_and_every_row_opens(
    county: County, desk: Opened, who: str
) -> None:
    officer = county.heads[who] if who in county.heads else getattr(county, who)
    unit = officer.unit if who in county.heads else county.county
    client, opened = desk(officer), set()

    for told in told_to(figures_of(unit, MARCH, at=LATER), officer, at=LATER):
        cell = told.cell
        found = dict.fromkeys(Side, 0)
        for side, words, rows, hidden in lists_of(client, cell.indicator, unit):
            assert f"{unit} 2026年3月：{told.text}" in words
            found[side] += len(rows) + hidden
            opened |= {link for link, _ in rows}
            if not told.told:
                assert hidden == 0
        if told.told:
            assert (found[Side.NUMERATOR], found[Side.DENOMINATOR]) == (told.numerator, told.denominator)

    assert len(opened) > 20
    # Incidents are many and alike: of what is only a matter some are opened, of everything else all.
    matters = sorted(link for link in opened if link.startswith("/matters/"))
    for link in [*matters[:10], *(opened - set(matters))]:
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("who", ["legal_officer", "leader", "A", "B", "C"])
def test_the_page_of_a_unit_says_of_every_indicator_what_may_be_told(county: County, desk: Opened, who: str) -> None:
    officer = county.heads[who] if who in county.heads else getattr(county, who)
    unit = officer.unit if who in county.heads else county.county

    page = words_of(desk(officer).get(f"/figures/?unit={unit.pk}&period={MARCH.code}").content)

    for told in told_to(figures_of(unit, MARCH, at=LATER), officer, at=LATER):
        if told.told:
            assert f"{told.cell.indicator.name} {told.numerator} {told.denominator} {told.text} " in page
        else:
            assert f"{told.cell.indicator.name} — — {told.text} " in page
