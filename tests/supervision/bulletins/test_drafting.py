"""The four kinds of a bulletin, composing anew, the editor's remarks, corrections, and what is decided not to go out."""

from datetime import date

import pytest

from cases.audit.services import seal_ledgers
from cases.models import Officer
from supervision.bulletins.models import Bulletin, BulletinState, BulletinStep
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.services import (
    archive,
    comment,
    compose_daily,
    compose_monthly,
    compose_special,
    compose_weekly,
    correct,
    drop,
    issue,
    recompose,
    submit,
)
from tests.supervision.bulletins.factories import (
    APRIL_FIRST,
    MARCH,
    County,
    issued,
    make_clock,
    make_kind,
    make_limit,
    make_matter,
    make_officer,
    moment,
)

LATER = moment("2026-04-01 10:00")


@pytest.fixture
def editor(place: County) -> Officer:
    return make_officer(place.county, name="编辑")


def story(bulletin: Bulletin) -> list[str]:
    """The ledger of a bulletin, as acts in order."""
    return list(bulletin.steps.values_list("action", flat=True))


# -- kinds -----------------------------------------------------------------------------------------------------------


def test_a_week_is_monday_to_sunday_and_counted_as_such(place: County) -> None:
    kind, limit = make_kind("case", "案件"), make_limit("decide", "作出决定")
    for due in ("2026-03-22", "2026-03-23", "2026-03-29", "2026-03-30"):
        make_clock(make_matter(due, place.a, kind), limit, due_on=due)

    draft = compose_weekly(unit=place.county, day=date(2026, 3, 25), at=APRIL_FIRST)

    assert (draft.begins_on, draft.ends_on, draft.cutoff) == (
        date(2026, 3, 23),
        date(2026, 3, 30),
        moment("2026-03-30"),
    )
    assert draft.title == "某县公安局2026年3月23日至29日执法监督周点评"
    assert draft.figures["clocks"]["total"]["expired"] == 2
    assert draft.figures["period"]["kind"] == "weekly"


def test_a_daily_look_is_about_its_days_and_no_other_about_any_of_them(place: County) -> None:
    draft = compose_daily(unit=place.county, first=date(2026, 3, 28), until=date(2026, 3, 31), at=APRIL_FIRST)

    assert draft.title == "某县公安局2026年3月28日至30日执法监督日监测"
    with pytest.raises(BulletinRefused, match="与已有的“某县公安局2026年3月28日至30日执法监督日监测”重叠"):
        compose_daily(unit=place.county, first=date(2026, 3, 30), until=date(2026, 3, 31), at=APRIL_FIRST)
    compose_daily(unit=place.county, first=date(2026, 3, 31), until=date(2026, 4, 1), at=APRIL_FIRST)
    compose_daily(unit=place.a, first=date(2026, 3, 30), until=date(2026, 3, 31), at=APRIL_FIRST)
    assert Bulletin.objects.count() == 3


def test_a_special_bulletin_has_its_own_title_and_days_and_there_may_be_several(place: County) -> None:
    about = {"unit": place.county, "first": date(2026, 1, 1), "until": date(2026, 4, 1), "at": APRIL_FIRST}

    one = compose_special(title="一季度涉企执法专题通报", **about)
    other = compose_special(title="一季度涉案财物专题通报", **about)
    again = recompose(bulletin=one, at=LATER)

    assert one.pk != other.pk
    assert (again.pk, again.title, again.revision) == (one.pk, "一季度涉企执法专题通报", 2)
    with pytest.raises(BulletinRefused, match="专题通报要有标题"):
        compose_special(title="  ", **about)


def test_days_that_end_before_they_begin_are_refused(place: County) -> None:
    with pytest.raises(BulletinRefused, match="截止日不能早于起始日"):
        compose_daily(unit=place.county, first=date(2026, 3, 2), until=date(2026, 3, 2), at=APRIL_FIRST)


def test_what_is_submitted_is_not_composed_anew(place: County, editor: Officer) -> None:
    submit(
        bulletin=compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST, by=editor), by=editor, at=APRIL_FIRST
    )

    with pytest.raises(BulletinRefused, match="已送签，不能重新编制；要改，请先撤回"):
        compose_monthly(unit=place.county, month=MARCH, at=LATER)


# -- remarks ---------------------------------------------------------------------------------------------------------


def test_a_remark_is_kept_through_composing_anew_and_stands_in_what_is_issued(place: County, editor: Officer) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    comment(bulletin=draft, section="next", text="四月起每周<调度>。", by=editor, at=LATER)
    again = compose_monthly(unit=place.county, month=MARCH, at=LATER)

    bulletin = issue(bulletin=again, by=None, at=LATER)

    assert again.revision == 3
    assert "、下步工作\n四月起每周<调度>。\n" in bulletin.text
    assert "四月起每周&lt;调度&gt;。" in bulletin.html
    assert story(bulletin) == ["compose", "comment", "compose", "issue"]
    step = BulletinStep.objects.get(action="comment")
    assert (step.section, step.note, step.by, step.revision) == ("next", "四月起每周<调度>。", editor, 2)


def test_a_remark_that_did_not_change_is_no_step_and_an_empty_one_takes_it_away(place: County, editor: Officer) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    comment(bulletin=draft, section="rates", text="", by=editor, at=LATER)
    comment(bulletin=draft, section="rates", text="有升有降。", by=editor, at=LATER)
    comment(bulletin=draft, section="rates", text=" 有升有降。\r\n", by=editor, at=LATER)
    comment(bulletin=draft, section="rates", text="", by=editor, at=LATER)

    assert draft.remarks == {}
    assert story(draft) == ["compose", "comment", "comment"]


def test_remarks_that_cannot_be_are_refused(place: County, editor: Officer) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    with pytest.raises(BulletinRefused, match="最多 2000 字，现有 2001 字"):
        comment(bulletin=draft, section="rates", text="长" * 2001, by=editor, at=LATER)
    with pytest.raises(BulletinRefused, match="没有“weather”这一部分"):
        comment(bulletin=draft, section="weather", text="晴", by=editor, at=LATER)
    with pytest.raises(BulletinRefused, match="已经签发，不能再改"):
        comment(bulletin=issued(place.a), section="rates", text="晚了", by=editor, at=LATER)


def test_of_two_who_comment_at_once_the_second_is_told(place: County, editor: Officer) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    seen_by_the_other = Bulletin.objects.get(pk=draft.pk)
    comment(bulletin=draft, section="rates", text="甲", by=editor, at=LATER)

    with pytest.raises(BulletinRefused, match="在您查看之后重新编制或者点评过"):
        comment(bulletin=seen_by_the_other, section="rates", text="乙", by=editor, at=LATER)

    assert Bulletin.objects.get().remarks == {"rates": "甲"}


# -- corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_names_what_it_puts_right_and_the_old_one_stays_as_it_was(place: County, editor: Officer) -> None:
    old = issued(place.county, "chief@example.cn")
    before = (old.html, old.text, old.figures, old.state)
    kind, limit = make_kind("case", "案件"), make_limit("decide", "作出决定")
    make_clock(make_matter("1", place.a, kind), limit, due_on="2026-03-10")

    draft = correct(bulletin=old, wrong="漏数一件", by=editor, at=LATER)
    new = issue(bulletin=draft, by=None, at=LATER)

    old.refresh_from_db()
    assert (old.html, old.text, old.figures, old.state) == before
    assert old.corrected_by == new
    assert new.title == "某县公安局2026年3月执法监督月通报（更正）"
    assert (new.number, new.begins_on) == ("县局法监月通〔2026〕2号", MARCH)
    assert f"本通报更正{old.number}《{old.title}》。漏数一件" in new.text
    assert new.figures["clocks"]["total"]["expired"] == 1
    assert story(old) == ["compose", "issue", "correct"]


def test_a_bulletin_is_corrected_once_and_the_correction_may_be_corrected(place: County, editor: Officer) -> None:
    old = issued(place.county)
    new = issue(bulletin=correct(bulletin=old, wrong="漏数", by=editor, at=LATER), by=None, at=LATER)

    with pytest.raises(BulletinRefused, match="已由“某县公安局2026年3月执法监督月通报（更正）”更正"):
        correct(bulletin=Bulletin.objects.get(pk=old.pk), wrong="又漏数", by=editor, at=LATER)
    second = correct(bulletin=new, wrong="又漏数", by=editor, at=LATER)

    assert second.title == new.title
    assert BulletinStep.objects.filter(bulletin=old, action="correct").count() == 1


def test_what_was_wrong_must_be_said_and_a_draft_is_not_corrected(place: County, editor: Officer) -> None:
    with pytest.raises(BulletinRefused, match="请写明原通报哪里有误"):
        correct(bulletin=issued(place.county), wrong=" ", by=editor, at=LATER)
    with pytest.raises(BulletinRefused, match="现在是“草稿”，不能更正"):
        correct(bulletin=compose_monthly(unit=place.a, month=MARCH, at=LATER), wrong="错", by=editor, at=LATER)


def test_an_archived_bulletin_can_still_be_corrected(place: County, editor: Officer) -> None:
    old = archive(bulletin=issued(place.county), by=editor, at=LATER)

    assert correct(bulletin=old, wrong="漏数", by=editor, at=LATER).corrects == old


# -- not to go out ---------------------------------------------------------------------------------------------------


def test_what_is_decided_not_to_go_out_stays_on_record_and_may_be_begun_again_by_hand(
    place: County, editor: Officer
) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    drop(bulletin=draft, reason="本月不通报", by=editor, at=LATER)
    again = compose_monthly(unit=place.county, month=MARCH, at=LATER)

    assert (draft.state, story(draft)) == (BulletinState.DROPPED, ["compose", "drop"])
    assert again.pk != draft.pk
    with pytest.raises(BulletinRefused, match="现在是“不发”，不能签发"):
        issue(bulletin=draft, by=None, at=LATER)


def test_a_promised_correction_is_not_dropped_and_a_reason_is_needed(place: County, editor: Officer) -> None:
    draft = correct(bulletin=issued(place.county), wrong="漏数", by=editor, at=LATER)

    with pytest.raises(BulletinRefused, match="更正不能改为不发"):
        drop(bulletin=draft, reason="算了", by=editor, at=LATER)
    with pytest.raises(BulletinRefused, match="请写明理由"):
        drop(bulletin=compose_monthly(unit=place.a, month=MARCH, at=LATER), reason=" ", by=editor, at=LATER)


def test_a_daily_look_prints_where_the_audit_chain_stands_and_no_other_kind_does(place: County) -> None:
    sealed = seal_ledgers(at=APRIL_FIRST)
    printed = " ".join(sealed.chain[at : at + 8] for at in range(0, 64, 8))

    daily = compose_daily(unit=place.county, first=date(2026, 3, 31), until=date(2026, 4, 1), at=APRIL_FIRST)
    weekly = compose_weekly(unit=place.county, day=date(2026, 3, 25), at=APRIL_FIRST)

    assert f"审计封存链第 {sealed.number} 条" in str(daily.circular) and printed in str(daily.circular)
    assert printed not in str(weekly.circular)


def test_a_daily_look_prints_the_chain_as_it_stood_then(place: County) -> None:
    seal_ledgers(at=LATER)

    daily = compose_daily(unit=place.county, first=date(2026, 3, 31), until=date(2026, 4, 1), at=APRIL_FIRST)

    assert "审计封存链" not in str(daily.circular)
