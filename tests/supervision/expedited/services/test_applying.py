"""Applying the procedure to real cases under the shipped catalogue."""

import pytest

from cases.models import Clock, ClockState, Event
from supervision.expedited import services
from supervision.expedited.models import ExpeditedCase, StatedFact
from supervision.expedited.queries import clocks_on
from supervision.expedited.rules import Answer, Fact, Verdict
from supervision.expedited.services import ExpeditedRefused
from tests.cases.factories import moment
from tests.supervision.expedited.factories import (
    ARRIVED,
    AT,
    FIT,
    IN_TIME,
    County,
    a_case,
    actions,
    agreed,
    applied,
    decided,
    found,
    happen,
    imported,
)

pytestmark = pytest.mark.django_db


def test_the_forty_eight_hours_run_from_the_arrival(county: County) -> None:
    case = applied(county)

    [clock] = clocks_on(county.case)
    assert (clock.started_at, clock.due_at, clock.state) == (ARRIVED, IN_TIME, ClockState.RUNNING)
    assert clock.limit.citation == "《公安机关办理行政案件程序规定》第四十七条"
    assert (case.verdict, case.state, case.applied_by, case.applied_at) == ("may", "open", county.officer, AT)
    assert county.case.facts["expedited"] is True
    assert StatedFact.objects.filter(case=case, said_by=county.officer).count() == len(FIT)
    assert actions(case) == ["applied"] and found(case) == set()


def test_an_arrival_on_record_is_taken_and_not_entered_twice(county: County) -> None:
    happen(county.case, "suspect_arrived", ARRIVED)

    applied(county, arrived_at=None)

    assert Event.objects.filter(matter=county.case, kind__code="suspect_arrived").count() == 1
    with pytest.raises(ExpeditedRefused, match="已经登记快速办理"):
        applied(county, arrived_at=None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answers": {**FIT, Fact.MINOR: Answer.YES}}, "未成年人（《公安机关办理行政案件程序规定》第四十一条）"),
        ({"answers": {**FIT, Fact.CLEAR: Answer.UNKNOWN}}, "请先查明并填写：事实清楚"),
        ({"arrived_at": None}, "没有到案时间"),
        ({"arrived_at": moment("2026-03-10 10:01")}, "晚于现在"),
    ],
)
def test_a_case_that_is_not_fit_is_refused_and_nothing_is_written(
    county: County, change: dict[str, object], said: str
) -> None:
    with pytest.raises(ExpeditedRefused, match=said):
        applied(county, **change)

    county.case.refresh_from_db()
    assert not ExpeditedCase.objects.exists()
    assert "expedited" not in county.case.facts
    assert not Event.objects.filter(kind__code="suspect_arrived").exists()


def test_another_arrival_than_the_one_on_record_is_refused(county: County) -> None:
    happen(county.case, "suspect_arrived", moment("2026-03-10 08:30"))

    with pytest.raises(ExpeditedRefused, match="2026-03-10 08:30，与填写的不同"):
        applied(county)


def test_a_criminal_case_and_one_that_he_does_not_see_and_one_that_is_closed_are_refused(county: County) -> None:
    with pytest.raises(ExpeditedRefused, match="不是行政案件"):
        applied(county, county.crime)
    with pytest.raises(ExpeditedRefused, match="看不到"):
        applied(county, by=county.stranger)
    happen(county.case, "case_closed", AT)
    county.case.refresh_from_db()
    with pytest.raises(ExpeditedRefused, match="已经办结"):
        applied(county)


def test_one_that_was_imported_as_expedited_is_not_applied_again(county: County) -> None:
    with pytest.raises(ExpeditedRefused, match="已经登记快速办理"):
        applied(county, imported(county, "治2"))


def test_weighing_writes_nothing_and_reads_the_record(county: County) -> None:
    happen(county.case, "hearing_right_told", ARRIVED)

    weighed = services.weigh_case(matter=county.case, answers=FIT, by=county.officer)

    assert weighed.verdict == Verdict.MAY_NOT
    assert "听证" in weighed.against[0]
    assert not ExpeditedCase.objects.exists() and not Clock.objects.filter(limit__code="adm_quick_48h").exists()


# -- stating anew --------------------------------------------------------------------------------------------------------


def test_what_was_found_out_later_is_stated_and_must_be_converted(county: County) -> None:
    case = applied(county)

    services.state_facts(case=case, answers={Fact.MINOR: Answer.YES}, by=county.officer, at=AT)

    case.refresh_from_db()
    assert case.verdict == "may_not"
    assert found(case) == {"unconverted"}
    assert actions(case) == ["applied", "found", "stated"]


def test_an_answer_that_is_taken_back_lets_the_fault_lapse_and_leaves_it_open(county: County) -> None:
    case = applied(county)
    services.state_facts(case=case, answers={Fact.MINOR: Answer.YES}, by=county.officer, at=AT)

    services.state_facts(case=case, answers={Fact.MINOR: Answer.UNKNOWN}, by=county.officer, at=AT)

    case.refresh_from_db()
    assert case.verdict == "untold" and found(case) == set()
    assert not StatedFact.objects.filter(case=case, fact="minor").exists()


def test_of_a_decided_case_what_was_wrong_from_the_start_is_found(county: County) -> None:
    case = decided(county, agreed(county, applied(county)))

    services.state_facts(case=case, answers={Fact.IMPAIRED: Answer.YES}, by=county.legal, at=IN_TIME)

    assert found(case) == {"ineligible"}


def test_what_changes_nothing_or_goes_against_the_record_is_refused(county: County) -> None:
    matter = a_case("治3", county.station, county.officer, minor=False)
    case = applied(county, matter)

    with pytest.raises(ExpeditedRefused, match="没有改动"):
        services.state_facts(case=case, answers=FIT, by=county.officer, at=AT)
    with pytest.raises(ExpeditedRefused, match="由案件节点得出"):
        services.state_facts(case=case, answers={Fact.MINOR: Answer.YES}, by=county.officer, at=AT)
    with pytest.raises(ExpeditedRefused, match="看不到"):
        services.state_facts(case=case, answers={Fact.CLEAR: Answer.NO}, by=county.stranger, at=AT)
