"""Put to rest, looked at again, taken up anew, and in the end disposed of by two people."""

from datetime import date, datetime

import pytest
from django.db import connection

from cases.models import HandlingRole, Matter, Officer, Role
from supervision.petitions.models import Petition, Petitioner, Recheck, Resolution, Stage
from supervision.petitions.queries import resolution_share
from supervision.petitions.refusals import (
    DONE_ALREADY,
    LEAD_NEEDED,
    NO_REQUEST,
    NOT_ASKED,
    NOT_DELIVERED,
    NOT_RESTING,
    ON_HOLD,
    SAME_PERSON,
)
from supervision.petitions.services import (
    PetitionRefused,
    answer,
    ask_disposal,
    ask_evaluation,
    assign_handler,
    assign_lead,
    confirm_disposal,
    decide,
    deliver,
    recheck,
    reopen,
    resolve,
)
from supervision.retention.services import hold_matter, lift_hold
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.petitions.factories import LI, Scene, make_petition


def day(text: str) -> date:
    return date.fromisoformat(text)


def answered(petition: Petition, by: Officer, leader: Officer | None, on: str = "2026-09-20") -> None:
    """Through every step up to the evaluation, all on one day."""
    at = moment(f"{on} 16:00")
    decide(petition=petition, route="claim_other", on=day(on), by=by, at=at)
    if leader is not None:
        assign_lead(petition=petition, officer=leader, by=by, at=at)
    answer(petition=petition, conclusion="supported", on=day(on), by=by, at=at)
    deliver(petition=petition, on=day(on), by=by, at=at)
    ask_evaluation(petition=petition, by=by, at=at)


def rest(petition: Petition, by: Officer, on: str = "2026-09-20") -> Resolution:
    return resolve(petition=petition, how="已立案并告知", on=day(on), by=by, at=moment(f"{on} 17:00"))


@pytest.fixture
def resting(scene: Scene) -> Scene:
    answered(scene.petition, scene.registrar, scene.leader)
    rest(scene.petition, scene.registrar)
    scene.petition.refresh_from_db()
    return scene


# -- resolved ----------------------------------------------------------------------------------------------------------


def test_it_is_looked_at_again_after_thirty_ninety_and_a_hundred_and_eighty_days(resting: Scene) -> None:
    assert [(row.days, f"{row.due_on}") for row in Recheck.objects.all()] == [
        (30, "2026-10-20"),
        (90, "2026-12-19"),
        (180, "2027-03-19"),
    ]
    assert resting.petition.stage == Stage.RESOLVED
    assert Matter.objects.get(pk=resting.petition.pk).closed_at is not None


def test_it_is_not_at_rest_before_the_answer_arrived_and_the_evaluation_was_asked_for(scene: Scene) -> None:
    by, at = scene.registrar, moment("2026-09-20 16:00")
    decide(petition=scene.petition, route="claim_other", on=day("2026-09-20"), by=by, at=at)
    assign_lead(petition=scene.petition, officer=scene.leader, by=by, at=at)
    answer(petition=scene.petition, conclusion="supported", on=day("2026-09-20"), by=by, at=at)
    with pytest.raises(PetitionRefused, match=NOT_DELIVERED):
        rest(scene.petition, by)

    deliver(petition=scene.petition, on=day("2026-09-20"), by=by, at=at)
    with pytest.raises(PetitionRefused, match=NOT_ASKED):
        rest(scene.petition, by)

    ask_evaluation(petition=scene.petition, by=by, at=at)
    rest(scene.petition, by)
    assert Resolution.objects.filter(petition=scene.petition, reopened_at=None).exists()


def test_it_is_not_at_rest_where_nobody_leads_it(scene: Scene) -> None:
    answered(scene.petition, scene.registrar, None)

    with pytest.raises(PetitionRefused, match=LEAD_NEEDED):
        rest(scene.petition, scene.registrar)


# -- looked at again ---------------------------------------------------------------------------------------------------


def look(resting: Scene, days: int, holds: bool, at: datetime) -> None:
    row = Recheck.objects.get(days=days, resolution__reopened_at=None)
    recheck(recheck=row, holds=holds, note_text="电话回访", on=at.date(), by=resting.registrar, at=at)


def test_a_recheck_is_made_on_its_day_or_later_and_once(resting: Scene) -> None:
    with pytest.raises(PetitionRefused, match="2026-10-20"):
        look(resting, 30, True, moment("2026-10-19 10:00"))

    look(resting, 30, True, moment("2026-10-20 10:00"))
    with pytest.raises(PetitionRefused, match=DONE_ALREADY):
        look(resting, 30, True, moment("2026-10-21 10:00"))

    assert Recheck.objects.get(days=30).holds is True


def test_a_recheck_that_finds_it_does_not_hold_takes_it_up_again(resting: Scene) -> None:
    look(resting, 30, False, moment("2026-10-20 10:00"))

    resting.petition.refresh_from_db()
    assert resting.petition.stage == Stage.REOPENED
    assert Matter.objects.get(pk=resting.petition.pk).closed_at is None
    assert not Recheck.objects.filter(done_at=None, tell_since__isnull=False).exists()


def test_what_was_reopened_is_answered_and_put_to_rest_again_with_new_rechecks(resting: Scene) -> None:
    by, at = resting.registrar, moment("2026-11-10 10:00")
    reopen(petition=resting.petition, why="又有新情况", on=day("2026-11-02"), by=by, at=moment("2026-11-02 10:00"))
    answer(petition=resting.petition, conclusion="explained", on=day("2026-11-10"), by=by, at=at)
    with pytest.raises(PetitionRefused, match=NOT_DELIVERED):
        rest(resting.petition, by, "2026-11-10")
    deliver(petition=resting.petition, on=day("2026-11-10"), by=by, at=at)
    ask_evaluation(petition=resting.petition, by=by, at=at)

    rest(resting.petition, by, "2026-11-10")

    assert Resolution.objects.filter(petition=resting.petition).count() == 2
    assert Recheck.objects.filter(resolution__reopened_at=None).count() == 3


# -- figures -----------------------------------------------------------------------------------------------------------


def test_one_of_three_is_resolved_where_another_was_reopened(
    bureau: Bureau, registrar: Officer, leader: Officer
) -> None:
    """The county of the stories: P1 resolved, P2 resolved and reopened, P3 open: 1/3."""
    first, second, _ = (
        make_petition(
            bureau, registrar, received_on="2026-03-02", at=moment("2026-03-02 10:00"), subject=f"事项{n}",
            petitioners=(), accused=(),
        )
        for n in range(3)
    )  # fmt: skip
    answered(first, registrar, leader, "2026-03-25")
    rest(first, registrar, "2026-03-25")
    answered(second, registrar, leader, "2026-03-28")
    rest(second, registrar, "2026-03-28")
    reopen(petition=second, why="未兑现", on=day("2026-03-30"), by=registrar, at=moment("2026-03-30 10:00"))

    def share(unit, cutoff: str):
        return resolution_share(unit, begins=moment("2026-03-01"), ends=moment("2026-04-01"), cutoff=moment(cutoff))

    month = share(bureau.county, "2026-04-01")
    assert (month.numerator, month.denominator) == (1, 3)
    # As it stood between resolving and reopening.
    assert share(bureau.county, "2026-03-29").numerator == 2
    assert share(bureau.other_county, "2026-04-01").denominator == 0
    # So few would tell whom they are about.
    assert not month.told


# -- disposal ----------------------------------------------------------------------------------------------------------

TEN_YEARS_ON = moment("2036-09-20 10:00")


@pytest.fixture
def second(resting: Scene) -> Officer:
    officer = make_officer("500001", resting.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(
        petition=resting.petition, officer=officer, role=HandlingRole.LEGAL, by=resting.registrar,
        at=moment("2026-09-21 10:00"),
    )  # fmt: skip
    return officer


def test_it_is_kept_until_its_time(resting: Scene) -> None:
    with pytest.raises(PetitionRefused, match="2036-09-20"):
        ask_disposal(petition=resting.petition, reason="期满", by=resting.registrar, at=moment("2036-09-19 10:00"))


def test_one_on_hold_is_neither_asked_for_nor_disposed_of(resting: Scene, second: Officer) -> None:
    matter = Matter.objects.get(pk=resting.petition.pk)
    hold = hold_matter(matter=matter, reason="诉讼", by=resting.registrar, at=TEN_YEARS_ON)
    with pytest.raises(PetitionRefused, match=ON_HOLD):
        ask_disposal(petition=resting.petition, reason="期满", by=resting.registrar, at=TEN_YEARS_ON)
    lift_hold(hold=hold, reason="已结", by=second, at=TEN_YEARS_ON)
    ask_disposal(petition=resting.petition, reason="期满", by=resting.registrar, at=TEN_YEARS_ON)
    hold_matter(matter=matter, reason="又诉讼", by=resting.registrar, at=TEN_YEARS_ON)

    with pytest.raises(PetitionRefused, match=ON_HOLD):
        confirm_disposal(petition=resting.petition, by=second, at=TEN_YEARS_ON)

    assert not Petitioner.objects.filter(sealed="").exists()


def test_what_is_not_at_rest_is_not_disposed_of(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=NOT_RESTING):
        ask_disposal(petition=scene.petition, reason="期满", by=scene.registrar, at=TEN_YEARS_ON)


def test_two_people_dispose_of_it_and_nothing_of_the_person_is_left(resting: Scene, second: Officer) -> None:
    petition, by = resting.petition, resting.registrar
    with pytest.raises(PetitionRefused, match=NO_REQUEST):
        confirm_disposal(petition=petition, by=second, at=TEN_YEARS_ON)
    ask_disposal(petition=petition, reason="保存期满", by=by, at=TEN_YEARS_ON)
    with pytest.raises(PetitionRefused, match=SAME_PERSON):
        confirm_disposal(petition=petition, by=by, at=TEN_YEARS_ON)
    subject = petition.subject

    confirm_disposal(petition=petition, by=second, at=TEN_YEARS_ON)

    row = Petitioner.objects.get(petition=petition)
    assert (row.sealed, row.identity_digest, row.phone_digest, row.erased_at) == ("", "", "", TEN_YEARS_ON)
    stored = []
    with connection.cursor() as cursor:
        for table in ("petitions_petition", "petitions_petitioner", "petitions_petitionstep", "cases_matter"):
            cursor.execute(f"SELECT * FROM {table}")
            stored += [str(value) for found in cursor.fetchall() for value in found]
    assert not any(word in text for text in stored for word in (*LI.values(), subject))
    assert petition.steps.filter(act="销毁").exists()


def test_what_is_taken_up_again_is_not_disposed_of_by_who_asked_before(resting: Scene, second: Officer) -> None:
    ask_disposal(petition=resting.petition, reason="保存期满", by=resting.registrar, at=TEN_YEARS_ON)
    reopen(petition=resting.petition, why="又有新情况", on=day("2036-09-20"), by=resting.registrar, at=TEN_YEARS_ON)

    with pytest.raises(PetitionRefused, match="现在是“重新办理”"):
        confirm_disposal(petition=resting.petition, by=second, at=TEN_YEARS_ON)

    assert Petitioner.objects.get(petition=resting.petition).sealed
    assert not resting.petition.disposals.exists()
