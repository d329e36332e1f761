"""What the database keeps by itself."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.ledgers import MESSAGE
from supervision.proceedings.models import Dispute, ProceedingStep, Review, Transfer
from tests.cases.factories import day
from tests.supervision.proceedings.factories import (
    County,
    a_dispute,
    a_review,
    a_suit,
    a_transfer,
    accepted,
    ended,
    mediating,
    refused,
    settled,
)


def broken(row: Dispute | Review | Transfer, rule: str, **changes: Any) -> None:
    """The database refuses, and by the rule meant. SQLite names it, and so does PostgreSQL."""
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changes)


def test_a_unit_mediates_from_a_day_or_nobody_does(county: County) -> None:
    broken(mediating(county), "dispute_mediated_by_a_unit_from_a_day", mediation_began_on=None)


def test_nothing_is_settled_without_mediation_and_nobody_mediates_an_open_one(county: County) -> None:
    open_one, in_mediation = a_dispute(county), mediating(county, "JF2")
    how = {"ended_on": day("2026-03-05"), "result": "和好", "recheck_due_on": day("2026-03-20")}

    broken(open_one, "dispute_settled_by_mediation", stage="settled", **how)
    broken(in_mediation, "dispute_settled_by_mediation", stage="open")


def test_an_ended_dispute_says_when_and_how_and_no_other_does(county: County) -> None:
    over, in_mediation = settled(county), mediating(county, "JF2")

    broken(over, "dispute_ended_says_how", result="")
    broken(in_mediation, "dispute_ended_says_how", ended_on=day("2026-03-05"))


def test_mediation_does_not_end_before_it_began(county: County) -> None:
    broken(settled(county), "dispute_ends_after_mediation_began", ended_on=day("2026-03-02"))


def test_a_settlement_and_nothing_else_is_rechecked_on_a_day_after_it(county: County) -> None:
    over, in_mediation = settled(county), mediating(county, "JF2")

    broken(over, "settlement_is_rechecked", recheck_due_on=None)
    broken(over, "settlement_is_rechecked", recheck_due_on=day("2026-03-04"))
    broken(in_mediation, "settlement_is_rechecked", recheck_due_on=day("2026-03-20"))


def test_a_recheck_says_what_it_found_of_a_settlement(county: County) -> None:
    over, in_mediation = settled(county), mediating(county, "JF2")

    broken(over, "recheck_says_what_it_found", rechecked_on=day("2026-03-20"))
    broken(over, "recheck_says_what_it_found", recheck_result="好")
    broken(over, "recheck_says_what_it_found", rechecked_on=day("2026-03-04"), recheck_result="好")
    broken(in_mediation, "recheck_says_what_it_found", recheck_result="好")


def test_only_a_suit_goes_through_instances(county: County) -> None:
    broken(a_review(county), "reconsideration_has_one_instance", instance="appeal")


@pytest.mark.parametrize("column", ["body", "act"])
def test_a_review_names_before_whom_and_which_act(county: County, column: str) -> None:
    broken(a_review(county), "review_names_body_and_act", **{column: ""})


def test_what_is_answered_says_when(county: County) -> None:
    broken(a_review(county), "review_answered_on_a_day", answered_on=day("2026-03-03"))
    broken(a_review(county, "FY2"), "review_answered_on_a_day", stage="answered")


def test_an_ended_review_has_a_day_and_an_outcome_and_no_other_has(county: County) -> None:
    over = ended(county, a_review(county), "upheld")

    broken(over, "review_ended_has_an_outcome", outcome="")
    broken(over, "review_ended_has_an_outcome", decided_on=None)
    broken(a_review(county, "FY2"), "review_ended_has_an_outcome", outcome="upheld")


def test_of_a_hearing_it_is_known_whether_a_head_came_and_why_none_did(county: County) -> None:
    suit = a_suit(county)

    broken(suit, "hearing_says_whether_a_head_came", hearing_on=day("2026-03-10"))
    broken(suit, "hearing_says_whether_a_head_came", head_appeared=True)
    broken(suit, "hearing_says_whether_a_head_came", hearing_on=day("2026-03-10"), head_appeared=False)
    broken(
        suit, "hearing_says_whether_a_head_came", hearing_on=day("2026-03-10"), head_appeared=True, absence_reason="会"
    )


def test_an_opinion_says_what_to_correct(county: County) -> None:
    broken(ended(county, a_review(county), "upheld"), "opinion_says_what_to_correct", opinion_on=day("2026-03-21"))


def test_what_is_corrected_was_to_be_and_is_reported_with_how(county: County) -> None:
    lost, upheld = ended(county, a_review(county), "revoked"), ended(county, a_review(county, "FY2"), "upheld")

    broken(lost, "correction_says_how", corrected_on=day("2026-03-25"))
    broken(lost, "correction_says_how", correction="改了")
    broken(upheld, "correction_says_how", corrected_on=day("2026-03-25"), correction="改了")


@pytest.mark.parametrize("column", ["agency", "documents"])
def test_a_transfer_names_the_agency_and_the_papers(county: County, column: str) -> None:
    broken(a_transfer(county), "transfer_names_agency_and_documents", **{column: ""})


def test_what_is_decided_says_when(county: County) -> None:
    broken(a_transfer(county), "transfer_decided_on_a_day", decided_on=day("2026-03-04"))
    broken(accepted(county, "YS2"), "transfer_decided_on_a_day", decided_on=None)


@pytest.mark.parametrize("stage", ["refused", "redirected"])
def test_what_is_not_taken_says_why(county: County, stage: str) -> None:
    broken(a_transfer(county), "transfer_refused_says_why", stage=stage, decided_on=day("2026-03-04"))


def test_papers_go_back_only_after_a_decision(county: County) -> None:
    broken(a_transfer(county), "papers_return_after_the_decision", returned_on=day("2026-03-04"))


def test_only_an_agency_that_handed_us_a_case_appeals_a_decision(county: County) -> None:
    out, waiting, over = refused(county, "A", direction="out"), a_transfer(county, "B"), refused(county, "C")

    broken(out, "agency_appeals_a_decision_of_ours", appealed_on=day("2026-03-05"))
    broken(waiting, "agency_appeals_a_decision_of_ours", appealed_on=day("2026-03-05"))
    broken(over, "agency_appeals_a_decision_of_ours", appeal_decided_on=day("2026-03-05"))


def test_the_procuratorate_supervises_only_what_we_did_not_file(county: County) -> None:
    out, taken, over = refused(county, "A", direction="out"), accepted(county, "B"), refused(county, "C")

    broken(out, "procuratorate_supervises_what_is_not_filed", supervision="asked")
    broken(taken, "procuratorate_supervises_what_is_not_filed", supervision="asked")
    broken(over, "procuratorate_supervises_what_is_not_filed", supervision="filed")


@pytest.mark.parametrize("act", ["save", "delete", "update"])
def test_a_step_can_neither_be_changed_nor_go(county: County, act: str) -> None:
    a_dispute(county)
    step = ProceedingStep.objects.get()
    acts = {"save": step.save, "delete": step.delete, "update": lambda: ProceedingStep.objects.update(text="改")}

    with pytest.raises(DatabaseError, match=MESSAGE), transaction.atomic():
        acts[act]()

    assert "邻里" in ProceedingStep.objects.get().text


def test_a_head_is_named_for_a_hearing_whose_day_is_set(county: County) -> None:
    broken(a_suit(county), "head_named_for_a_set_hearing", hearing_head=county.leader)
