"""The shipped open questions: every answer to every one of them makes limits that can be, and drafts stay drafts."""

from pathlib import Path

import pytest

from cases.catalogue import Core, read_catalogue
from cases.catalogue.checking import Catalogue
from cases.statute.limits import Status
from cases.statute.questions import Standing, limits_as_answered

ROOT = Path(__file__).resolve().parents[2]

# What the collected facts leave to the legal department and moves a date; the question that asks it.
MUST_BE_ASKED = {
    "cases open across 2026-01-01": "psa_across_2026",
    "whether 受案 is 立案": "psa_accepted_or_filed",
    "rollover of case-handling limits": "case_rollover",
    "days of registered evidence": "evidence_days",
    "who approves registered evidence": "evidence_approver",
    "days of service of a decision": "serve_7d",
    "the two days of the public-order law": "psa_two_days",
    "who approves extensions of stations' cases": "station_approver",
    "bail and residence on a holiday": "bail_rollover",
    "bail between police, procuratorate and court": "bail_recounted",
    "criminal reconsideration in days or working days": "criminal_reconsideration",
    "mediation of accidents": "accident_mediation",
    "rollover of petitions": "petition_rollover",
    "petitions routed into a procedure": "petition_in_procedure",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(ROOT / "seeds")


def test_everything_left_open_is_asked(law: Core) -> None:
    asked = {one.question.code for one in law.standing}

    assert set(MUST_BE_ASKED.values()) <= asked


def test_every_answer_makes_limits_that_can_be_and_verifies_none(catalogue: Catalogue, law: Core) -> None:
    definitions = [written.definition for written in catalogue.limits.values()]
    drafts = {limit.code for limit in law.limits if limit.status is Status.DRAFT}
    for written in catalogue.questions.values():
        for option in written.asked.options:
            limits = limits_as_answered(definitions, [Standing(written.asked, option)])

            changed = {limit.code for limit in limits if limit != law.limit(limit.code)}
            assert bool(changed) is (option.code != written.asked.default), (written.asked.code, option.code)
            assert {limit.code for limit in limits if limit.status is Status.DRAFT} == drafts
            assert changed.isdisjoint(drafts)


def test_the_strictest_and_the_other_answers_go_together(catalogue: Catalogue) -> None:
    """Each question's last option at once: no two answers meet in an impossible limit."""
    definitions = [written.definition for written in catalogue.limits.values()]
    standing = [Standing(one.asked, one.asked.options[-1]) for one in catalogue.questions.values()]

    assert len(limits_as_answered(definitions, standing)) == len(definitions)


def test_every_question_cites_an_article(law: Core) -> None:
    for one in law.standing:
        assert all(("《" in text and "条" in text) or "二(一)" in text for text in one.question.citations), (
            one.question.code
        )
        assert all(option.basis and option.text for option in one.question.options)
