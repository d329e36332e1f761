"""The page of places: who sees which, adds and closes them."""

import pytest

from supervision.property import services
from supervision.property.models import Place
from tests.supervision.property.factories import AT, County, take
from tests.supervision.property.pages.conftest import Opened

pytestmark = pytest.mark.django_db


def test_a_place_is_added_with_how_much_lies_in_it(desk: Opened, county: County) -> None:
    services.hand_over(item=take(county), place=county.store, handed_at=AT, by=county.officer, at=AT)
    client = desk(county.legal)

    answer = client.post("/property/places/", {"unit": county.station.pk, "name": "所内库房"}, follow=True)

    shown = answer.content.decode()
    assert "已登记所内库房" in shown
    assert "移走财物后可以停用" in shown


def test_a_name_in_use_is_told_on_the_form(desk: Opened, county: County) -> None:
    told = {"unit": county.bureau.county.pk, "name": county.store.name}

    answer = desk(county.legal).post("/property/places/", told)

    assert answer.status_code == 422
    assert "已有名为" in answer.content.decode()


def test_an_empty_place_is_closed(desk: Opened, county: County) -> None:
    desk(county.legal).post(f"/property/places/{county.store.pk}/close/")

    assert not Place.objects.filter(closed_at=None).exists()


def test_a_place_that_is_not_empty_stays_open(desk: Opened, county: County) -> None:
    services.hand_over(item=take(county), place=county.store, handed_at=AT, by=county.officer, at=AT)

    answer = desk(county.legal).post(f"/property/places/{county.store.pk}/close/", follow=True)

    assert "没有停用" in answer.content.decode()
    assert Place.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("inspector", 403), ("stranger", 404)])
def test_nobody_else_closes_a_place(desk: Opened, county: County, who: str, status: int) -> None:
    assert desk(getattr(county, who)).post(f"/property/places/{county.store.pk}/close/").status_code == status
    assert Place.objects.filter(closed_at=None).exists()


def test_who_may_only_look_sees_no_form(desk: Opened, county: County) -> None:
    client = desk(county.inspector)

    assert "登记保管场所" not in client.get("/property/places/").content.decode()
    assert client.post("/property/places/", {"unit": county.station.pk, "name": "库房"}).status_code == 403
