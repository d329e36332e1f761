from django.urls import reverse

from supervision.inspections.models import Inspector, Interest, Target
from tests.supervision.inspections.factories import County, list_everything
from tests.supervision.inspections.pages.test_plans import browser


def test_a_target_is_listed_kept_away_from_and_taken_out(county: County) -> None:
    client, address = browser(county.legal), reverse("inspections:targets")
    asked = {"code": "S1", "name": "平安旅馆", "category": "旅馆业", "unit": county.station.pk}
    client.post(address, asked)
    assert "已经登记" in client.post(address, asked).content.decode()
    target = Target.objects.get()
    page = reverse("inspections:target", args=(target.pk,))

    client.post(page, {"act": "interest", "officer": county.pool[0].police_number, "why": "亲属经营"})
    assert "亲属经营" in client.get(page).content.decode()
    client.post(page, {"act": "remove"})

    target.refresh_from_db()
    assert Interest.objects.get().officer == county.pool[0]
    assert target.removed_by == county.legal
    assert client.post(page, {"act": "remove"}).status_code == 422


def test_inspectors_are_listed_and_taken_out_of_ones_own_bureau_only(county: County) -> None:
    client, address = browser(county.legal), reverse("inspections:inspectors")
    one = {"officer": county.pool[0].police_number}
    client.post(address, {**one, "act": "list"})
    assert "已经在检查人员名录里" in client.post(address, {**one, "act": "list"}).content.decode()
    assert "不在您管辖的单位" in client.post(address, {"officer": "100008", "act": "list"}).content.decode()

    client.post(address, {**one, "act": "remove"})

    assert Inspector.objects.get().removed_by == county.legal
    assert client.post(address, {**one, "act": "remove"}).status_code == 422


def test_the_register_of_the_next_county_is_not_seen(county: County) -> None:
    targets = list_everything(county)
    client = browser(county.stranger)

    assert "S1旅馆" not in client.get(reverse("inspections:targets")).content.decode()
    assert client.get(reverse("inspections:target", args=(targets[0].pk,))).status_code == 404
    assert "200001" not in client.get(reverse("inspections:inspectors")).content.decode()
