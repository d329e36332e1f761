"""The demonstration's stories as told, before any row is written."""

from collections import Counter
from datetime import timedelta

import pytest

from cases.demo.people import NEWCOMER, PEOPLE, PLACES, case_officers
from cases.demo.stories import PAST_DAYS, plan
from cases.models import Role
from tests.cases.factories import moment

MOMENTS = ("2026-11-22 01:30", "2026-03-02 09:00", "2026-02-20 18:00", "2027-01-15 12:00")


@pytest.mark.parametrize("at", MOMENTS)
def test_the_same_moment_tells_the_same_stories(at: str) -> None:
    assert plan(moment(at)) == plan(moment(at))


@pytest.mark.parametrize("at", MOMENTS)
def test_nothing_happens_or_is_entered_after_the_moment_or_before_it_occurred(at: str) -> None:
    now = moment(at)

    for story in plan(now):
        assert all(act.at <= act.entered <= now for act in story.acts), story.title
        assert all(rating.at <= now for rating in story.ratings)


@pytest.mark.parametrize("at", MOMENTS)
def test_there_are_about_a_hundred_and_fifty_matters_of_eight_kinds(at: str) -> None:
    stories = plan(moment(at))

    assert 140 <= len(stories) <= 170
    assert len(Counter(story.kind for story in stories)) == 8


@pytest.mark.parametrize("at", MOMENTS)
def test_numbers_are_unique_and_parents_come_first(at: str) -> None:
    told: set[str] = set()

    for story in plan(moment(at)):
        assert story.number not in told
        assert story.parent is None or story.parent in told
        told.add(story.number)


def test_the_two_months_before_are_full() -> None:
    now = moment("2026-11-22 01:30")
    months = Counter(f"{min(act.at for act in story.acts):%Y-%m}" for story in plan(now))

    assert months["2026-09"] >= 30
    assert months["2026-10"] >= 30
    assert now - timedelta(days=PAST_DAYS) < moment("2026-09-01")


def test_whoever_handles_a_matter_works_in_its_unit() -> None:
    home = {person.number: person.home for person in PEOPLE}

    for story in plan(moment(MOMENTS[0])):
        assert story.officer is None or home[story.officer] == story.unit


def test_petitions_have_named_handlers_and_nobody_else() -> None:
    petitions = [story for story in plan(moment(MOMENTS[0])) if story.kind == "petition"]

    assert petitions
    assert all(story.handlers and story.officer is None for story in petitions)


def test_the_newcomer_has_no_matter() -> None:
    assert NEWCOMER not in {story.officer for story in plan(moment(MOMENTS[0]))}
    assert NEWCOMER not in case_officers("HC14")


def test_every_role_is_there_with_an_account() -> None:
    assert {person.role for person in PEOPLE if person.look} == set(Role)


def test_every_unit_but_the_bureaus_has_somebody() -> None:
    assert {place.code for place in PLACES} == {person.home for person in PEOPLE}


def test_police_numbers_are_unique() -> None:
    assert len({person.number for person in PEOPLE}) == len(PEOPLE)


@pytest.mark.parametrize("at", MOMENTS)
def test_four_cases_were_entered_only_after_they_had_run_out(at: str) -> None:
    late = [
        act
        for story in plan(moment(at))
        for act in story.acts
        if act.kind == "case_filed" and act.entered - act.at > timedelta(days=30)
    ]

    assert len(late) == 4
    # Each on a weekday: nobody enters on a Sunday.
    assert all(act.entered.weekday() < 5 for act in late)
