"""A draft on its way to a signature and back, and out under its number."""

from datetime import date

import pytest

from cases.models import Officer
from supervision.bulletins.models import Bulletin, BulletinPlan, BulletinState, Letter
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.services import (
    archive,
    comment,
    compose_daily,
    compose_monthly,
    issue,
    plan_unit,
    recall,
    send_back,
    sign_off,
    submit,
)
from tests.supervision.bulletins.factories import APRIL_FIRST, MARCH, County, issued, make_officer, make_reader, moment

LATER = moment("2026-04-01 10:00")


@pytest.fixture
def editor(place: County) -> Officer:
    return make_officer(place.county, name="编辑")


@pytest.fixture
def leader(place: County) -> Officer:
    return make_officer(place.county, name="局长")


@pytest.fixture
def draft(place: County, editor: Officer) -> Bulletin:
    make_reader(place.county, "chief@example.cn")
    return compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST, by=editor)


def story(bulletin: Bulletin) -> list[tuple[str, str]]:
    """The ledger of a bulletin: acts and notes, in order."""
    return list(bulletin.steps.values_list("action", "note"))


def test_from_draft_to_archive(draft: Bulletin, editor: Officer, leader: Officer) -> None:
    submit(bulletin=draft, by=editor, at=LATER)
    assert (draft.state, draft.submitter, draft.submitted_at) == (BulletinState.SUBMITTED, editor, LATER)
    sign_off(bulletin=draft, by=leader, at=LATER)
    assert (draft.state, draft.signer, draft.signed_at) == (BulletinState.SIGNED, leader, LATER)
    issue(bulletin=draft, by=editor, at=LATER)
    assert (draft.state, draft.number, draft.seal) == (
        BulletinState.ISSUED,
        "县局法监月通〔2026〕1号",
        "某县公安局",
    )
    archive(bulletin=draft, by=editor, at=LATER)

    assert (draft.state, draft.archived_at) == (BulletinState.ARCHIVED, LATER)
    assert [act for act, _ in story(draft)] == ["compose", "submit", "sign_off", "issue", "archive"]
    assert Letter.objects.count() == 1
    assert draft.text.startswith("某县公安局执法监督通报\n县局法监月通〔2026〕1号\n")
    assert "\n某县公安局\n2026年4月1日\n（印章）\n" in draft.text
    assert "草稿" not in draft.text


def test_nobody_signs_what_he_submitted(draft: Bulletin, editor: Officer) -> None:
    submit(bulletin=draft, by=editor, at=LATER)

    with pytest.raises(BulletinRefused, match="送签的人不能自己签批"):
        sign_off(bulletin=draft, by=editor, at=LATER)


def test_a_month_does_not_go_out_without_a_signature_unless_its_plan_says_so(
    draft: Bulletin, editor: Officer, place: County
) -> None:
    with pytest.raises(BulletinRefused, match="须经签批：请先送签"):
        issue(bulletin=draft, by=editor, at=LATER)

    BulletinPlan.objects.filter(unit=place.county, kind="monthly").update(waits=False)

    assert issue(bulletin=draft, by=editor, at=LATER).officer == editor


def test_a_daily_look_goes_out_without_one_unless_its_plan_says_otherwise(place: County, editor: Officer) -> None:
    days = {"first": date(2026, 3, 30), "until": date(2026, 3, 31), "at": APRIL_FIRST}
    issue(bulletin=compose_daily(unit=place.county, **days), by=editor, at=LATER)
    plan_unit(unit=place.a, at=APRIL_FIRST)
    BulletinPlan.objects.filter(unit=place.a, kind="daily").update(waits=True)

    with pytest.raises(BulletinRefused, match="须经签批"):
        issue(bulletin=compose_daily(unit=place.a, **days), by=editor, at=LATER)


def test_what_is_submitted_is_recalled_by_who_submitted_it_and_what_is_signed_by_who_signed_it_too(
    draft: Bulletin, editor: Officer, leader: Officer, place: County
) -> None:
    submit(bulletin=draft, by=editor, at=LATER)
    with pytest.raises(BulletinRefused, match="只有送签人编辑或者签批人（尚未签批）可以撤回"):
        recall(bulletin=draft, reason="还要改", by=leader, at=LATER)
    recall(bulletin=draft, reason="还要改", by=editor, at=LATER)
    assert (draft.state, draft.submitter, draft.submitted_at) == (BulletinState.DRAFT, None, None)

    submit(bulletin=draft, by=editor, at=LATER)
    sign_off(bulletin=draft, by=leader, at=LATER)
    with pytest.raises(BulletinRefused, match="请写明理由"):
        recall(bulletin=draft, reason=" ", by=leader, at=LATER)
    recall(bulletin=draft, reason="数字存疑", by=leader, at=LATER)

    assert (draft.state, draft.signer, draft.signed_at) == (BulletinState.DRAFT, None, None)
    assert ("recall", "数字存疑") in story(draft)


def test_what_is_out_is_not_recalled(place: County, editor: Officer) -> None:
    with pytest.raises(BulletinRefused, match="已经签发，不能再改"):
        recall(bulletin=issued(place.county), reason="后悔", by=editor, at=LATER)


def test_who_should_sign_may_send_it_back_with_a_reason(draft: Bulletin, editor: Officer, leader: Officer) -> None:
    submit(bulletin=draft, by=editor, at=LATER)

    with pytest.raises(BulletinRefused, match="请写明理由"):
        send_back(bulletin=draft, reason="", by=leader, at=LATER)
    send_back(bulletin=draft, reason="请补充分析", by=leader, at=LATER)

    assert (draft.state, draft.tell_since) == (BulletinState.DRAFT, LATER)
    assert story(draft)[-1] == ("send_back", "请补充分析")


def test_a_month_that_still_runs_is_not_submitted(place: County, editor: Officer) -> None:
    running = compose_monthly(unit=place.county, month=MARCH, at=moment("2026-03-31 12:00"))

    with pytest.raises(BulletinRefused, match="2026年3月还没有结束"):
        submit(bulletin=running, by=editor, at=LATER)


def test_of_two_at_once_the_second_is_told(draft: Bulletin, editor: Officer, leader: Officer) -> None:
    submit(bulletin=draft, by=editor, at=LATER)
    seen_by_the_other = Bulletin.objects.get(pk=draft.pk)
    sign_off(bulletin=draft, by=leader, at=LATER)

    with pytest.raises(BulletinRefused, match="现在是“待签发”，不能退回；请刷新页面"):
        send_back(bulletin=seen_by_the_other, reason="请改", by=leader, at=LATER)
    with pytest.raises(BulletinRefused, match="现在是“待签发”，不能签批"):
        sign_off(bulletin=Bulletin.objects.get(pk=draft.pk), by=leader, at=LATER)


def test_what_was_commented_since_is_not_submitted_unread(draft: Bulletin, editor: Officer) -> None:
    seen = Bulletin.objects.get(pk=draft.pk)
    comment(bulletin=draft, section="overall", text="总体平稳", by=editor, at=LATER)

    with pytest.raises(BulletinRefused, match="请看过新的草稿再送签"):
        submit(bulletin=seen, by=editor, at=LATER)


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_numbers_follow_the_order_of_issuing_by_unit_kind_and_year(place: County) -> None:
    days = {"first": date(2026, 3, 30), "until": date(2026, 3, 31), "at": APRIL_FIRST}
    drafts = [
        compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST),
        compose_monthly(unit=place.county, month=date(2026, 1, 1), at=APRIL_FIRST),
        compose_daily(unit=place.county, **days),
        compose_monthly(unit=place.a, month=MARCH, at=APRIL_FIRST),
        compose_monthly(unit=place.county, month=date(2025, 11, 1), at=APRIL_FIRST),
    ]

    numbers = [issue(bulletin=one, by=None, at=APRIL_FIRST).number for one in drafts[:4]]
    last = issue(bulletin=drafts[4], by=None, at=moment("2027-01-04 09:00"))

    assert numbers == [
        "县局法监月通〔2026〕1号",
        "县局法监月通〔2026〕2号",
        "县局法监日监〔2026〕1号",
        "城关派出所法监月通〔2026〕1号",
    ]
    assert last.number == "县局法监月通〔2027〕1号"


def test_a_refused_issue_leaves_no_gap(draft: Bulletin, place: County) -> None:
    stale = Bulletin.objects.get(pk=draft.pk)
    issue(bulletin=draft, by=None, at=LATER)
    with pytest.raises(BulletinRefused):
        issue(bulletin=stale, by=None, at=LATER)

    other = compose_monthly(unit=place.county, month=date(2026, 2, 1), at=LATER)

    assert issue(bulletin=other, by=None, at=LATER).serial == 2


def test_an_archived_bulletin_is_not_archived_again(place: County, editor: Officer) -> None:
    archived = archive(bulletin=issued(place.county), by=editor, at=LATER)

    with pytest.raises(BulletinRefused, match="现在是“已归档”，不能归档"):
        archive(bulletin=archived, by=editor, at=LATER)
