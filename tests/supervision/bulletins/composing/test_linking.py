"""Numbers of a circular lead to the pages of the figures they tell."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from cases.services import add_officer, assign_post
from supervision.bulletins.composing.linking import to_figures
from supervision.bulletins.issuing import issue
from supervision.bulletins.models import Bulletin
from supervision.bulletins.papers.document import counted, rated
from supervision.bulletins.services import compose_monthly
from tests.cases.factories import moment
from tests.supervision.evaluation.county import County

APRIL_FIRST = moment("2026-04-01 08:30")


@pytest.mark.parametrize(
    ("key", "link"),
    [
        ("close_adm_cohort@1/K/2026-03", "/figures/close_adm_cohort/?unit=7&period=2026-03&version=1"),
        ("close_adm_cohort@2/K/2026-03/numerator", "/figures/close_adm_cohort/?unit=7&period=2026-03&version=2"),
        ("close_adm_cohort@1/K/2026-03/adjusted", "/figures/close_adm_cohort/?unit=7&period=2026-03&version=1"),
        ("close_adm_cohort@1/K/2026-03/on_before/size", ""),
        ("close_adm_cohort@1/ELSEWHERE/2026-03", ""),
        ("overdue/K/2026-03-01/2026-03-31", ""),
    ],
)
def test_only_what_tells_a_figure_of_a_known_unit_leads_to_it(key: str, link: str) -> None:
    leads = to_figures({"K": 7})

    assert (leads(rated(key, 1, 2)), leads(counted(key, 1))) == (link, link)


@pytest.fixture
def told(county: County) -> Bulletin:
    plan_roles()
    return issue(
        bulletin=compose_monthly(unit=county.county, month=date(2026, 3, 1), at=APRIL_FIRST), by=None, at=APRIL_FIRST
    )


def links(officer: Officer, bulletin: Bulletin) -> list[str]:
    client = Client()
    client.force_login(officer)
    page = client.get(f"/circulars/{bulletin.pk}/").content.decode()
    return [unescape(link) for link in re.findall(r'href="(/figures/[^"]+)"', page)]


def test_every_figure_on_the_page_opens_the_page_of_that_figure_with_the_same_numbers(
    county: County, told: Bulletin
) -> None:
    legal = add_officer(police_number="L900001", name="法制", unit=county.county)
    assign_post(officer=legal, unit=county.county, role=Role.LEGAL_OFFICER, from_on=date(2026, 1, 1))
    client = Client()
    client.force_login(Officer.objects.get(pk=legal.pk))

    found = set(links(legal, told))

    closing = [link for link in found if "close_adm_cohort/" in link and "period=2026-03" in link]
    # The county, A and B; C had no case.
    assert len(closing) == 3
    page = client.get(next(link for link in closing if f"unit={county.county.pk}&" in link)).content.decode()
    words = re.sub(r"\s|<[^>]+>", "", page)
    assert "2026年3月：40.00%2（分母中" in words and "看得见2条" in words
    assert all(client.get(link).status_code == 200 for link in found)


def test_mail_and_papers_have_no_links(told: Bulletin) -> None:
    assert "/figures/" not in told.html
