"""How a negative evaluation is looked into."""

from typing import Any

import pytest

from supervision.rectification.models import Order, Source
from supervision.returnvisits import refusals, services
from supervision.returnvisits.models import Check, Finding
from supervision.returnvisits.services import ReturnVisitRefused
from supervision.returnvisits.services.checking import Demand
from tests.cases.factories import day
from tests.supervision.returnvisits.factories import LATER, County, actions, check_of, negative


@pytest.fixture
def check(county: County) -> Check:
    return negative(county)


def conclude(county: County, check: Check, **fields: Any) -> Check:
    known = {"check": check, "upheld": False, "text": "核对录音，已当场告知", "by": county.legal, "at": LATER}
    return services.conclude_check(**{**known, **fields})


def test_what_is_borne_out_orders_the_unit_and_names_no_officer(county: County, check: Check) -> None:
    done = conclude(county, check, upheld=True, text="未按承诺告知", demand=Demand(county.problem, "请补告进展"))

    order = Order.objects.get()
    assert done.order == order
    assert (order.source, order.source_number) == (Source.EVALUATION, str(check.pk))
    assert (order.unit, order.officer, order.matter) == (county.station, None, check.visit.matter)
    assert (done.finding, done.checker, done.concluded_by) == (Finding.UPHELD, county.legal, county.legal)
    assert actions(check.visit)[-1] == "upheld"


def test_what_is_not_borne_out_says_why_and_orders_nothing(county: County, check: Check) -> None:
    done = conclude(county, check)

    assert (done.finding, done.order, done.text) == (Finding.UNFOUNDED, None, "核对录音，已当场告知")
    assert not Order.objects.exists()


@pytest.mark.parametrize("who", ["officer", "head"])
def test_whoever_handles_it_or_is_of_the_unit_does_not_check(county: County, check: Check, who: str) -> None:
    involved = getattr(county, who)

    for act in (
        lambda: conclude(county, check, by=involved),
        lambda: services.assign_check(check=check, to=involved, by=county.legal, at=LATER),
    ):
        with pytest.raises(ReturnVisitRefused, match="不能回访或者核查"):
            act()


def test_only_its_checker_brings_it_to_a_finding(county: County, check: Check) -> None:
    given = services.assign_check(check=check, to=county.inspector, by=county.legal, at=LATER)

    with pytest.raises(ReturnVisitRefused, match="由民警100003办理"):
        conclude(county, given)

    assert conclude(county, given, by=county.inspector).finding == Finding.UNFOUNDED


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, refusals.NO_FINDING),
        ({"text": "群众说等了一个月没有人回话，已查"}, refusals.QUOTES_THE_ANSWER),
        ({"upheld": True}, refusals.ORDER_INCOMPLETE),
        ({"upheld": True, "demand": Demand(None, "改正")}, refusals.ORDER_INCOMPLETE),
    ],
)
def test_a_finding_that_is_not_whole_or_tells_too_much_is_refused(
    county: County, check: Check, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ReturnVisitRefused, match=said):
        conclude(county, check, **fields)

    assert check_of(check.visit).is_open
    assert not Order.objects.exists()


def test_an_order_does_not_quote_the_answer_and_none_goes_with_what_is_unfounded(county: County, check: Check) -> None:
    quoting = Demand(county.problem, "等了一个月没有人回话，请改正")
    with pytest.raises(ReturnVisitRefused, match=refusals.QUOTES_THE_ANSWER):
        conclude(county, check, upheld=True, text="属实", demand=quoting)
    with pytest.raises(ReturnVisitRefused, match=refusals.NO_ORDER_FOR_UNFOUNDED):
        conclude(county, check, demand=Demand(county.problem, "改正"))
    with pytest.raises(ReturnVisitRefused, match=refusals.ORDER_INCOMPLETE):
        conclude(county, check, upheld=True, text="属实", demand=Demand(county.problem, " "))


def test_what_the_room_of_orders_refuses_leaves_the_check_open(county: County, check: Check) -> None:
    type(county.station).objects.filter(pk=county.station.pk).update(valid_until=day("2026-03-01"))
    check = check_of(check.visit)

    with pytest.raises(ReturnVisitRefused, match="撤并"):
        conclude(county, check, upheld=True, text="属实", demand=Demand(county.problem, "改正"))

    assert check_of(check.visit).is_open


def test_of_two_who_conclude_at_once_the_second_is_refused_and_issues_no_order(county: County, check: Check) -> None:
    stale = check_of(check.visit)
    conclude(county, check)

    with pytest.raises(ReturnVisitRefused, match=refusals.MOVED_ON):
        conclude(county, stale, upheld=True, text="属实", demand=Demand(county.problem, "改正"))
    with pytest.raises(ReturnVisitRefused, match="已有结论"):
        conclude(county, check_of(check.visit))

    assert not Order.objects.exists()
