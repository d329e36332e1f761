import pytest

from supervision.custody.models import Fault
from supervision.custody.tasks import watch_task
from tests.supervision.custody.factories import AT, County, bring, local

pytestmark = pytest.mark.django_db


def test_the_worker_watches_as_of_now(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(county, at=local("09:12"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)

    assert (watch_task(), watch_task()) == (1, 0)
    assert Fault.objects.get().found_at == AT
