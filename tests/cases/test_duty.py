"""Who answers for a station's matter, and who stands in for whom."""

from datetime import date

import pytest

from cases.duty import DutyRoster, Rung, working_time
from cases.models import Absence, Officer, Role, WorkCalendar
from cases.services import end_post
from tests.cases.factories import Bureau, make_officer, moment

AT = moment("2026-03-25 10:00")


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("200001", bureau.station, Role.UNIT_HEAD)


def answering(bureau: Bureau, rung: Rung, officer: Officer | None) -> tuple[int, ...]:
    return DutyRoster(AT).answering(rung, unit_id=bureau.station.pk, officer_id=officer.pk if officer else None)


def away(officer: Officer, deputy: Officer, until: str = "2026-03-25") -> Absence:
    return Absence.objects.create(
        officer=officer, deputy=deputy, from_on=date(2026, 3, 24), until_on=date.fromisoformat(until)
    )


def test_each_rung_is_held_by_whom_it_is_named_after(
    bureau: Bureau, officer: Officer, head: Officer, legal_officer: Officer
) -> None:
    leader = make_officer("200002", bureau.county, Role.LEADER)

    assert [answering(bureau, rung, officer) for rung in Rung] == [
        (officer.pk,),
        (head.pk,),
        (legal_officer.pk,),
        (leader.pk,),
    ]


def test_a_matter_without_an_officer_is_answered_for_by_the_head(bureau: Bureau, head: Officer) -> None:
    assert answering(bureau, Rung.OFFICER, None) == (head.pk,)


def test_an_officer_who_left_is_answered_for_by_the_head(bureau: Bureau, officer: Officer, head: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    assert answering(bureau, Rung.OFFICER, officer) == (head.pk,)


def test_the_head_of_another_station_answers_for_nothing_here(bureau: Bureau, legal_officer: Officer) -> None:
    make_officer("200003", bureau.sibling, Role.UNIT_HEAD)

    assert answering(bureau, Rung.HEAD, None) == (legal_officer.pk,)


def test_a_post_that_ended_answers_no_more(bureau: Bureau, head: Officer, legal_officer: Officer) -> None:
    end_post(post=head.posts.get(), until_on=date(2026, 3, 24))

    assert answering(bureau, Rung.HEAD, None) == (legal_officer.pk,)


def test_nobody_answers_where_nobody_holds_any_post(bureau: Bureau) -> None:
    assert answering(bureau, Rung.OFFICER, None) == ()


def test_the_deputy_answers_on_the_days_of_the_absence_and_not_after(
    bureau: Bureau, officer: Officer, stranger: Officer
) -> None:
    away(officer, stranger)

    assert answering(bureau, Rung.OFFICER, officer) == (stranger.pk,)
    assert DutyRoster(moment("2026-03-26")).stands_in(officer.pk) == officer.pk


def test_a_deputy_who_is_away_too_is_answered_for_by_his_own(
    officer: Officer, stranger: Officer, legal_officer: Officer
) -> None:
    away(officer, stranger)
    away(stranger, legal_officer)

    assert DutyRoster(AT).stands_in(officer.pk) == legal_officer.pk


def test_two_who_stand_in_for_each_other_both_stay(officer: Officer, stranger: Officer) -> None:
    away(officer, stranger)
    away(stranger, officer)

    assert DutyRoster(AT).stands_in(officer.pk) == officer.pk


def test_asking_for_many_matters_costs_no_further_question(
    bureau: Bureau, officer: Officer, head: Officer, django_assert_num_queries: object
) -> None:
    roster = DutyRoster(AT)

    with django_assert_num_queries(0):  # type: ignore[operator]
        for rung in Rung:
            roster.answering(rung, unit_id=bureau.station.pk, officer_id=officer.pk)


def test_a_bureau_works_the_hours_of_its_calendar(catalogue: None) -> None:
    WorkCalendar.objects.update(opens="08:30")

    assert working_time(AT).next_open(moment("2026-03-25 07:00")) == moment("2026-03-25 08:30")
