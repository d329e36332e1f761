"""A follow-up ends when everything is done and another legal officer consents."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from supervision.followup.models import FollowedCase, Instruction, OutlineItem, Stage
from supervision.followup.refusals import (
    CONSENT_BY_ANOTHER,
    CONSENT_BY_LEGAL,
    INCOMPLETE,
    MOVED_ON,
    NOT_ASKED,
    NOT_ENDED,
    NOT_YOURS,
    FollowupRefused,
)
from supervision.followup.services import (
    ask_closing,
    consent_closing,
    finish_item,
    give_instruction,
    refuse_closing,
    reopen,
    reply_instruction,
    strike_item,
)
from tests.cases.factories import day, moment
from tests.supervision.followup.factories import (
    ENTERED,
    County,
    actions,
    ended,
    finish_all,
    follow,
    items_of,
    make_county,
    under_review,
)

LATER = moment("2026-03-05 15:00")


def refused(said: str, act: Callable[[], object]) -> None:
    with pytest.raises(FollowupRefused, match=said):
        act()


def test_a_case_with_every_item_done_or_struck_is_let_go_by_the_legal_department(county: County) -> None:
    case = follow(county)
    first, second = items_of(case)
    finish_item(item=first, result="已查清", evidence="", by=county.officer, at=LATER)
    strike_item(item=second, reason="不需要", by=county.legal, at=LATER)

    case = ask_closing(case=case, conclusion="全部办完", by=county.officer, at=LATER)
    case = consent_closing(case=case, opinion="同意", by=county.legal, at=LATER)

    assert (case.stage, case.consented_by, case.ended_at) == (Stage.ENDED, county.legal, LATER)
    assert case.stagnant_at is None
    assert actions(case) == ["entered", "item_done", "item_struck", "asked", "consented"]


def test_an_open_item_or_instruction_stands_against_asking_and_is_named(county: County) -> None:
    case = follow(county)
    refused("提纲还有 2 项", lambda: ask_closing(case=case, conclusion="办完", by=county.officer, at=LATER))
    case = finish_all(county, case, at=LATER)
    given = give_instruction(
        case=case, text="再查", to=county.officer, due_on=day("2026-03-20"), by=county.leader, at=LATER
    )
    refused("还有 1 件批示", lambda: ask_closing(case=case, conclusion="办完", by=county.officer, at=LATER))

    reply_instruction(instruction=given, reply="查过", by=county.officer, at=LATER)

    case.refresh_from_db()
    assert ask_closing(case=case, conclusion="办完", by=county.officer, at=LATER).stage == Stage.REVIEW


def test_an_instruction_given_under_review_stands_against_consent_and_nothing_is_left_half_done(
    county: County,
) -> None:
    case = under_review(county)
    give_instruction(case=case, text="再查", to=county.officer, due_on=day("2026-03-20"), by=county.leader, at=LATER)

    refused("还有 1 件批示", lambda: consent_closing(case=case, opinion="", by=county.legal, at=LATER))

    case.refresh_from_db()
    assert (case.stage, case.ended_at) == (Stage.REVIEW, None)


def test_an_incomplete_case_cannot_be_closed_and_says_what_is_missing(county: County) -> None:
    case = finish_all(county, follow(county, complete=False), at=LATER)

    refused(
        INCOMPLETE.format(missing="条线责任单位"),
        lambda: ask_closing(case=case, conclusion="办完", by=county.officer, at=LATER),
    )


def test_who_has_no_hand_in_a_case_does_not_ask(county: County) -> None:
    case = finish_all(county, follow(county), at=LATER)

    refused(NOT_YOURS, lambda: ask_closing(case=case, conclusion="办完", by=county.colleague, at=LATER))


def test_consent_is_a_legal_officers_and_not_that_of_the_one_who_asked(county: County) -> None:
    case = finish_all(county, follow(county), at=LATER)
    case = ask_closing(case=case, conclusion="办完", by=county.legal, at=LATER)

    for who in (county.officer, county.head, county.branch_officer, county.leader):
        refused(CONSENT_BY_LEGAL, lambda who=who: consent_closing(case=case, opinion="", by=who, at=LATER))  # type: ignore[misc]
    refused(CONSENT_BY_ANOTHER, lambda: consent_closing(case=case, opinion="", by=county.legal, at=LATER))
    assert consent_closing(case=case, opinion="", by=county.second_legal, at=LATER).stage == Stage.ENDED


def test_a_refusal_has_a_reason_and_sends_the_case_back_to_work(county: County) -> None:
    case = under_review(county)
    refused("请写明理由", lambda: refuse_closing(case=case, reason="", by=county.legal, at=LATER))

    case = refuse_closing(case=case, reason="证据不足", by=county.legal, at=LATER)

    assert (case.stage, case.asked_by) == (Stage.MOVING, None)
    refused(NOT_ASKED, lambda: consent_closing(case=case, opinion="", by=county.legal, at=LATER))


def test_an_ended_case_is_taken_up_again_with_a_reason(county: County) -> None:
    case = ended(county)

    case = reopen(case=case, reason="又有新证据", by=county.legal, at=LATER)

    assert (case.stage, case.ended_at, case.last_progress_at) == (Stage.MOVING, None, LATER)
    assert actions(case)[-1] == "reopened"
    refused(NOT_ENDED, lambda: reopen(case=case, reason="x", by=county.legal, at=LATER))


def test_of_two_legal_officers_at_once_one_is_told_to_look_again(county: County) -> None:
    case, seen_before = under_review(county), FollowedCase.objects.get()
    consent_closing(case=case, opinion="", by=county.legal, at=LATER)

    refused(MOVED_ON, lambda: refuse_closing(case=seen_before, reason="x", by=county.second_legal, at=LATER))


@pytest.mark.django_db(transaction=True)
def test_consent_and_an_instruction_at_the_same_moment_never_leave_an_ended_case_with_an_open_instruction() -> None:
    county = make_county()
    cases = [under_review(county, f"A{number}", at=ENTERED) for number in range(12)]
    barrier = threading.Barrier(2)
    wrong: list[BaseException] = []

    def run(act: Callable[[FollowedCase], object]) -> None:
        barrier.wait(10)
        try:
            for case in cases:
                seen = FollowedCase.objects.get(pk=case.pk)
                try:
                    act(seen)
                except FollowupRefused:
                    continue
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    def consent(case: FollowedCase) -> None:
        consent_closing(case=case, opinion="", by=county.legal, at=LATER)

    def instruct(case: FollowedCase) -> None:
        give_instruction(
            case=case, text="再查", to=county.officer, due_on=day("2026-03-20"), by=county.leader, at=LATER
        )

    threads = [threading.Thread(target=run, args=(act,)) for act in (consent, instruct)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert not Instruction.objects.filter(case__stage=Stage.ENDED).exists()
    assert FollowedCase.objects.filter(stage=Stage.ENDED).count() + Instruction.objects.count() == 12
    assert not OutlineItem.objects.filter(state="open").exists()
