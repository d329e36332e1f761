"""What the screens read, and the moments they sort by."""

import pytest

from cases.models import Clock, Level, Matter, Officer, Role
from cases.queries import (
    Today,
    clocks_of,
    events_of,
    kinds_of,
    matters_of,
    most_urgent,
    number_begins,
    sees_more_than_own,
    units_of,
    with_level,
)
from cases.services import name_handler
from tests.cases.factories import Bureau, make_case, make_officer, moment, record


def test_today_ends_at_local_midnight() -> None:
    # Half past eleven at night in Shanghai is still the afternoon in London.
    today = Today(moment("2026-04-10 23:30"))

    assert today.begins == moment("2026-04-10")
    assert today.ends == moment("2026-04-11")
    assert today.days_on(30) == moment("2026-05-11")


@pytest.mark.parametrize("day", ["2026-04-06", "2026-04-10", "2026-04-12"])
def test_a_week_ends_with_its_sunday(day: str) -> None:
    assert Today(moment(f"{day} 12:00")).week_ends == moment("2026-04-13")


def test_withdrawn_matters_and_events_are_not_read(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    Matter.objects.filter(pk=matter.pk).update(withdrawn_at=moment("2026-04-02"))

    assert not matters_of(officer).exists()
    assert not events_of(officer).exists()


def test_void_clocks_are_in_no_list(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    record(matter, "decided", "2026-04-02", voids=matter.events.get())

    assert Clock.objects.filter(matter=matter).exists()
    assert not clocks_of(officer).exists()


def test_an_officer_offers_his_own_unit_and_a_supervisor_his_bureau(
    bureau: Bureau, officer: Officer, legal_officer: Officer
) -> None:
    head_of_county = make_officer("100020", bureau.county, Role.LEADER)

    assert set(units_of(officer)) == {bureau.station}
    assert set(units_of(legal_officer)) == {bureau.county, bureau.legal, bureau.station, bureau.sibling}
    assert set(units_of(head_of_county)) == set(units_of(legal_officer))
    assert not sees_more_than_own(officer)
    assert sees_more_than_own(legal_officer)


def test_a_restricted_kind_is_known_only_to_who_handles_one(
    bureau: Bureau, catalogue: None, officer: Officer, stranger: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, None, filed="2026-04-08", kind="letter")
    name_handler(matter=letter, officer=officer, role="officer", at=moment("2026-04-08"))

    assert {kind.code for kind in kinds_of(officer)} == {"case", "visit", "letter"}
    assert {kind.code for kind in kinds_of(stranger)} == {"case", "visit"}


@pytest.mark.parametrize("level", list(Level))
def test_every_running_clock_is_at_exactly_one_level(
    bureau: Bureau, catalogue: None, officer: Officer, level: Level
) -> None:
    at = moment("2026-04-10 09:00")
    # Thirty days from each: run out, three days to go, seven, and thirty.
    for filed in ("2026-03-01", "2026-03-14", "2026-03-18", "2026-04-10"):
        make_case(filed, bureau.station, officer, filed=filed)

    assert clocks_of(officer).filter(with_level(level, at)).count() == 1


def test_the_most_urgent_clock_is_the_running_one_that_runs_out_first(
    bureau: Bureau, catalogue: None, officer: Officer
) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-01")
    ended = make_case("A-2", bureau.station, officer, filed="2026-03-01")
    record(ended, "decided", "2026-03-05")

    found = most_urgent([matter, ended])

    assert set(found) == {matter.pk}
    assert str(found[matter.pk].due_on) == "2026-03-31"


def test_a_number_is_found_by_its_beginning_and_wildcards_are_letters(bureau: Bureau, catalogue: None) -> None:
    for number in ("治〔2026〕1号", "治〔2026〕12号", "治_2026", "刑〔2026〕1号"):
        make_case(number, bureau.station)

    def found(text: str) -> set[str]:
        return set(Matter.objects.filter(number_begins(text)).values_list("number", flat=True))

    assert found("治〔2026〕1") == {"治〔2026〕1号", "治〔2026〕12号"}
    assert found("治_") == {"治_2026"}
    assert found("%") == set()
