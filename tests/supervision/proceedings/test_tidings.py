"""What people are told of disputes, reviews and transfers: the days they set themselves, and nothing a warning tells."""

from datetime import date, timedelta

import pytest

from cases.models import Absence, Handling, Matter, Officer, Role
from cases.services import name_handler
from supervision.alerts.queries import untold as untold_warnings
from supervision.alerts.services import sweep
from supervision.bulletins.models import NoticeLine
from supervision.bulletins.services import compose_notices
from supervision.proceedings import services
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.proceedings.queries import matters_behind, still_stands, untold
from supervision.proceedings.refusals import HEARING_AS_SET, HEARING_RECORDED, MOVED_ON, ProceedingRefused
from supervision.proceedings.services import mark_told, tell_again
from supervision.proceedings.tidings import read_key
from tests.cases.factories import add_limit, day, make_officer, moment
from tests.supervision.proceedings.factories import (
    AT,
    County,
    a_dispute,
    a_review,
    a_suit,
    a_transfer,
    accepted,
    actions,
    ended,
    refused,
    settled,
)


def told(at: str) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for one in untold(at=moment(at)):
        found.setdefault(one.key.split(":")[0].removeprefix("proceedings."), set()).add(one.officer_id)
    return found


def set_hearing(county: County, review: Review, on: str = "2026-04-08", head: Officer | None = None) -> Review:
    return services.set_hearing(review=review, on=day(on), head=head, by=county.legal, at=AT)


# -- settlements -------------------------------------------------------------------------------------------------------


def test_a_settlement_is_told_of_on_the_day_it_is_to_be_looked_at_until_somebody_has(county: County) -> None:
    dispute = settled(county, recheck="2026-03-20")
    assert told("2026-03-20 08:59") == {}
    assert told("2026-03-20 09:00") == {"recheck": {county.officer.pk}}

    services.recheck_dispute(dispute=dispute, on=day("2026-03-20"), held=True, result="没有反复", by=county.head, at=AT)

    assert told("2026-04-20 09:00") == {}


def test_one_that_did_not_hold_is_told_of_again_only_when_it_is_settled_anew(county: County) -> None:
    dispute = settled(county, recheck="2026-03-20")
    keys = [one.key for one in untold(at=AT)]

    services.recheck_dispute(dispute=dispute, on=day("2026-03-20"), held=False, result="又吵", by=county.head, at=AT)

    assert (told("2026-04-20 09:00"), still_stands(keys), mark_told(keys, at=AT)) == ({}, set(), 0)
    services.settle_dispute(
        dispute=Dispute.objects.get(), on=day("2026-03-25"), result="再次达成协议", recheck_due_on=day("2026-04-20"),
        by=county.head, at=AT,
    )  # fmt: skip
    assert told("2026-04-20 09:00") == {"recheck": {county.officer.pk}}


def test_on_a_day_off_it_waits_for_work_to_open(county: County) -> None:
    settled(county, recheck="2026-03-21")

    assert told("2026-03-22 12:00") == {}
    assert told("2026-03-23 09:00") == {"recheck": {county.officer.pk}}


def test_where_nobody_handles_it_or_he_is_gone_the_head_of_the_unit_is_told_and_his_deputy_while_he_is_away(
    county: County,
) -> None:
    settled(county, recheck="2026-03-20")
    Officer.objects.filter(pk=county.officer.pk).update(is_active=False)
    assert told("2026-03-20 09:00") == {"recheck": {county.head.pk}}

    deputy = make_officer("100009", county.bureau.station)
    Absence.objects.create(officer=county.head, deputy=deputy, from_on=date(2026, 3, 20), until_on=date(2026, 3, 20))

    assert told("2026-03-20 09:00") == {"recheck": {deputy.pk}}


# -- hearings ----------------------------------------------------------------------------------------------------------


def test_whoever_handles_it_and_the_head_named_are_told_three_worked_days_before(county: County) -> None:
    """8 April 2026 is a Wednesday; with weekends only off, three worked days before it is Friday the third."""
    suit = set_hearing(county, a_suit(county), head=county.leader)
    assert actions(suit) == ["registered", "hearing_set"]

    assert told("2026-04-03 08:59") == {}
    assert told("2026-04-03 09:00") == {"hearing": {county.officer.pk, county.leader.pk}}
    assert {one.text for one in untold(at=moment("2026-04-03 09:00"))} == {
        f"SS1 定于 04-08 在某县人民法院开庭，{county.leader}出庭"
    }


def test_where_no_head_is_named_it_says_so(county: County) -> None:
    set_hearing(county, a_suit(county))

    (one,) = untold(at=moment("2026-04-03 09:00"))

    assert one.text.endswith("尚未确定到场的负责人，请确定")


def test_after_the_day_it_is_told_once_more_that_the_hearing_is_to_be_put_on_record(county: County) -> None:
    suit = set_hearing(county, a_suit(county), head=county.leader)
    mark_told([one.key for one in untold(at=moment("2026-04-03 09:00"))], at=moment("2026-04-03 09:00"))

    assert told("2026-04-08 18:00") == {}
    assert told("2026-04-09 09:00") == {"heard": {county.officer.pk}}
    services.hear_review(
        review=suit, on=day("2026-04-08"), head_appeared=True, absence_reason="", by=county.legal,
        at=moment("2026-04-09 10:00"),
    )  # fmt: skip
    assert told("2026-04-10 09:00") == {}


def test_of_a_hearing_that_is_moved_both_are_told_anew_and_the_old_day_no_longer_stands(county: County) -> None:
    suit = set_hearing(county, a_suit(county), head=county.leader)
    at = moment("2026-04-03 09:00")
    keys = [one.key for one in untold(at=at)]
    mark_told(keys, at=at)

    set_hearing(county, suit, on="2026-04-22", head=county.leader)

    assert still_stands(keys) == set()
    assert told("2026-04-17 09:00") == {"hearing": {county.officer.pk, county.leader.pk}}
    assert "原定 2026-04-08，改为 2026-04-22 开庭" in suit.matter.proceeding_steps.last().text


def test_when_another_head_is_to_come_he_is_told_and_what_the_first_was_told_no_longer_stands(county: County) -> None:
    suit, second = a_suit(county), make_officer("100044", county.bureau.county, Role.LEADER)
    set_hearing(county, suit, head=county.leader)
    at = moment("2026-04-03 09:00")
    keys = [one.key for one in untold(at=at)]
    mark_told(keys, at=at)

    set_hearing(county, suit, head=second)

    assert still_stands(keys) == set()
    assert told("2026-04-03 09:00") == {"hearing": {county.officer.pk, second.pk}}


def test_two_who_set_it_at_once_do_not_overwrite_each_other(county: County) -> None:
    suit = set_hearing(county, a_suit(county))
    as_seen = Review.objects.get(pk=suit.pk)
    set_hearing(county, suit, head=county.leader)

    with pytest.raises(ProceedingRefused, match=MOVED_ON):
        set_hearing(county, as_seen, head=county.head)

    assert Review.objects.get().hearing_head == county.leader


def test_before_an_agency_that_reviews_it_is_a_hearing_and_not_a_trial(county: County) -> None:
    review = set_hearing(county, a_review(county), head=county.leader)

    said = {one.text for one in untold(at=moment("2026-04-03 09:00"))}

    assert said == {f"FY1 定于 04-08 在某县人民政府听证，{county.leader}参加听证"}
    assert review.matter.proceeding_steps.last().text == f"2026-04-08 听证，{county.leader}参加听证"


def test_a_hearing_without_an_officer_is_the_legal_departments(county: County) -> None:
    set_hearing(county, a_suit(county, officer=None), head=county.leader)

    assert told("2026-04-03 09:00") == {"hearing": {county.legal.pk, county.leader.pk}}


def test_what_is_no_hearing_to_be_set(county: County) -> None:
    suit = a_suit(county)
    for on, head, words in (
        ("2026-03-26", None, "已经过去"),
        ("2026-04-08", county.officer, "现在没有领导职务"),
        ("2026-04-08", county.stranger, "看不到这一件"),
    ):
        with pytest.raises(ProceedingRefused, match=words):
            set_hearing(county, suit, on=on, head=head)
    set_hearing(county, suit, head=county.leader)
    with pytest.raises(ProceedingRefused, match=HEARING_AS_SET):
        set_hearing(county, suit, head=county.leader)
    services.hear_review(
        review=suit, on=day("2026-03-26"), head_appeared=True, absence_reason="", by=county.legal, at=AT
    )
    with pytest.raises(ProceedingRefused, match=HEARING_RECORDED):
        set_hearing(county, suit, on="2026-05-08")
    over = ended(county, a_suit(county, "SS2"), "upheld")
    with pytest.raises(ProceedingRefused, match="现在是“已审结”"):
        set_hearing(county, over)

    assert told("2026-06-08 09:00") == {}


# -- transfers ---------------------------------------------------------------------------------------------------------


def test_a_transfer_nobody_answers_is_told_of_after_thirty_days(county: County) -> None:
    """Handed to another agency on Monday 2 March: thirty days on is Wednesday 1 April."""
    a_transfer(county, direction="out")

    assert told("2026-03-31 17:00") == {}
    assert told("2026-04-01 09:00") == {"answer": {county.officer.pk}}


def test_one_that_is_answered_is_not(county: County) -> None:
    accepted(county, direction="out")
    refused(county, "YS2", direction="out")
    services.redirect_transfer(
        transfer=a_transfer(county, "YS3"), redirected_at=moment("2026-03-04 10:00"), on=day("2026-03-04"),
        reason="转送邻县", by=county.head, at=AT,
    )  # fmt: skip

    assert told("2026-06-01 09:00") == {}


# -- no doubling -------------------------------------------------------------------------------------------------------


def test_what_a_clock_says_is_told_by_its_warning_and_not_from_here(county: County) -> None:
    law = {"law": "某法", "status": "verified", "in_force_from": "2020-01-01"}
    add_limit(
        code="answer_10wd", name="答复", kinds=["reconsideration"], starts=["admin_reconsideration_copy_received"],
        stops=["admin_reconsideration_answered"], length=10, unit="workday", calendar="cn", **law,
    )  # fmt: skip
    add_limit(
        code="decide_3d", name="移送审查", kinds=["transfer_in"], starts=["transfer_received"],
        stops=["transfer_accepted"], length=3, unit="day", **law,
    )  # fmt: skip
    a_review(county)
    a_transfer(county)
    late = moment("2026-05-06 09:00")
    sweep(at=late)

    warned = {one.officer_id for one in untold_warnings(at=late)}

    assert warned == {county.officer.pk}
    assert told("2026-05-06 09:00") == {}


# -- who hears of a restricted one -------------------------------------------------------------------------------------


def test_of_a_restricted_one_its_named_handlers_hear_and_nobody_else(county: County) -> None:
    row = settled(county, recheck="2026-03-20")
    # As an import of a closed register has it: closed from the first moment.
    closed = Matter.objects.create(
        kind=row.matter.kind, number="JF9", restricted=True, officer=county.officer, opened_at=row.matter.opened_at,
        **county.bureau.station.scope_ids,
    )  # fmt: skip
    Dispute.objects.create(
        matter=closed, sort="family", risk="low", channel="call", stage="settled", mediated_by=county.bureau.station,
        mediation_began_on=day("2026-03-03"), ended_on=day("2026-03-05"), result="和好",
        recheck_due_on=day("2026-03-20"), tell_since=moment("2026-03-20 09:00"),
    )  # fmt: skip
    assert {one.officer_id for one in untold(at=AT) if f":{closed.pk}:" in one.key} == set()
    other = make_officer("100010", county.bureau.legal, Role.LEGAL_OFFICER)
    name_handler(matter=closed, officer=other, role="legal", at=AT)

    assert {one.officer_id for one in untold(at=AT) if f":{closed.pk}:" in one.key} == {other.pk}
    assert Handling.objects.filter(matter=closed).count() == 1


# -- through the one mouth ---------------------------------------------------------------------------------------------


def test_the_one_mouth_tells_each_once(county: County) -> None:
    settled(county, recheck="2026-03-26")
    a_dispute(county, "JF2")
    set_hearing(county, a_suit(county), on="2026-03-31", head=county.leader)
    a_transfer(county, direction="out")

    for number in range(6):
        assert compose_notices(at=moment("2026-03-27 09:00") + timedelta(days=number)).broken == []

    lines = NoticeLine.objects.order_by("notice__day", "officer", "-rank", "pk")
    assert [(f"{line.notice.day:%m-%d}", line.officer_id, line.key.split(":")[0]) for line in lines] == [
        ("03-27", county.officer.pk, "proceedings.hearing"),
        ("03-27", county.officer.pk, "proceedings.recheck"),
        ("03-27", county.leader.pk, "proceedings.hearing"),
        ("04-01", county.officer.pk, "proceedings.heard"),
        ("04-01", county.officer.pk, "proceedings.answer"),
    ]


def test_what_did_not_reach_its_hearer_is_told_again_unless_it_is_done(county: County) -> None:
    settled(county, recheck="2026-03-20")
    a_transfer(county, direction="out", handed_at=moment("2026-02-02 10:00"))
    keys = [one.key for one in untold(at=AT)]
    assert mark_told([*keys, "alerts.alert:1:3-0"], at=AT) == 2
    assert mark_told(keys, at=AT) == 0
    services.accept_transfer(
        transfer=Transfer.objects.get(), on=day("2026-03-26"), document_number="", by=county.head, at=AT
    )
    later = AT + timedelta(hours=1)

    assert tell_again([*keys, "proceedings.recheck:999:2026-03-20", "other"], at=later) == 1

    assert [(one.since, one.key.split(":")[0]) for one in untold(at=later)] == [(later, "proceedings.recheck")]
    assert matters_behind(keys) == {key: int(key.split(":")[1]) for key in keys}


def test_a_key_is_of_one_noun_of_this_room() -> None:
    assert read_key("proceedings.recheck:7:2026-03-20") == ("recheck", 7, "2026-03-20")
    assert read_key("proceedings.other:7:2026-03-20") is None
    assert read_key("petitions.recheck:7:due") is None
    assert read_key("proceedings.recheck:x:2026-03-20") is None


def test_nothing_here_is_urgent(county: County) -> None:
    settled(county, recheck="2026-03-20")

    assert list(untold(at=AT, urgent=True)) == []
