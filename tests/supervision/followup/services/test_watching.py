"""What the watch finds: twice, after a silence, with a broken row in the middle, and what it leaves to be told."""

import threading
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Absence, Officer
from supervision.followup.models import FollowedCase, FollowStep, Notice, OutlineItem, What
from supervision.followup.queries import still_stands, untold
from supervision.followup.services import (
    RoundFailed,
    RoundReport,
    finish_item,
    give_instruction,
    hand_over,
    mark_told,
    move_item,
    watch,
)
from tests.cases.factories import day, moment, record
from tests.supervision.followup.broken import refusing_followups_of
from tests.supervision.followup.factories import ENTERED, County, actions, follow, items_of, make_county, under_review

# Entered on Monday the 2nd; three whole working days have passed when Friday opens.
STILL = moment("2026-03-06 09:00")


def told_of(at: datetime = STILL) -> list[tuple[str, str]]:
    """(what, police number) of everything still to be told."""
    known = dict(Officer.objects.values_list("pk", "police_number"))
    return [(one.key.rpartition(":")[2], known[one.officer_id]) for one in untold(at=at)]


# -- stagnation --------------------------------------------------------------------------------------------------------


def test_a_case_stands_still_when_its_days_have_passed_and_not_a_second_before(county: County) -> None:
    case = follow(county)

    assert watch(at=moment("2026-03-06 08:59:59")).stagnant == 0
    assert watch(at=STILL).stagnant == 1

    case.refresh_from_db()
    assert (case.stagnant_since, case.stagnant_at) == (STILL, None)
    assert case.steps.get(action="stagnant").text == "已 3 个工作日没有进展"


def test_a_second_watch_changes_nothing(county: County) -> None:
    case = follow(county)
    watch(at=STILL)
    before = (list(FollowedCase.objects.values()), actions(case), list(Notice.objects.values_list("pk", flat=True)))

    again = watch(at=STILL)

    assert (again.stagnant, again.told, again.moot) == (0, 0, 0)
    after = (list(FollowedCase.objects.values()), actions(case), list(Notice.objects.values_list("pk", flat=True)))
    assert after == before


def test_after_a_silence_it_stands_still_from_the_moment_it_did_and_the_step_says_how_long(county: County) -> None:
    case = follow(county)

    watch(at=moment("2026-03-16 10:00"))

    case.refresh_from_db()
    assert case.stagnant_since == STILL
    assert case.steps.get(action="stagnant").text == "已 9 个工作日没有进展"


def test_days_off_do_not_count(county: County) -> None:
    case = follow(county, at=moment("2026-04-30 10:00"))

    # 1 to 5 May are off; the 6th, 7th and 8th pass, and Saturday the 9th is worked.
    assert case.stagnant_at == moment("2026-05-09 09:00")


def test_an_event_on_the_matter_is_movement_though_nobody_touched_the_outline(county: County) -> None:
    case = follow(county)
    record(case.matter, "test_began", "2026-03-05 11:00")

    assert watch(at=STILL).stagnant == 0

    case.refresh_from_db()
    assert case.last_progress_at == moment("2026-03-05 11:00")
    assert watch(at=moment("2026-03-11 09:00")).stagnant == 1


def test_progress_ends_the_standing_still_and_the_days_begin_anew(county: County) -> None:
    case = follow(county)
    watch(at=STILL)

    finish_item(item=items_of(case)[0], result="查清", evidence="", by=county.officer, at=STILL)

    case.refresh_from_db()
    assert (case.stagnant_since, case.stagnant_at) == (None, moment("2026-03-11 09:00"))
    assert What.STAGNANT not in {what for what, _ in told_of()}


# -- rounds ------------------------------------------------------------------------------------------------------------


def test_a_broken_row_in_the_middle_does_not_stop_the_others_and_the_watch_fails_aloud(county: County) -> None:
    first, bad, last = (follow(county, number) for number in ("A1", "A2", "A3"))

    with refusing_followups_of(bad.matter), pytest.raises(RoundFailed, match="A2") as failure:
        watch(at=STILL)

    assert failure.value.report.stagnant == 2
    assert [actions(case)[-1] for case in (first, bad, last)] == ["stagnant", "entered", "stagnant"]
    assert watch(at=STILL).stagnant == 1


def test_thirty_cases_take_as_many_queries_as_one(county: County) -> None:
    follow(county, "ONE")
    with CaptureQueriesContext(connection) as for_one:
        watch(at=STILL)
    for number in range(30):
        follow(county, f"A{number}")

    with CaptureQueriesContext(connection) as for_thirty:
        assert watch(at=STILL).stagnant == 30

    assert len(for_thirty) == len(for_one)


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_the_same_time_say_each_thing_once() -> None:
    county = make_county()
    for number in range(20):
        follow(county, f"A{number}")
    barrier = threading.Barrier(2)
    reports: list[object] = []

    def run() -> None:
        try:
            barrier.wait(10)
            reports.append(watch(at=STILL))
        except BaseException as error:
            reports.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(one) for one in reports] == [RoundReport, RoundReport]
    assert FollowStep.objects.filter(action="stagnant").count() == 20
    assert Notice.objects.filter(what=What.STAGNANT).count() == 20
    assert Notice.objects.filter(what=What.ITEM_OVERDUE).count() == 20


def test_what_was_undone_with_its_batch_is_left_alone(county: County) -> None:
    case = follow(county)
    type(case.matter).objects.filter(pk=case.matter_id).update(withdrawn_at=STILL)

    assert watch(at=STILL).stagnant == 0
    assert list(untold(at=STILL)) == []


# -- what is to be told ------------------------------------------------------------------------------------------------


def test_entry_is_told_to_the_named_officer_and_a_missing_party_to_the_legal_officers(county: County) -> None:
    follow(county, complete=False)

    assert told_of() == [("incomplete", "100005"), ("incomplete", "100006"), ("entered", "100001")]


def test_an_item_is_told_of_on_its_day_and_once_more_when_it_is_over(county: County) -> None:
    case = follow(county)
    mark_told([one.key for one in untold(at=ENTERED)], at=ENTERED)

    assert watch(at=moment("2026-03-04 00:10")).told == 1
    assert told_of() == [("item_due", "100001")]
    mark_told([one.key for one in untold(at=STILL)], at=STILL)
    assert watch(at=moment("2026-03-05 00:10")).told == 1
    # Over: his head hears of it too.
    assert told_of() == [("item_overdue", "100001"), ("item_overdue", "100003")]
    assert watch(at=moment("2026-03-05 00:20")).told == 0
    assert OutlineItem.objects.filter(case=case, state="open").count() == 2


def test_after_a_silence_only_that_it_is_over_is_told(county: County) -> None:
    follow(county)

    watch(at=moment("2026-03-05 10:00"))

    assert set(Notice.objects.exclude(item=None).values_list("what", flat=True)) == {What.ITEM_OVERDUE}


def test_word_whose_ground_has_gone_is_dropped(county: County) -> None:
    item = items_of(follow(county))[0]
    watch(at=moment("2026-03-04 10:00"))
    key = next(one.key for one in untold(at=STILL) if "item_due" in one.key)
    assert still_stands([key, "alerts.clock:1:red", "followup.notice:x:y"]) == {key}

    finish_item(item=item, result="查清", evidence="", by=county.officer, at=moment("2026-03-04 11:00"))

    assert still_stands([key]) == set()
    assert "item_due" not in {what for what, _ in told_of()}
    assert watch(at=moment("2026-03-04 12:00")).moot == 1


def test_a_moved_due_day_is_told_anew(county: County) -> None:
    item = items_of(follow(county))[0]
    watch(at=moment("2026-03-04 10:00"))
    move_item(
        item=item,
        due_on=day("2026-03-05"),
        officer=None,
        reason="等鉴定",
        by=county.legal,
        at=moment("2026-03-04 11:00"),
    )

    watch(at=moment("2026-03-05 10:00"))

    assert [what for what, _ in told_of() if what.startswith("item")] == ["item_due"]


def test_an_instruction_is_told_at_once_and_when_its_reply_is_over_the_leader_hears_of_it_too(county: County) -> None:
    case = follow(county)
    give_instruction(case=case, text="查清", to=county.officer, due_on=day("2026-03-04"), by=county.leader, at=ENTERED)
    assert ("instructed", "100001") in told_of(ENTERED)

    watch(at=moment("2026-03-05 10:00"))

    assert [one for one in told_of() if one[0] == "reply_overdue"] == [
        ("reply_overdue", "100001"),
        ("reply_overdue", "100007"),
    ]


def test_standing_still_is_told_to_officer_head_and_legal_officers(county: County) -> None:
    follow(county)
    watch(at=STILL)

    assert {who for what, who in told_of() if what == "stagnant"} == {"100001", "100003", "100005", "100006"}


def test_a_request_to_close_is_told_to_those_who_may_consent(county: County) -> None:
    case = under_review(county)
    FollowedCase.objects.filter(pk=case.pk).update(asked_by=county.legal)

    assert [who for what, who in told_of() if what == "asked"] == ["100006"]


def test_what_is_told_names_the_case_and_leads_to_it(county: County) -> None:
    case = follow(county, "W-7")
    watch(at=moment("2026-03-06 10:00"))

    told = {one.key.rpartition(":")[2]: one for one in untold(at=moment("2026-03-06 10:00"))}

    assert told["entered"].text == "W-7：列入盯办，原因：群众反映强烈"
    assert told["item_overdue"].text == "W-7：提纲事项逾期“列明原因”（期限 03-04，已超 2 天）"
    assert {one.link for one in told.values()} == {f"/followup/cases/{case.pk}/"}
    assert {one.about for one in told.values()} == {"盯办"}
    assert told["item_overdue"].rank > told["stagnant"].rank > told["entered"].rank


def test_a_deputy_is_told_in_place_of_whoever_is_away(county: County) -> None:
    follow(county)
    Absence.objects.create(
        officer=county.officer, deputy=county.colleague, from_on=day("2026-03-01"), until_on=day("2026-03-31")
    )

    assert told_of() == [("entered", "100002")]


def test_a_hand_over_is_told_to_the_new_officer(county: County) -> None:
    follow(county)
    hand_over(officer=county.officer, to=county.colleague, by=county.legal, at=STILL)

    assert ("handed_over", "100002") in told_of()


def test_what_was_told_is_not_told_again_and_nothing_here_is_urgent(county: County) -> None:
    follow(county)
    keys = [one.key for one in untold(at=STILL)]

    assert list(untold(at=STILL, urgent=True)) == []
    assert (mark_told(keys, at=STILL), mark_told(keys, at=STILL)) == (1, 0)
    assert list(untold(at=STILL)) == []


def test_telling_takes_a_fixed_number_of_queries(county: County) -> None:
    follow(county, "ONE")
    with CaptureQueriesContext(connection) as for_one:
        assert len(list(untold(at=STILL))) == 1
    for number in range(20):
        follow(county, f"A{number}")

    with CaptureQueriesContext(connection) as for_many:
        assert len(list(untold(at=STILL))) == 21

    assert len(for_many) == len(for_one)
