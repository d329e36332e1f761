"""Answers by a printed slip."""

import pytest

from cases.models import Feedback, Grade
from supervision.returnvisits import refusals, services
from supervision.returnvisits.models import Check, Visit, VisitState
from supervision.returnvisits.services import ReturnVisitRefused, SlipRefused
from supervision.returnvisits.services.slips import OVER, UNKNOWN, USED, digest_of
from tests.cases.factories import moment
from tests.supervision.returnvisits.factories import LATER, County, actions, answer, draw, visits_in


@pytest.fixture
def visit(county: County) -> Visit:
    return visits_in(draw(county), county.station)[0]


def printed(county: County, visit: Visit) -> str:
    token = services.issue_slip(visit=visit, by=county.legal, at=LATER)
    visit.refresh_from_db()
    return token


def test_an_address_has_128_bits_of_chance_and_only_its_digest_is_kept(county: County, visit: Visit) -> None:
    token = printed(county, visit)

    assert len(bytes.fromhex(token)) == 16
    assert visit.token_digest == digest_of(token)
    everything = " ".join(str(value) for row in Visit.objects.values() for value in row.values())
    assert token not in everything
    assert all(token not in step.text for step in visit.steps.all())


def test_a_slip_answers_for_its_visit_without_anybody_signing_in(county: County, visit: Visit) -> None:
    token = printed(county, visit)

    services.answer_by_slip(token=token, grade=Grade.DISSATISFIED, text="慢", at=LATER)

    visit.refresh_from_db()
    assert (visit.state, visit.channel, visit.token_used_at) == (VisitState.REACHED, "slip", LATER)
    assert visit.steps.get(action="answered").by is None
    assert Check.objects.filter(visit=visit).exists()


def test_a_slip_is_used_once_and_a_second_answer_is_thanked_and_changes_nothing(county: County, visit: Visit) -> None:
    token = printed(county, visit)
    services.answer_by_slip(token=token, grade=Grade.SATISFIED, text="", at=LATER)

    with pytest.raises(SlipRefused, match=USED) as refused:
        services.answer_by_slip(token=token, grade=Grade.DISSATISFIED, text="", at=LATER)

    assert refused.value.thanks
    assert Feedback.objects.get().grade == Grade.SATISFIED


def test_who_answered_by_telephone_meanwhile_is_thanked(county: County, visit: Visit) -> None:
    token = printed(county, visit)
    answer(county, visit)

    with pytest.raises(SlipRefused, match=USED):
        services.slip_of(token, at=LATER)


def test_a_slip_is_good_to_the_end_of_its_day_and_no_longer(county: County, visit: Visit) -> None:
    token = printed(county, visit)

    assert services.slip_of(token, at=moment("2026-03-16 23:59")) == visit
    with pytest.raises(SlipRefused, match=OVER):
        services.slip_of(token, at=moment("2026-03-17 00:00"))


def test_printed_again_the_slip_before_is_worth_nothing(county: County, visit: Visit) -> None:
    first = printed(county, visit)
    second = printed(county, visit)

    with pytest.raises(SlipRefused, match=UNKNOWN):
        services.slip_of(first, at=LATER)
    assert services.slip_of(second, at=LATER) == visit
    assert actions(visit) == ["slip", "slip"]


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "F" * 32, "' OR 1=1 --"])
def test_what_was_never_given_out_opens_nothing(county: County, visit: Visit, token: str) -> None:
    printed(county, visit)

    with pytest.raises(SlipRefused, match=UNKNOWN):
        services.slip_of(token, at=LATER)


def test_what_has_come_to_something_needs_no_slip(county: County, visit: Visit) -> None:
    answered = answer(county, visit)

    with pytest.raises(ReturnVisitRefused, match=refusals.NO_SLIP_NOW):
        services.issue_slip(visit=answered, by=county.legal, at=LATER)


def test_a_visit_set_aside_takes_no_answer_by_a_slip_printed_before(county: County, visit: Visit) -> None:
    token = printed(county, visit)
    services.set_aside(visit=visit, reason="不宜回访", by=county.legal, at=LATER)

    with pytest.raises(SlipRefused, match=OVER):
        services.answer_by_slip(token=token, grade=Grade.SATISFIED, text="", at=LATER)
