"""The bulletin on a campaign, begun from the campaign's own page."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Officer
from supervision.bulletins.models import Bulletin
from tests.supervision.campaigns.factories import begin
from tests.supervision.reviews.factories import County, make_county, make_files


@pytest.fixture
def county(db: None) -> County:
    return make_county()


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def test_the_page_of_a_campaign_leads_to_a_form_that_is_filled_in(county: County) -> None:
    make_files(county, late=1)
    campaign = begin(county)
    client = browser(county.legal)
    page = client.get(reverse("campaigns:campaign", args=(campaign.pk,))).content.decode()
    found = re.search(r'href="([^"]+)">编专题通报', page)
    assert found is not None

    form = client.get(unescape(found[1])).context["form"]
    entered = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    made = client.post(urlsplit(found[1]).path, {key: str(value) for key, value in entered.items()}, follow=True)

    bulletin = Bulletin.objects.get()
    assert (bulletin.campaign, bulletin.title, bulletin.unit) == (
        campaign, "超期办案专项整治情况通报", county.bureau.county,
    )  # fmt: skip
    assert "专项整治各单位情况" in made.content.decode()


def test_only_a_special_bulletin_is_of_a_campaign_and_only_of_one_that_may_be_seen(county: County) -> None:
    campaign = begin(county)
    entered = {
        "unit": str(county.bureau.county.pk), "kind": "monthly", "first": "2026-04-06", "title": "x",
        "campaign": str(campaign.pk),
    }  # fmt: skip

    wrong = browser(county.legal).post(reverse("bulletins:compose"), entered).content.decode()
    hidden = browser(county.stranger).get(f"{reverse('bulletins:compose')}?campaign={campaign.pk}")

    assert "只有专题通报可以选专项整治" in wrong
    assert campaign.title not in hidden.content.decode()
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize("number", ["x", "", "٣", "999999"])
def test_a_link_that_means_nothing_leads_to_the_empty_form(county: County, number: str) -> None:
    answer = browser(county.legal).get(reverse("bulletins:compose"), {"campaign": number})

    assert answer.status_code == 200
    assert answer.context["form"].initial == {}
