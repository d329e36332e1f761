"""The bureau whose administrator looks after the jobs, and a day on which everything got stuck."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Batch, BatchState, PendingWinding, Unit
from supervision.bulletins.models import Letter, LetterState, Notice, Recipient
from supervision.webhooks.models import Delivery, DeliveryState, Subscription
from supervision.webhooks.services import enter, send_test, where_ledgers_end
from tests.cases.factories import Bureau, make_bureau, make_case, make_catalogue, make_officer
from tests.supervision.api.calling import a_bulletin


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def everything_stuck(bureau: Bureau) -> None:
    """Of letters of bulletins 1 is overdue, 2 were broken off and 3 failed; of those of notices 2, 1 and 3; of pushes 1 is
    overdue and 3 were given up, one of them the neighbour's; 2 imports broke off; of the windings 1 waits and 2 failed.
    And of each there is something that is not stuck."""
    _letters(bureau)
    _pushes(bureau.county, bureau.other_county)
    now = timezone.now()
    for ago in (2, 3, 0):
        started = now - timedelta(hours=ago)
        Batch.objects.create(
            file_name=f"{ago}.csv", digest="d", mapping="m", source="s", started_at=started, state=BatchState.LOADING
        )
    make_catalogue()
    for number, (ago, error) in enumerate(((2, ""), (0, ""), (2, "坏"), (0, "坏"))):
        stuck = {"cause": "c", "asked_at": now - timedelta(hours=ago), "error": error}
        PendingWinding.objects.update_or_create(matter=make_case(f"P{number}", bureau.station), defaults=stuck)


def _letters(bureau: Bureau) -> None:
    long_ago, now = timezone.now() - timedelta(hours=2), timezone.now()
    overdue = {"state": LetterState.DOUBTFUL, "next_try_at": long_ago, "doubtful_at": long_ago}
    broken_off = {"state": LetterState.SENDING, "claimed_at": long_ago}
    failed = {"state": LetterState.FAILED, "error": "拒收"}
    in_time = {"state": LetterState.QUEUED, "next_try_at": now}
    at_work = {"state": LetterState.SENDING, "claimed_at": now}
    bulletin, officer = a_bulletin(bureau.county, 1), make_officer("900100", bureau.county)
    for number, how in enumerate((overdue, *[broken_off] * 2, *[failed] * 3, in_time, at_work)):
        reader = Recipient.objects.create(
            **bureau.county.scope_ids, name="读者", address=f"r{number}@example.cn", entered_at=long_ago
        )
        Letter.objects.create(bulletin=bulletin, recipient=reader, message_id=f"b{number}", queued_at=long_ago, **how)
    for number, how in enumerate((*[overdue] * 2, broken_off, *[failed] * 3, in_time, at_work)):
        notice = Notice.objects.create(
            officer=officer, **bureau.county.scope_ids, day=now.date(), urgent=True, composed_at=long_ago,
            headline="要办", size=1,
        )  # fmt: skip
        Letter.objects.create(notice=notice, message_id=f"n{number}", queued_at=long_ago, **how)


def _pushes(unit: Unit, neighbour: Unit) -> None:
    long_ago = timezone.now() - timedelta(hours=2)

    def receiver(owner: Unit) -> Subscription:
        wanted = Subscription(name="门户", unit=owner, address="https://h/", events="test", secret_name="S")
        return enter(subscription=wanted, ends=where_ledgers_end(), at=long_ago)

    own = receiver(unit)
    send_test(subscription=own, by=None, at=long_ago)
    send_test(subscription=own, by=None, at=timezone.now())
    for subscription in (own, own, receiver(neighbour)):
        send_test(subscription=subscription, by=None, at=timezone.now())
        last = Delivery.objects.latest("pk")
        given_up = {"state": DeliveryState.GIVEN_UP, "next_try_at": None, "ended_at": long_ago, "reason": "拒收"}
        Delivery.objects.filter(pk=last.pk).update(**given_up)
