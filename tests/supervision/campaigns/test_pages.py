import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Matter, Officer
from supervision.campaigns.models import Campaign, CampaignOrder, Task
from supervision.rectification.models import Problem
from tests.cases.factories import make_case
from tests.supervision.campaigns.factories import add_task, begin
from tests.supervision.reviews.factories import County, draw, make_files


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def test_a_campaign_is_begun_worked_on_and_ended(county: County) -> None:
    make_files(county)
    held = draw(county)
    client = browser(county.legal)
    assert client.get(reverse("campaigns:new")).status_code == 200
    asked = {
        "title": "整治", "demand": "排查", "unit": county.bureau.county.pk, "members": [county.station.pk],
        "begins_on": "2026-01-01", "ends_on": "2099-12-31", "kinds": ["case"], "from_on": "2026-03-01",
        "until_on": "2026-03-31", "fact": "", "standstill": "",
    }  # fmt: skip
    wrong = client.post(reverse("campaigns:new"), {**asked, "ends_on": "2025-12-31"})
    assert wrong.status_code == 422 and "开始日期晚于结束日期" in wrong.content.decode()
    client.post(reverse("campaigns:new"), asked)
    campaign = Campaign.objects.get()
    address = reverse("campaigns:campaign", args=(campaign.pk,))

    client.post(address, {"act": "task", "name": "自查", "due_on": "2099-06-30"})
    client.post(address, {"act": "round", "review_round": held.pk})
    matter = Matter.objects.get(number="A1")
    client.post(
        reverse("campaigns:order", args=(campaign.pk, matter.pk)),
        {"problem": Problem.objects.get(code="late").pk, "text": "超期"},
    )
    page = client.get(address).content.decode()
    assert "排查事项 3 件" in page and "自查" in page and held.number in page and "程序" in page
    assert CampaignOrder.objects.count() == 1
    task = reverse("campaigns:task", args=(Task.objects.get().pk,))
    assert client.post(task, {"act": "move", "due_on": "2099-06-30", "why": "x"}).status_code == 422
    client.post(task, {"act": "done", "note": "自查完毕"})
    assert client.post(address, {"act": "close", "summary": ""}).status_code == 422
    client.post(address, {"act": "close", "summary": "整改到位"})

    campaign.refresh_from_db()
    assert campaign.summary == "整改到位" and "整改到位" in client.get(address).content.decode()
    assert client.post(address, {"act": "task", "name": "x", "due_on": "2099-06-30"}).status_code == 422


@pytest.mark.parametrize(
    ("who", "status"),
    [("legal", 200), ("inspector", 200), ("leader", 200), ("head", 200), ("officer", 403), ("stranger", 404)],
)
def test_who_opens_a_campaign(county: County, who: str, status: int) -> None:
    campaign = begin(county)
    client = browser(getattr(county, who))

    for name in ("campaign", "matters"):
        assert client.get(reverse(f"campaigns:{name}", args=(campaign.pk,))).status_code == status


def test_a_head_sees_the_campaign_in_which_the_county_above_him_takes_part(county: County) -> None:
    campaign = begin(county, members=[county.bureau.county])

    assert browser(county.head).get(reverse("campaigns:campaign", args=(campaign.pk,))).status_code == 200
    assert browser(county.stranger).get(reverse("campaigns:campaign", args=(campaign.pk,))).status_code == 404


def test_a_unit_that_takes_no_part_does_not_see_it(county: County) -> None:
    campaign = begin(county, members=[county.station])

    client = browser(county.sibling_head)

    assert client.get(reverse("campaigns:campaign", args=(campaign.pk,))).status_code == 404
    assert campaign.title not in client.get(reverse("campaigns:campaigns")).content.decode()


@pytest.mark.parametrize("who", ["leader", "head"])
def test_who_only_reads_writes_nothing(county: County, who: str) -> None:
    make_files(county)
    campaign = begin(county)
    task = add_task(county, campaign)
    client = browser(getattr(county, who))
    matter = Matter.objects.get(number="A1")

    assert client.get(reverse("campaigns:new")).status_code == 403
    assert client.post(reverse("campaigns:campaign", args=(campaign.pk,)), {"act": "close"}).status_code == 403
    assert client.post(reverse("campaigns:task", args=(task.pk,)), {"act": "done"}).status_code == 403
    assert client.get(reverse("campaigns:order", args=(campaign.pk, matter.pk))).status_code == 403


def test_a_legal_officer_whose_unit_takes_part_does_not_direct_the_citys_campaign(county: County) -> None:
    bureau = county.bureau
    campaign = begin(county, unit=bureau.city, members=[bureau.county, bureau.other_county])
    client, address = browser(county.stranger), reverse("campaigns:campaign", args=(campaign.pk,))

    assert client.get(address).status_code == 200
    assert client.post(address, {"act": "task", "name": "x", "due_on": "2026-05-01"}).status_code == 403


def test_a_head_reads_the_matters_of_his_unit(county: County) -> None:
    make_files(county)

    page = browser(county.head).get(reverse("campaigns:matters", args=(begin(county).pk,))).content.decode()

    assert "A1" in page and "B1" not in page and "下达整改" not in page


def test_lists_ask_a_fixed_number_of_questions(county: County) -> None:
    client = browser(county.legal)
    campaign = begin(county)
    make_files(county, station=1, sibling=0)
    addresses = [
        reverse("campaigns:campaigns"),
        reverse("campaigns:campaign", args=(campaign.pk,)),
        reverse("campaigns:matters", args=(campaign.pk,)),
    ]

    def questions() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        return found

    one = questions()
    for title in ("第二", "第三"):
        begin(county, title=title)
    for number in ("C1", "C2"):
        make_case(number, county.bureau.sibling, filed="2026-03-03")

    assert questions() == one
