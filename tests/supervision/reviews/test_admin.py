import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Officer
from tests.supervision.reviews.factories import County, draw


@pytest.mark.parametrize(("who", "status"), [("inspector", 200), ("legal", 200), ("head", 403), ("officer", 403)])
def test_who_directs_reviews_reads_the_ledger_and_nobody_changes_it(county: County, who: str, status: int) -> None:
    draw(county)
    client = Client()
    client.force_login(Officer.objects.get(pk=getattr(county, who).pk))

    answer = client.get(reverse("admin:reviews_reviewstep_changelist"))

    assert answer.status_code == status
    assert client.get(reverse("admin:reviews_reviewstep_add")).status_code == 403
    if status == 200:
        assert "总体 5 件，抽取 5 件" in answer.content.decode()


def test_the_ledger_of_another_bureau_is_not_read(county: County) -> None:
    draw(county)
    client = Client()
    client.force_login(Officer.objects.get(pk=county.stranger.pk))

    assert "总体 5 件" not in client.get(reverse("admin:reviews_reviewstep_changelist")).content.decode()
