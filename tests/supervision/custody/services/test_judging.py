"""Faults found by the watch and the acts, judged, and ordered to be put right."""

import pytest

from supervision.custody import services
from supervision.custody.models import Fault, Visit, VisitStep
from supervision.custody.services import CustodyRefused, WatchReport, watch
from supervision.rectification.models import Order
from tests.supervision.custody.factories import AT, County, actions, begin, bring, found, go, local

pytestmark = pytest.mark.django_db


def the_fault(visit: Visit, rule: str) -> Fault:
    return Fault.objects.select_related("visit", "clock").get(visit=visit, rule__startswith=rule)


def test_the_watch_finds_a_gap_as_it_grows_and_nothing_twice(county: County) -> None:
    visit = bring(county, at=local("09:12"))
    assert watch(at=local("09:24")) == WatchReport(1, 0, 0)

    assert watch(at=local("09:25")) == WatchReport(1, 1, 0)
    assert watch(at=local("09:25")) == WatchReport(1, 0, 0)

    # A day without it is made good by the next.
    assert watch(at=local("2026-03-11 09:30")) == WatchReport(1, 1, 0)
    assert found(visit) == {"gap", "over"}
    assert actions(visit) == ["entered", "found", "found"]


def test_a_watch_that_is_killed_goes_on_where_it_stopped(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        bring(county, f"手环 {number}", at=local("09:12"))
    monkeypatch.setattr("supervision.custody.services.judging.CHUNK", 1)
    real, calls = services.judging.check_visits, []  # type: ignore[attr-defined]

    def killed(visits: list[int], *, at: object) -> WatchReport:
        calls.append(visits)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(visits, at=at)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("supervision.custody.services.judging.check_visits", killed)
        watch(at=AT)
    assert Fault.objects.count() == 1

    assert watch(at=AT) == WatchReport(3, 2, 0)


def test_a_fault_that_holds_is_ordered_put_right_in_the_unit(county: County) -> None:
    visit = go(county, bring(county), "17:30")
    fault = the_fault(visit, "over:")

    order = services.confirm_fault(fault=fault, by=county.legal, at=local("18:00"))

    assert (order.unit, order.matter_id, order.clock, order.problem.code) == (
        county.station, visit.pk, fault.clock, "inquiry_overlong",
    )  # fmt: skip
    assert "《治安管理处罚法》第九十七条" in order.text
    assert (fault.state, fault.order) == ("confirmed", order)
    with pytest.raises(CustodyRefused, match="已经成立"):
        services.confirm_fault(fault=fault, by=county.legal, at=local("18:01"))
    assert Order.objects.count() == 1


@pytest.mark.parametrize("rule", ["no_search", "no_collection", "gap", "family_not_told"])
def test_every_kind_of_fault_has_its_problem_in_the_catalogue(county: County, rule: str) -> None:
    visit = go(county, bring(county), "09:50")

    assert services.confirm_fault(fault=the_fault(visit, rule), by=county.inspector, at=AT).number


def test_what_is_dismissed_says_why_and_is_not_found_again(county: County) -> None:
    visit = bring(county)
    fault = the_fault(visit, "gap")
    with pytest.raises(CustodyRefused, match="请写明"):
        services.dismiss_fault(fault=fault, why=" ", by=county.legal, at=AT)

    services.dismiss_fault(fault=fault, why="纸质台账上有记录", by=county.legal, at=AT)

    assert watch(at=local("11:00")).found == 0
    assert VisitStep.objects.get(action="dismissed").text == "空档：纸质台账上有记录"


def test_who_handles_the_visit_does_not_judge_it_nor_who_may_not_see_it(county: County) -> None:
    fault = the_fault(bring(county), "gap")

    for by, why in ((county.officer, "由别人核实"), (county.stranger, "不在您的范围内")):
        with pytest.raises(CustodyRefused, match=why):
            services.confirm_fault(fault=fault, by=by, at=AT)


def test_what_lapsed_and_comes_again_is_open_again(county: County) -> None:
    visit = bring(county)
    stage = begin(county, visit, "search", "检查室", "09:10")
    assert found(visit) == set()

    services.void_stage(visit=visit, stage=stage, why="登错人", by=county.officer, at=AT)

    assert found(visit) == {"gap"}
    assert [one for one in actions(visit) if one in ("found", "lapsed")] == ["found", "lapsed", "found"]
