"""The process is killed at each step: nothing is missed, nothing is queued twice, and what may have arrived goes again
under the same name. A real process, a real SIGKILL, a real receiver, rows that other processes see."""

import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from django.db import connections

from supervision.webhooks import rules
from supervision.webhooks.models import Delivery, DeliveryState, Subscription
from supervision.webhooks.services import deliver, delivering, gather, gathering
from tests.cases.factories import make_bureau, make_catalogue
from tests.rigs.gateway import Gateway
from tests.rigs.waiting import until
from tests.supervision.webhooks.factories import AT, MINUTE, events_for, subscribe, swept, uids

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[..., Any]


def die(*args: Any, **named: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed, and still here")


def at_once(act: Act) -> Act:
    return die


def after(times: int) -> Callable[[Act], Act]:
    """Dies when the act has been done so many times."""

    def dying(act: Act) -> Act:
        left = [times]

        def acted(*args: Any, **named: Any) -> Any:
            answer = act(*args, **named)
            left[0] -= 1
            return answer if left[0] else die()

        return acted

    return dying


def killed_round(where: Any, act: str, dies: Callable[[Act], Act]) -> None:
    """One minute of the timetable in a child of this process, which does not survive it."""
    # Neither may speak on a connection of the other.
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            setattr(where, act, dies(getattr(where, act)))
            gather(at=AT)
            deliver(at=AT)
        finally:
            os._exit(0)
    _, status = until(lambda: found if (found := os.waitpid(child, os.WNOHANG))[0] else None, what="the child's death")
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.fixture
def portal(transactional_db: None, receiver: Gateway, monkeypatch: pytest.MonkeyPatch) -> Subscription:
    """A receiver with three events before it, in two bodies."""
    monkeypatch.setattr(rules, "MOST_EVENTS", 2)
    bureau = make_bureau()
    make_catalogue()
    made = subscribe(bureau.county, f"{receiver.url}/in")
    swept(bureau.station)
    return made


@pytest.mark.parametrize(
    ("where", "act", "dies", "arrived", "twice"),
    [
        pytest.param(gathering, "queue", at_once, 0, 0, id="before a body is written"),
        pytest.param(gathering, "queue", after(1), 0, 0, id="before it is committed"),
        pytest.param(gathering, "_read_one", after(1), 0, 0, id="between two bodies"),
        pytest.param(delivering, "_forget_bodies", at_once, 0, 0, id="between gathering and sending"),
        pytest.param(delivering._Round, "run", at_once, 0, 0, id="with deliveries in hand"),
        pytest.param(delivering, "post", at_once, 0, 0, id="before the first is sent"),
        pytest.param(delivering, "post", after(1), 1, 1, id="after the yes, before the note"),
        pytest.param(delivering._Round, "_note", after(1), 1, 0, id="after the note, before the next"),
        pytest.param(delivering._Round, "_note", after(2), 2, 0, id="after the last note"),
    ],
)
def test_after_a_kill_nothing_is_missed_and_what_comes_twice_bears_one_name(
    portal: Subscription, receiver: Gateway, where: Any, act: str, dies: Callable[[Act], Act], arrived: int, twice: int
) -> None:
    killed_round(where, act, dies)
    before = len(receiver.calls)

    for later in (MINUTE, rules.HELD_FOR + MINUTE):
        gather(at=AT + later)
        deliver(at=AT + later)

    assert before == arrived
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert len(events_for(portal)) == len({one["id"] for one in events_for(portal)}) == 3
    assert len(uids(receiver)) - len(set(uids(receiver))) == twice
    told = {one["id"] for call in receiver.calls for one in call.json["events"]}
    assert told == {one["id"] for one in events_for(portal)}
