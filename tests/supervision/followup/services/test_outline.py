"""Items of the outline, from open to done, returned and struck; and leaders' instructions."""

from collections.abc import Callable

import pytest

from supervision.followup.models import Instruction, ItemState, Notice, OutlineItem, What
from supervision.followup.refusals import (
    DUE_IN_PAST,
    ENDED,
    INSTRUCTION_CLOSED,
    ITEM_NOT_DONE,
    ITEM_NOT_OPEN,
    MOVED_ON,
    NOT_ADDRESSED,
    NOT_HIS_INSTRUCTION,
    NOT_LEADER,
    NOT_OPEN,
    NOT_YOURS,
    NOTHING_CHANGED,
    OTHER_MATTER,
    REASON_NEEDED,
    RESULT_NEEDED,
    FollowupRefused,
)
from supervision.followup.services import (
    add_item,
    finish_item,
    give_instruction,
    move_item,
    reply_instruction,
    return_item,
    strike_item,
    withdraw_instruction,
)
from tests.cases.factories import day, make_case, moment, record
from tests.supervision.followup.factories import County, actions, ended, follow, items_of, under_review

LATER = moment("2026-03-05 15:00")


@pytest.fixture
def item(county: County) -> OutlineItem:
    return items_of(follow(county))[0]


def refused(said: str, act: Callable[[], object]) -> None:
    with pytest.raises(FollowupRefused) as refusal:
        act()
    assert str(refusal.value) == said


def finish(item: OutlineItem, county: County, **asked: object) -> OutlineItem:
    asked = {"result": "已查清", "evidence": "", "by": county.officer, "at": LATER, **asked}
    return finish_item(item=item, **asked)  # type: ignore[arg-type]


# -- items -------------------------------------------------------------------------------------------------------------


def test_an_item_is_finished_with_result_evidence_and_the_event_that_shows_it(
    county: County, item: OutlineItem
) -> None:
    event = record(item.case.matter, "test_ended", "2026-03-05 10:00")

    done = finish(item, county, evidence="鉴定书〔2026〕3 号", event=event)

    assert (done.state, done.done_by, done.event) == (ItemState.DONE, county.officer, event)
    item.case.refresh_from_db()
    assert item.case.last_progress_at == LATER
    assert item.case.stagnant_at == moment("2026-03-11 09:00")
    assert "鉴定书〔2026〕3 号" in item.case.steps.get(action="item_done").text


def test_what_an_item_cannot_be_finished_with_is_refused(county: County, item: OutlineItem) -> None:
    elsewhere = record(make_case("B1", county.station, filed="2026-02-02"), "test_began", "2026-03-01")

    refused(RESULT_NEEDED, lambda: finish(item, county, result=" "))
    refused(OTHER_MATTER, lambda: finish(item, county, event=elsewhere))
    refused(NOT_YOURS, lambda: finish(item, county, by=county.colleague))
    refused(NOT_YOURS, lambda: finish(item, county, by=county.stranger))
    assert actions(item.case) == ["entered"]


@pytest.mark.parametrize("who", ["officer", "head", "branch_officer", "legal"])
def test_the_officer_his_head_the_line_branch_and_the_legal_officer_have_a_hand_in_it(
    county: County, item: OutlineItem, who: str
) -> None:
    assert finish(item, county, by=getattr(county, who)).state == ItemState.DONE


def test_whom_an_item_names_finishes_it_though_the_case_is_anothers(county: County, item: OutlineItem) -> None:
    move_item(
        item=item, due_on=item.due_on, officer=county.colleague, reason="分工", by=county.legal, at=moment("2026-03-03")
    )

    assert finish(item, county, by=county.colleague).done_by == county.colleague


def test_a_done_item_comes_back_with_a_reason_and_its_first_result_can_still_be_read(
    county: County, item: OutlineItem
) -> None:
    finish(item, county)

    back = return_item(item=item, reason="流水不全", by=county.legal, at=LATER)

    assert (back.state, back.reason, back.result, back.done_by) == (ItemState.RETURNED, "流水不全", "已查清", None)
    assert finish(back, county, result="补齐").result == "补齐"
    assert actions(item.case) == ["entered", "item_done", "item_returned", "item_done"]


def test_an_item_is_struck_with_a_reason_and_no_longer_counts(county: County, item: OutlineItem) -> None:
    struck = strike_item(item=item, reason="与本案无关", by=county.legal, at=LATER)

    assert struck.state == ItemState.STRUCK
    refused(ITEM_NOT_OPEN, lambda: finish(struck, county))


def test_the_states_that_a_verb_does_not_take_are_refused(county: County, item: OutlineItem) -> None:
    refused(ITEM_NOT_DONE, lambda: return_item(item=item, reason="x", by=county.legal, at=LATER))
    refused(REASON_NEEDED, lambda: strike_item(item=item, reason="", by=county.legal, at=LATER))
    done = finish(item, county)
    refused(ITEM_NOT_OPEN, lambda: strike_item(item=done, reason="x", by=county.legal, at=LATER))
    refused(ITEM_NOT_OPEN, lambda: finish(done, county))
    refused(REASON_NEEDED, lambda: return_item(item=done, reason="", by=county.legal, at=LATER))


def test_of_two_who_finish_an_item_at_once_one_is_told_to_look_again(county: County, item: OutlineItem) -> None:
    seen_before = items_of(item.case)[0]

    finish(item, county)

    refused(MOVED_ON, lambda: finish(seen_before, county))
    assert actions(item.case).count("item_done") == 1


def test_an_item_gets_another_day_and_another_officer_with_a_reason(county: County, item: OutlineItem) -> None:
    moved = move_item(
        item=item, due_on=day("2026-03-20"), officer=county.colleague, reason="等鉴定", by=county.legal, at=LATER
    )

    assert (moved.due_on, moved.officer) == (day("2026-03-20"), county.colleague)
    assert "原期限 2026-03-04" in item.case.steps.get(action="item_moved").text
    same = {"due_on": moved.due_on, "officer": moved.officer, "reason": "x", "by": county.legal, "at": LATER}
    refused(NOTHING_CHANGED, lambda: move_item(item=moved, **same))  # type: ignore[arg-type]
    refused(
        DUE_IN_PAST.format(day="2026-03-04"),
        lambda: move_item(item=moved, **{**same, "due_on": day("2026-03-04")}),  # type: ignore[arg-type]
    )


def test_an_item_is_added_last_and_not_for_a_day_that_is_past(county: County, item: OutlineItem) -> None:
    def add(due: str) -> OutlineItem:
        return add_item(case=item.case, title="追加", due_on=day(due), officer=None, by=county.legal, at=LATER)

    assert add("2026-03-05").order == 3
    refused(DUE_IN_PAST.format(day="2026-03-04"), lambda: add("2026-03-04"))


def test_under_review_the_outline_lies_still(county: County) -> None:
    case = under_review(county, "R")
    done = items_of(case)[0]

    refused(NOT_OPEN, lambda: return_item(item=done, reason="x", by=county.legal, at=LATER))
    refused(
        NOT_OPEN,
        lambda: add_item(case=case, title="x", due_on=day("2026-03-20"), officer=None, by=county.legal, at=LATER),
    )


# -- instructions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def instruction(county: County, item: OutlineItem) -> Instruction:
    return give_instruction(
        case=item.case, text="限期查清", to=county.officer, due_on=day("2026-03-06"), by=county.leader, at=LATER
    )


def test_an_instruction_is_replied_to_in_time(county: County, instruction: Instruction) -> None:
    at = moment("2026-03-06 23:59")

    replied = reply_instruction(instruction=instruction, reply="已查清", by=county.officer, at=at)

    assert (replied.state, replied.late, replied.replied_at) == ("replied", False, at)
    assert replied.case.last_progress_at == at
    assert Notice.objects.filter(what=What.REPLIED, instruction=replied).count() == 1


def test_a_reply_from_the_midnight_after_its_day_is_late_for_good(county: County, instruction: Instruction) -> None:
    replied = reply_instruction(
        instruction=instruction, reply="已查清", by=county.officer, at=moment("2026-03-07 00:00")
    )

    assert replied.late
    assert "逾期回复" in replied.case.steps.get(action="replied").text


def test_only_a_leader_instructs_and_only_he_takes_it_back(county: County, instruction: Instruction) -> None:
    case = instruction.case
    refused(
        NOT_LEADER,
        lambda: give_instruction(
            case=case, text="x", to=county.officer, due_on=day("2026-03-06"), by=county.legal, at=LATER
        ),
    )
    refused(
        NOT_HIS_INSTRUCTION,
        lambda: withdraw_instruction(instruction=instruction, reason="x", by=county.legal, at=LATER),
    )

    back = withdraw_instruction(instruction=instruction, reason="另行部署", by=county.leader, at=LATER)

    assert back.state == "withdrawn"
    refused(INSTRUCTION_CLOSED, lambda: reply_instruction(instruction=back, reply="x", by=county.officer, at=LATER))


def test_who_is_not_addressed_and_has_no_hand_in_the_case_does_not_reply(
    county: County, instruction: Instruction
) -> None:
    refused(
        NOT_ADDRESSED,
        lambda: reply_instruction(instruction=instruction, reply="x", by=county.colleague, at=LATER),
    )


def test_two_replies_at_once_leave_one(county: County, instruction: Instruction) -> None:
    seen_before = Instruction.objects.get()
    reply_instruction(instruction=instruction, reply="甲", by=county.officer, at=LATER)

    refused(MOVED_ON, lambda: reply_instruction(instruction=seen_before, reply="乙", by=county.head, at=LATER))

    assert Instruction.objects.get().reply == "甲"


def test_nobody_instructs_on_a_case_that_has_ended_or_for_a_day_that_is_past(county: County) -> None:
    def instruct(case: object, due: str) -> Instruction:
        return give_instruction(
            case=case,  # type: ignore[arg-type]
            text="x",
            to=county.officer,
            due_on=day(due),
            by=county.leader,
            at=LATER,
        )

    over = ended(county, "E")
    refused(ENDED, lambda: instruct(over, "2026-03-20"))
    refused(DUE_IN_PAST.format(day="2026-03-04"), lambda: instruct(follow(county, "F"), "2026-03-04"))
