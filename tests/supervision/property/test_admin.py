import pytest
from django.test import Client
from django.urls import reverse

from tests.supervision.property.factories import County, take

pytestmark = pytest.mark.django_db
LEDGER = "admin:property_propertystep_changelist"


@pytest.mark.parametrize(("who", "seen"), [("officer", True), ("legal", True), ("sibling", False), ("stranger", False)])
def test_the_ledger_is_read_by_those_who_see_the_item_and_changed_by_nobody(
    county: County, who: str, seen: bool
) -> None:
    take(county)
    client = Client()
    client.force_login(getattr(county, who))

    answer = client.get(reverse(LEDGER))

    assert answer.status_code == 200
    assert ("扣押：手机一部" in answer.content.decode()) is seen
    assert client.get(reverse("admin:property_propertystep_add")).status_code == 403
