"""Orders out of warnings: by themselves when a duty has run out under our eyes, by hand at any level, once each.

The clock of most tests: filed on 2 March 2026, due on 1 April; red from Thursday 2 April.
"""

from datetime import date

import pytest

from cases.models import Ladder, Matter, Officer
from cases.services import void_event
from supervision.alerts.models import Action, Alert, AlertState, AlertStep
from supervision.alerts.refusals import AlertRefused, OrdersFailed
from supervision.alerts.services import OrderReport, acknowledge, climb, order_alert, order_due, sweep
from supervision.rectification.models import Order, Problem, Source
from tests.cases.factories import Bureau, make_case, make_officer, moment, record
from tests.supervision.alerts.factories import make_overrun, the_alert

pytestmark = pytest.mark.django_db

RED = moment("2026-04-02")


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station)


@pytest.fixture
def overrun(db: None) -> Problem:
    return make_overrun()


@pytest.fixture
def case(bureau: Bureau, catalogue: None, overrun: Problem, officer: Officer) -> Matter:
    return make_case("A1", bureau.station, officer, filed="2026-03-02")


def test_what_runs_out_is_ordered_by_itself_in_three_working_days(
    bureau: Bureau, case: Matter, officer: Officer
) -> None:
    sweep(at=RED)

    assert order_due(at=RED) == OrderReport(ordered=1)

    order = Order.objects.get()
    assert (order.source, order.unit, order.officer, order.matter) == (Source.ALERT, bureau.station, officer, case)
    assert (order.grade, order.due_on, order.by) == ("reminder", date(2026, 4, 7), None)
    assert "测试法" in order.text and "2026年4月1日" in order.text
    alert = the_alert()
    assert (alert.state, alert.order, alert.climbs_at, alert.tell_since) == (AlertState.ORDERED, order, None, None)
    assert AlertStep.objects.get(action=Action.ORDERED).text == order.number


def test_yellow_and_orange_order_nothing(case: Matter) -> None:
    sweep(at=moment("2026-03-30"))

    assert order_due(at=moment("2026-03-30")) == OrderReport()


def test_a_second_run_orders_nothing(case: Matter) -> None:
    sweep(at=RED)
    order_due(at=RED)

    assert order_due(at=RED) == OrderReport()
    assert (Order.objects.count(), AlertStep.objects.filter(action=Action.ORDERED).count()) == (1, 1)


def test_a_ladder_may_order_earlier_and_more_strongly(bureau: Bureau, catalogue: None, overrun: Problem) -> None:
    orange = {"days": 3, "demands": "order", "grade": "supervised", "within": 1}
    Ladder.objects.filter(code="long").update(orange=orange)
    make_case("A1", bureau.station, filed="2026-03-02")
    at = moment("2026-03-29")
    sweep(at=at)

    order_due(at=at)

    order = Order.objects.get()
    assert (order.grade, order.due_on) == ("supervised", date(2026, 3, 30))
    assert "将届满" in order.text
    sweep(at=RED)
    assert order_due(at=RED) == OrderReport()
    assert the_alert().state == AlertState.ORDERED


def test_a_word_does_not_keep_an_order_away(case: Matter, officer: Officer) -> None:
    sweep(at=moment("2026-03-30"))
    acknowledge(
        alert=the_alert(), reason="等鉴定", next_on=date(2026, 4, 20), by=officer, at=moment("2026-03-30 10:00")
    )
    sweep(at=RED)

    assert order_due(at=RED).ordered == 1


def test_what_had_run_out_before_we_knew_of_it_is_left_to_people(case: Matter, bureau: Bureau) -> None:
    """A first import brings in what has been over for months: it is no flood of orders, and it asks for a word."""
    late = make_case("OLD", bureau.station)
    record(late, "filed", "2026-01-05", at="2026-04-02 08:00")
    sweep(at=moment("2026-04-02 09:00"))

    assert order_due(at=moment("2026-04-02 09:00")) == OrderReport(ordered=1, left=1)

    alert = Alert.objects.get(clock__matter=late)
    assert (alert.state, alert.order) == (AlertState.OPEN, None)
    assert order_due(at=moment("2026-04-02 09:00")) == OrderReport()
    assert climb(at=moment("2026-04-07 09:00")).climbed == 1


def test_a_clock_that_has_just_stopped_is_not_ordered_about_before_the_sweep_comes(case: Matter) -> None:
    sweep(at=RED)
    record(case, "decided", "2026-04-02 00:00")

    assert order_due(at=RED) == OrderReport()
    assert not Order.objects.exists()


def test_the_order_stays_with_a_warning_that_is_withdrawn_and_comes_back_with_it(case: Matter) -> None:
    sweep(at=RED)
    order_due(at=RED)
    decision = record(case, "decided", "2026-04-03")
    sweep(at=moment("2026-04-03"))
    assert the_alert().state == AlertState.WITHDRAWN

    void_event(event=decision, reason="误录", by=None, at=moment("2026-04-04"))
    sweep(at=moment("2026-04-04"))

    assert (the_alert().state, the_alert().order) == (AlertState.ORDERED, Order.objects.get())
    assert order_due(at=moment("2026-04-04")) == OrderReport()


def test_without_the_problem_in_the_catalogue_it_fails_aloud_and_is_made_good_later(
    bureau: Bureau, catalogue: None
) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")
    sweep(at=RED)
    with pytest.raises(OrdersFailed, match="A1"):
        order_due(at=RED)
    assert the_alert().state == AlertState.OPEN

    make_overrun()

    assert order_due(at=RED).ordered == 1


def test_an_order_by_hand_at_any_level_stops_the_climb(case: Matter, officer: Officer, bureau: Bureau) -> None:
    legal = make_officer("100003", bureau.legal)
    at = moment("2026-03-30 10:00")
    sweep(at=at)

    order = order_alert(alert=the_alert(), text="请补充材料", by=legal, at=at, grade="listed", workdays=5)

    assert (order.by, order.grade, order.due_on) == (legal, "listed", date(2026, 4, 6))
    alert = the_alert()
    assert (alert.state, alert.order, alert.climbs_at) == (AlertState.ORDERED, order, None)
    with pytest.raises(AlertRefused, match="不能重复下达"):
        order_alert(alert=alert, text="再下一次", by=legal, at=at)
    with pytest.raises(AlertRefused, match="已转整改，请在整改通知中答复"):
        acknowledge(alert=alert, reason="x", next_on=date(2026, 3, 31), by=officer, at=at)


def test_an_order_by_hand_on_what_somebody_answered_meanwhile_is_refused_and_none_is_issued(
    case: Matter, officer: Officer
) -> None:
    at = moment("2026-03-30 10:00")
    sweep(at=at)
    seen = the_alert()
    acknowledge(alert=the_alert(), reason="等鉴定", next_on=date(2026, 3, 31), by=officer, at=at)

    with pytest.raises(AlertRefused, match="没有办成"):
        order_alert(alert=seen, text="请办结", by=officer, at=at)

    assert not Order.objects.exists()


def test_an_order_by_hand_without_words_is_refused_in_the_words_of_the_room_below(
    case: Matter, officer: Officer
) -> None:
    sweep(at=RED)

    with pytest.raises(AlertRefused, match="必须写明"):
        order_alert(alert=the_alert(), text=" ", by=officer, at=RED)
