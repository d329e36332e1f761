"""The collection: what it enters, of whom, once; what it takes back; and that one bad row does not stop the others."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.services import transfer_matter
from supervision.alerts.services import sweep
from supervision.archives.models import ArchiveEntry, Kind
from supervision.archives.services import CollectFailed, collect
from supervision.followup.services import rounds
from supervision.rectification.models import Source
from supervision.rectification.services import (
    issue_order,
    reassign_order,
    reopen_order,
    verify_order,
    withdraw_order,
)
from supervision.returnvisits import services as visits
from supervision.returnvisits.services.checking import Demand
from tests.cases.factories import make_case, moment, record
from tests.supervision.archives.factories import (
    DUE,
    FILED,
    NEXT_NIGHT,
    NIGHT,
    OVER,
    collected,
    decided,
    late_case,
    ordered,
    refusing_entries,
    texts,
)
from tests.supervision.rectification.conftest import evidence_folder  # noqa: F401
from tests.supervision.rectification.factories import replied
from tests.supervision.returnvisits.factories import LATER, County, negative

# -- cases and clocks --------------------------------------------------------------------------------------------------


def test_a_warning_that_went_red_is_entered_of_who_let_it_run_out(county: County) -> None:
    matter = late_case(county)

    (entry,) = collected()

    assert (entry.kind, entry.officer, entry.unit, entry.county) == (
        Kind.RED, county.officer, county.station, county.bureau.county,
    )  # fmt: skip
    assert entry.text == "案件“作出决定”届满没有办结，预警转红"
    assert (entry.happened_at, entry.recorded_at, entry.article) == (DUE, NIGHT, "《测试法》第一条")
    assert (entry.matter, entry.by) == (matter, None)


def test_a_warning_that_is_not_red_is_nobodys(county: County) -> None:
    late_case(county, at=moment("2026-03-03 09:00"))

    assert collected(moment("2026-03-04 02:15")) == []


def test_a_case_handed_over_after_it_ran_out_stays_with_who_let_it(county: County) -> None:
    matter = late_case(county)
    transfer_matter(
        matter=matter, to_unit=county.bureau.sibling, to_officer=None, occurred_at=OVER, by=None, at=OVER
    )  # fmt: skip
    sweep(at=OVER)

    (entry,) = collected()

    assert (entry.officer, entry.unit) == (county.officer, county.station)


def test_a_clock_that_ended_late_and_a_matter_closed_are_entered_each_as_what_it_is(county: County) -> None:
    matter = late_case(county)
    decided(matter, "2026-03-09")
    record(matter, "closed", "2026-03-09 16:00")
    sweep(at=OVER)

    collect(at=NIGHT)

    assert texts(Kind.RED) == ["案件“作出决定”届满没有办结，预警转红"]
    assert texts(Kind.LATE) == ["案件“作出决定”超 5 天办结"]
    assert texts(Kind.CLOSED) == ["案件办结"]
    assert not ArchiveEntry.objects.exclude(corrects=None).exists()


def test_the_number_and_the_name_of_a_case_are_not_in_the_words(county: County) -> None:
    matter = late_case(county, "A-7731")
    record(matter, "closed", "2026-03-09")

    assert not [entry for entry in collected() if "7731" in entry.text]


def test_a_limit_met_in_time_is_never_an_entry(county: County) -> None:
    matter = make_case("A-1", county.station, county.officer, filed=FILED)
    decided(matter, "2026-02-20")
    sweep(at=OVER)

    assert collected() == []


def test_a_decision_entered_afterwards_takes_the_warning_back_and_the_entry_stays(county: County) -> None:
    matter = late_case(county)
    (entry,) = collected()
    decided(matter, "2026-03-03", at="2026-03-11 09:00")
    sweep(at=moment("2026-03-11 09:01"))

    collect(at=NEXT_NIGHT)

    correction = ArchiveEntry.objects.get(corrects=entry)
    assert correction.text == "前一条记录不再成立：实际在届满以前办结，或者不再需要办理"
    assert (correction.officer, correction.unit, correction.kind) == (county.officer, county.station, Kind.RED)
    assert ArchiveEntry.objects.filter(pk=entry.pk).exists()


def test_an_extension_entered_afterwards_takes_the_warning_back(county: County) -> None:
    matter = late_case(county)
    (entry,) = collected()
    record(matter, "longer", "2026-03-03", at="2026-03-11 09:00", approver="head")
    sweep(at=moment("2026-03-11 09:01"))

    collect(at=NEXT_NIGHT)

    assert "不再成立" in ArchiveEntry.objects.get(corrects=entry).text


def test_a_case_opened_again_is_corrected_and_closed_again_entered_again(county: County) -> None:
    matter = make_case("A-1", county.station, county.officer, filed="2026-03-02")
    closing = record(matter, "closed", "2026-03-09")
    (first,) = collected()
    record(matter, "closed", "2026-03-10", voids=closing)

    collect(at=NEXT_NIGHT)

    again = ArchiveEntry.objects.get(kind=Kind.CLOSED, corrects=None, correction=None)
    assert ArchiveEntry.objects.get(corrects=first).text == "前一条记录不再成立：登记的情况已经更正"
    assert again.happened_at == moment("2026-03-10")
    assert again.source_key == f"cases.matter:{matter.pk}-2"


# -- orders ------------------------------------------------------------------------------------------------------------


def test_an_order_is_entered_as_it_was_issued_and_verified(county: County, evidence_folder: object) -> None:  # noqa: F811
    order = replied(ordered(county), county.officer, OVER)
    verify_order(order=order, text="属实", by=county.second_legal, at=OVER + timedelta(hours=1))

    collect(at=NIGHT)

    assert texts(Kind.FOUND) == ["下达整改（提醒）：服务不到位；来源：日常监督", "按期整改，核验通过：服务不到位"]
    assert set(ArchiveEntry.objects.values_list("officer", "unit")) == {(county.officer.pk, county.station.pk)}


def test_the_same_problem_within_a_year_is_said_to_be_repeated(county: County) -> None:
    ordered(county, "S-1")
    ordered(county, "S-2")

    collect(at=NIGHT)

    assert [("再次出现" in text) for text in texts(Kind.FOUND)] == [False, True]


def test_an_order_given_to_another_is_his_and_no_longer_the_formers(county: County) -> None:
    order = ordered(county)
    (entry,) = collected()
    reassign_order(
        order=order, unit=county.bureau.sibling, officer=county.sibling_head, reason="承办单位调整", by=county.legal, at=NIGHT,
    )  # fmt: skip

    collect(at=NEXT_NIGHT)

    assert ArchiveEntry.objects.get(corrects=entry).text == "这件整改已改派，不再由原责任单位、责任人负责"
    assert texts(Kind.FOUND, officer=county.sibling_head) == ["改派接办整改（提醒）：服务不到位；来源：日常监督"]


def test_given_to_another_before_the_night_both_are_entered_in_one_round(county: County) -> None:
    order = ordered(county)
    reassign_order(
        order=order, unit=county.bureau.sibling, officer=county.sibling_head, reason="承办单位调整", by=county.legal, at=OVER,
    )  # fmt: skip

    collect(at=NIGHT)

    first = ArchiveEntry.objects.get(officer=county.officer, corrects=None)
    assert "不再由原" in first.correction.text


def test_an_order_withdrawn_as_unfounded_before_the_night_is_in_no_archive(county: County) -> None:
    withdraw_order(order=ordered(county), reason="经核对不属实", by=county.legal, at=OVER)

    assert collected() == []


def test_one_withdrawn_afterwards_is_corrected_and_ordered_again_is_entered_again(county: County) -> None:
    order = ordered(county)
    (entry,) = collected()
    order = withdraw_order(order=order, reason="经核对不属实", by=county.legal, at=NIGHT)
    collect(at=NEXT_NIGHT)
    assert ArchiveEntry.objects.get(corrects=entry).text == "整改已撤销，不属实：服务不到位"

    reopen_order(order=order, reason="又查实", workdays=3, by=county.legal, at=NEXT_NIGHT)
    collect(at=NEXT_NIGHT + timedelta(days=1))

    assert texts(Kind.FOUND)[-1] == "要求重新整改：服务不到位"


def test_an_order_on_a_warning_is_another_kind_than_what_daily_supervision_found(county: County) -> None:
    ordered(county, source=Source.ALERT, source_number="7")

    collect(at=NIGHT)

    assert texts(Kind.ORDER) == ["下达整改（提醒）：服务不到位；来源：预警"]


# -- evaluations -------------------------------------------------------------------------------------------------------


def test_a_negative_evaluation_borne_out_is_the_units_and_names_no_officer(county: County) -> None:
    check = negative(county, text="等了一个月没有人回话")
    visits.conclude_check(
        check=check, upheld=True, text="未按承诺告知", by=county.second_legal, at=LATER,
        demand=Demand(county.problem, "请补告进展"),
    )  # fmt: skip

    entries = collected(NIGHT)

    (entry,) = [one for one in entries if one.kind == Kind.EVALUATION]
    assert (entry.officer, entry.unit, entry.matter) == (None, county.station, None)
    assert not [one for one in entries if one.officer_id is not None]
    assert not [one for one in entries if "没有人回话" in one.text]


def test_one_that_was_not_borne_out_is_nobodys(county: County) -> None:
    check = negative(county)
    visits.conclude_check(check=check, upheld=False, text="核对录音，已告知", by=county.second_legal, at=LATER)

    assert collected(NIGHT) == []


# -- restricted matters ------------------------------------------------------------------------------------------------


def test_nothing_of_a_restricted_matter_is_entered(county: County) -> None:
    letter = make_case("L-1", county.station, county.officer, filed="2026-02-02", kind="letter")
    sweep(at=OVER)
    issue_order(
        source=Source.SUPERVISOR, source_number="L", problem=county.problem.code, unit=county.station, officer=None,
        matter=letter, text="请答复。", by=county.legal, at=OVER,
    )  # fmt: skip
    record(letter, "answered", "2026-03-09")
    sweep(at=OVER)

    assert collected() == []


# -- the round ---------------------------------------------------------------------------------------------------------


def test_a_second_round_adds_nothing(county: County) -> None:
    late_case(county)
    ordered(county)
    first = [entry.pk for entry in collected()]

    report = collect(at=NIGHT)

    assert (report.entered, report.corrected) == (0, 0)
    assert [entry.pk for entry in ArchiveEntry.objects.order_by("pk")] == first


def test_a_silence_is_made_good_with_the_moments_of_then(county: County) -> None:
    late_case(county)
    ordered(county)

    collect(at=NIGHT + timedelta(days=90))

    assert set(ArchiveEntry.objects.values_list("happened_at", flat=True)) == {DUE, OVER}


def test_what_lies_after_the_moment_waits(county: County) -> None:
    ordered(county)

    assert collected(OVER - timedelta(hours=1)) == []
    assert len(collected(OVER)) == 1


def test_a_row_the_database_refuses_is_named_and_the_others_are_entered(county: County) -> None:
    matters = [late_case(county, f"A-{number}") for number in range(3)]

    with (
        refusing_entries(f"NEW.matter_id = {matters[1].pk}"),
        pytest.raises(CollectFailed, match="1 处不能归集") as failed,
    ):
        collect(at=NIGHT)

    assert failed.value.report.entered == 2
    assert set(ArchiveEntry.objects.values_list("matter", flat=True)) == {matters[0].pk, matters[2].pk}


def test_after_a_round_cut_off_the_next_enters_only_what_is_missing(county: County) -> None:
    for number in range(3):
        late_case(county, f"A-{number}")
    order = ordered(county)
    with refusing_entries(f"NEW.order_id = {order.pk}"), pytest.raises(CollectFailed):
        collect(at=NIGHT)

    assert collect(at=NEXT_NIGHT).entered == 1
    assert ArchiveEntry.objects.count() == 4


def test_chunk_by_chunk_it_comes_to_the_same(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "CHUNK", 2)
    for number in range(5):
        late_case(county, f"A-{number}")

    assert collect(at=NIGHT).entered == 5


def test_the_questions_do_not_grow_with_the_rows(county: County) -> None:
    def asked(number: int) -> int:
        for one in range(number):
            late_case(county, f"B-{number}-{one}")
            ordered(county, f"B-{number}-{one}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            collect(at=NIGHT)
        return len(queries)

    assert asked(1) == asked(3)
