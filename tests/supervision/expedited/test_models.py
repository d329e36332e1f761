"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.expedited.models import ExpeditedCase, ExpeditedStep, Fault, StatedFact
from tests.supervision.expedited.factories import AT, OVER, County, agreed, applied, decided

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "decided"}, "ended_expedited_case_says_when"),
        ({"ended_at": AT}, "ended_expedited_case_says_when"),
        ({"told_whom": ""}, "expedited_telling_is_whole"),
        ({"told_how": ""}, "expedited_telling_is_whole"),
        ({"told_by": None}, "expedited_telling_is_whole"),
        ({"told_at": AT}, "expedited_telling_is_whole"),
        ({"consent_event": None}, "expedited_consent_is_an_event"),
    ],
)
def test_a_case_that_cannot_be_is_refused(county: County, changes: dict[str, Any], constraint: str) -> None:
    case = agreed(county, applied(county))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ExpeditedCase.objects.filter(pk=case.pk).update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "dismissed", "why": "不属实"}, "judged_expedited_fault_says_by_whom"),
        ({"state": "confirmed"}, "judged_expedited_fault_says_by_whom|confirmed_expedited_fault_is_ordered"),
        ({"judged_at": AT}, "judged_expedited_fault_says_by_whom"),
    ],
)
def test_a_fault_that_nobody_judged_is_not_judged(county: County, changes: dict[str, Any], constraint: str) -> None:
    case = decided(county, applied(county))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Fault.objects.filter(case=case).update(**changes)


def test_dismissing_says_why_and_confirming_names_an_order(county: County) -> None:
    found = Fault.objects.filter(case=decided(county, applied(county)))

    for state, constraint in (
        ("dismissed", "dismissed_expedited_fault_says_why"),
        ("confirmed", "confirmed_expedited_fault_is_ordered"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            found.update(state=state, judged_at=OVER, judged_by=county.legal)


def test_a_rule_finds_once_and_a_fact_is_stated_once(county: County) -> None:
    case = decided(county, applied(county))

    for row in (Fault.objects.get(case=case), StatedFact.objects.filter(case=case)[0]):
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_fact_is_yes_or_no(county: County) -> None:
    case = applied(county)

    with pytest.raises(IntegrityError, match="expedited_fact_is_yes_or_no"), transaction.atomic():
        StatedFact.objects.filter(case=case, fact="minor").update(answer="unknown")


def test_the_ledger_is_only_added_to(county: County) -> None:
    step = ExpeditedStep.objects.get(matter=applied(county).pk)

    with pytest.raises(DatabaseError, match="台账只能追加"), transaction.atomic():
        ExpeditedStep.objects.filter(pk=step.pk).update(text="改过")
    with pytest.raises(DatabaseError, match="台账只能追加"), transaction.atomic():
        ExpeditedStep.objects.filter(pk=step.pk).delete()
