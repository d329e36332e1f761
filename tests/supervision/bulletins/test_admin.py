"""Bulletins through the pages: compose, read, issue; recipients; letters and sending them again."""

from datetime import datetime

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from cases.services import add_officer, assign_post
from supervision.bulletins.models import Bulletin, BulletinState, Letter, LetterState, LetterStep, Recipient
from supervision.bulletins.services import add_recipient, compose_monthly
from tests.supervision.bulletins.factories import APRIL_FIRST, MARCH, County


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
def editor(place: County) -> Client:
    return sign_in(officer_of(place, "100003", Role.LEGAL_OFFICER))


@pytest.fixture
def reader(place: County) -> Recipient:
    return add_recipient(unit=place.county, name="李局", address="li@example.cn", at=APRIL_FIRST)


def compose(editor: Client, place: County) -> Bulletin:
    editor.post("/bulletins/bulletin/compose/", {"unit": str(place.county.pk), "month": "2026-03"})
    return Bulletin.objects.get()


def press_issue(editor: Client, bulletin: Bulletin, composed_at: str | None = None) -> str:
    seen = composed_at or bulletin.composed_at.isoformat()
    answer = editor.post(f"/bulletins/bulletin/{bulletin.pk}/issue/", {"composed_at": seen}, follow=True)
    return answer.content.decode()


def test_a_draft_is_composed_and_shown_as_its_readers_will_see_it(editor: Client, place: County) -> None:
    answer = editor.post(
        "/bulletins/bulletin/compose/", {"unit": str(place.county.pk), "month": "2026-03"}, follow=True
    )

    page = answer.content.decode()
    assert "草稿，尚未签发" in page
    assert "<iframe" in page
    assert "sandbox" in page
    assert Bulletin.objects.get().begins_on == MARCH


def test_a_month_to_come_is_refused_in_words(editor: Client, place: County) -> None:
    answer = editor.post("/bulletins/bulletin/compose/", {"unit": str(place.county.pk), "month": "2026-09"})

    assert "还没有开始，无从通报" in answer.content.decode()
    assert not Bulletin.objects.exists()


def test_a_unit_out_of_scope_is_not_offered(editor: Client, place: County) -> None:
    answer = editor.post("/bulletins/bulletin/compose/", {"unit": str(place.other_county.pk), "month": "2026-03"})

    assert "选择一个有效的选项" in answer.content.decode()
    assert not Bulletin.objects.exists()


def test_issuing_freezes_it_and_queues_a_letter_for_each_reader(
    editor: Client, place: County, reader: Recipient, unreachable_queue: None
) -> None:
    bulletin = compose(editor, place)

    page = press_issue(editor, bulletin)

    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.officer and bulletin.officer.police_number) == (BulletinState.ISSUED, "100003")
    assert Letter.objects.get().recipient == reader
    assert "李局" in page
    assert "签发并发送" not in page


def test_a_draft_composed_anew_since_it_was_read_is_not_issued(
    editor: Client, place: County, reader: Recipient
) -> None:
    bulletin = compose(editor, place)

    page = press_issue(editor, bulletin, composed_at="2026-03-31T00:00:00+00:00")

    assert "在您查看之后重新编制过" in page
    assert Bulletin.objects.get().state == BulletinState.DRAFT


def test_who_may_only_read_cannot_issue(place: County) -> None:
    leader = sign_in(officer_of(place, "100004", Role.LEADER))
    bulletin = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    page = leader.get(f"/bulletins/bulletin/{bulletin.pk}/change/").content.decode()

    assert "签发并发送" not in page
    assert leader.post(f"/bulletins/bulletin/{bulletin.pk}/issue/", {}).status_code == 403
    assert leader.get("/bulletins/bulletin/compose/").status_code == 403


def test_the_bulletins_of_another_county_are_not_found(place: County) -> None:
    bulletin = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    stranger = sign_in(officer_of(place, "100010", Role.LEGAL_OFFICER, far=True))

    assert bulletin.title not in stranger.get("/bulletins/bulletin/").content.decode()
    assert stranger.get(f"/bulletins/bulletin/{bulletin.pk}/change/").status_code == 404
    assert stranger.post(f"/bulletins/bulletin/{bulletin.pk}/issue/", {}).status_code == 404


def test_a_letter_that_failed_is_queued_again_and_no_other(
    editor: Client, place: County, reader: Recipient, unreachable_queue: None
) -> None:
    press_issue(editor, compose(editor, place))
    letter = Letter.objects.get()
    waiting = editor.post(f"/bulletins/letter/{letter.pk}/change/", follow=True).content.decode()
    Letter.objects.update(state=LetterState.FAILED, next_try_at=None, error="没有这个邮箱")

    shown = editor.get(f"/bulletins/letter/{letter.pk}/change/").content.decode()
    again = editor.post(f"/bulletins/letter/{letter.pk}/change/", follow=True).content.decode()

    assert "没有重新排队：只有发送失败的信件可以重新排队" in waiting
    assert "发送失败：没有这个邮箱" in shown
    assert "已重新排队" in again
    assert Letter.objects.get().state == LetterState.QUEUED
    assert LetterStep.objects.filter(letter=letter).count() == 2


def test_letters_are_written_by_nobody(editor: Client, place: County, reader: Recipient) -> None:
    press_issue(editor, compose(editor, place))

    assert editor.get("/bulletins/letter/add/").status_code == 403
    assert editor.post(f"/bulletins/letter/{Letter.objects.get().pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_reader_is_entered_and_taken_off_but_stays_on_record(place: County) -> None:
    keeper = sign_in(officer_of(place, "900001", Role.SYSTEM_ADMIN))

    keeper.post("/bulletins/recipient/add/", {"unit": str(place.county.pk), "name": "王局", "address": "w@example.cn"})
    added = Recipient.objects.get()
    page = keeper.post(
        "/bulletins/recipient/", {"action": "take_off", "_selected_action": [str(added.pk)]}, follow=True
    ).content.decode()
    again = keeper.post(
        "/bulletins/recipient/", {"action": "take_off", "_selected_action": [str(added.pk)]}, follow=True
    ).content.decode()

    assert added.county == place.county
    assert "已停止向 1 名收件人发送" in page
    assert "王局已经不再是收件人" in again
    assert not Recipient.objects.get().active


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"name": "王局"}, "要么选一名民警，要么填写姓名和邮箱"),
        ({"name": "王局", "address": "nowhere"}, "输入一个有效的"),
    ],
)
def test_a_reader_who_cannot_be_reached_is_refused(place: County, entered: dict[str, str], said: str) -> None:
    keeper = sign_in(officer_of(place, "900001", Role.SYSTEM_ADMIN))

    answer = keeper.post("/bulletins/recipient/add/", {"unit": str(place.county.pk), **entered}, follow=True)

    assert said in answer.content.decode()
    assert not Recipient.objects.exists()
