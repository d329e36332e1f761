"""The faults on real rows: found on planted cases and on no clean one, judged by a person, ordered to be put right."""

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.models import Matter
from cases.services import record_event
from supervision.expedited import services
from supervision.expedited.models import ExpeditedCase, Fault, FaultState
from supervision.expedited.rules import Answer, Fact
from supervision.expedited.services import ExpeditedRefused, WatchReport
from supervision.expedited.services.judging import source_number
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import issue_order
from tests.cases.factories import moment
from tests.supervision.expedited.factories import (
    ARRIVED,
    AT,
    IN_TIME,
    OVER,
    County,
    a_case,
    actions,
    agreed,
    applied,
    decided,
    found,
    imported,
)

pytestmark = pytest.mark.django_db


def fault_of(case: ExpeditedCase) -> Fault:
    return Fault.objects.select_related("clock").get(case=case)


# -- the watch -----------------------------------------------------------------------------------------------------------


def test_what_is_not_decided_in_forty_eight_hours_is_found_the_moment_they_end(county: County) -> None:
    case = applied(county)

    services.watch(at=moment("2026-03-12 08:59"))
    assert found(case) == set()

    assert services.watch(at=IN_TIME) == WatchReport(adopted=0, cases=1, found=1, lapsed=0)
    fault = fault_of(case)
    assert fault.text == "违法嫌疑人到案后，2026-03-12 09:00 前没有作出处理决定，也没有转为一般程序"
    assert fault.clock is not None and fault.clock.due_at == IN_TIME


def test_the_watch_twice_finds_nothing_the_second_time(county: County) -> None:
    case = applied(county)
    imported(county, "治2")
    services.watch(at=OVER)

    assert services.watch(at=OVER) == WatchReport(adopted=0, cases=2, found=0, lapsed=0)
    assert actions(case) == ["applied", "found"]


def test_a_watch_that_was_missed_is_made_good_by_the_next(county: County) -> None:
    case = applied(county)

    services.watch(at=moment("2026-06-01 04:25"))

    assert found(case) == {"overlong"}


def test_a_watch_killed_after_taking_over_goes_on_where_it_was(county: County) -> None:
    matter = imported(county, "治2", ("suspect_arrived", "2026-03-10 09:00"), ("decision_made", "2026-03-11 09:00"))
    services.adopt_matters([matter.pk], at=OVER)

    assert services.watch(at=moment("2026-09-01 04:25")).adopted == 0

    assert found(matter) == {"no_consent"}


def test_a_hearing_entered_on_the_matter_makes_it_unfit_by_the_record(county: County) -> None:
    case = applied(county)
    record_event(matter=county.case, kind="hearing_right_told", occurred_at=ARRIVED, by=None, at=AT)

    services.watch(at=AT)

    case.refresh_from_db()
    assert (case.verdict, found(case)) == ("may_not", {"unconverted"})


def test_an_expedited_case_that_is_converted_is_no_longer_to_be(county: County) -> None:
    case = applied(county)
    services.state_facts(case=case, answers={Fact.ADMITS: Answer.NO}, by=county.officer, at=AT)

    services.convert_case(case=case, converted_at=AT, why="翻供", by=county.officer, at=AT)

    assert found(case) == set()
    assert fault_of(case).state == FaultState.LAPSED


def test_a_watch_asks_the_same_questions_of_one_case_and_of_three(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    applied(county)
    services.watch(at=AT)
    with django_assert_num_queries(14) as counted:
        services.watch(at=AT)
    for number in (2, 3):
        agreed(county, applied(county, a_case(f"治{number}", county.station, county.officer)))
    with django_assert_num_queries(len(counted)):
        services.watch(at=AT)


def test_a_batch_that_was_undone_is_not_looked_at(county: County) -> None:
    applied(county)
    imported(county, "治2")
    Matter.objects.update(withdrawn_at=AT)

    assert services.watch(at=OVER) == WatchReport(0, 0, 0, 0)


def test_what_ended_long_ago_is_left_alone(county: County) -> None:
    decided(county, agreed(county, applied(county)))

    assert services.watch(at=moment("2026-06-10 09:00")).cases == 1
    assert services.watch(at=moment("2026-06-11 09:00")).cases == 0


# -- judged --------------------------------------------------------------------------------------------------------------


def test_what_holds_is_ordered_to_be_put_right(county: County) -> None:
    case = decided(county, applied(county))

    order = services.confirm_fault(fault=fault_of(case), text="卷内没有告知书", by=county.legal, at=OVER)

    fault = fault_of(case)
    assert (fault.state, fault.judged_by, fault.order) == (FaultState.CONFIRMED, county.legal, order)
    assert (order.source, order.source_number) == (Source.SUPERVISOR, source_number(fault))
    assert (order.problem.code, order.unit, order.officer) == ("expedited_wrongly", county.station, county.officer)
    assert "第四十二条" in order.text
    assert actions(case)[-1] == "confirmed"


def test_what_does_not_hold_says_why_and_is_not_found_again(county: County) -> None:
    case = decided(county, applied(county))

    services.dismiss_fault(fault=fault_of(case), why="告知书附在另一卷", by=county.legal, at=OVER)
    services.watch(at=OVER)

    assert (fault_of(case).state, fault_of(case).why) == ("dismissed", "告知书附在另一卷")
    assert not Order.objects.exists()
    with pytest.raises(ExpeditedRefused, match="已经不成立"):
        services.confirm_fault(fault=fault_of(case), by=county.legal, at=OVER)


def test_dismissing_without_a_reason_is_refused(county: County) -> None:
    case = decided(county, applied(county))

    with pytest.raises(ExpeditedRefused, match="理由"):
        services.dismiss_fault(fault=fault_of(case), why=" ", by=county.legal, at=OVER)


def test_nobody_judges_a_case_he_handles_or_does_not_see(county: County) -> None:
    fault = fault_of(decided(county, applied(county)))

    with pytest.raises(ExpeditedRefused, match="由别人核实"):
        services.confirm_fault(fault=fault, by=county.officer, at=OVER)
    with pytest.raises(ExpeditedRefused, match="看不到"):
        services.confirm_fault(fault=fault, by=county.stranger, at=OVER)


def test_two_who_judge_at_once_judge_once(county: County) -> None:
    case = decided(county, applied(county))
    seen_by_one, seen_by_other = fault_of(case), fault_of(case)
    services.dismiss_fault(fault=seen_by_one, why="告知书附在另一卷", by=county.legal, at=OVER)

    with pytest.raises(ExpeditedRefused, match="刚才已有人改动"):
        services.confirm_fault(fault=seen_by_other, by=county.inspector, at=OVER)

    assert not Order.objects.exists()


def test_what_a_warning_already_ordered_is_not_ordered_twice(county: County) -> None:
    case = applied(county)
    services.watch(at=OVER)
    earlier = issue_order(
        source=Source.ALERT, source_number="A1", problem="overrun", unit=county.station, officer=county.officer,
        text="超期", matter=county.case, clock=fault_of(case).clock, by=None, at=OVER,
    )  # fmt: skip

    assert services.confirm_fault(fault=fault_of(case), by=county.legal, at=OVER) == earlier
    assert Order.objects.count() == 1


def test_without_the_problem_in_the_catalogue_nothing_is_ordered(county: County) -> None:
    case = decided(county, applied(county))
    Problem.objects.filter(code="expedited_wrongly").delete()

    with pytest.raises(ExpeditedRefused, match="载入目录"):
        services.confirm_fault(fault=fault_of(case), by=county.legal, at=OVER)

    assert fault_of(case).state == FaultState.FOUND
