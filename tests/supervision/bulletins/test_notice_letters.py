"""A notice is looked at once more before it leaves: what is settled is left out, and it follows the post."""

from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from pytest_django import Settings

from cases.models import Absence, Officer
from supervision.bulletins import sources
from supervision.bulletins.models import Letter, LetterState, Notice, NoticeLine
from supervision.bulletins.notice_words import compose_notice
from supervision.bulletins.services import compose_notices, mark_read, send_letters
from supervision.bulletins.sources import Source
from tests.rigs.smtp import Manner
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import County, make_officer, moment, story_of
from tests.supervision.bulletins.rooms import Room

pytestmark = pytest.mark.usefixtures("working_days")

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NINE = moment("2026-04-28 09:00")
LI, WANG = "li@example.cn", "wang@example.cn"


@pytest.fixture
def li(place: County) -> Officer:
    return make_officer(place.a, email=LI, name="李明")


@pytest.fixture
def wang(place: County) -> Officer:
    return make_officer(place.a, email=WANG, name="王强")


def body(message: EmailMessage, form: str = "plain") -> str:
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def away(officer: Officer, deputy: Officer) -> None:
    Absence.objects.create(officer=officer, deputy=deputy, from_on=date(2026, 4, 28), until_on=date(2026, 4, 30))


# -- as it is --------------------------------------------------------------------------------------------------------


def test_the_notice_goes_by_mail_with_its_lines_and_says_so_in_its_ledger(
    room: Room, li: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE - HOUR)
    room.raises("R1", li, since=NINE - HOUR, about="整改")
    compose_notices(at=NINE)

    report = send_letters(at=NINE)

    message = sink.copies_for(LI)[0]
    assert report.sent == 1
    assert str(message["subject"]).strip() == "盯办通知（4月28日）：整改 1 条、预警 1 条"
    for form in ("plain", "html"):
        assert "A1 届满日临近" in body(message, form) and "R1 届满日临近" in body(message, form)
    assert story_of(Letter.objects.get()) == ["queued", "claimed", "sent"]


def test_an_urgent_one_says_so_in_its_subject_and_goes_at_night(room: Room, li: Officer, sink: ChoosySink) -> None:
    room.raises("D1", li, since=moment("2026-05-02 02:00"), urgent=True, about="羁押期限")
    compose_notices(at=moment("2026-05-02 02:01"))

    send_letters(at=moment("2026-05-02 02:01"))

    assert str(sink.copies_for(LI)[0]["subject"]).strip() == "【紧急】盯办通知：羁押期限 1 条"


@pytest.mark.parametrize(
    ("site", "link"), [("https://dingban.example.cn", 'href="https://dingban.example.cn/clocks/A1/"'), ("", None)]
)
def test_links_are_whole_where_the_address_of_the_site_is_known_and_otherwise_none(
    room: Room, li: Officer, settings: Settings, site: str, link: str | None
) -> None:
    settings.SITE_URL = site
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)

    words = compose_notice(Notice.objects.get(), list(NoticeLine.objects.all()))

    assert link in words.html if link else "href=" not in words.html
    assert f"（{site}/clocks/A1/）" in words.text


def test_of_a_flood_fifty_lines_are_listed_and_the_rest_is_counted(room: Room, li: Officer, sink: ChoosySink) -> None:
    for number in range(60):
        room.raises(f"A{number}", li, since=NINE, rank=2)
    for number in range(30):
        room.raises(f"R{number}", li, since=NINE, about="整改")
    compose_notices(at=NINE)

    send_letters(at=NINE)

    text = body(sink.copies_for(LI)[0])
    assert text.count("届满日临近") == 50
    assert "另有 40 条未列出（预警 10 条、整改 30 条），见收件箱" in text
    assert NoticeLine.objects.count() == 90


def test_what_a_room_says_cannot_become_markup(room: Room, li: Officer, sink: ChoosySink) -> None:
    room.raises("<b>&amp;", li, since=NINE)
    compose_notices(at=NINE)

    send_letters(at=NINE)

    assert "&lt;b&gt;&amp;amp; 届满日临近" in body(sink.copies_for(LI)[0], "html")
    assert "<b>&amp; 届满日临近" in body(sink.copies_for(LI)[0])


# -- what no longer stands -------------------------------------------------------------------------------------------


def test_a_line_that_was_settled_meanwhile_is_left_out(room: Room, li: Officer, sink: ChoosySink) -> None:
    gone = room.raises("A1", li, since=NINE)
    room.raises("A2", li, since=NINE)
    compose_notices(at=NINE)
    room.settles(gone)

    send_letters(at=NINE + MINUTE)

    text = body(sink.copies_for(LI)[0])
    assert "A1" not in text and "A2" in text
    assert "预警 1 条" in str(sink.copies_for(LI)[0]["subject"])
    assert NoticeLine.objects.get(key=gone).settled_at is not None


def test_a_notice_with_nothing_left_does_not_leave_and_its_ledger_says_why(
    room: Room, li: Officer, sink: ChoosySink
) -> None:
    room.settles(room.raises("A0", li, since=NINE))
    key = room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    room.settles(key)

    report = send_letters(at=NINE + MINUTE)
    again = send_letters(at=NINE + HOUR)

    letter = Letter.objects.get()
    assert (report.dropped, report.sent, again.sent, sink.received) == (1, 0, 0, [])
    assert (letter.state, letter.error) == (LetterState.DROPPED, "发出之前，所列事项都已了结，不再发送")
    assert story_of(letter) == ["queued", "claimed", "dropped"]


def test_what_he_has_read_in_the_inbox_is_not_sent_as_well(room: Room, li: Officer, sink: ChoosySink) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    mark_read(notice=Notice.objects.get(), by=li, at=NINE)

    report = send_letters(at=NINE + MINUTE)

    assert (report.dropped, sink.received) == (1, [])
    assert Letter.objects.get().error == "本人已在系统内阅读，不再发送"


def test_a_room_that_cannot_say_whether_it_stands_keeps_the_letter_waiting_and_is_told(
    room: Room, li: Officer, sink: ChoosySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)

    def broken(keys: list[str]) -> set[str]:
        raise RuntimeError("out of order")

    with monkeypatch.context() as patch:
        patch.setattr(room, "still_stands", broken)
        report = send_letters(at=NINE)
    later = send_letters(at=NINE + 2 * MINUTE)

    assert (report.deferred, len(report.broken), later.sent) == (1, 1, 1)


# -- the post --------------------------------------------------------------------------------------------------------


def test_what_had_not_left_when_he_went_away_is_told_to_his_deputy(
    room: Room, li: Officer, wang: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    away(li, wang)
    room.successor[li.pk] = wang.pk

    report = send_letters(at=NINE + MINUTE)
    compose_notices(at=NINE + 2 * MINUTE)
    send_letters(at=NINE + 2 * MINUTE)

    assert report.dropped == 1
    assert sink.addressees == [WANG]
    assert Notice.objects.get(officer=li).handed_on_at is not None
    assert "已外出，尚未发出的内容改告现在负责的人" in Letter.objects.get(notice__officer=li).error


def test_what_had_not_left_when_his_account_ended_is_told_to_his_successor(
    room: Room, li: Officer, wang: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    Officer.objects.filter(pk=li.pk).update(is_active=False)
    room.successor[li.pk] = wang.pk

    send_letters(at=NINE + MINUTE)
    compose_notices(at=NINE + 2 * MINUTE)
    send_letters(at=NINE + 2 * MINUTE)

    assert sink.addressees == [WANG]


def test_what_had_not_left_when_he_was_transferred_is_told_to_his_successor(
    room: Room, place: County, li: Officer, wang: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    Officer.objects.filter(pk=li.pk).update(unit=place.b)
    room.successor[li.pk] = wang.pk

    send_letters(at=NINE + MINUTE)
    compose_notices(at=NINE + 2 * MINUTE)
    send_letters(at=NINE + 2 * MINUTE)

    assert sink.addressees == [WANG]
    assert "已调离原单位" in Letter.objects.get(notice__officer=li).error


def test_what_is_still_his_after_a_transfer_is_told_to_him_with_his_next_notice(
    room: Room, place: County, li: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    Officer.objects.filter(pk=li.pk).update(unit=place.b)

    for at in (NINE + MINUTE, NINE + 2 * MINUTE, moment("2026-04-29 09:00"), moment("2026-04-29 09:01")):
        send_letters(at=at)
        compose_notices(at=at)
    send_letters(at=moment("2026-04-29 09:02"))

    assert sink.addressees == [LI]
    assert Notice.objects.filter(officer=li).count() == 2


def test_what_has_arrived_by_one_way_is_not_told_to_another_person(
    room: Room, li: Officer, wang: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    send_letters(at=NINE)
    away(li, wang)

    report = compose_notices(at=NINE + HOUR)

    assert (report.daily, sink.addressees) == (0, [LI])


@pytest.mark.parametrize(("leaves", "state"), [(True, LetterState.FAILED), (False, LetterState.SENT)])
def test_a_room_that_names_nobody_else_leaves_it_with_him_who_is_away_and_fails_for_him_who_is_gone(
    room: Room,
    li: Officer,
    wang: Officer,
    sink: ChoosySink,
    monkeypatch: pytest.MonkeyPatch,
    leaves: bool,
    state: LetterState,
) -> None:
    class OnlyMarks:
        mark_told = room.mark_told

    monkeypatch.setattr(sources, "SOURCES", (Source(room.name, room, OnlyMarks()),))
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    if leaves:
        Officer.objects.filter(pk=li.pk).update(is_active=False)
    else:
        away(li, wang)

    send_letters(at=NINE + MINUTE)

    assert Letter.objects.get().state == state


# -- what was kept waiting -------------------------------------------------------------------------------------------


def test_after_the_mail_server_was_away_for_three_days_one_mail_says_it_all(
    room: Room, li: Officer, sink: ChoosySink
) -> None:
    sink.stop()
    for day in ("2026-04-27", "2026-04-28", "2026-04-29"):
        room.raises(f"A-{day}", li, since=moment(day))
        compose_notices(at=moment(f"{day} 09:00"))
        send_letters(at=moment(f"{day} 09:00"))
    sink.start()

    report = send_letters(at=moment("2026-04-29 11:00"))

    assert (report.sent, len(sink.copies_for(LI))) == (1, 1)
    assert body(sink.copies_for(LI)[0]).count("届满日临近") == 3
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["dropped", "dropped", "sent"]
    assert set(Letter.objects.exclude(carried_by=None).values_list("carried_by__state", flat=True)) == {"sent"}


def test_what_is_urgent_leaves_before_what_has_waited_longer(
    room: Room, li: Officer, wang: Officer, sink: ChoosySink
) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    room.raises("D1", wang, since=NINE + MINUTE, urgent=True)
    compose_notices(at=NINE + MINUTE)

    send_letters(at=NINE + 2 * MINUTE, limit=1)

    assert sink.addressees == [WANG]


def test_what_is_urgent_is_not_put_into_the_mail_of_the_day(room: Room, li: Officer, sink: ChoosySink) -> None:
    room.raises("A1", li, since=NINE)
    room.raises("D1", li, since=NINE, urgent=True)
    compose_notices(at=NINE)

    report = send_letters(at=NINE)

    assert report.sent == 2


def test_a_mail_that_may_have_arrived_goes_again_alone_and_says_so(room: Room, li: Officer, sink: ChoosySink) -> None:
    room.raises("A1", li, since=NINE)
    compose_notices(at=NINE)
    sink.manners[LI] = Manner.DROP
    send_letters(at=NINE)
    sink.manners.clear()
    room.raises("A2", li, since=moment("2026-04-29"))
    compose_notices(at=moment("2026-04-29 09:00"))

    send_letters(at=moment("2026-04-29 09:00"))

    first, *later = sink.copies_for(LI)
    doubtful = next(message for message in later if message["Message-ID"] == first["Message-ID"])
    assert str(doubtful["subject"]).strip().startswith("【可能重复】")
    assert "A2" not in body(doubtful) and "以这一封为准" in body(doubtful)
    assert len(later) == 2
