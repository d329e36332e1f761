"""One criminal case, two suspects: each has a measure of his own under the case, and a chain of his own."""

from datetime import date

import pytest

from cases.models import Clock, ClockState, Matter
from tests.cases.factories import make_bureau, make_case, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]


@pytest.fixture
def measures() -> tuple[Matter, Matter]:
    """Both detained in the case of A1, half a day apart."""
    station = make_bureau().station
    case = make_case("A1", station, kind="criminal_case")
    first, second = (make_case(number, station, kind="coercive_measure", parent=case) for number in ("A1-1", "A1-2"))
    record(first, "detained", "2026-02-10 14:00")
    record(second, "detained", "2026-02-11 02:00")
    return first, second


def request_due(measure: Matter) -> tuple[date | None, str]:
    clock = Clock.objects.get(matter=measure, limit__code="crim_arrest_request_3d")
    return clock.due_on, clock.state


def test_each_is_counted_from_his_own_detention(measures: tuple[Matter, Matter]) -> None:
    """刑事诉讼法 91"""
    assert [request_due(measure) for measure in measures] == [
        (date(2026, 2, 13), ClockState.RUNNING),
        (date(2026, 2, 14), ClockState.RUNNING),
    ]


def test_what_is_granted_for_one_moves_nothing_of_the_other(measures: tuple[Matter, Matter]) -> None:
    first, second = measures

    record(
        second, "detention_extended_to_30d", "2026-02-13", day_only=True, approver="county_leader", ground="流窜作案"
    )

    assert request_due(first) == (date(2026, 2, 13), ClockState.RUNNING)
    assert request_due(second) == (date(2026, 3, 13), ClockState.RUNNING)


def test_what_is_refused_for_one_is_named_on_his_clock_only(measures: tuple[Matter, Matter]) -> None:
    first, second = measures

    record(
        first, "detention_extended_to_30d", "2026-02-13", day_only=True, approver="department_head", ground="流窜作案"
    )

    assert request_due(first) == (date(2026, 2, 13), ClockState.RUNNING)
    faults = {
        measure.number: [fault["code"] for fault in clock.faults]
        for measure in measures
        for clock in Clock.objects.filter(matter=measure, limit__code="crim_arrest_request_3d")
    }
    assert faults == {first.number: ["approver"], second.number: []}


def test_the_release_of_one_ends_his_chain_and_not_the_others(measures: tuple[Matter, Matter]) -> None:
    first, second = measures

    record(first, "suspect_released", "2026-02-12 10:00")

    assert request_due(first) == (date(2026, 2, 13), ClockState.STOPPED)
    assert request_due(second) == (date(2026, 2, 14), ClockState.RUNNING)
