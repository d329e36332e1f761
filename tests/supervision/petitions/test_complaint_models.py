"""What the database refuses of complaints: each constraint has a test that breaks it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, models, transaction

from cases.models import Officer
from supervision.petitions.models import (
    Complainant,
    ComplainantLook,
    Complaint,
    ComplaintDisposal,
    ComplaintLikeness,
    ComplaintReopening,
    ComplaintStage,
    ComplaintStep,
)
from supervision.petitions.services import accept_complaint, find
from tests.cases.factories import Bureau, moment
from tests.supervision.petitions.factories import AT, make_complaint

pytestmark = pytest.mark.django_db

COMPLAINT_MODELS = (
    Complaint, Complainant, ComplainantLook, ComplaintLikeness, ComplaintReopening, ComplaintDisposal, ComplaintStep,
)  # fmt: skip
COMPLAINT_BREAKS: dict[str, Callable[[Any, Bureau, Officer], object]] = {}


def breaks(constraint: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    def keep(act: Callable[..., object]) -> Callable[..., object]:
        COMPLAINT_BREAKS[constraint] = act
        return act

    return keep


def set_row(complaint: Complaint, **fields: Any) -> object:
    return Complaint.objects.filter(pk=complaint.pk).update(**fields)


def found_row(complaint: Complaint, by: Officer, verdict: str = "verified") -> None:
    accept_complaint(complaint=complaint, category="accusation", on=AT.date(), by=by, at=AT)
    find(complaint=complaint, verdict=verdict, reason="调取记录", by=by, at=AT)


def asked(complaint: Complaint, by: Officer, **fields: Any) -> object:
    return ComplaintDisposal.objects.create(complaint=complaint, asked_by=by, asked_at=AT, reason="期满", **fields)


@breaks("complaint_serial_given_once")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(make_complaint(bureau, by, channel_number="GD-2"), serial=one.serial)


@breaks("complaint_once_a_channel")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(make_complaint(bureau, by, channel_number="GD-2"), channel_number=one.channel_number)


@breaks("complaint_of_a_line_has_its_number")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, channel_number="")


@breaks("complaint_accepted_has_a_category")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, stage=ComplaintStage.ACCEPTED)


@breaks("complaint_merged_into_another")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, stage=ComplaintStage.MERGED, same_as=one)


@breaks("complaint_found_says_why_and_by_whom")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, verdict="verified")


@breaks("complaint_not_found_by_the_accused")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    found_row(one, by)
    return set_row(one, accused_officer=by)


@breaks("complaint_answered_was_found")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, stage=ComplaintStage.REPLIED, category="claim", replied_at=AT)


@breaks("complaint_replied_says_when")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    found_row(one, by)
    return set_row(one, stage=ComplaintStage.REPLIED)


@breaks("complaint_evaluation_asked_after_the_reply")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, evaluation_asked_at=AT)


@breaks("complaint_closed_was_answered")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    found_row(one, by)
    return set_row(one, stage=ComplaintStage.CLOSED, closed_at=AT)


@breaks("complaint_kept_once_closed")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, retain_until=AT.date())


@breaks("complaint_disposed_of_was_closed")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return set_row(one, disposed_at=AT)


@breaks("complaint_reopened_says_why")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return ComplaintReopening.objects.create(
        complaint=one, reopened_at=AT, why="", by=by, verdict="verified", verdict_reason="调取记录", found_by=by,
        found_at=AT,
    )  # fmt: skip


@breaks("complaint_disposal_takes_two_people")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return asked(one, by, confirmed_by=by, confirmed_at=AT)


@breaks("complaint_disposal_confirmed_says_by_whom")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return asked(one, by, confirmed_at=AT)


@breaks("complaint_disposal_asked_for_once")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    asked(one, by)
    return asked(one, by)


@breaks("complaint_ordered_was_borne_out")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    found_row(one, by, verdict="not_verified")
    return set_row(one, order_number="整改1", ordered_at=AT)


@breaks("complainant_is_sealed")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return Complainant.objects.update(sealed="")


@breaks("complainant_look_says_why")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return ComplainantLook.objects.create(complaint=one, officer=by, looked_at=AT, reason="")


@breaks("complaint_likeness_suggested_once")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    other = make_complaint(bureau, by, channel_number="GD-2")
    return ComplaintLikeness.objects.create(complaint=other, earlier=one, ground="subject")


@breaks("complaint_likeness_is_of_two")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    return ComplaintLikeness.objects.create(complaint=one, earlier=one, ground="subject")


@breaks("complaint_likeness_decided_by_a_person")
def _(one: Complaint, bureau: Bureau, by: Officer) -> object:
    make_complaint(bureau, by, channel_number="GD-2")
    return ComplaintLikeness.objects.update(state="same")


@pytest.mark.parametrize("constraint", sorted(COMPLAINT_BREAKS))
def test_the_database_refuses_what_breaks(bureau: Bureau, registrar: Officer, constraint: str) -> None:
    one = make_complaint(bureau, registrar)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        COMPLAINT_BREAKS[constraint](one, bureau, registrar)

    told = str(refusal.value)
    assert constraint in told or _columns_named(constraint, told)


def _columns_named(constraint: str, told: str) -> bool:
    """SQLite names the columns of a broken unique constraint where it is not an expression."""
    model, rule = next((m, c) for m in COMPLAINT_MODELS for c in m._meta.constraints if c.name == constraint)
    return isinstance(rule, models.UniqueConstraint) and all(
        f"{model._meta.db_table}.{model._meta.get_field(name).column}" in told for name in rule.fields
    )


def test_what_is_erased_leaves_no_digest_behind(bureau: Bureau, registrar: Officer) -> None:
    make_complaint(bureau, registrar)

    with pytest.raises(IntegrityError, match="complainant_is_sealed"), transaction.atomic():
        Complainant.objects.update(sealed="", key="", erased_at=AT)


def test_the_ledgers_are_only_ever_added_to(bureau: Bureau, registrar: Officer) -> None:
    one = make_complaint(bureau, registrar)
    ComplainantLook.objects.create(complaint=one, officer=registrar, looked_at=moment("2026-09-12"), reason="联系")

    for act in (
        ComplaintStep.objects.all().delete,
        lambda: ComplaintStep.objects.update(text="别的"),
        ComplainantLook.objects.all().delete,
        lambda: ComplainantLook.objects.update(reason="别的"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()

    assert (ComplaintStep.objects.count(), ComplainantLook.objects.get().reason) == (1, "联系")
