"""包案: one leading official at any moment, high enough, and what he and his people plan and do."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cases.models import Handling, HandlingRole, Officer, Role
from cases.queries import matters_of
from cases.services import CaseRefused, name_handler
from supervision.petitions.models import Contact, Lead, Petition, RankRule
from supervision.petitions.refusals import (
    DONE_ALREADY,
    LEAD_NEEDED,
    NEXT_CONTACT_NEEDED,
    PAST_DAY,
    PLAN_NEEDED,
    REASON_NEEDED,
)
from supervision.petitions.services import (
    PetitionRefused,
    add_measure,
    assign_lead,
    finish_measure,
    hold_contact,
    make_plan,
    plan_contact,
    recuse,
    set_rank_rule,
)
from tests.cases.factories import make_officer, moment
from tests.supervision.petitions.factories import AT, Scene

LATER = moment("2026-09-14 10:00")


def sees(officer: Officer, petition: Petition) -> bool:
    return matters_of(Officer.objects.get(pk=officer.pk)).filter(pk=petition.pk).exists()


def led(scene: Scene, officer: Officer | None = None) -> Lead:
    return assign_lead(petition=scene.petition, officer=officer or scene.leader, by=scene.registrar, at=AT)


def test_the_leader_sees_the_petition_from_then_on(scene: Scene) -> None:
    lead = led(scene)

    assert (lead.rank, lead.until_at) == (30, None)
    assert sees(scene.leader, scene.petition)
    assert Handling.objects.filter(matter=scene.petition.pk, role=HandlingRole.LEADER, until_at=None).count() == 1


def test_a_change_ends_the_one_as_the_other_begins_and_says_why(scene: Scene) -> None:
    led(scene)
    second = make_officer("400001", scene.bureau.county, Role.LEADER)

    with pytest.raises(PetitionRefused, match=REASON_NEEDED):
        assign_lead(petition=scene.petition, officer=second, by=scene.registrar, at=LATER)
    assign_lead(petition=scene.petition, officer=second, by=scene.registrar, at=LATER, reason="分工调整")

    first, now = Lead.objects.filter(petition=scene.petition)
    assert (first.until_at, first.reason, now.from_at, now.until_at) == (LATER, "分工调整", LATER, None)
    assert sees(second, scene.petition)
    assert not sees(scene.leader, scene.petition)


def test_the_database_knows_one_leading_official_at_any_moment(scene: Scene) -> None:
    led(scene)
    second = make_officer("400001", scene.bureau.county, Role.LEADER)

    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.create(petition=scene.petition, officer=second, rank=30, from_at=LATER)

    assert Lead.objects.filter(petition=scene.petition, until_at=None).count() == 1


def test_nor_is_a_second_one_named_past_this_room(scene: Scene) -> None:
    led(scene)
    second = make_officer("400001", scene.bureau.county, Role.LEADER)

    with pytest.raises(CaseRefused, match="变更包案领导"):
        name_handler(matter=scene.petition.matter, officer=second, role=HandlingRole.LEADER, at=LATER)

    assert not sees(second, scene.petition)


def test_one_named_before_the_room_knew_of_him_gives_way_to_the_lead(scene: Scene) -> None:
    second = make_officer("400001", scene.bureau.county, Role.LEADER)
    name_handler(matter=scene.petition.matter, officer=second, role=HandlingRole.LEADER, at=AT)

    led(scene)

    assert not sees(second, scene.petition)
    assert sees(scene.leader, scene.petition)


# Grade of the matter, where who would lead it holds which post, and whether he may.
RANKS = [
    ("ordinary", Role.UNIT_HEAD, "sibling", True),
    ("ordinary", Role.CASE_OFFICER, "sibling", False),
    ("difficult", Role.UNIT_HEAD, "sibling", False),
    ("difficult", Role.LEADER, "county", True),
    ("difficult", Role.LEADER, "legal", True),
    ("major", Role.UNIT_HEAD, "legal", False),
    ("major", Role.LEADER, "city", True),
    ("major", Role.INSPECTOR, "city", False),
]


@pytest.mark.parametrize(("grade", "role", "place", "may"), RANKS)
def test_who_leads_stands_high_enough_for_the_matter(
    scene: Scene, grade: str, role: Role, place: str, may: bool
) -> None:
    Petition.objects.filter(pk=scene.petition.pk).update(grade=grade)
    officer = make_officer("400001", getattr(scene.bureau, place), role)

    if may:
        assert led(scene, officer).officer == officer
    else:
        with pytest.raises(PetitionRefused, match="包案"):
            led(scene, officer)
        assert not Lead.objects.exists()


def test_a_bureau_sets_its_own_ranks(scene: Scene) -> None:
    set_rank_rule(rule=RankRule.objects.get(grade="ordinary"), least_rank=40)

    with pytest.raises(PetitionRefused, match="市局领导以上"):
        led(scene)


def test_a_leader_of_the_accused_unit_cannot_lead(scene: Scene) -> None:
    head = make_officer("400001", scene.accused, Role.UNIT_HEAD)

    with pytest.raises(PetitionRefused, match="不能经办"):
        led(scene, head)

    assert not Lead.objects.exists()


def test_the_leader_recuses_himself_only_after_another_has_taken_over(scene: Scene) -> None:
    led(scene)

    with pytest.raises(PetitionRefused, match="先变更包案领导"):
        recuse(petition=scene.petition, officer=scene.leader, reason="亲属", by=scene.registrar, at=LATER)

    assert sees(scene.leader, scene.petition)


# -- plan --------------------------------------------------------------------------------------------------------------


def test_a_plan_needs_a_leader_and_a_measure_a_plan(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=LEAD_NEEDED):
        make_plan(petition=scene.petition, aim="核查后依法立案", by=scene.registrar, at=AT)
    with pytest.raises(PetitionRefused, match=PLAN_NEEDED):
        add_measure(
            petition=scene.petition, what="调阅案卷", officer=scene.registrar, due_on=date(2026, 9, 20),
            by=scene.registrar, at=AT,
        )  # fmt: skip


def test_a_measure_is_somebodys_who_handles_it_by_a_day_and_ends_with_a_result(scene: Scene) -> None:
    led(scene)
    make_plan(petition=scene.petition, aim="核查后依法立案", by=scene.registrar, at=AT)
    stranger = make_officer("400002", scene.bureau.sibling, Role.CASE_OFFICER)
    told = {"petition": scene.petition, "what": "调阅案卷", "by": scene.registrar, "at": AT}

    with pytest.raises(PetitionRefused, match="不是本件的经办人"):
        add_measure(officer=stranger, due_on=date(2026, 9, 20), **told)
    with pytest.raises(PetitionRefused, match=PAST_DAY):
        add_measure(officer=scene.registrar, due_on=date(2026, 9, 10), **told)

    measure = add_measure(officer=scene.registrar, due_on=date(2026, 9, 20), **told)
    finish_measure(measure=measure, result="确有遗漏", by=scene.registrar, at=LATER)
    with pytest.raises(PetitionRefused, match=DONE_ALREADY):
        finish_measure(measure=measure, result="再来", by=scene.registrar, at=LATER)

    measure.refresh_from_db()
    assert (measure.done_at, measure.result, measure.tell_since) == (LATER, "确有遗漏", None)


def test_a_plan_written_anew_is_still_one_plan(scene: Scene) -> None:
    led(scene)
    make_plan(petition=scene.petition, aim="一", by=scene.registrar, at=AT)

    make_plan(petition=scene.petition, aim="二", by=scene.registrar, at=LATER)

    scene.petition.refresh_from_db()
    assert scene.petition.plan.aim == "二"


# -- service -----------------------------------------------------------------------------------------------------------


def contact(scene: Scene, on: date = date(2026, 9, 14)) -> Contact:
    return plan_contact(
        petition=scene.petition, service="reception", planned_on=on, officer=scene.registrar, by=scene.registrar, at=AT
    )


def test_after_a_contact_there_is_a_next_one_until_the_petition_rests(scene: Scene) -> None:
    first = contact(scene)

    with pytest.raises(PetitionRefused, match=NEXT_CONTACT_NEEDED):
        hold_contact(contact=first, result="听取诉求", by=scene.registrar, at=LATER)
    first.refresh_from_db()
    assert first.held_at is None

    hold_contact(
        contact=first,
        result="听取诉求",
        next_on=date(2026, 9, 21),
        next_service="legal_aid",
        by=scene.registrar,
        at=LATER,
    )

    following = Contact.objects.get(held_at=None)
    assert (following.service, following.planned_on) == ("legal_aid", date(2026, 9, 21))


def test_a_contact_is_held_once(scene: Scene) -> None:
    first = contact(scene)
    hold_contact(contact=first, result="听取诉求", next_on=date(2026, 9, 21), by=scene.registrar, at=LATER)

    with pytest.raises(PetitionRefused, match=DONE_ALREADY):
        hold_contact(contact=first, result="听取诉求", next_on=date(2026, 9, 22), by=scene.registrar, at=LATER)

    assert Contact.objects.count() == 2
