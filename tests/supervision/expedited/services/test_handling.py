"""Consent, decision and conversion of real cases; and what was entered on the matter itself."""

import pytest

from cases.models import ClockState, Event
from cases.services import void_event
from supervision.expedited import services
from supervision.expedited.models import CaseState, ExpeditedCase
from supervision.expedited.queries import clocks_on
from supervision.expedited.services import ExpeditedRefused
from tests.cases.factories import moment
from tests.supervision.expedited.factories import (
    AT,
    IN_TIME,
    OVER,
    County,
    actions,
    agreed,
    applied,
    decided,
    found,
    happen,
    imported,
)

pytestmark = pytest.mark.django_db


def test_a_case_told_agreed_and_decided_in_time_is_clean(county: County) -> None:
    case = decided(county, agreed(county, applied(county)))

    [clock] = clocks_on(county.case)
    assert (clock.state, clock.late) == (ClockState.STOPPED, False)
    assert (case.state, case.ended_at, case.told_by) == (CaseState.DECIDED, IN_TIME, county.officer)
    assert case.consent_event is not None and case.consent_event.document_number == "快办告知 1 号"
    assert actions(case) == ["applied", "consented", "decided"]
    services.watch(at=OVER)
    assert found(case) == set()


def test_a_decision_a_minute_late_is_found(county: County) -> None:
    case = decided(county, agreed(county, applied(county)), OVER)

    assert found(case) == {"overlong"}


@pytest.mark.parametrize("how", ["unsigned", "oral"])
def test_a_decision_without_a_signed_consent_is_found(county: County, how: str) -> None:
    case = decided(county, agreed(county, applied(county), told_how=how))

    assert found(case) == {"no_consent"}


def test_a_decision_without_consent_is_found_until_the_consent_is_put_on_record(county: County) -> None:
    case = decided(county, applied(county))
    assert found(case) == {"no_consent"}

    agreed(county, case, at=OVER)

    assert found(case) == set()
    assert actions(case)[-1] == "lapsed"


def test_a_consent_is_corrected_and_not_counted_twice(county: County) -> None:
    case = agreed(county, applied(county))

    again = agreed(county, case, consented_at=moment("2026-03-10 09:40"))

    assert again.consented_at == moment("2026-03-10 09:40")
    assert Event.objects.standing().filter(matter=case.pk, kind__code="expedited_agreed").count() == 1
    assert (again.told_whom, again.told_how) == ("违法嫌疑人", "signed")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"told_whom": " "}, "请填写被告知人"),
        ({"document": "字" * 81}, "最多 80 个字"),
        ({"told_at": moment("2026-03-10 09:31")}, "早于告知的时间"),
        ({"told_at": moment("2026-03-10 08:59")}, "早于到案时间"),
        ({"consented_at": moment("2026-03-10 10:01")}, "晚于现在"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(county: County, change: dict[str, object], said: str) -> None:
    case = applied(county)

    with pytest.raises(ExpeditedRefused, match=said):
        agreed(county, case, **change)

    case.refresh_from_db()
    assert case.consented_at is None and actions(case) == ["applied"]


def test_a_converted_case_goes_on_as_an_ordinary_one(county: County) -> None:
    case = agreed(county, applied(county))

    services.convert_case(case=case, converted_at=AT, why="违法嫌疑人对处罚有异议", by=county.officer, at=AT)

    case.refresh_from_db()
    county.case.refresh_from_db()
    [clock] = clocks_on(county.case)
    assert (case.state, case.ended_at, clock.state) == (CaseState.CONVERTED, AT, ClockState.STOPPED)
    assert county.case.closed_at is None
    services.watch(at=OVER)
    assert found(case) == set()
    assert actions(case) == ["applied", "consented", "converted"]


def test_what_left_the_procedure_is_handled_no_more(county: County) -> None:
    case = applied(county)
    services.convert_case(case=case, converted_at=AT, why="案情复杂", by=county.officer, at=AT)

    with pytest.raises(ExpeditedRefused, match="已转为一般程序"):
        decided(county, case)
    with pytest.raises(ExpeditedRefused, match="已转为一般程序"):
        agreed(county, case)
    with pytest.raises(ExpeditedRefused, match="已转为一般程序"):
        services.convert_case(case=case, converted_at=AT, why="案情复杂", by=county.officer, at=AT)


def test_a_decision_or_conversion_without_words_or_out_of_sight_is_refused(county: County) -> None:
    case = applied(county)

    with pytest.raises(ExpeditedRefused, match="请填写决定文书号"):
        services.record_decision(case=case, decided_at=AT, document=" ", by=county.officer, at=AT)
    with pytest.raises(ExpeditedRefused, match="请填写转为一般程序的原因"):
        services.convert_case(case=case, converted_at=AT, why="", by=county.officer, at=AT)
    with pytest.raises(ExpeditedRefused, match="看不到"):
        services.convert_case(case=case, converted_at=AT, why="原因", by=county.stranger, at=AT)


# -- told elsewhere ------------------------------------------------------------------------------------------------------


def test_what_was_imported_is_taken_over_with_all_that_is_on_its_record(county: County) -> None:
    matter = imported(
        county,
        "治2",
        ("suspect_arrived", "2026-03-10 09:00"),
        ("expedited_agreed", "2026-03-10 09:30"),
        ("decision_made", "2026-03-11 09:00"),
    )

    report = services.watch(at=OVER)

    case = ExpeditedCase.objects.get(pk=matter.pk)
    assert (report.adopted, case.state, case.applied_by, case.verdict) == (1, "decided", None, "untold")
    assert case.applied_at == case.consented_at == moment("2026-03-10 09:30")
    assert found(case) == set()
    assert actions(case) == ["adopted", "consented", "decided"]


def test_a_criminal_case_called_expedited_is_none_of_ours(county: County) -> None:
    county.crime.facts = {"expedited": True}
    county.crime.save()

    assert services.watch(at=OVER).adopted == 0


def test_a_decision_entered_on_the_matter_is_taken_over_and_struck_out_again(county: County) -> None:
    case = agreed(county, applied(county))
    happen(county.case, "decision_made", moment("2026-03-11 09:00"))
    services.watch(at=moment("2026-03-11 10:00"))
    case.refresh_from_db()
    assert case.state == CaseState.DECIDED

    event = Event.objects.get(matter=county.case, kind__code="decision_made")
    void_event(event=event, reason="登错案件", by=county.officer, at=moment("2026-03-11 11:00"))
    services.watch(at=moment("2026-03-11 12:00"))

    case.refresh_from_db()
    assert (case.state, case.ended_at) == (CaseState.OPEN, None)
    assert actions(case)[-2:] == ["decided", "reopened"]


def test_a_consent_struck_out_on_the_matter_takes_its_details_with_it(county: County) -> None:
    case = agreed(county, applied(county))
    assert case.consent_event is not None
    void_event(event=case.consent_event, reason="签名不是本人", by=county.officer, at=AT)

    services.watch(at=AT)

    case.refresh_from_db()
    assert (case.consented_at, case.told_at, case.told_how, case.consent_document) == (None, None, "", "")
    assert actions(case)[-1] == "consent_void"


def test_a_case_closed_without_a_decision_ends_so(county: County) -> None:
    case = applied(county)
    happen(county.case, "case_closed", moment("2026-03-11 09:00"))

    services.watch(at=OVER)

    case.refresh_from_db()
    assert (case.state, found(case)) == (CaseState.CLOSED, set())
