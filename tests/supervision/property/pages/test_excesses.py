"""The list of the four excesses, and judging one from the page of its item."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supervision.property.models import Excess
from supervision.rectification.models import Order
from tests.supervision.property.factories import County, take
from tests.supervision.property.pages.conftest import Opened

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=found", {"扣1", "扣2"}),
        ("state=found&computed=yes", {"扣1"}),
        ("state=found&computed=no", {"扣2"}),
        ("kind=authority", {"扣1"}),
        ("kind=scope", {"扣2"}),
        ("kind=amount", set()),
        ("state=confirmed", set()),
        ("q=扣2", {"扣2"}),
        ("found_after=2026-03-11", set()),
    ],
)
def test_the_list_is_narrowed(desk: Opened, county: County, query: str, found: set[str]) -> None:
    take(county, "扣1", approver="department_head")
    take(county, "扣2", owner="third")

    shown = page(desk(county.legal), f"/property/excesses/?{query}")

    assert {number for number in ("扣1", "扣2") if f">{number}</a>" in shown} == found


def test_the_list_of_a_unit_holds_what_lies_in_it(desk: Opened, county: County) -> None:
    take(county, owner="third")
    client = desk(county.legal)

    here = page(client, f"/property/excesses/?unit={county.station.pk}")
    elsewhere = page(client, f"/property/excesses/?unit={county.bureau.sibling.pk}")

    assert (">扣1</a>" in here, ">扣1</a>" in elsewhere) == (True, False)


def test_the_list_opens_on_what_is_to_be_judged(desk: Opened, county: County) -> None:
    answer = desk(county.legal).get("/property/excesses/")

    assert answer.headers["Location"] == "/property/excesses/?state=found"


def test_the_list_asks_as_much_of_three_rows_as_of_one(desk: Opened, county: County) -> None:
    client = desk(county.legal)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "/property/excesses/?state=")
        return len(queries)

    take(county, "扣1", owner="third")
    asked()
    one = asked()
    for number in (2, 3):
        take(county, f"扣{number}", owner="third")

    assert asked() == one


@pytest.mark.parametrize("who", ["legal", "inspector", "leader"])
def test_what_holds_is_ordered_from_the_page(desk: Opened, county: County, who: str) -> None:
    item = take(county, owner="third")
    excess = Excess.objects.get(item=item)

    told = {"verdict": "confirm", "text": "属实"}
    answer = desk(getattr(county, who)).post(f"/property/excesses/{excess.pk}/judge/", told, follow=True)

    excess.refresh_from_db()
    assert excess.order == Order.objects.get()
    assert f"整改 {Order.objects.get().number}" in answer.content.decode()


def test_what_does_not_hold_needs_a_reason(desk: Opened, county: County) -> None:
    excess = Excess.objects.get(item=take(county, owner="third"))
    client = desk(county.legal)
    address = f"/property/excesses/{excess.pk}/judge/"

    refused = client.post(address, {"verdict": "dismiss", "text": ""}, follow=True)
    done = client.post(address, {"verdict": "dismiss", "text": "系嫌疑人所有"}, follow=True)

    assert "没有办理：请写明不成立的理由" in refused.content.decode()
    assert "系嫌疑人所有" in done.content.decode()


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("head", 403), ("stranger", 404)])
def test_nobody_else_judges(desk: Opened, county: County, who: str, status: int) -> None:
    excess = Excess.objects.get(item=take(county, owner="third"))

    answer = desk(getattr(county, who)).post(f"/property/excesses/{excess.pk}/judge/", {"verdict": "confirm"})

    assert answer.status_code == status
    assert not Order.objects.exists()
