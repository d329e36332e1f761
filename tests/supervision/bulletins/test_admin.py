"""Recipients, plans and heads of bulletins; letters and sending them again."""

from datetime import datetime

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from cases.services import add_officer, assign_post
from supervision.bulletins.models import (
    Bulletin,
    BulletinPlan,
    Letter,
    LetterState,
    LetterStep,
    Recipient,
)
from supervision.bulletins.services import add_recipient, plan_unit
from tests.supervision.bulletins.factories import APRIL_FIRST, MARCH, County, issued, moment


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


def test_a_letter_that_failed_is_queued_again_and_no_other(
    editor: Client, place: County, reader: Recipient, unreachable_queue: None
) -> None:
    issued(place.county)
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
    issued(place.county)

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


def test_the_admin_leads_to_the_page_of_a_bulletin(editor: Client, place: County) -> None:
    bulletin = issued(place.county)

    answer = editor.get(f"/bulletins/bulletin/{bulletin.pk}/change/")

    assert answer["Location"] == f"/circulars/{bulletin.pk}/"
    assert bulletin.title in editor.get("/bulletins/bulletin/").content.decode()
    assert bulletin.number in editor.get("/bulletins/bulletinstep/").content.decode()


def test_a_plan_is_moved_and_switched_off_and_counts_from_when_it_is_on_again(editor: Client, place: County) -> None:
    plan_unit(unit=place.county, at=moment("2026-01-01"))
    plan = BulletinPlan.objects.get(kind="weekly")
    off = {"leaves_at": "09:15", "weekday": "1", "working_day": "1", "waits": "on"}

    editor.post(f"/bulletins/bulletinplan/{plan.pk}/change/", off)
    plan.refresh_from_db()
    moved = (str(plan.leaves_at), plan.weekday, plan.waits, plan.active)
    editor.post(f"/bulletins/bulletinplan/{plan.pk}/change/", {**off, "active": "on"})
    plan.refresh_from_db()

    assert moved == ("09:15:00", 1, True, False)
    assert (plan.active, plan.entered_at) == (True, APRIL_FIRST)


@pytest.mark.parametrize(
    ("kind", "entered", "words"),
    [
        ("daily", set(), "每个工作日，08:30"),
        ("weekly", {"weekday"}, "次周周一，逢休息日顺延到首个工作日，08:30"),
        ("monthly", {"working_day"}, "次月第 1 个工作日，08:30"),
    ],
)
def test_of_the_settings_of_a_plan_those_are_shown_that_its_kind_reads(
    editor: Client, place: County, kind: str, entered: set[str], words: str
) -> None:
    plan_unit(unit=place.county, at=moment("2026-01-01"))
    plan = BulletinPlan.objects.get(kind=kind)

    page = editor.get(f"/bulletins/bulletinplan/{plan.pk}/change/").content.decode()

    assert {name for name in ("unit", "kind", "weekday", "working_day") if f'name="{name}"' in page} == entered
    assert words in editor.get("/bulletins/bulletinplan/").content.decode()


def test_a_legal_officer_sees_the_plans_of_his_units_and_an_administrator_those_of_the_bureau_he_keeps(
    editor: Client, place: County
) -> None:
    plan_unit(unit=place.county, at=APRIL_FIRST)
    plan_unit(unit=place.other_county, at=APRIL_FIRST)
    keeper = sign_in(officer_of(place, "900001", Role.SYSTEM_ADMIN))
    of_city = add_officer(police_number="900002", name="市局管理员", unit=place.city)
    assign_post(officer=of_city, unit=place.city, role=Role.SYSTEM_ADMIN, from_on=MARCH)

    for client in (editor, keeper):
        page = client.get("/bulletins/bulletinplan/").content.decode()
        assert "县局" in page and "邻县公安局" not in page
    assert "邻县公安局" in sign_in(of_city).get("/bulletins/bulletinplan/").content.decode()
    other = BulletinPlan.objects.filter(unit=place.other_county).first()
    assert other is not None
    assert editor.get(f"/bulletins/bulletinplan/{other.pk}/change/").status_code == 302


def test_what_stands_at_head_and_foot_is_entered_once_a_unit(place: County) -> None:
    keeper = sign_in(officer_of(place, "900001", Role.SYSTEM_ADMIN))
    entered = {"unit": str(place.county.pk), "body": "某县公安局法制大队", "head": "某公法监"}

    keeper.post("/bulletins/letterhead/add/", entered)

    assert issued(place.county).number == "某公法监月通〔2026〕1号"
    assert Bulletin.objects.get().seal == "某县公安局法制大队"
