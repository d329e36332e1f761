"""Orders come into being: one by hand, many at once, once a source, and again after a kill."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Officer, Unit
from cases.services import name_handler
from supervision.rectification import issuing
from supervision.rectification.models import Action, Grade, Order, OrderState, OrderStep, Source
from supervision.rectification.services import (
    RectificationRefused,
    issue_orders,
    withdraw_order,
)
from tests.cases.factories import Bureau, clock_of, make_case, moment
from tests.supervision.rectification.factories import AT, asked, order_for

THURSDAY = moment("2026-05-21 10:00")
FRIDAY = moment("2026-05-22 16:00")


def ledger(order: Order) -> list[str]:
    return [step.action for step in OrderStep.objects.filter(order=order).order_by("number")]


# -- issuing ---------------------------------------------------------------------------------------------------------


def test_an_order_is_due_its_working_days_after_the_day_of_issue(order: Order, legal_officer: Officer) -> None:
    assert (order.due_on, order.due_at) == (date(2026, 5, 22), moment("2026-05-23"))
    assert (order.state, order.grade, order.by) == (OrderState.ISSUED, Grade.SUPERVISED, legal_officer)
    assert order.number == f"整改〔2026〕{order.pk}号"
    step = OrderStep.objects.get(order=order)
    assert (step.number, step.action, step.by, step.due_on) == (1, Action.ISSUED, legal_officer, date(2026, 5, 22))


@pytest.mark.parametrize(
    ("issued", "workdays", "due", "why"),
    [
        ("2026-04-30 17:00", 3, "2026-05-08", "1 to 5 May are off: 6, 7 and 8 May count"),
        ("2026-05-08 09:00", 1, "2026-05-09", "Saturday 9 May is worked"),
        ("2026-05-19 23:59", 1, "2026-05-20", "the day of issue does not count, however late"),
        ("2026-05-20 00:00", 1, "2026-05-21", "nor however early"),
    ],
)
def test_working_days_are_those_of_the_calendar(
    bureau: Bureau, catalogue: None, officer: Officer, issued: str, workdays: int, due: str, why: str
) -> None:
    order = order_for(bureau.station, officer, by=None, at=moment(issued), workdays=workdays)

    assert order.due_on == date.fromisoformat(due), why
    assert not order.provisional


def test_a_due_day_in_a_year_without_holidays_is_marked_provisional(bureau: Bureau, catalogue: None) -> None:
    order = order_for(bureau.station, None, by=None, at=moment("2026-12-30 09:00"), workdays=5)

    assert (order.due_on, order.provisional) == (date(2027, 1, 6), True)


def test_a_source_has_one_open_order_and_the_second_is_refused(order: Order, officer: Officer) -> None:
    with pytest.raises(RectificationRefused, match=rf"{order.number}（待答复）"):
        order_for(order.unit, officer, by=None)

    assert Order.objects.count() == 1


def test_the_database_itself_keeps_to_one_open_order_a_source(order: Order) -> None:
    second = Order.objects.get(pk=order.pk)
    second.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "必须写明查明的事实"),
        ({"source_number": ""}, "必须写明来源编号"),
        ({"problem": "nothing"}, "没有“nothing”"),
        ({"workdays": 0}, "1 至 250"),
        ({"workdays": 251}, "1 至 250"),
    ],
)
def test_what_no_order_can_be_issued_with(
    bureau: Bureau, catalogue: None, officer: Officer, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(RectificationRefused, match=said):
        order_for(bureau.station, officer, by=None, **fields)

    assert not Order.objects.exists()


def test_a_unit_that_was_merged_and_an_officer_who_left_are_not_ordered(
    bureau: Bureau, catalogue: None, officer: Officer
) -> None:
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    officer.refresh_from_db()
    with pytest.raises(RectificationRefused, match="账号已停用"):
        order_for(bureau.station, officer, by=None)

    Unit.objects.filter(pk=bureau.station.pk).update(valid_until=date(2026, 5, 1))
    bureau.station.refresh_from_db()
    with pytest.raises(RectificationRefused, match="已于 2026-05-01 撤并"):
        order_for(bureau.station, None, by=None)


def test_a_restricted_matter_is_ordered_of_its_handlers_only(
    bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, kind="letter")
    with pytest.raises(RectificationRefused, match="仅经办人可见"):
        order_for(bureau.station, officer, by=None, matter=letter)

    name_handler(matter=letter, officer=officer, role="officer", at=AT)
    order = order_for(bureau.station, officer, by=None, matter=letter)

    assert list(Order.objects.visible_to(officer)) == [order]
    assert not Order.objects.visible_to(legal_officer).exists()


def test_the_same_problem_of_unit_and_officer_within_a_year_is_flagged(
    bureau: Bureau, catalogue: None, officer: Officer
) -> None:
    def issued(number: str, at: str, **fields: Any) -> Order:
        return order_for(
            bureau.station, fields.pop("who", officer), by=None, at=moment(at), source_number=number, **fields
        )

    first = issued("1", "2025-05-20 09:00")
    again = issued("2", "2026-05-19 09:00")
    year_later = issued("3", "2026-05-21 09:00")
    other_problem = issued("4", "2026-05-21 09:00", problem="slip")
    nobody = issued("5", "2026-05-21 09:00", who=None)

    assert [one.repeats for one in (first, again, year_later, other_problem, nobody)] == [0, 1, 1, 0, 0]
    assert list(Order.objects.repeated().order_by("pk")) == [again, year_later]


def test_an_order_withdrawn_as_unfounded_makes_no_later_one_a_repetition(order: Order, officer: Officer) -> None:
    withdraw_order(order=order, reason="计算有误", by=officer, at=AT)

    assert order_for(order.unit, officer, by=None).repeats == 0


# -- issuing many ----------------------------------------------------------------------------------------------------


def test_many_are_issued_at_once_with_a_step_each(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    case = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    requests = [
        asked("1", bureau.station, officer, matter_id=case.pk, clock_id=clock_of(case).pk),
        asked("2", bureau.sibling, workdays=1, grade=Grade.LISTED),
        asked("2", bureau.station),
    ]

    assert issue_orders(requests, at=AT) == 2

    first, second = Order.objects.order_by("source_number")
    assert (first.matter, first.unit, first.officer, first.due_on) == (case, bureau.station, officer, date(2026, 5, 22))
    assert (second.unit, second.grade, second.due_on) == (bureau.sibling, Grade.LISTED, date(2026, 5, 20))
    assert (first.by, first.tell_since, first.tell_number) == (None, AT, 1)
    assert [step.unit for step in OrderStep.objects.order_by("order__source_number")] == [
        bureau.station,
        bureau.sibling,
    ]


def test_issuing_many_twice_changes_nothing_the_second_time(bureau: Bureau, catalogue: None) -> None:
    requests = [asked(str(number), bureau.station) for number in range(5)]
    issue_orders(requests, at=AT)
    rows, steps = list(Order.objects.order_by("pk").values()), list(OrderStep.objects.order_by("pk").values())

    assert issue_orders(requests, at=FRIDAY) == 0

    assert list(Order.objects.order_by("pk").values()) == rows
    assert list(OrderStep.objects.order_by("pk").values()) == steps


def test_a_source_whose_order_has_ended_is_not_ordered_again_by_itself(order: Order, officer: Officer) -> None:
    withdraw_order(order=order, reason="不属实", by=officer, at=AT)

    again = issue_orders([asked("S-1", order.unit)], at=AT)
    same = [issuing.OrderRequest(Source.SUPERVISOR, "S-1", "overrun", order.unit_id, "超期")]

    assert again == 1, "another source may bear the same number"
    assert issue_orders(same, at=AT) == 0


def test_what_is_missing_after_a_kill_is_made_up_for(
    bureau: Bureau, catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "CHUNK", 2)
    requests = [asked(str(number), bureau.station) for number in range(5)]
    real, chunks = issuing._add_first_steps, []

    def dying(after: int) -> int:
        chunks.append(after)
        if len(chunks) == 2:
            raise KeyboardInterrupt
        return real(after)

    monkeypatch.setattr(issuing, "_add_first_steps", dying)
    with pytest.raises(KeyboardInterrupt):
        issue_orders(requests, at=AT)
    assert (Order.objects.count(), OrderStep.objects.count()) == (2, 2)

    monkeypatch.setattr(issuing, "_add_first_steps", real)
    assert issue_orders(requests, at=AT) == 3
    assert (Order.objects.count(), OrderStep.objects.count()) == (5, 5)


def test_an_unknown_problem_stops_it_before_anything_is_written(bureau: Bureau, catalogue: None) -> None:
    with pytest.raises(RectificationRefused, match="nothing"):
        issue_orders([asked("1", bureau.station), asked("2", bureau.station, problem="nothing")], at=AT)

    assert not Order.objects.exists()


def test_repetitions_are_counted_within_one_batch_too(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    issue_orders([asked(str(number), bureau.station, officer) for number in range(3)], at=AT)

    assert list(Order.objects.order_by("pk").values_list("repeats", flat=True)) == [0, 1, 2]


def test_issuing_many_asks_the_same_number_of_questions_for_one_and_for_many(bureau: Bureau, catalogue: None) -> None:
    def questions(count: int, first: int) -> int:
        with CaptureQueriesContext(connection) as asked_of_the_database:
            issue_orders([asked(str(first + number), bureau.station) for number in range(count)], at=AT)
        return len(asked_of_the_database)

    assert questions(1, 0) == questions(8, 100)
