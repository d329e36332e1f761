"""What the database itself refuses: each constraint of this room has a test that breaks it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, models, transaction

from supervision.petitions.models import (
    Contact,
    Decision,
    Disposal,
    IdentityLook,
    Lead,
    Likeness,
    LookBack,
    Measure,
    Meeting,
    Petition,
    Petitioner,
    PetitionStep,
    Plan,
    Recheck,
    Resolution,
    Stage,
)
from tests.cases.factories import moment
from tests.supervision.petitions.factories import AT, Scene, make_petition
from tests.supervision.petitions.test_complaint_models import COMPLAINT_BREAKS

pytestmark = pytest.mark.django_db

EARLIER, LATER = moment("2026-09-10 10:00"), moment("2026-09-14 10:00")
BREAKS: dict[str, Callable[[Any], object]] = {}


def breaks(constraint: str) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    def keep(act: Callable[[Any], object]) -> Callable[[Any], object]:
        BREAKS[constraint] = act
        return act

    return keep


def set_petition(scene: Scene, **fields: Any) -> object:
    return Petition.objects.filter(pk=scene.petition.pk).update(**fields)


def lead(scene: Scene, **fields: Any) -> Lead:
    return Lead.objects.create(petition=scene.petition, officer=scene.leader, rank=30, **{"from_at": AT, **fields})


def resolution(scene: Scene, **fields: Any) -> Resolution:
    told = {"petition": scene.petition, "resolved_at": AT, "how": "已办", "by": scene.registrar}
    return Resolution.objects.create(**{**told, **fields})


def disposal(scene: Scene, **fields: Any) -> Disposal:
    told = {"petition": scene.petition, "asked_by": scene.registrar, "asked_at": AT, "reason": "期满"}
    return Disposal.objects.create(**{**told, **fields})


def recheck(scene: Scene, row: Resolution, **fields: Any) -> Recheck:
    return Recheck.objects.create(resolution=row, days=30, due_on=date(2026, 10, 11), **fields)


@breaks("petition_receipt_number_given_once")
def _(scene: Scene) -> object:
    other = make_petition(scene.bureau, scene.registrar)
    return Petition.objects.filter(pk=other.pk).update(serial=scene.petition.serial)


@breaks("petition_decided_has_a_route")
def _(scene: Scene) -> object:
    return set_petition(scene, stage=Stage.ACCEPTED)


@breaks("petition_resolved_was_answered_and_asked_about")
def _(scene: Scene) -> object:
    return set_petition(scene, stage=Stage.RESOLVED, category="claim", route="claim_other", answered_at=AT)


@breaks("petition_answer_delivered_after_given")
def _(scene: Scene) -> object:
    return set_petition(scene, answered_at=AT, delivered_at=EARLIER)


@breaks("petition_has_somebody")
def _(scene: Scene) -> object:
    return set_petition(scene, persons=0)


@breaks("petitioner_erased_leaves_nothing")
def _(scene: Scene) -> object:
    return Petitioner.objects.update(erased_at=AT)


@breaks("identity_look_says_why")
def _(scene: Scene) -> object:
    return IdentityLook.objects.create(petition=scene.petition, officer=scene.registrar, looked_at=AT, reason="")


@breaks("petition_led_by_one")
def _(scene: Scene) -> object:
    return lead(scene) and lead(scene, from_at=LATER)


@breaks("petition_leads_begin_apart")
def _(scene: Scene) -> object:
    return lead(scene, until_at=LATER, reason="调整") and lead(scene)


@breaks("lead_ended_says_why")
def _(scene: Scene) -> object:
    return lead(scene, until_at=LATER)


@breaks("lead_ends_after_it_begins")
def _(scene: Scene) -> object:
    return lead(scene, until_at=AT, reason="调整")


@breaks("measure_done_says_result")
def _(scene: Scene) -> object:
    plan = Plan.objects.create(petition=scene.petition, aim="核查", by=scene.registrar, made_at=AT)
    return Measure.objects.create(plan=plan, what="调阅", officer=scene.registrar, due_on=date(2026, 9, 20), done_at=AT)


@breaks("contact_held_says_result")
def _(scene: Scene) -> object:
    return Contact.objects.create(
        petition=scene.petition, service="reception", planned_on=date(2026, 9, 20), officer=scene.registrar, held_at=AT
    )


@breaks("look_back_at_our_fault_has_a_unit")
def _(scene: Scene) -> object:
    return LookBack.objects.create(
        petition=scene.petition, cause="delay", finding="拖延", by=scene.registrar, looked_at=AT
    )


@breaks("decision_replied_says_what")
def _(scene: Scene) -> object:
    meeting = Meeting.objects.create(
        petition=scene.petition, held_at=AT, chair=scene.registrar, minutes="略", by=scene.registrar
    )
    return Decision.objects.create(
        meeting=meeting, what="核查", officer=scene.registrar, reply_due_on=date(2026, 9, 20), replied_at=AT
    )


@breaks("petition_rests_once")
def _(scene: Scene) -> object:
    return resolution(scene) and resolution(scene, resolved_at=LATER)


@breaks("resolution_reopened_says_why")
def _(scene: Scene) -> object:
    return resolution(scene, reopened_at=LATER)


@breaks("recheck_once_after_so_many_days")
def _(scene: Scene) -> object:
    row = resolution(scene)
    return recheck(scene, row) and recheck(scene, row)


@breaks("recheck_done_says_what")
def _(scene: Scene) -> object:
    return recheck(scene, resolution(scene), done_at=LATER)


@breaks("disposal_takes_two_people")
def _(scene: Scene) -> object:
    return disposal(scene, confirmed_by=scene.registrar, confirmed_at=LATER)


@breaks("disposal_confirmed_says_by_whom")
def _(scene: Scene) -> object:
    return disposal(scene, confirmed_at=LATER)


@breaks("disposal_asked_for_once")
def _(scene: Scene) -> object:
    return disposal(scene) and disposal(scene)


@breaks("likeness_suggested_once")
def _(scene: Scene) -> object:
    other = make_petition(scene.bureau, scene.registrar)
    return Likeness.objects.create(petition=other, earlier=scene.petition, ground="subject")


@breaks("likeness_is_of_two")
def _(scene: Scene) -> object:
    return Likeness.objects.create(petition=scene.petition, earlier=scene.petition, ground="subject")


@breaks("likeness_decided_by_a_person")
def _(scene: Scene) -> object:
    make_petition(scene.bureau, scene.registrar)
    return Likeness.objects.update(state="repeat")


@pytest.mark.parametrize("constraint", sorted(BREAKS))
def test_the_database_refuses_what_breaks(scene: Scene, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BREAKS[constraint](scene)

    told = str(refusal.value)
    assert constraint in told or _columns_named(constraint, told)


def _columns_named(constraint: str, told: str) -> bool:
    """SQLite names the columns of a broken unique constraint where it has no condition."""
    model, rule = next((m, c) for m in _models() for c in m._meta.constraints if c.name == constraint)
    return isinstance(rule, models.UniqueConstraint) and all(
        f"{model._meta.db_table}.{model._meta.get_field(name).column}" in told for name in rule.fields
    )


def _models() -> list[type[models.Model]]:
    return list(apps.get_app_config("petitions").get_models())


def test_every_constraint_of_the_room_has_a_test_that_breaks_it() -> None:
    assert {rule.name for model in _models() for rule in model._meta.constraints} == {
        *BREAKS,
        *COMPLAINT_BREAKS,
    }


def test_the_ledger_is_only_ever_added_to(scene: Scene) -> None:
    for act in (PetitionStep.objects.all().delete, lambda: PetitionStep.objects.update(text="别的")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()

    assert PetitionStep.objects.count() == 1
