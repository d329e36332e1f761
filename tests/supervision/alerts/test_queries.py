"""Who is to be told of which warnings, whether the news still stands, and the list nothing drops out of."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.duty import Rung
from cases.models import Absence, Barring, BarringGround, HandlingRole, Level, Matter, Officer, Role
from cases.services import name_handler, void_event
from supervision.alerts.queries import matters_behind, standing_list, still_stands, untold
from supervision.alerts.services import acknowledge, climb, mark_told, order_due, sweep
from tests.cases.factories import Bureau, clock_of, make_case, make_officer, moment, record
from tests.supervision.alerts.factories import make_overrun, the_alert

pytestmark = pytest.mark.django_db

YELLOW = moment("2026-03-25 09:00")


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("100004", bureau.station, Role.UNIT_HEAD)


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def case(bureau: Bureau, catalogue: None, officer: Officer) -> Matter:
    matter = make_case("A1", bureau.station, officer, filed="2026-03-02")
    sweep(at=YELLOW)
    return matter


def heard(at: str, urgent: bool = False) -> list[int]:
    return [tiding.officer_id for tiding in untold(at=moment(at), urgent=urgent)]


def test_the_officer_is_told_what_is_due_and_where_to_look(case: Matter, officer: Officer) -> None:
    (tiding,) = untold(at=YELLOW)

    alert = the_alert()
    assert (tiding.officer_id, tiding.since, tiding.about, tiding.urgent) == (officer.pk, YELLOW, "预警", False)
    assert tiding.link == f"/alerts/{alert.pk}/"
    assert tiding.rank == Level.YELLOW
    assert "A1" in tiding.text and "04-01届满" in tiding.text and "▲" in tiding.text


def test_once_told_nobody_is_told_again_until_it_rises(case: Matter, officer: Officer) -> None:
    keys = [tiding.key for tiding in untold(at=YELLOW)]

    assert mark_told(keys, at=YELLOW) == 1
    assert mark_told(keys, at=YELLOW) == 0
    assert heard("2026-03-26 09:00") == []

    sweep(at=moment("2026-03-29"))
    assert heard("2026-03-29 09:00") == [officer.pk]


def test_what_rose_while_the_message_was_on_its_way_is_still_to_be_told(case: Matter, officer: Officer) -> None:
    keys = [tiding.key for tiding in untold(at=YELLOW)]
    sweep(at=moment("2026-03-29"))

    assert mark_told(keys, at=moment("2026-03-29")) == 0

    assert still_stands(keys) == set()
    assert heard("2026-03-29 09:00") == [officer.pk]


def test_keys_of_other_rooms_are_passed_over(case: Matter) -> None:
    assert mark_told(["rectification.order:1:issued-1", "alerts.alert:x:1-0", ""], at=YELLOW) == 0
    assert still_stands(["rectification.order:1:issued-1"]) == set()


def test_the_news_stands_until_somebody_says_a_word_or_it_is_withdrawn(case: Matter, officer: Officer) -> None:
    keys = [tiding.key for tiding in untold(at=YELLOW)]
    mark_told(keys, at=YELLOW)
    assert still_stands(keys) == set(keys)

    acknowledge(alert=the_alert(), reason="等鉴定", next_on=date(2026, 3, 27), by=officer, at=YELLOW)

    assert still_stands(keys) == set()


def test_a_deputy_is_told_in_place_of_whoever_is_away(bureau: Bureau, case: Matter, officer: Officer) -> None:
    deputy = make_officer("100009", bureau.station)
    Absence.objects.create(
        officer=officer, deputy=deputy, from_on=date(2026, 3, 24), until_on=date(2026, 3, 26), reason="培训"
    )

    assert heard("2026-03-25 09:00") == [deputy.pk]


def test_a_warning_without_an_officer_is_told_to_the_head(bureau: Bureau, catalogue: None, head: Officer) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")
    sweep(at=YELLOW)

    assert heard("2026-03-25 09:00") == [head.pk]


def test_what_runs_by_the_hour_is_urgent_and_nothing_else(bureau: Bureau, case: Matter, officer: Officer) -> None:
    make_case("V1", bureau.station, officer, filed="2026-03-25 01:00", kind="visit")
    sweep(at=moment("2026-03-25 20:00"))

    urgent = list(untold(at=moment("2026-03-25 20:00"), urgent=True))

    assert [("V1" in tiding.text, tiding.urgent) for tiding in urgent] == [(True, True)]
    assert len(heard("2026-03-25 20:00")) == 2


def test_of_a_restricted_matter_nobody_hears_but_its_named_handlers(
    bureau: Bureau, catalogue: None, officer: Officer, head: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, None, filed="2026-03-02", kind="letter")
    sweep(at=moment("2026-03-10"))
    assert heard("2026-03-10 09:00") == []

    name_handler(matter=letter, officer=officer, role=HandlingRole.LEGAL, at=moment("2026-03-03"))

    assert heard("2026-03-10 09:00") == [officer.pk]


def test_of_a_restricted_matter_no_handler_hears_who_has_been_kept_away_since(
    bureau: Bureau, catalogue: None, officer: Officer, head: Officer, legal_officer: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, None, filed="2026-03-02", kind="letter")
    sweep(at=moment("2026-03-10"))
    for one in (officer, legal_officer):
        name_handler(matter=letter, officer=one, role=HandlingRole.LEGAL, at=moment("2026-03-03"))
    assert set(heard("2026-03-10 09:00")) == {officer.pk, legal_officer.pk}

    # Named as handler still, and moved to a unit that is complained about: no move takes the name away.
    Barring.objects.create(
        matter=letter, ground=BarringGround.ACCUSED, unit=bureau.station, from_at=moment("2026-03-04")
    )

    assert heard("2026-03-10 09:00") == [legal_officer.pk]
    (tiding,) = untold(at=moment("2026-03-10 09:00"))
    assert matters_behind([tiding.key, "alerts.alert:999999:1-0", "other"]) == {tiding.key: letter.pk}


def test_thirty_to_tell_take_as_many_questions_as_one(bureau: Bureau, case: Matter, officer: Officer) -> None:
    with CaptureQueriesContext(connection) as for_one:
        list(untold(at=YELLOW))
    for number in range(30):
        make_case(f"B{number}", bureau.station, officer, filed="2026-03-02")
    sweep(at=YELLOW)

    with CaptureQueriesContext(connection) as for_many:
        assert len(list(untold(at=YELLOW))) == 31

    assert len(for_many) == len(for_one)


# -- the standing list -------------------------------------------------------------------------------------------------


def test_what_is_over_stands_on_the_list_whatever_is_done_about_it(
    case: Matter, officer: Officer, legal_officer: Officer
) -> None:
    make_overrun()
    at = moment("2026-04-10 10:00")
    clock = clock_of(case)
    assert list(standing_list(legal_officer, at)) == [clock]

    sweep(at=at)
    acknowledge(alert=the_alert(), reason="等鉴定", next_on=date(2026, 4, 30), by=officer, at=at)
    order_due(at=at)

    assert list(standing_list(legal_officer, at)) == [clock]


def test_only_ending_takes_it_off_and_a_void_ending_brings_it_back(
    case: Matter, officer: Officer, legal_officer: Officer
) -> None:
    at = moment("2026-04-10 10:00")
    decision = record(case, "decided", "2026-04-09")
    sweep(at=at)
    assert list(standing_list(legal_officer, at)) == []

    void_event(event=decision, reason="误录", by=None, at=at)

    assert list(standing_list(legal_officer, at)) == [clock_of(case)]


def test_the_list_is_cut_to_what_the_officer_may_see(bureau: Bureau, case: Matter, officer: Officer) -> None:
    at = moment("2026-04-10 10:00")
    stranger = make_officer("100002", bureau.other_station, Role.UNIT_HEAD)

    assert list(standing_list(officer, at)) == [clock_of(case)]
    assert list(standing_list(stranger, at)) == []


def test_a_climb_is_news_for_the_next_rung(case: Matter, head: Officer) -> None:
    mark_told([tiding.key for tiding in untold(at=YELLOW)], at=YELLOW)

    climb(at=moment("2026-03-30 09:00"))

    assert the_alert().rung == Rung.HEAD
    assert heard("2026-03-30 09:00") == [head.pk]
