"""Who may say that somebody is away, who may stand in for him, and what becomes of it when he is back."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cases import absences
from cases.absences import add_absence, end_absence
from cases.duty import DutyRoster
from cases.models import Absence, Officer, Role
from cases.queries import absences_of, people_of
from cases.services import CaseRefused
from tests.cases.factories import Bureau, day, make_officer, moment

TODAY = day("2026-03-25")


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("200001", bureau.station, Role.UNIT_HEAD)


@pytest.fixture
def mate(bureau: Bureau) -> Officer:
    return make_officer("100009", bureau.station, Role.CASE_OFFICER)


def enter(officer: Officer, deputy: Officer, since: str, until: str, *, by: Officer | None = None) -> Absence:
    return add_absence(
        officer=officer, deputy=deputy, from_on=day(since), until_on=day(until), by=by or officer, today=TODAY
    )


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(CaseRefused) as refused:
        act()
    return str(refused.value)


def test_an_officer_says_that_he_is_away_and_his_deputy_is_told_instead(officer: Officer, mate: Officer) -> None:
    enter(officer, mate, "2026-03-25", "2026-03-27")

    assert [DutyRoster(moment(f"2026-03-{on}")).stands_in(officer.pk) for on in (24, 25, 27, 28)] == [
        officer.pk,
        mate.pk,
        mate.pk,
        officer.pk,
    ]


def test_a_head_says_so_for_his_people_and_for_nobody_elses(
    head: Officer, officer: Officer, mate: Officer, stranger: Officer
) -> None:
    enter(officer, mate, "2026-03-25", "2026-03-27", by=head)

    assert refusal(lambda: enter(stranger, mate, "2026-03-25", "2026-03-27", by=head)) == absences.NOT_YOURS
    assert refusal(lambda: enter(head, mate, "2026-03-25", "2026-03-27", by=officer)) == absences.NOT_YOURS


def test_a_legal_officer_is_the_head_of_nobody(legal_officer: Officer, officer: Officer) -> None:
    assert not people_of(legal_officer).exists()


def test_a_head_of_the_bureau_has_all_of_it_below_him(bureau: Bureau, officer: Officer, stranger: Officer) -> None:
    chief = make_officer("200009", bureau.county, Role.UNIT_HEAD)

    assert {officer.pk, stranger.pk} <= set(people_of(chief).values_list("pk", flat=True))


def test_nobody_is_his_own_deputy(officer: Officer) -> None:
    assert refusal(lambda: enter(officer, officer, "2026-03-25", "2026-03-27")) == "代理人不能是本人"


def test_a_deputy_has_an_account_in_use_and_is_of_the_same_bureau(
    bureau: Bureau, officer: Officer, mate: Officer
) -> None:
    outsider = make_officer("300001", bureau.other_station, Role.CASE_OFFICER)
    Officer.objects.filter(pk=mate.pk).update(is_active=False)
    mate.refresh_from_db()

    assert "账号已停用" in refusal(lambda: enter(officer, mate, "2026-03-25", "2026-03-27"))
    assert "不是本局的人" in refusal(lambda: enter(officer, outsider, "2026-03-25", "2026-03-27"))


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("2026-03-27", "2026-03-25", absences.ENDS_BEFORE_IT_BEGINS),
        ("2026-03-20", "2026-03-24", absences.ALL_PAST),
    ],
)
def test_days_in_the_wrong_order_or_all_over_are_refused(
    officer: Officer, mate: Officer, since: str, until: str, why: str
) -> None:
    assert refusal(lambda: enter(officer, mate, since, until)) == why


def test_an_absence_entered_late_may_have_begun(officer: Officer, mate: Officer) -> None:
    assert enter(officer, mate, "2026-03-20", "2026-03-25").from_on == date(2026, 3, 20)


@pytest.mark.parametrize(
    "days", [("2026-03-27", "2026-03-30"), ("2026-03-26", "2026-03-26"), ("2026-03-20", "2026-04-10")]
)
def test_nobody_is_away_twice_on_one_day(officer: Officer, mate: Officer, head: Officer, days: tuple[str, str]) -> None:
    enter(officer, mate, "2026-03-25", "2026-03-27")

    assert "已经登记外出" in refusal(lambda: enter(officer, head, *days))


def test_two_absences_one_after_the_other_are_no_trouble(officer: Officer, mate: Officer, head: Officer) -> None:
    enter(officer, mate, "2026-03-25", "2026-03-27")
    enter(officer, head, "2026-03-28", "2026-03-30")

    assert Absence.objects.count() == 2


def test_deputies_that_lead_back_to_the_officer_are_refused_on_the_days_they_would(
    officer: Officer, mate: Officer, head: Officer
) -> None:
    enter(mate, head, "2026-03-25", "2026-03-27")
    enter(head, officer, "2026-03-27", "2026-03-30")

    assert "最后又回到" in refusal(lambda: enter(officer, mate, "2026-03-26", "2026-03-28"))
    assert "最后又回到" in refusal(lambda: enter(officer, head, "2026-03-30", "2026-04-02"))
    enter(officer, head, "2026-03-31", "2026-04-02")


def test_whoever_is_back_early_is_told_himself_from_that_day_and_the_days_before_stay_on_record(
    officer: Officer, mate: Officer
) -> None:
    absence = enter(officer, mate, "2026-03-20", "2026-03-30")

    end_absence(absence=absence, by=officer, today=TODAY)

    absence.refresh_from_db()
    assert absence.until_on == date(2026, 3, 24)
    assert DutyRoster(moment("2026-03-25")).stands_in(officer.pk) == officer.pk
    assert refusal(lambda: end_absence(absence=absence, by=officer, today=TODAY)) == absences.OVER


@pytest.mark.parametrize("since", ["2026-03-25", "2026-03-28"])
def test_an_absence_that_has_seen_no_whole_day_goes(officer: Officer, mate: Officer, since: str) -> None:
    absence = enter(officer, mate, since, "2026-03-30")

    end_absence(absence=absence, by=officer, today=TODAY)

    assert not Absence.objects.exists()


def test_a_deputy_cannot_call_the_officer_back(officer: Officer, mate: Officer) -> None:
    absence = enter(officer, mate, "2026-03-25", "2026-03-30")

    assert refusal(lambda: end_absence(absence=absence, by=mate, today=TODAY)) == absences.NOT_YOURS


def test_whom_an_absence_concerns(head: Officer, officer: Officer, mate: Officer, stranger: Officer) -> None:
    enter(officer, mate, "2026-03-25", "2026-03-30")

    found = [absences_of(one, TODAY).count() for one in (head, officer, mate, stranger)]

    assert found == [1, 1, 1, 0]
    assert not absences_of(officer, day("2026-03-31")).exists()
