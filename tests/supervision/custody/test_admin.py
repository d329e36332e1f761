import pytest
from django.test import Client
from django.urls import reverse

from tests.supervision.custody.factories import County, bring

pytestmark = pytest.mark.django_db
LEDGER = "admin:custody_visitstep_changelist"


@pytest.mark.parametrize(("who", "seen"), [("officer", True), ("legal", True), ("sibling", False), ("stranger", False)])
def test_the_ledger_is_read_by_those_who_see_the_visit_and_changed_by_nobody(
    county: County, who: str, seen: bool
) -> None:
    visit = bring(county)
    client = Client()
    client.force_login(getattr(county, who))

    answer = client.get(reverse(LEDGER))

    assert answer.status_code == 200
    assert (visit.matter.number in answer.content.decode()) is seen
    assert client.get(reverse("admin:custody_visitstep_add")).status_code == 403
