"""Who reads a bulletin, and composing and issuing it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Officer, Role
from cases.services import assign_post
from supervision.bulletins import services
from supervision.bulletins.composing import reading
from supervision.bulletins.issuing import shown_circular
from supervision.bulletins.models import Bulletin, BulletinState, Letter, LetterState, LetterStep, Recipient
from supervision.bulletins.papers.plain import plain_text
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.services import (
    add_recipient,
    compose_monthly,
    issue,
    issue_due,
    remove_recipient,
)
from supervision.bulletins.tasks import send_letters_task
from tests.supervision.bulletins.factories import (
    APRIL_FIRST,
    MARCH,
    County,
    issued,
    make_calendar,
    make_clock,
    make_kind,
    make_limit,
    make_matter,
    make_officer,
    make_reader,
    moment,
    months_by_themselves,
    story_of,
)

Captured = Callable[..., AbstractContextManager[list[Any]]]


# -- who reads it ----------------------------------------------------------------------------------------------------


def test_an_officer_is_a_recipient_by_name_alone(place: County) -> None:
    officer = make_officer(place.county, email="li@example.cn")

    recipient = add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)

    assert (recipient.officer, recipient.name, recipient.address) == (officer, "", "")
    assert (recipient.city, recipient.county, recipient.station) == (place.city, place.county, None)


@pytest.mark.parametrize(
    ("name", "address", "reason"),
    [
        ("", "", "不能都填，也不能都不填"),
        ("王所长", "", "不能都填，也不能都不填"),
        ("", "wang@example.cn", "不能都填，也不能都不填"),
        ("王所长", "wang at example", "不是邮箱地址"),
        ("王\n所长", "wang@example.cn", "控制字符"),
    ],
)
def test_half_a_recipient_is_refused(place: County, name: str, address: str, reason: str) -> None:
    with pytest.raises(BulletinRefused, match=reason):
        add_recipient(unit=place.county, name=name, address=address, at=APRIL_FIRST)

    assert not Recipient.objects.exists()


def test_an_officer_with_an_address_beside_him_is_refused(place: County) -> None:
    with pytest.raises(BulletinRefused, match="不能都填"):
        add_recipient(
            unit=place.county, officer=make_officer(place.county), name="王", address="w@example.cn", at=APRIL_FIRST
        )


def test_the_bulletins_of_a_bureau_are_for_those_in_it_above_it_and_below_it(place: County) -> None:
    for unit in (place.city, place.county, place.a):
        add_recipient(unit=place.county, officer=make_officer(unit), at=APRIL_FIRST)
    # A post counts as well as the unit he is carried in.
    seconded = make_officer(place.other_county)
    assign_post(officer=seconded, unit=place.county, role=Role.LEGAL_OFFICER, from_on=MARCH)
    add_recipient(unit=place.county, officer=seconded, at=APRIL_FIRST)

    with pytest.raises(BulletinRefused, match="也不在它的上级、下级单位"):
        add_recipient(unit=place.county, officer=make_officer(place.d), at=APRIL_FIRST)
    with pytest.raises(BulletinRefused, match="也不在它的上级、下级单位"):
        add_recipient(unit=place.a, officer=make_officer(place.b), at=APRIL_FIRST)

    assert Recipient.objects.count() == 4


def test_nobody_is_a_recipient_twice_however_he_writes_his_address(place: County) -> None:
    officer = make_officer(place.county)
    add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)
    add_recipient(unit=place.county, name="王", address="wang@example.cn", at=APRIL_FIRST)

    with pytest.raises(BulletinRefused, match="李明已经是县局通报的收件人"):
        add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)
    with pytest.raises(BulletinRefused, match="王某已经是县局通报的收件人"):
        add_recipient(unit=place.county, name="王某", address="WANG@example.cn", at=APRIL_FIRST)


def test_who_left_and_comes_back_is_the_same_recipient(place: County) -> None:
    recipient = make_reader(place.county, "wang@example.cn")
    remove_recipient(recipient=recipient)

    back = add_recipient(unit=place.county, name="王主任", address="wang@example.cn", at=APRIL_FIRST)

    assert (back.pk, back.active, back.name, back.entered_at) == (recipient.pk, True, "王主任", APRIL_FIRST)


def test_who_has_left_cannot_leave_again(place: County) -> None:
    recipient = make_reader(place.county, "wang@example.cn")
    remove_recipient(recipient=recipient)

    with pytest.raises(BulletinRefused, match="已经不再是收件人"):
        remove_recipient(recipient=recipient)


# -- composing -------------------------------------------------------------------------------------------------------


def test_a_draft_holds_figures_html_and_text_of_the_whole_month(place: County) -> None:
    kind, limit = make_kind("case", "案件"), make_limit("decide", "作出决定")
    make_clock(make_matter("某公〔2026〕1号", place.a, kind, opened="2026-03-02"), limit, due_on="2026-03-10")

    draft = compose_monthly(unit=place.county, month=date(2026, 3, 17), at=APRIL_FIRST)

    assert (draft.begins_on, draft.cutoff, draft.state) == (MARCH, moment("2026-04-01"), BulletinState.DRAFT)
    assert draft.title == "某县公安局2026年3月执法监督月通报"
    assert draft.figures["period"] == {
        "kind": "monthly",
        "begins_at": "2026-03-01T00:00:00+08:00",
        "ends_at": "2026-04-01T00:00:00+08:00",
        "cutoff": "2026-04-01T00:00:00+08:00",
    }
    assert draft.figures["clocks"]["total"] == {
        "in_time": 0,
        "late": 0,
        "expired": 1,
        "on_time": {"numerator": 0, "denominator": 1, "value": "0.00"},
    }
    assert draft.figures["clocks"]["cells"] == [
        {"unit": "A", "limit": "decide", **draft.figures["clocks"]["total"]},
    ]
    assert draft.figures["overdue"]["longest"][0]["number"] == "某公〔2026〕1号"
    assert "某公〔2026〕1号" in plain_text(shown_circular(draft))


def test_composing_again_writes_over_the_draft(place: County) -> None:
    first = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    kind, limit = make_kind("case", "案件"), make_limit("decide", "作出决定")
    make_clock(make_matter("1", place.a, kind), limit, due_on="2026-03-10")

    again = compose_monthly(unit=place.county, month=MARCH, at=moment("2026-04-01 09:00"))

    assert again.pk == first.pk
    assert [one.figures["clocks"]["total"]["expired"] for one in (first, again)] == [0, 1]
    assert Bulletin.objects.count() == 1


def test_the_same_rows_give_the_same_draft_however_late_it_is_composed(place: County) -> None:
    make_clock(
        make_matter("1", place.a, make_kind("case", "案件")), make_limit("decide", "作出决定"), due_on="2026-03-10"
    )

    early = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    late = compose_monthly(unit=place.county, month=MARCH, at=moment("2026-06-20"))

    assert early.figures == late.figures


def test_a_restricted_matter_leaves_no_trace_of_who_it_is(place: County) -> None:
    kind, limit = make_kind("letter", "来信", restricted=True), make_limit("answer", "答复来信")
    make_clock(make_matter("举报李某一案", place.a, kind, title="李某被举报"), limit, due_on="2026-03-10")

    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    # One is too few to be counted apart, or at all.
    assert draft.figures["overdue"] == {"count": 0, "restricted": 0, "longest": []}
    assert "李某" not in str(draft.circular) + str(draft.figures)


def test_a_month_that_has_not_begun_is_refused(place: County) -> None:
    with pytest.raises(BulletinRefused, match="2026年5月还没有开始"):
        compose_monthly(unit=place.county, month=date(2026, 5, 1), at=APRIL_FIRST)


def test_the_local_day_decides_whether_a_month_has_begun(place: County) -> None:
    draft = compose_monthly(unit=place.county, month=date(2026, 4, 1), at=moment("2026-04-01 00:00"))

    assert draft.cutoff == moment("2026-04-01")


# -- issuing ---------------------------------------------------------------------------------------------------------


def test_issuing_freezes_the_bulletin_and_queues_a_letter_for_each_active_recipient(place: County) -> None:
    officer = make_officer(place.county)
    add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)
    make_reader(place.county, "chief@example.cn")
    remove_recipient(recipient=make_reader(place.county, "gone@example.cn"))
    make_reader(place.a, "other@example.cn")
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    months_by_themselves()

    bulletin = issue(bulletin=draft, by=officer, at=APRIL_FIRST)

    assert (bulletin.state, bulletin.issued_at, bulletin.officer) == (BulletinState.ISSUED, APRIL_FIRST, officer)
    letters = list(Letter.objects.order_by("pk"))
    assert [str(letter.recipient) for letter in letters] == ["李明", "chief"]
    assert {letter.state for letter in letters} == {LetterState.QUEUED}
    assert {letter.next_try_at for letter in letters} == {APRIL_FIRST}
    assert len({letter.message_id for letter in letters}) == 2
    assert [story_of(letter) for letter in letters] == [["queued"], ["queued"]]
    assert {step.by for step in LetterStep.objects.all()} == {officer}


def test_an_issued_bulletin_is_neither_issued_nor_composed_again(place: County) -> None:
    stale = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    make_reader(place.county, "chief@example.cn")
    issue(bulletin=Bulletin.objects.get(), by=None, at=APRIL_FIRST)

    with pytest.raises(BulletinRefused, match="已经签发，不能再改"):
        issue(bulletin=stale, by=None, at=APRIL_FIRST)
    with pytest.raises(BulletinRefused, match="已经签发，不能再改"):
        compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    assert Letter.objects.count() == 1


def test_what_one_signs_is_what_one_has_seen(place: County) -> None:
    seen = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    compose_monthly(unit=place.county, month=MARCH, at=moment("2026-04-01 09:00"))

    with pytest.raises(BulletinRefused, match="在您查看之后重新编制或者点评过"):
        issue(bulletin=seen, by=None, at=moment("2026-04-01 09:01"))

    assert not Bulletin.objects.issued().exists()


def test_a_month_that_is_not_over_is_not_issued_even_later_from_an_old_draft(place: County) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=moment("2026-03-31 23:59"))

    with pytest.raises(BulletinRefused, match="2026年3月还没有结束"):
        issue(bulletin=draft, by=None, at=APRIL_FIRST)


def test_later_data_change_nothing_in_an_issued_bulletin(place: County) -> None:
    bulletin = issued(place.county, "chief@example.cn")
    make_matter("1", place.a, make_kind("case", "案件"), opened="2026-03-02")

    issue_due(at=moment("2026-04-02 08:30"))

    before = (bulletin.figures, bulletin.html, bulletin.text, bulletin.composed_at)
    bulletin.refresh_from_db()
    assert (bulletin.figures, bulletin.html, bulletin.text, bulletin.composed_at) == before


def test_the_worker_is_told_after_the_commit_and_not_before(
    place: County, django_capture_on_commit_callbacks: Captured, mailoutbox: list[Any]
) -> None:
    make_reader(place.county, "chief@example.cn")
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    with django_capture_on_commit_callbacks() as told:
        issue(bulletin=draft, by=None, at=timezone.now())

    assert send_letters_task.name == services.SEND_LETTERS
    assert mailoutbox == []
    (tell,) = told
    tell()
    assert [mail.subject for mail in mailoutbox] == ["某县公安局2026年3月执法监督月通报"]


def test_a_queue_that_cannot_be_reached_does_not_undo_an_issue(
    place: County, django_capture_on_commit_callbacks: Captured, unreachable_queue: None
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        bulletin = issued(place.county, "chief@example.cn")

    assert bulletin.state == BulletinState.ISSUED
    assert Letter.objects.get().state == LetterState.QUEUED


# -- the timetable's round -------------------------------------------------------------------------------------------


def months() -> list[tuple[str, str]]:
    rows = Bulletin.objects.issued().order_by("begins_on", "unit__code")
    return [(row.unit.code, f"{row.begins_on:%Y-%m}") for row in rows]


@pytest.fixture
def calendar(db: None) -> None:
    make_calendar()


def test_each_unit_with_readers_is_told_once_however_often_the_round_runs(place: County, calendar: None) -> None:
    make_reader(place.county, "chief@example.cn", entered="2026-03-25")
    make_reader(place.a, "head@example.cn", entered="2026-03-25")
    months_by_themselves()

    first = issue_due(at=APRIL_FIRST)
    again = issue_due(at=APRIL_FIRST)
    next_day = issue_due(at=moment("2026-04-02 08:30"))

    assert months() == [("A", "2026-03"), ("X", "2026-03")]
    assert [len(report.issued) for report in (first, again, next_day)] == [2, 0, 0]
    assert Letter.objects.count() == 2


def test_before_the_first_working_day_nothing_is_issued(place: County, calendar: None) -> None:
    make_reader(place.county, "chief@example.cn", entered="2026-04-25")
    months_by_themselves()

    for day in ("2026-05-01", "2026-05-04", "2026-05-05"):
        issue_due(at=moment(f"{day} 08:30"))
    assert months() == []

    issue_due(at=moment("2026-05-06 08:30"))
    assert months() == [("X", "2026-04")]


def test_months_missed_in_a_silence_are_made_up_for_oldest_first(place: County, calendar: None) -> None:
    make_reader(place.county, "chief@example.cn", entered="2025-06-01")
    months_by_themselves()

    report = issue_due(at=moment("2026-05-20 08:30"))

    assert months() == [("X", "2026-02"), ("X", "2026-03"), ("X", "2026-04")]
    assert [f"{bulletin.begins_on:%m}" for bulletin in report.issued] == ["02", "03", "04"]


def test_a_unit_nobody_reads_about_is_left_alone(place: County, calendar: None) -> None:
    remove_recipient(recipient=make_reader(place.county, "gone@example.cn"))
    months_by_themselves()

    issue_due(at=APRIL_FIRST)

    assert not Bulletin.objects.exists()


def test_one_unit_that_fails_does_not_keep_the_others_from_theirs(
    place: County, calendar: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unit in (place.a, place.b, place.county):
        make_reader(unit, "chief@example.cn", entered="2026-03-25")
    months_by_themselves()
    plain = reading.read_figures

    def broken_at_b(unit: Any, period: Any) -> Any:
        if unit == place.b:
            raise ZeroDivisionError("坏数据")
        return plain(unit, period)

    monkeypatch.setattr(reading, "read_figures", broken_at_b)
    report = issue_due(at=APRIL_FIRST)

    assert months() == [("A", "2026-03"), ("X", "2026-03")]
    assert [(unit.code, label, words) for unit, label, words in report.failed] == [
        ("B", "2026年3月月通报", "ZeroDivisionError: 坏数据")
    ]


def test_without_any_calendar_weekends_decide(place: County) -> None:
    make_reader(place.county, "chief@example.cn", entered="2026-07-20")
    months_by_themselves()

    issue_due(at=moment("2026-08-02 08:30"))
    assert months() == []

    issue_due(at=moment("2026-08-03 08:30"))
    assert months() == [("X", "2026-07")]


# -- who sees it -----------------------------------------------------------------------------------------------------


def test_a_bulletin_is_seen_by_who_supervises_the_unit_and_not_next_door(place: County) -> None:
    bulletin = issued(place.a, "head@example.cn")
    supervisor: Officer = make_officer(place.county)
    stranger: Officer = make_officer(place.b)
    assign_post(officer=supervisor, unit=place.county, role=Role.LEGAL_OFFICER, from_on=MARCH)
    assign_post(officer=stranger, unit=place.b, role=Role.UNIT_HEAD, from_on=MARCH)

    for rows in (Bulletin.objects.all(), Letter.objects.all(), Recipient.objects.all()):
        assert rows.visible_to(supervisor).count() == 1
        assert rows.visible_to(stranger).count() == 0
    assert Bulletin.objects.visible_to(supervisor).get() == bulletin
