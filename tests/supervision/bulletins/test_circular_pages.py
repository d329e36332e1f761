"""Bulletins through their pages: the list, beginning one, and the way of one from draft to archive."""

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Officer, Role
from cases.roles import plan_roles
from cases.services import add_officer, assign_post
from supervision.bulletins.filing import file_papers
from supervision.bulletins.models import Bulletin, BulletinState, Letter
from supervision.bulletins.services import compose_daily, compose_monthly, correct, issue, sign_off, submit
from tests.supervision.bulletins.factories import APRIL_FIRST, MARCH, County, issued, make_reader


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: APRIL_FIRST)
    return APRIL_FIRST


def officer_of(place: County, number: str, role: Role, far: bool = False) -> Officer:
    unit = place.other_county if far else place.county
    officer = add_officer(police_number=number, name=f"民警{number}", unit=unit)
    assign_post(officer=officer, unit=unit, role=role, from_on=MARCH)
    return officer


def sign_in(officer: Officer) -> Client:
    plan_roles()
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def legal(place: County) -> Officer:
    return officer_of(place, "100003", Role.LEGAL_OFFICER)


@pytest.fixture
def editor(legal: Officer) -> Client:
    return sign_in(legal)


@pytest.fixture
def leader(place: County) -> Client:
    return sign_in(officer_of(place, "100004", Role.LEADER))


def page_of(client: Client, bulletin: Bulletin) -> str:
    return client.get(f"/circulars/{bulletin.pk}/").content.decode()


def press(client: Client, bulletin: Bulletin, act: str, **entered: str) -> str:
    """Fill in and send the form of an act, as the page shows it; the page that answers."""
    bulletin.refresh_from_db()
    fields = {f"{act}-{name}": value for name, value in {"seen": str(bulletin.revision), **entered}.items()}
    answer = client.post(f"/circulars/{bulletin.pk}/{act}/", fields, follow=True)
    return answer.content.decode()


def offered(page: str) -> set[str]:
    return {
        act
        for act in ("sign_off", "send_back", "issue", "submit", "compose", "recall", "drop", "archive", "correct")
        if f'/{act}/"' in page
    }


# -- beginning one ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "title"),
    [
        ({"kind": "monthly", "first": "2026-03-17"}, "某县公安局2026年3月执法监督月通报"),
        ({"kind": "weekly", "first": "2026-03-17"}, "某县公安局2026年3月16日至22日执法监督周点评"),
        ({"kind": "daily", "first": "2026-03-17"}, "某县公安局2026年3月17日执法监督日监测"),
        ({"kind": "daily", "first": "2026-03-17", "last": "2026-03-18"}, "某县公安局2026年3月17日至18日执法监督日监测"),
        (
            {"kind": "special", "first": "2026-01-01", "last": "2026-03-31", "title": "涉企执法专题通报"},
            "涉企执法专题通报",
        ),
    ],
)
def test_each_kind_is_composed_and_shown_as_its_readers_will_see_it(
    editor: Client, place: County, entered: dict[str, str], title: str
) -> None:
    answer = editor.post("/circulars/new/", {"unit": str(place.county.pk), **entered}, follow=True)

    page = answer.content.decode()
    assert Bulletin.objects.get().title == title
    assert "草稿，尚未" in page
    assert "执法监督通报" in page and "（文号签发时编）" in page


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"kind": "monthly", "first": "2026-09-01"}, "还没有开始，无从通报"),
        ({"kind": "special", "first": "2026-03-01"}, "专题通报要有标题"),
        ({"kind": "daily", "first": "2026-03-17", "last": "2026-03-16"}, "截止日不能早于起始日"),
        ({"kind": "yearly", "first": "2026-03-17"}, "选择一个有效的选项"),
    ],
)
def test_what_cannot_be_composed_is_refused_in_words(
    editor: Client, place: County, entered: dict[str, str], said: str
) -> None:
    answer = editor.post("/circulars/new/", {"unit": str(place.county.pk), **entered})

    assert said in answer.content.decode()
    assert not Bulletin.objects.exists()


def test_a_unit_out_of_scope_is_not_offered(editor: Client, place: County) -> None:
    entered = {"unit": str(place.other_county.pk), "kind": "monthly", "first": "2026-03-01"}

    assert "选择一个有效的选项" in editor.post("/circulars/new/", entered).content.decode()
    assert not Bulletin.objects.exists()


# -- from draft to archive -------------------------------------------------------------------------------------------


def test_a_bulletin_is_commented_submitted_signed_issued_and_archived(
    editor: Client, leader: Client, place: County, unreachable_queue: None
) -> None:
    make_reader(place.county, "li@example.cn")
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    remarks = {"remarks-seen": "1", "remarks-section_overall": "总体平稳", "remarks-section_next": "每周调度"}
    commented = editor.post(f"/circulars/{draft.pk}/remarks/", remarks, follow=True).content.decode()
    submitted = press(editor, draft, "submit")
    signed = press(leader, draft, "sign_off")
    out = press(editor, draft, "issue")
    archived = press(editor, draft, "archive")

    assert "点评已保存" in commented and "总体平稳" in commented
    assert "已送签，等待签批" in submitted
    assert "已签批，等待签发" in signed
    assert "县局法监月通〔2026〕1号" in out and "信件已排队" in out
    assert "li" in out
    assert "已归档" in archived
    assert Letter.objects.count() == 1
    draft.refresh_from_db()
    assert (draft.state, draft.revision, str(draft.signer)) == (BulletinState.ARCHIVED, 3, "民警100004")


def test_each_sees_the_acts_of_the_state_that_are_his(
    editor: Client, leader: Client, place: County, legal: Officer
) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    assert offered(page_of(editor, draft)) == {"submit", "compose", "drop"}
    assert offered(page_of(leader, draft)) == set()

    submit(bulletin=draft, by=legal, at=APRIL_FIRST)
    assert offered(page_of(editor, draft)) == {"recall"}
    assert offered(page_of(leader, draft)) == {"sign_off", "send_back"}

    sign_off(bulletin=draft, by=Officer.objects.get(police_number="100004"), at=APRIL_FIRST)
    assert offered(page_of(editor, draft)) == {"issue", "recall"}
    assert offered(page_of(leader, draft)) == {"recall"}

    issue(bulletin=draft, by=legal, at=APRIL_FIRST)
    assert offered(page_of(editor, draft)) == {"archive", "correct"}
    assert offered(page_of(leader, draft)) == set()


def test_a_daily_draft_may_be_issued_at_once(editor: Client, place: County) -> None:
    draft = compose_daily(unit=place.county, first=MARCH, until=MARCH.replace(day=2), at=APRIL_FIRST)

    assert "issue" in offered(page_of(editor, draft))
    assert "县局法监日监〔2026〕1号" in press(editor, draft, "issue")


def test_sending_back_needs_a_reason_and_keeps_it_in_the_story(
    editor: Client, leader: Client, place: County, legal: Officer
) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    submit(bulletin=draft, by=legal, at=APRIL_FIRST)

    without = leader.post(f"/circulars/{draft.pk}/send_back/", {"send_back-seen": "1"})
    assert without.status_code == 422
    assert "请补充分析" in press(leader, draft, "send_back", reason="请补充分析")

    draft.refresh_from_db()
    assert draft.state == BulletinState.DRAFT


def test_a_correction_is_begun_from_the_page_and_each_names_the_other(editor: Client, place: County) -> None:
    old = issued(place.county)

    page = press(editor, old, "correct", wrong="漏数一件")

    new = Bulletin.objects.get(corrects=old)
    assert f'本通报更正<a href="/circulars/{old.pk}/">{old.number}' in page
    assert f'正在<a href="/circulars/{new.pk}/">更正</a>：漏数一件' in page_of(editor, old)
    assert "correct" not in offered(page_of(editor, old))


def test_who_acts_on_what_has_changed_is_told_and_loses_nothing(
    editor: Client, leader: Client, place: County, legal: Officer
) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    stale = editor.post(f"/circulars/{draft.pk}/submit/", {"submit-seen": "1"})
    late = editor.post(f"/circulars/{draft.pk}/remarks/", {"remarks-seen": "1", "remarks-section_overall": "我写的"})

    assert stale.status_code == late.status_code == 422
    assert "在您查看之后重新编制或者点评过，请看过新的草稿再送签" in stale.content.decode()
    assert "我写的" in late.content.decode()
    draft.refresh_from_db()
    submit(bulletin=draft, by=legal, at=APRIL_FIRST)
    gone = editor.post(f"/circulars/{draft.pk}/drop/", {"drop-seen": "2", "drop-reason": "算了吧"})
    assert "没有不发" in gone.content.decode() and "算了吧" in gone.content.decode()


def test_who_may_only_read_is_refused(leader: Client, place: County) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    for act in ("issue", "submit", "compose", "drop", "nonsense"):
        assert leader.post(f"/circulars/{draft.pk}/{act}/", {f"{act}-seen": "1"}).status_code == 403
    assert leader.post(f"/circulars/{draft.pk}/remarks/", {}).status_code == 403
    assert leader.get("/circulars/new/").status_code == 403


def test_the_bulletins_of_another_county_are_not_found(place: County) -> None:
    bulletin = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    stranger = sign_in(officer_of(place, "100010", Role.LEGAL_OFFICER, far=True))

    assert bulletin.title not in stranger.get("/circulars/").content.decode()
    assert stranger.get(f"/circulars/{bulletin.pk}/").status_code == 404
    assert stranger.post(f"/circulars/{bulletin.pk}/submit/", {"submit-seen": "1"}).status_code == 404


def test_a_case_officer_does_not_read_bulletins(place: County) -> None:
    bulletin = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    officer = sign_in(officer_of(place, "100011", Role.CASE_OFFICER))

    assert officer.get("/circulars/").status_code == 403
    assert officer.get(f"/circulars/{bulletin.pk}/").status_code == 403


def test_a_bulletin_is_had_as_a_file_by_whoever_may_read_it(editor: Client, leader: Client, place: County) -> None:
    bulletin = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    stranger = sign_in(officer_of(place, "100012", Role.LEGAL_OFFICER, far=True))

    for form, begins in (("docx", b"PK"), ("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = leader.get(f"/circulars/{bulletin.pk}/paper.{form}")
        assert (answer.status_code, answer.content[: len(begins)]) == (200, begins)
        assert f"filename*=utf-8''{quote(f'{bulletin.title}（草稿）.{form}')}" in answer["Content-Disposition"]
        assert stranger.get(f"/circulars/{bulletin.pk}/paper.{form}").status_code == 404
    assert editor.get(f"/circulars/{bulletin.pk}/paper.exe").status_code == 404
    assert editor.get(f"/circulars/{bulletin.pk}/pictures/none.png").status_code == 404


def test_the_file_of_an_issued_bulletin_is_the_one_that_was_sent(editor: Client, place: County) -> None:
    bulletin = issued(place.county, "one@example.cn")
    kept = {paper.form: bytes(paper.content) for paper in file_papers(bulletin, at=APRIL_FIRST)}

    for form in ("docx", "pdf", "xlsx"):
        assert editor.get(f"/circulars/{bulletin.pk}/paper.{form}").content == kept[form]


def test_a_draft_of_an_earlier_release_is_to_be_composed_anew(editor: Client, place: County) -> None:
    draft = compose_daily(unit=place.county, first=MARCH, until=MARCH + timedelta(days=1), at=APRIL_FIRST)
    Bulletin.objects.filter(pk=draft.pk).update(circular=None)

    assert "请先重新编制" in press(editor, draft, "issue")
    press(editor, draft, "compose")
    assert "已签发" in press(editor, draft, "issue")


# -- the list --------------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_state_kind_and_words(editor: Client, place: County, legal: Officer) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    daily = issue(
        bulletin=compose_daily(unit=place.county, first=MARCH, until=MARCH.replace(day=2), at=APRIL_FIRST),
        by=None,
        at=APRIL_FIRST,
    )
    correction = correct(bulletin=daily, wrong="漏数", by=legal, at=APRIL_FIRST)

    def listed(query: str) -> set[int]:
        page = editor.get(f"/circulars/?{query}").content.decode()
        return {one.pk for one in (draft, daily, correction) if f'data-href="/circulars/{one.pk}/"' in page}

    assert listed("") == {draft.pk, daily.pk, correction.pk}
    assert listed("state=draft") == {draft.pk, correction.pk}
    assert listed("state=out") == {daily.pk}
    assert listed("kind=monthly") == {draft.pk}
    assert listed("q=日监") == {daily.pk, correction.pk}
    assert listed("q=日监〔2026〕") == {daily.pk}
    assert listed("corrected=yes") == {correction.pk}
    assert listed("state=to_sign") == set()


# His own part outside his units, the count, two for a page, letters, corrections, and the inbox in the frame.
QUESTIONS_OF_THE_LIST = 6


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_asks_a_fixed_number_of_questions(editor: Client, place: County, size: int) -> None:
    for unit in (place.county, place.a, place.b)[:size]:
        issued(unit, "one@example.cn")
    editor.get("/circulars/")

    with CaptureQueriesContext(connection) as asked:
        page = editor.get("/circulars/").content.decode()

    assert len([one for one in asked if "bulletins_" in one["sql"]]) == QUESTIONS_OF_THE_LIST
    assert page.count("0／1") == size
