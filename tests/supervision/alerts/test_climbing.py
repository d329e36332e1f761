"""The climb: by silence, in working time, a rung at a time, and never on a clock that has moved.

The clock of most tests: filed on 2 March 2026, due on 1 April; yellow from Wednesday 25 March, orange from Sunday
29 March, red from Thursday 2 April. No days off but weekends until May.
"""

import threading
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.duty import DutyRoster, Rung
from cases.models import Ladder, Level, Matter, Officer, Role
from supervision.alerts.models import Action, Alert, AlertStep
from supervision.alerts.services import climb, sweep
from tests.cases.factories import Bureau, make_bureau, make_case, make_catalogue, make_officer, moment, record
from tests.supervision.alerts.factories import the_alert

pytestmark = pytest.mark.django_db

RAISED = moment("2026-03-25")


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def case(bureau: Bureau, catalogue: None, officer: Officer) -> Matter:
    matter = make_case("A1", bureau.station, officer, filed="2026-03-02")
    sweep(at=RAISED)
    return matter


def climbs() -> list[tuple[int | None, datetime, datetime]]:
    """(rung, when it was due to climb, when it did)."""
    rows = AlertStep.objects.filter(action=Action.CLIMBED).order_by("pk")
    return list(rows.values_list("rung", "due_moment", "found_at"))


def test_it_goes_up_a_rung_for_every_two_silent_working_days_and_stays_at_the_top(case: Matter) -> None:
    openings = ["2026-03-26", "2026-03-27", "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02", "2026-04-03"]

    climbed = [climb(at=moment(f"{day} 09:00")).climbed for day in openings]

    assert climbed == [0, 1, 0, 1, 0, 1, 0]
    alert = the_alert()
    assert (alert.rung, alert.climbs_at) == (Rung.LEADER, None)
    assert [rung for rung, _, _ in climbs()] == [Rung.HEAD, Rung.LEGAL, Rung.LEADER]


def test_a_higher_level_is_on_record_with_the_rung_the_warning_has_come_to(case: Matter) -> None:
    climb(at=moment("2026-03-27 09:00"))

    sweep(at=moment("2026-03-29"))

    raised = AlertStep.objects.filter(action=Action.RAISED).order_by("pk")
    assert list(raised.values_list("level", "rung")) == [
        (Level.YELLOW, Rung.OFFICER),
        (Level.ORANGE, Rung.HEAD),
    ]


@pytest.mark.parametrize("at", ["2026-03-27 08:59", "2026-03-27 17:30", "2026-03-28 10:00"])
def test_nothing_climbs_outside_working_time(case: Matter, at: str) -> None:
    assert climb(at=moment(at)).climbed == 0


def test_a_second_climb_at_the_same_moment_changes_nothing(case: Matter) -> None:
    at = moment("2026-03-27 09:00")
    climb(at=at)
    before = [*Alert.objects.values(), *AlertStep.objects.values()]

    assert climb(at=at).climbed == 0

    assert [*Alert.objects.values(), *AlertStep.objects.values()] == before


def test_after_a_silence_of_the_climb_each_rung_still_has_its_own_time(case: Matter) -> None:
    """Nothing climbed for a fortnight: the head has it now, and his two days begin now."""
    late = moment("2026-04-09 10:00")

    assert climb(at=late).climbed == 1
    assert climb(at=late).climbed == 0

    assert climbs() == [(Rung.HEAD, moment("2026-03-27 09:00"), late)]
    # Thursday had opened: Friday and Monday pass whole.
    assert the_alert().climbs_at == moment("2026-04-14 09:00")


def test_a_warning_found_late_gives_its_officer_his_time(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    make_case("A1", bureau.station, officer, filed="2026-03-02")

    sweep(at=moment("2026-04-08 10:00"))

    # Wednesday had opened: Thursday and Friday pass whole.
    assert the_alert().climbs_at == moment("2026-04-13 09:00")


def test_a_clock_that_was_extended_while_its_warning_climbs_does_not_climb_even_before_the_sweep(case: Matter) -> None:
    record(case, "longer", "2026-03-26", approver="head")

    assert climb(at=moment("2026-03-27 09:00")).climbed == 0

    sweep(at=moment("2026-03-27 09:00"))
    assert (the_alert().climbs_at, the_alert().tell_since, climbs()) == (None, None, [])


def test_a_quiet_ladder_neither_tells_nor_climbs(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    quiet = {"loud": False, "demands": "none"}
    Ladder.objects.filter(code="long").update(yellow={"days": 7, **quiet}, orange={"days": 3, **quiet}, red=quiet)
    make_case("A1", bureau.station, officer, filed="2026-03-02")

    sweep(at=RAISED)

    alert = the_alert()
    assert (alert.tell_since, alert.climbs_at) == (None, None)


def test_a_ladder_may_give_other_days(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    Ladder.objects.filter(code="long").update(climbs=[1, 3, 2])
    make_case("A1", bureau.station, officer, filed="2026-03-02")
    sweep(at=RAISED)
    assert the_alert().climbs_at == moment("2026-03-26 09:00")

    climb(at=moment("2026-03-26 09:00"))

    assert the_alert().climbs_at == moment("2026-03-31 09:00")


def test_the_warning_of_an_officer_who_left_is_heard_by_the_head(
    bureau: Bureau, case: Matter, officer: Officer
) -> None:
    head = make_officer("100004", bureau.station, Role.UNIT_HEAD)
    officer.is_active = False
    officer.save()
    alert = the_alert()

    roster = DutyRoster(RAISED)

    assert roster.answering(alert.rung, unit_id=alert.unit_id, officer_id=alert.officer_id) == (head.pk,)


def test_fifty_climb_in_as_many_questions_as_one(bureau: Bureau, case: Matter) -> None:
    with CaptureQueriesContext(connection) as for_one:
        climb(at=moment("2026-03-27 09:00"))
    for number in range(20):
        make_case(f"B{number}", bureau.station, filed="2026-03-02")
    sweep(at=moment("2026-03-27 09:00"))

    with CaptureQueriesContext(connection) as for_many:
        assert climb(at=moment("2026-03-31 09:00")).climbed == 21

    assert len(for_many) == len(for_one)


@pytest.mark.django_db(transaction=True)
def test_two_workers_climb_each_warning_once() -> None:
    make_catalogue()
    bureau = make_bureau()
    for number in range(12):
        make_case(f"A{number}", bureau.station, filed="2026-03-02")
    sweep(at=RAISED)
    done, errors = [], []

    def work() -> None:
        try:
            done.append(climb(at=moment("2026-03-27 09:00"), chunk=2).climbed)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (errors, sum(done)) == ([], 12)
    assert set(Alert.objects.values_list("rung", flat=True)) == {Rung.HEAD}
    assert AlertStep.objects.filter(action=Action.CLIMBED).count() == 12
