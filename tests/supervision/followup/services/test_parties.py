"""Who answers for a case, and what passes on when he moves."""

import pytest

from cases import services as cases
from cases.models import Role
from supervision.followup.models import FollowedCase, Instruction, Notice, OutlineItem, Stage, What
from supervision.followup.queries import holdings_of
from supervision.followup.refusals import (
    MOVED_ON,
    NOT_OPEN,
    NOTHING_CHANGED,
    NOTHING_TO_HAND_OVER,
    OFFICER_AWAY,
    SAME_OFFICER,
    SUPERVISORY_IS_LEGAL,
    UNIT_GONE,
    FollowupRefused,
)
from supervision.followup.services import add_item, give_instruction, hand_over, name_parties, watch
from tests.cases.factories import day, make_officer, moment
from tests.supervision.followup.factories import ENTERED, County, actions, follow, items_of, under_review

LATER = moment("2026-03-03 10:00")


def named(county: County, case: FollowedCase, **asked: object) -> FollowedCase:
    parties = {
        "main_unit": case.main_unit,
        "line_unit": case.line_unit,
        "supervisory_unit": case.supervisory_unit,
        "officer": case.officer,
    }
    return name_parties(case=case, by=county.legal, at=LATER, **{**parties, **asked})  # type: ignore[arg-type]


def test_a_case_counts_as_followed_once_the_last_party_is_named_and_that_is_progress(county: County) -> None:
    case = named(county, follow(county, complete=False), line_unit=county.branch)

    assert (case.stage, case.last_progress_at) == (Stage.MOVING, LATER)
    assert actions(case) == ["entered", "parties"]
    assert case.steps.last().text == "条线责任单位：经济犯罪侦查大队"  # type: ignore[union-attr]


@pytest.mark.parametrize("party", ["main_unit", "line_unit", "supervisory_unit", "officer"])
def test_without_any_one_of_the_four_it_is_incomplete_again(county: County, party: str) -> None:
    case = named(county, follow(county), **{party: None})

    assert case.stage == Stage.INCOMPLETE
    assert Notice.objects.filter(what=What.INCOMPLETE).count() == 1


def test_what_cannot_be_named_is_refused(county: County) -> None:
    case = follow(county)
    gone = county.bureau.sibling
    gone.valid_until = day("2026-01-01")
    gone.save()
    away = make_officer("200001", county.station)

    for asked, said in (
        ({"line_unit": gone}, UNIT_GONE.format(unit=gone)),
        ({"supervisory_unit": county.station}, SUPERVISORY_IS_LEGAL.format(unit=county.station)),
        ({"officer": away}, OFFICER_AWAY.format(officer=away)),
        ({}, NOTHING_CHANGED),
    ):
        with pytest.raises(FollowupRefused) as refusal:
            named(county, case, **asked)
        assert str(refusal.value) == said
    with pytest.raises(FollowupRefused, match=NOT_OPEN):
        named(county, under_review(county, "A2"), line_unit=county.station)


def test_of_two_who_name_parties_at_once_one_is_told_to_look_again(county: County) -> None:
    one, other = follow(county, complete=False), FollowedCase.objects.get()

    named(county, one, line_unit=county.branch)

    with pytest.raises(FollowupRefused, match=MOVED_ON):
        named(county, other, line_unit=county.station)


# -- handing over ------------------------------------------------------------------------------------------------------


def laden(county: County) -> tuple[FollowedCase, FollowedCase]:
    """Of the officer: a case, and in another's case an item and an instruction."""
    own = follow(county, "A1")
    other = named(county, follow(county, "A2"), officer=county.colleague)
    add_item(case=other, title="协查", due_on=day("2026-03-20"), officer=county.officer, by=county.legal, at=LATER)
    give_instruction(
        case=other, text="尽快查清", to=county.officer, due_on=day("2026-03-10"), by=county.leader, at=LATER
    )
    return own, other


def test_everything_open_is_listed_and_passes_on_with_one_step_a_case(county: County) -> None:
    own, other = laden(county)
    listed = holdings_of(county.officer, seen_by=county.legal)
    assert str(listed) == "盯办案件 1 件、提纲事项 1 项、批示 1 件"

    hand_over(officer=county.officer, to=county.colleague, by=county.legal, at=LATER)

    own.refresh_from_db()
    assert own.officer == county.colleague
    assert OutlineItem.objects.get(title="协查").officer == county.colleague
    assert Instruction.objects.get().to == county.colleague
    assert actions(own).count("handed_over") == actions(other).count("handed_over") == 1
    assert "协查" in other.steps.get(action="handed_over").text
    assert not holdings_of(county.officer, seen_by=county.legal)


def test_one_case_can_be_passed_on_alone(county: County) -> None:
    own, other = laden(county)

    hand_over(officer=county.officer, to=county.colleague, by=county.legal, at=LATER, case=own)

    assert Instruction.objects.get().to == county.officer
    assert "handed_over" not in actions(other)


def test_a_case_whose_matter_has_gone_elsewhere_goes_after_it_and_its_new_officer_stays(county: County) -> None:
    case, there = follow(county), county.bureau.sibling
    taker = make_officer("200002", there, Role.CASE_OFFICER)
    cases.transfer_matter(
        matter=case.matter, to_unit=there, to_officer=taker, occurred_at=LATER, by=county.legal, at=LATER
    )

    hand_over(officer=county.officer, to=taker, by=county.legal, at=LATER, case=case)

    assert watch(at=LATER).moved == 0
    case.refresh_from_db()
    assert (case.unit, case.station, case.main_unit, case.officer) == (there, there, there, taker)
    assert (case.stage, case.line_unit) == (Stage.MOVING, county.branch)


def test_only_what_whoever_passes_on_may_see_is_passed_on(county: County) -> None:
    own, _ = laden(county)

    with pytest.raises(FollowupRefused, match=NOTHING_TO_HAND_OVER.format(officer=county.officer)):
        hand_over(officer=county.officer, to=county.colleague, by=county.stranger, at=LATER)

    own.refresh_from_db()
    assert own.officer == county.officer


def test_nobody_hands_over_to_himself_or_to_somebody_who_is_not_there(county: County) -> None:
    follow(county)
    away = make_officer("200001", county.station)

    for to, said in ((county.officer, SAME_OFFICER), (away, OFFICER_AWAY.format(officer=away))):
        with pytest.raises(FollowupRefused, match=said):
            hand_over(officer=county.officer, to=to, by=county.legal, at=LATER)


def test_when_the_named_officer_leaves_his_cases_show_as_incomplete_until_they_are_handed_over(county: County) -> None:
    moving, review = follow(county, "A1"), under_review(county, "A2")
    cases.end_post(post=county.officer.posts.get(), until_on=day("2026-03-03"))

    assert watch(at=LATER).left == 2
    for case in (moving, review):
        case.refresh_from_db()
        assert (case.stage, case.asked_by) == (Stage.INCOMPLETE, None)
    hand_over(officer=county.officer, to=county.colleague, by=county.head, at=LATER)

    moving.refresh_from_db()
    assert (moving.stage, moving.officer) == (Stage.MOVING, county.colleague)
    assert actions(moving) == ["entered", "officer_left", "handed_over"]


def test_one_whose_account_was_closed_by_mistake_counts_again_when_it_is_back(county: County) -> None:
    case = follow(county)
    county.officer.is_active = False
    county.officer.save()
    watch(at=LATER)
    county.officer.is_active = True
    county.officer.save()

    assert watch(at=LATER).settled == 1

    case.refresh_from_db()
    assert case.stage == Stage.MOVING


def test_a_case_follows_its_matter_to_another_unit_and_waits_for_a_new_officer(county: County) -> None:
    case = follow(county)
    cases.transfer_matter(
        matter=case.matter, to_unit=county.bureau.sibling, to_officer=None, occurred_at=LATER, by=None, at=LATER
    )

    assert (watch(at=LATER).moved, watch(at=LATER).moved) == (1, 0)

    case.refresh_from_db()
    assert (case.unit, case.main_unit, case.station) == (county.bureau.sibling,) * 3
    assert (case.officer, case.stage) == (None, Stage.INCOMPLETE)
    assert items_of(case)[0].state == "open"
    assert case.entered_at == ENTERED
