"""The four excesses on real rows: found on planted items and on no clean one, judged by a person, ordered to be put right."""

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.models import Matter
from supervision.property import services
from supervision.property.models import Excess, ExcessState, Item
from supervision.property.rules import excesses
from supervision.property.services import PropertyRefused, WatchReport
from supervision.property.services.judging import source_number
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import issue_order
from tests.cases.factories import moment
from tests.supervision.property.factories import AT, FROZEN, County, actions, found, take
from tests.supervision.property.test_rules import PLANTED, RANKS

pytestmark = pytest.mark.django_db

# Thirty days after 10 March end on 9 April 2026; the day after that it is held too long (行政强制法第二十五条).
LAST_DAY = moment("2026-04-09 23:59")
OVER = moment("2026-04-10 04:10")


def excess_of(item: Item) -> Excess:
    return Excess.objects.select_related("clock").get(item=item)


# -- the watch -----------------------------------------------------------------------------------------------------------


def test_what_is_held_too_long_is_found_the_day_after_its_last(county: County) -> None:
    item = take(county)

    services.watch(at=LAST_DAY)
    assert found(item) == set()

    assert services.watch(at=OVER) == WatchReport(items=1, found=1, lapsed=0)
    assert found(item) == {("time", "late")}
    excess = excess_of(item)
    assert (excess.computed, excess.problem, excess.citation) == (True, "seizure_overlong", "《行政强制法》第二十五条")
    assert excess.text == "行政扣押、扣留、查封，届满 2026-04-09"


def test_the_watch_twice_finds_nothing_the_second_time(county: County) -> None:
    item = take(county)
    services.watch(at=OVER)

    assert services.watch(at=OVER) == WatchReport(items=1, found=0, lapsed=0)
    assert actions(item) == ["registered", "found"]


def test_a_watch_that_was_missed_is_made_good_by_the_next(county: County) -> None:
    item = take(county)

    services.watch(at=moment("2026-06-01 04:10"))

    assert found(item) == {("time", "late")}


def test_a_watch_asks_the_same_questions_of_one_item_and_of_three(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    take(county)
    services.watch(at=AT)
    with django_assert_num_queries(14) as counted:
        services.watch(at=AT)
    for number in (2, 3):
        take(county, f"扣{number}")
    with django_assert_num_queries(len(counted)):
        services.watch(at=AT)


def test_what_is_given_back_late_is_found_as_it_is_given_back(county: County) -> None:
    item = take(county)

    services.return_item(item=item, ended_at=OVER, text="退还清单 1 号", by=county.officer, at=OVER)

    assert found(item) == {("time", "late")}


def test_clean_items_of_every_measure_stay_clean(county: County) -> None:
    held = [
        take(county),
        take(county, "扣2", case=county.crime),
        take(county, "扣3", measure="registered"),
        take(county, "扣4", measure="sealed", asset="real"),
        take(county, "冻1", FROZEN),
        take(county, "冻2", FROZEN, case=county.crime),
    ]

    services.watch(at=moment("2026-03-19 12:00"))

    assert [found(item) for item in held] == [set()] * len(held)


def test_a_batch_that_was_undone_is_not_looked_at(county: County) -> None:
    item = take(county)
    Matter.objects.filter(pk=item.pk).update(withdrawn_at=AT)

    assert services.watch(at=OVER).items == 0


# -- judged --------------------------------------------------------------------------------------------------------------


def test_what_holds_is_ordered_to_be_put_right(county: County) -> None:
    item = take(county, approver="department_head")

    order = services.confirm_excess(excess=excess_of(item), text="查阅卷宗属实", by=county.legal, at=AT)

    excess = excess_of(item)
    assert (excess.state, excess.judged_by, excess.order) == (ExcessState.CONFIRMED, county.legal, order)
    assert (order.source, order.source_number) == (Source.SUPERVISOR, source_number(excess))
    assert (order.problem.code, order.unit, order.officer) == (
        "property_over_authority",
        county.station,
        county.officer,
    )
    assert (order.matter_id, order.grade) == (item.pk, "listed")
    assert "第一百零七条" in order.text
    assert actions(item)[-1] == "confirmed"


def test_what_does_not_hold_says_why_and_is_not_found_again(county: County) -> None:
    item = take(county, owner="third")

    services.dismiss_excess(excess=excess_of(item), why="经核实为嫌疑人所有", by=county.legal, at=AT)
    services.watch(at=AT)

    assert (excess_of(item).state, excess_of(item).why) == ("dismissed", "经核实为嫌疑人所有")
    assert not Order.objects.exists()
    with pytest.raises(PropertyRefused, match="已经不成立"):
        services.confirm_excess(excess=excess_of(item), by=county.legal, at=AT)


def test_dismissing_without_a_reason_is_refused(county: County) -> None:
    item = take(county, owner="third")

    with pytest.raises(PropertyRefused, match="理由"):
        services.dismiss_excess(excess=excess_of(item), why=" ", by=county.legal, at=AT)


def test_nobody_judges_an_item_he_handles_or_does_not_see(county: County) -> None:
    excess = excess_of(take(county, owner="third"))

    with pytest.raises(PropertyRefused, match="由别人核实"):
        services.confirm_excess(excess=excess, by=county.officer, at=AT)
    with pytest.raises(PropertyRefused, match="看不到"):
        services.confirm_excess(excess=excess, by=county.stranger, at=AT)


def test_two_who_judge_at_once_judge_once(county: County) -> None:
    item = take(county, approver="department_head")
    seen_by_one, seen_by_other = excess_of(item), excess_of(item)
    services.dismiss_excess(excess=seen_by_one, why="批准人登记错误", by=county.legal, at=AT)

    with pytest.raises(PropertyRefused, match="刚才已有人改动"):
        services.confirm_excess(excess=seen_by_other, by=county.inspector, at=AT)

    assert not Order.objects.exists()


def test_what_a_warning_already_ordered_is_not_ordered_twice(county: County) -> None:
    item = take(county)
    services.watch(at=OVER)
    excess = excess_of(item)
    earlier = issue_order(
        source=Source.ALERT, source_number="A1", problem="overrun", unit=county.station, officer=county.officer,
        text="超期", matter=item.matter, clock=excess.clock, by=None, at=OVER,
    )  # fmt: skip

    order = services.confirm_excess(excess=excess, by=county.legal, at=OVER)

    assert order == earlier
    assert Order.objects.count() == 1


def test_without_the_problem_in_the_catalogue_nothing_is_ordered(county: County) -> None:
    item = take(county, approver="department_head")
    Problem.objects.filter(code="property_over_authority").delete()

    with pytest.raises(PropertyRefused, match="载入目录"):
        services.confirm_excess(excess=excess_of(item), by=county.legal, at=AT)

    assert excess_of(item).state == ExcessState.FOUND


def test_every_problem_that_the_rules_name_is_in_the_shipped_catalogue(county: County) -> None:
    named = {one.problem for facts, *_ in PLANTED for one in excesses(facts, RANKS)}

    assert len(named) >= 6
    assert set(Problem.objects.filter(code__in=named).values_list("code", flat=True)) == named
