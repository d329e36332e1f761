"""The jobs call their services with the time, and a round with something broken fails aloud."""

from datetime import datetime

import pytest

from supervision.webhooks import tasks
from supervision.webhooks.services import DeliverReport
from supervision.webhooks.tasks import RoundFailed, deliver_task, gather_task
from tests.cases.factories import Bureau
from tests.rigs.gateway import Gateway
from tests.supervision.webhooks.factories import AT, subscribe, swept

pytestmark = pytest.mark.django_db


def test_two_jobs_bring_what_happened_to_its_receiver(
    bureau: Bureau, receiver: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    subscribe(bureau.county, f"{receiver.url}/in")
    swept(bureau.station)

    done = gather_task.delay().get(), deliver_task.delay().get()

    assert done == (3, 1)
    assert len(receiver.calls) == 1


def test_a_round_with_something_broken_fails_aloud_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, at: datetime) -> DeliverReport:
        return DeliverReport(sent=1, broken=["7: KeyError"])

    monkeypatch.setattr(tasks, "deliver", broken)

    with pytest.raises(RoundFailed, match="7: KeyError"):
        deliver_task()
