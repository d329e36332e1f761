"""The job carries on what is under way; nothing to do is no failure."""

import pytest

from supervision.handovers.models import State
from supervision.handovers.tasks import carry_out_task
from tests.supervision.handovers.factories import AT, House, begin, everything


def test_the_job_carries_on_what_was_decided_and_then_has_nothing_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    everything(house)
    row = begin(house, to=house.taker)

    assert (carry_out_task(), carry_out_task()) == (4, 0)

    row.refresh_from_db()
    assert (row.state, row.moved) == (State.DONE, 4)
