"""Two at the same moment, really: in two threads, each with a connection of its own."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from cases.models import Officer
from supervision.rectification.models import Order, OrderStep
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.services import issue_order, issue_orders, withdraw_order
from tests.cases.factories import Bureau
from tests.supervision.rectification.factories import AT, asked

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act answered, or what it was refused with; all begin together."""
    start, answers = Barrier(len(acts)), dict.fromkeys(range(len(acts)), None)  # type: ignore[var-annotated]

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            start.wait()
            answers[number] = act()
        except RectificationRefused as refusal:
            answers[number] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(answers.values())


def test_two_workers_who_issue_the_same_orders_issue_each_once(bureau: Bureau, catalogue: None) -> None:
    requests = [asked(str(number), bureau.station) for number in range(300)]

    counts = at_once(
        lambda: issue_orders(requests, at=AT),
        lambda: issue_orders(requests, at=AT),
        lambda: issue_orders(requests[::-1], at=AT),
    )

    assert sum(count for count in counts if isinstance(count, int)) == 300
    assert Order.objects.count() == 300
    assert OrderStep.objects.values("order").distinct().count() == OrderStep.objects.count() == 300


def test_of_two_who_order_the_same_one_is_refused(bureau: Bureau, catalogue: None) -> None:
    def ordering() -> Order:
        return issue_order(
            source="review",
            source_number="P-1",
            problem="overrun",
            unit=bureau.station,
            officer=None,
            text="超期",
            by=None,
            at=AT,
        )

    answers = at_once(ordering, ordering)

    assert sorted(type(answer).__name__ for answer in answers) == ["Order", "RectificationRefused"]
    assert (Order.objects.count(), OrderStep.objects.count()) == (1, 1)


def test_of_two_who_withdraw_the_same_one_is_told_who_was_first(
    order: Order, legal_officer: Officer, second_legal_officer: Officer
) -> None:
    seen = [Order.objects.get(pk=order.pk) for _ in range(2)]

    answers = at_once(
        lambda: withdraw_order(order=seen[0], reason="不属实", by=legal_officer, at=AT),
        lambda: withdraw_order(order=seen[1], reason="不属实", by=second_legal_officer, at=AT),
    )

    (refused,) = [answer for answer in answers if isinstance(answer, RectificationRefused)]
    order.refresh_from_db()
    first = OrderStep.objects.get(order=order, number=2).by
    assert str(refused).startswith(f"没有办成：{first}已于 05-19 09:00 撤销")
    assert OrderStep.objects.filter(order=order).count() == 2
