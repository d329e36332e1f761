"""What is done about one visit."""

import pytest

from cases.models import Feedback, Grade, Handling, HandlingRole
from supervision.returnvisits import refusals, services
from supervision.returnvisits.models import Check, Finding, Notice, Visit, VisitState, What
from supervision.returnvisits.services import ReturnVisitRefused
from tests.supervision.returnvisits.factories import (
    LATER,
    County,
    actions,
    answer,
    check_of,
    draw,
    negative,
    visits_in,
)


@pytest.fixture
def visit(county: County) -> Visit:
    return visits_in(draw(county), county.station)[0]


def tried(county: County, visit: Visit, times: int) -> Visit:
    for _ in range(times):
        visit = services.note_attempt(visit=visit, outcome="无人接听", by=county.legal, at=LATER)
    return visit


def test_an_answer_becomes_a_rating_of_the_matter(county: County, visit: Visit) -> None:
    answer(county, visit, Grade.BASICALLY, " 还可以 ")

    rating = Feedback.objects.get()
    assert (rating.matter, rating.grade, rating.valid, rating.text) == (visit.matter, Grade.BASICALLY, True, "还可以")
    visit.refresh_from_db()
    assert (visit.state, visit.feedback, visit.attempts, visit.ended_at) == (VisitState.REACHED, rating, 1, LATER)
    assert actions(visit) == ["answered"]


def test_the_ledger_never_holds_the_words_of_an_answer(county: County, visit: Visit) -> None:
    answer(county, visit, Grade.DISSATISFIED, "等了一个月没有人回话")

    assert all("一个月" not in step.text for step in visit.steps.all())


def test_a_negative_answer_opens_a_check_due_in_five_working_days_that_is_to_be_told(
    county: County, visit: Visit
) -> None:
    answer(county, visit, Grade.DISSATISFIED)

    check = check_of(visit)
    # Tuesday 3 March and five working days.
    assert (f"{check.due_on}", check.finding, check.checker, check.unit) == ("2026-03-10", "open", None, county.station)
    assert Notice.objects.get(check_row=check).what == What.CHECK
    assert actions(visit) == ["answered", "opened"]


@pytest.mark.parametrize("grade", [Grade.SATISFIED, Grade.BASICALLY])
def test_an_answer_that_is_not_negative_is_not_checked(county: County, visit: Visit, grade: Grade) -> None:
    answer(county, visit, grade)

    assert not Check.objects.exists()


def test_an_answer_that_does_not_count_says_why_and_is_not_checked(county: County, visit: Visit) -> None:
    with pytest.raises(ReturnVisitRefused, match=refusals.INVALID_NEEDS_REASON):
        answer(county, visit, Grade.DISSATISFIED, valid=False)

    answer(county, visit, Grade.DISSATISFIED, valid=False, invalid_reason="不是本人")

    assert Feedback.objects.get().invalid_reason == "不是本人"
    assert not Check.objects.exists()


def test_nobody_answers_twice(county: County, visit: Visit) -> None:
    stale = visits_in(visit.round, county.station)[0]
    answer(county, visit)

    with pytest.raises(ReturnVisitRefused, match=refusals.ALREADY_ANSWERED):
        answer(county, stale, Grade.DISSATISFIED)

    assert Feedback.objects.get().grade == Grade.SATISFIED
    assert not Check.objects.exists()


def test_an_answer_without_a_grade_is_none(county: County, visit: Visit) -> None:
    with pytest.raises(ReturnVisitRefused, match=refusals.NO_GRADE):
        answer(county, visit, grade=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["officer", "head"])
def test_whoever_handles_it_or_is_of_its_unit_neither_asks_nor_records(county: County, visit: Visit, who: str) -> None:
    by = getattr(county, who)

    for act in (
        lambda: answer(county, visit, by=by),
        lambda: services.note_attempt(visit=visit, outcome="无人接听", by=by, at=LATER),
        lambda: services.set_aside(visit=visit, reason="没有", by=by, at=LATER),
        lambda: services.issue_slip(visit=visit, by=by, at=LATER),
        lambda: services.assign_visit(visit=visit, to=by, by=county.legal, at=LATER),
    ):
        with pytest.raises(ReturnVisitRefused, match="不能回访或者核查"):
            act()


def test_whoever_was_named_on_the_matter_does_not_ask_about_it(county: County, visit: Visit) -> None:
    Handling.objects.create(matter=visit.matter, officer=county.legal, role=HandlingRole.LEGAL, from_at=LATER)

    with pytest.raises(ReturnVisitRefused, match="不能回访或者核查"):
        answer(county, visit)


# -- no answer ---------------------------------------------------------------------------------------------------------


def test_only_after_three_attempts_nobody_was_reached(county: County, visit: Visit) -> None:
    twice = tried(county, visit, 2)
    with pytest.raises(ReturnVisitRefused, match="已联系 2 次"):
        services.give_up(visit=twice, reason="停机", by=county.legal, at=LATER)

    over = services.give_up(visit=tried(county, twice, 1), reason="停机", by=county.legal, at=LATER)

    assert (over.state, over.reason, over.attempts, over.asked_at) == (VisitState.UNREACHED, "停机", 3, LATER)
    assert actions(visit) == ["tried", "tried", "tried", "unreached"]


def test_whom_nobody_reached_may_still_answer(county: County, visit: Visit) -> None:
    over = services.give_up(visit=tried(county, visit, 3), reason="停机", by=county.legal, at=LATER)

    assert answer(county, over).state == VisitState.REACHED


def test_what_should_not_be_asked_is_set_aside_with_a_reason_and_stays_so(county: County, visit: Visit) -> None:
    with pytest.raises(ReturnVisitRefused, match=refusals.NO_REASON):
        services.set_aside(visit=visit, reason=" ", by=county.legal, at=LATER)

    over = services.set_aside(visit=visit, reason="涉及家庭暴力", by=county.legal, at=LATER)

    assert over.state == VisitState.UNFIT
    with pytest.raises(ReturnVisitRefused, match="不适用"):
        answer(county, over)


def test_of_two_who_act_at_once_the_second_is_told(county: County, visit: Visit) -> None:
    stale = visits_in(visit.round, county.station)[0]
    tried(county, visit, 1)

    with pytest.raises(ReturnVisitRefused, match=refusals.MOVED_ON):
        services.note_attempt(visit=stale, outcome="停机", by=county.legal, at=LATER)

    assert actions(visit) == ["tried"]


def test_another_who_is_to_call_is_told_anew(county: County, visit: Visit) -> None:
    services.assign_visit(visit=visit, to=county.second_legal, by=county.legal, at=LATER)

    visit.refresh_from_db()
    assert visit.caller == county.second_legal
    assert Notice.objects.get(caller=county.second_legal).tell_since == LATER


def test_what_waits_is_listed_for_messages_and_counts_as_asked(county: County, visit: Visit) -> None:
    answer(county, visit)

    listed = services.list_for_messages(visit_round=visit.round, by=county.legal, at=LATER)

    assert len(listed) == 3 and visit not in listed
    assert not Visit.objects.filter(asked_at=None).exists()
    assert actions(listed[0]) == ["messaged"]
    # The head's own unit is left out, and of the other he sees nothing.
    with pytest.raises(ReturnVisitRefused, match=refusals.NONE_WAITING):
        services.list_for_messages(visit_round=visit.round, by=county.head, at=LATER)


# -- answers that turn out not to count --------------------------------------------------------------------------------


def test_an_answer_made_invalid_ends_its_check(county: County) -> None:
    check = negative(county)

    services.invalidate_answer(visit=check.visit, reason="接听的不是本人", by=county.second_legal, at=LATER)

    check = check_of(check.visit)
    assert (check.finding, check.text) == (Finding.MOOT, "接听的不是本人")
    assert not Feedback.objects.get().valid
    assert check.visit.state == VisitState.REACHED


def test_whoever_recorded_a_negative_answer_does_not_make_it_invalid_himself(county: County) -> None:
    check = negative(county)

    with pytest.raises(ReturnVisitRefused, match=refusals.OWN_NEGATIVE):
        services.invalidate_answer(visit=check.visit, reason="打错了", by=county.legal, at=LATER)

    assert Feedback.objects.get().valid


def test_once_something_was_found_the_answer_stands(county: County) -> None:
    check = negative(county)
    services.conclude_check(check=check, upheld=False, text="不属实", by=county.legal, at=LATER)

    with pytest.raises(ReturnVisitRefused, match="已有结论"):
        services.invalidate_answer(visit=check.visit, reason="打错了", by=county.second_legal, at=LATER)


def test_what_was_not_answered_or_is_invalid_already_cannot_be_made_so(county: County, visit: Visit) -> None:
    with pytest.raises(ReturnVisitRefused, match=refusals.NOT_ANSWERED):
        services.invalidate_answer(visit=visit, reason="打错了", by=county.legal, at=LATER)

    answered = answer(county, visit, valid=False, invalid_reason="不是本人")
    with pytest.raises(ReturnVisitRefused, match=refusals.ALREADY_INVALID):
        services.invalidate_answer(visit=answered, reason="打错了", by=county.legal, at=LATER)
