"""What the database itself keeps of notices, their lines, and the ways they take."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cases.models import Officer, Role
from cases.services import assign_post
from supervision.bulletins.models import (
    Channel,
    ChannelKind,
    Letter,
    LetterState,
    LetterStep,
    Notice,
    NoticeAddress,
    NoticeLine,
    NoticePreference,
)
from supervision.bulletins.services import compose_notices, send_letters
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import County, issued, make_officer, moment
from tests.supervision.bulletins.rooms import Room
from tests.supervision.bulletins.test_models import refused

NINE = moment("2026-04-28 09:00")


@pytest.fixture
def li(place: County) -> Officer:
    return make_officer(place.a, email="li@example.cn")


@pytest.fixture
def notice(working_days: None, room: Room, li: Officer) -> Notice:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    return Notice.objects.get()


def a_notice(officer: Officer, **fields: Any) -> Notice:
    given = {"day": date(2026, 4, 28), "composed_at": NINE, "headline": "预警 1 条", "size": 1, **fields}
    return Notice.objects.create(officer=officer, **officer.unit.scope_ids, **given)


def test_an_officer_has_one_notice_a_day_and_any_number_of_urgent_ones(notice: Notice, li: Officer) -> None:
    a_notice(li, urgent=True)
    a_notice(li, urgent=True)
    a_notice(li, day=date(2026, 4, 29))

    assert refused(lambda: a_notice(li))


def test_a_notice_has_something_to_say(li: Officer) -> None:
    assert refused(lambda: a_notice(li, size=0))


def test_nobody_is_told_the_same_thing_twice(notice: Notice, li: Officer, place: County) -> None:
    line = NoticeLine.objects.get()
    same = {"notice": notice, "key": line.key, "since": line.since, "about": "预警", "text": "又", "link": "/"}

    NoticeLine.objects.create(officer=make_officer(place.a), **same)
    NoticeLine.objects.create(officer=li, **{**same, "since": NINE.replace(hour=10)})

    assert refused(lambda: NoticeLine.objects.create(officer=li, **same))


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda rows: rows.update(text="别的"), id="its words"),
        pytest.param(lambda rows: rows.update(key="x.y:1:z"), id="its key"),
        pytest.param(lambda rows: rows.update(settled_at=NINE, text="别的"), id="its words with the mark"),
        pytest.param(lambda rows: rows._raw_delete(rows.db), id="its being there"),
    ],
)
def test_nothing_of_what_somebody_was_told_can_be_changed(notice: Notice, act: Any) -> None:
    assert refused(lambda: act(NoticeLine.objects.all()))


def test_that_a_line_no_longer_stands_is_said_once(notice: Notice) -> None:
    NoticeLine.objects.update(settled_at=NINE)

    assert refused(lambda: NoticeLine.objects.update(settled_at=NINE.replace(hour=11)))
    assert refused(lambda: NoticeLine.objects.update(settled_at=None))


def test_the_steps_of_letters_are_guarded_as_before_their_table_was_made_anew(notice: Notice) -> None:
    assert refused(lambda: LetterStep.objects.update(note="改写"))
    assert refused(lambda: LetterStep.objects.all()._raw_delete("default"))


# -- letters ---------------------------------------------------------------------------------------------------------


def letter(**fields: Any) -> Letter:
    given = {"message_id": f"<{id(fields)}@x>", "queued_at": NINE, "next_try_at": NINE, **fields}
    return Letter.objects.create(**given)


def test_a_letter_carries_a_bulletin_to_a_recipient_or_a_notice_and_never_both(notice: Notice, place: County) -> None:
    bulletin = issued(place.county, "chief@example.cn")
    recipient = Letter.objects.get(bulletin=bulletin).recipient
    channel = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9")

    for wrong in (
        {},
        {"bulletin": bulletin},
        {"recipient": recipient},
        {"channel": channel},
        {"notice": notice, "recipient": recipient},
        {"notice": notice, "bulletin": bulletin, "recipient": recipient},
    ):
        assert refused(lambda wrong=wrong: letter(**wrong))  # type: ignore[misc]
    assert letter(notice=notice, channel=channel).way == "短信"


def test_a_notice_goes_once_by_each_way(notice: Notice) -> None:
    channel = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9")
    letter(notice=notice, channel=channel)

    assert refused(lambda: letter(notice=notice, channel=channel))
    assert refused(lambda: letter(notice=notice))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": LetterState.DROPPED, "error": "已了结"}, id="dropped and waiting"),
        pytest.param({"state": LetterState.DROPPED, "next_try_at": None}, id="dropped without a reason"),
        pytest.param({"tell_since": NINE}, id="to be told of though it did not fail"),
    ],
)
def test_a_letter_of_a_notice_cannot_be(notice: Notice, changes: dict[str, Any]) -> None:
    assert refused(lambda: Letter.objects.update(**changes))


def test_a_letter_says_to_whom_and_by_which_way(notice: Notice) -> None:
    row = Letter.objects.get()

    assert str(row) == "通知：预警 1 条 → 李明"
    assert (row.reader, row.way) == ("李明", "邮件")


def test_letters_of_notices_are_seen_by_who_supervises_their_officer_and_by_himself(
    notice: Notice, li: Officer, place: County
) -> None:
    head, stranger = make_officer(place.a), make_officer(place.b)
    for officer, unit, role in (
        (li, place.a, Role.CASE_OFFICER),
        (head, place.a, Role.UNIT_HEAD),
        (stranger, place.b, Role.UNIT_HEAD),
    ):
        assign_post(officer=officer, unit=unit, role=role, from_on=date(2026, 1, 1))

    assert [Letter.objects.visible_to(officer).count() for officer in (li, head, stranger)] == [1, 1, 0]


# -- ways and hours --------------------------------------------------------------------------------------------------


def test_a_channel_is_off_until_somebody_switches_it_on() -> None:
    assert Channel(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9").enabled is False


@pytest.mark.parametrize(
    ("name", "value"),
    [("base_url", "ftp://gateway"), ("base_url", "gateway"), ("secret_name", "k=v"), ("secret_name", "lower")],
)
def test_a_channel_refuses_what_is_no_address_and_no_name_of_a_secret(db: None, name: str, value: str) -> None:
    channel = Channel(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9", secret_name="OURS")
    setattr(channel, name, value)

    with pytest.raises(ValidationError) as refusal:
        channel.full_clean()

    assert list(refusal.value.message_dict) == [name]


def test_settings_are_of_an_officer_or_of_a_unit(li: Officer, place: County) -> None:
    assert refused(lambda: NoticePreference.objects.create())
    assert refused(lambda: NoticePreference.objects.create(officer=li, unit=place.a))


def test_an_officer_has_one_address_at_a_gateway_and_it_is_not_empty(li: Officer) -> None:
    channel = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9")
    NoticeAddress.objects.create(officer=li, channel=channel, address="1")

    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeAddress.objects.create(officer=li, channel=channel, address="2")
    assert refused(lambda: NoticeAddress.objects.update(address=""))


def test_words_of_the_rows(notice: Notice, li: Officer, sink: ChoosySink) -> None:
    channel = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9")
    address = NoticeAddress.objects.create(officer=li, channel=channel, address="138")
    preference = NoticePreference.objects.create(officer=li)
    send_letters(at=NINE)

    assert [str(row) for row in (NoticeLine.objects.get(), channel, address, preference)] == [
        "A1 届满日临近",
        "短信",
        "138",
        "李明的通知设置",
    ]
    assert str(a_notice(li, urgent=True)) == "紧急通知：预警 1 条"
