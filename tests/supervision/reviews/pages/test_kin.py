from django.test import Client
from django.urls import reverse

from cases.models import Officer
from supervision.reviews.models import Kinship
from tests.supervision.reviews.factories import County


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def test_kin_is_declared_once_and_read_by_the_two_alone(county: County) -> None:
    address, told = reverse("reviews:kin"), {"officer": county.officer.police_number}

    for _ in range(2):
        assert browser(county.legal).post(address, told).status_code == 302

    assert Kinship.objects.count() == 1
    for one in (county.legal, county.officer):
        assert f"<td>{county.officer}</td>" in browser(one).get(address).content.decode()
    assert "没有申报" in browser(county.second_legal).get(address).content.decode()


def test_nobody_declares_himself_or_a_number_nobody_has(county: County) -> None:
    address = reverse("reviews:kin")

    own = browser(county.legal).post(address, {"officer": county.legal.police_number})
    unknown = browser(county.legal).post(address, {"officer": "999999"})

    assert (own.status_code, unknown.status_code) == (422, 422)
    assert "没有申报：" in own.content.decode()
    assert not Kinship.objects.exists()
