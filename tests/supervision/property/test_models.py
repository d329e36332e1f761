"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.property.models import CaseAmount, Excess, Item, Place, PropertyStep
from tests.supervision.property.factories import AT, FROZEN, County, take

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"asset": "deposit"}, "only_accounts_are_frozen"),
        ({"measure": "frozen"}, "only_accounts_are_frozen"),
        ({"measure": "registered", "side": "criminal"}, "evidence_registered_in_administrative_cases"),
        ({"value": -1}, "item_value_is_not_negative"),
        ({"handed_over_at": AT}, "kept_item_was_handed_over"),
        ({"state": "returned"}, "ended_item_says_when_and_how"),
        ({"ended_at": AT}, "ended_item_says_when_and_how"),
        ({"reported_at": AT}, "only_what_was_taken_on_the_spot_is_reported"),
    ],
)
def test_an_item_that_cannot_be_is_refused(county: County, changes: dict[str, Any], constraint: str) -> None:
    item = take(county)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(**changes)


def test_what_is_frozen_lies_in_no_store(county: County) -> None:
    item = take(county, known=FROZEN)

    with pytest.raises(IntegrityError, match="kept_item_was_handed_over"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(place=county.store, handed_over_at=AT)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "dismissed", "why": "不属实"}, "judged_excess_says_by_whom"),
        ({"state": "confirmed"}, "judged_excess_says_by_whom|confirmed_excess_is_ordered"),
        ({"judged_at": AT}, "judged_excess_says_by_whom"),
    ],
)
def test_an_excess_that_nobody_judged_is_not_judged(county: County, changes: dict[str, Any], constraint: str) -> None:
    item = take(county, owner="third")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Excess.objects.filter(item=item).update(**changes)


def test_dismissing_says_why_and_confirming_names_an_order(county: County) -> None:
    found = Excess.objects.filter(item=take(county, owner="third"))

    for state, constraint in (("dismissed", "dismissed_excess_says_why"), ("confirmed", "confirmed_excess_is_ordered")):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            found.update(state=state, judged_at=AT, judged_by=county.legal)


def test_a_rule_finds_once_on_an_item(county: County) -> None:
    first = Excess.objects.get(item=take(county, owner="third"))

    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_an_amount_says_on_what_basis_and_is_not_negative(county: County) -> None:
    told: dict[str, Any] = {"matter": county.case, "noted_at": AT, "by": county.legal}

    for more, constraint in (
        ({"amount": 1, "basis": ""}, "case_amount_says_on_what_basis"),
        ({"amount": -1, "basis": "报告"}, "case_amount_is_not_negative"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            CaseAmount.objects.create(**told, **more)


def test_a_unit_has_one_place_in_use_of_a_name(county: County) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(unit=county.bureau.county, name=county.store.name)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_ledger_is_only_added_to(county: County, act: str) -> None:
    take(county)
    steps = PropertyStep.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        steps.update(text="改写") if act == "update" else steps.delete()
