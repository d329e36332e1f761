"""The outbox against a real mail server that takes, refuses, puts off, hangs up and is away."""

import smtplib
import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection

from cases.models import Officer
from supervision.bulletins import rules, sending, tasks
from supervision.bulletins.leaving import Parcel
from supervision.bulletins.models import Letter, LetterState, LetterStep
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.services import SendReport, add_recipient, remove_recipient, requeue, send_letters
from tests.rigs.smtp import Manner
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, letter_to, make_officer, story_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONE, TWO, THREE = "one@example.cn", "two@example.cn", "three@example.cn"
SOON = timedelta(seconds=30)


def outcome(report: SendReport) -> tuple[int, int, int, int]:
    """(sent, deferred, failed, doubted)"""
    return report.sent, report.deferred, report.failed, report.doubted


def subject(message: EmailMessage) -> str:
    """A long subject begins on a line of its own; the space that joins it to its name is none of it."""
    return str(message["subject"]).strip()


def body(message: EmailMessage, form: str) -> str:
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def states() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("state", flat=True))


# -- what is taken ---------------------------------------------------------------------------------------------------


def test_every_recipient_gets_the_issued_bulletin_once(place: County, sink: ChoosySink) -> None:
    bulletin = issued(place.county, ONE, TWO, THREE)

    report = send_letters(at=APRIL_FIRST)
    again = send_letters(at=APRIL_FIRST + MINUTE)

    assert (outcome(report), outcome(again)) == ((3, 0, 0, 0), (0, 0, 0, 0))
    assert sink.addressees == [ONE, TWO, THREE]
    assert states() == [LetterState.SENT] * 3
    message, letter = sink.received[0].message, letter_to(ONE)
    assert subject(message) == bulletin.title
    assert message["Message-ID"] == letter.message_id
    assert body(message, "html") == bulletin.html
    assert body(message, "plain") == bulletin.text
    assert (letter.address, letter.claims, letter.error, letter.may_come_twice) == (ONE, 1, "", False)
    assert story_of(letter) == ["queued", "claimed", "sent"]


def test_a_round_takes_no_more_than_its_limit_and_the_next_goes_on(place: County, sink: ChoosySink) -> None:
    issued(place.county, ONE, TWO, THREE)

    send_letters(at=APRIL_FIRST, limit=2)
    assert sink.addressees == [ONE, TWO]

    send_letters(at=APRIL_FIRST, limit=2)
    assert sink.addressees == [ONE, TWO, THREE]


def test_a_round_uses_one_connection_and_an_empty_one_calls_nobody(
    place: County, sink: ChoosySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    plain = smtplib.SMTP.connect
    monkeypatch.setattr(smtplib.SMTP, "connect", lambda *args, **rest: called.append(args) or plain(*args, **rest))

    send_letters(at=APRIL_FIRST)
    assert called == []

    issued(place.county, ONE, TWO, THREE)
    send_letters(at=APRIL_FIRST)
    assert len(called) == 1


def test_a_letter_is_not_sent_before_its_time(place: County, sink: ChoosySink) -> None:
    issued(place.county, ONE)

    send_letters(at=APRIL_FIRST - MINUTE)

    assert sink.attempts == 0


# -- whom it goes to -------------------------------------------------------------------------------------------------


def test_an_officers_address_is_the_one_he_has_when_the_letter_goes_out(place: County, sink: ChoosySink) -> None:
    officer = make_officer(place.county, email="old@example.cn", name="李明")
    add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)
    issued(place.county)
    Officer.objects.filter(pk=officer.pk).update(email="new@example.cn")

    send_letters(at=APRIL_FIRST)

    assert sink.addressees == ["new@example.cn"]
    assert sink.received[0].message["To"] == "李明 <new@example.cn>"
    assert Letter.objects.get().address == "new@example.cn"


def test_an_officer_without_an_address_fails_alone_and_says_why(place: County, sink: ChoosySink) -> None:
    officer = make_officer(place.county, name="李明")
    add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)
    issued(place.county, TWO)

    report = send_letters(at=APRIL_FIRST)

    assert outcome(report) == (1, 0, 1, 0)
    assert sink.addressees == [TWO]
    failed = Letter.objects.get(state=LetterState.FAILED)
    assert failed.error == "民警李明没有登记邮箱，请登记后重新排队"
    assert story_of(failed) == ["queued", "claimed", "failed"]


@pytest.mark.parametrize("gone", ["officer", "recipient", "unit"])
def test_nothing_goes_to_somebody_who_has_left_since(place: County, sink: ChoosySink, gone: str) -> None:
    officer = make_officer(place.county, email=ONE, name="李明")
    recipient = add_recipient(unit=place.county, officer=officer, at=APRIL_FIRST)
    issued(place.county)
    if gone == "officer":
        Officer.objects.filter(pk=officer.pk).update(is_active=False)
    elif gone == "unit":
        Officer.objects.filter(pk=officer.pk).update(unit=place.other_county)
    else:
        remove_recipient(recipient=recipient)

    report = send_letters(at=APRIL_FIRST)

    assert outcome(report) == (0, 0, 1, 0)
    assert sink.attempts == 0
    assert Letter.objects.get().error in (
        "民警李明的账号已停用，请更换收件人",
        "李明已不再是收件人，没有发送",
        "李明不在县局，也不在它的上级、下级单位，不能收它的通报",
    )


# -- what is refused -------------------------------------------------------------------------------------------------


def test_a_letter_refused_for_good_fails_with_the_servers_words_and_the_others_go(
    place: County, sink: ChoosySink
) -> None:
    sink.refusals[ONE] = "550 5.1.1 no such user"
    sink.manners[TWO] = Manner.REFUSE
    issued(place.county, ONE, TWO, THREE)

    report = send_letters(at=APRIL_FIRST)
    send_letters(at=APRIL_FIRST + 24 * HOUR)

    assert outcome(report) == (1, 0, 2, 0)
    assert sink.addressees == [THREE]
    assert letter_to(ONE).error == "邮件服务器拒收（550）：5.1.1 no such user"
    assert letter_to(TWO).error == "邮件服务器拒收（554）：5.7.1 refused"
    assert states() == [LetterState.FAILED, LetterState.FAILED, LetterState.SENT]


def test_a_letter_put_off_is_tried_again_later_and_is_no_second_copy(place: County, sink: ChoosySink) -> None:
    sink.manners[ONE] = Manner.DEFER
    issued(place.county, ONE, TWO)

    report = send_letters(at=APRIL_FIRST)
    put_off = letter_to(ONE)
    sink.manners.clear()
    too_early = send_letters(at=APRIL_FIRST + SOON)
    in_time = send_letters(at=APRIL_FIRST + 2 * MINUTE)

    assert outcome(report) == (1, 1, 0, 0)
    assert (put_off.state, put_off.error) == (LetterState.QUEUED, "邮件服务器暂不接收（451）：4.3.0 try later")
    assert (outcome(too_early), outcome(in_time)) == ((0, 0, 0, 0), (1, 0, 0, 0))
    assert sink.addressees == [TWO, ONE]
    assert "可能重复" not in subject(sink.copies_for(ONE)[0])
    assert story_of(letter_to(ONE)) == ["queued", "claimed", "deferred", "claimed", "sent"]


def test_a_full_mailbox_is_a_refusal_for_now(place: County, sink: ChoosySink) -> None:
    sink.refusals[ONE] = "452 4.2.2 mailbox full"
    issued(place.county, ONE)

    assert outcome(send_letters(at=APRIL_FIRST)) == (0, 1, 0, 0)
    assert letter_to(ONE).state == LetterState.QUEUED


def test_the_wait_grows_and_after_five_days_the_letter_fails(place: County, sink: ChoosySink) -> None:
    sink.manners[ONE] = Manner.DEFER
    issued(place.county, ONE)
    now, waits = APRIL_FIRST, []

    while (letter := letter_to(ONE)).state == LetterState.QUEUED:
        assert letter.next_try_at is not None
        waits.append(round((letter.next_try_at - now) / MINUTE))
        now = max(now, letter.next_try_at) + (24 * HOUR if len(waits) > 6 else timedelta())
        send_letters(at=now)

    assert waits[:7] == [0, 1, 5, 15, 30, 60, 60]
    assert now - APRIL_FIRST > rules.GIVE_UP_AFTER
    assert letter.state == LetterState.FAILED
    assert letter.error == "五天内多次发送未成，不再重试。最后一次：邮件服务器暂不接收（451）：4.3.0 try later"


# -- the server is away ----------------------------------------------------------------------------------------------


def test_when_the_server_is_away_every_letter_waits_and_none_is_in_doubt(place: County, sink: ChoosySink) -> None:
    issued(place.county, ONE, TWO)
    sink.stop()

    away = send_letters(at=APRIL_FIRST)
    waiting = letter_to(ONE)
    sink.start()
    back = send_letters(at=APRIL_FIRST + 2 * MINUTE)

    assert (outcome(away), outcome(back)) == ((0, 2, 0, 0), (2, 0, 0, 0))
    assert (waiting.state, waiting.error) == (LetterState.QUEUED, "连接不上邮件服务器：对方拒绝连接")
    assert not waiting.may_come_twice
    assert sink.addressees == [ONE, TWO]
    assert story_of(letter_to(ONE)) == ["queued", "deferred", "claimed", "sent"]


def test_a_server_that_stays_away_for_five_days_fails_the_letters(place: County, sink: ChoosySink) -> None:
    issued(place.county, ONE)
    sink.stop()

    send_letters(at=APRIL_FIRST)
    send_letters(at=APRIL_FIRST + timedelta(days=5, minutes=1))

    assert letter_to(ONE).state == LetterState.FAILED
    assert letter_to(ONE).error.endswith("最后一次：连接不上邮件服务器：对方拒绝连接")


# -- doubt -----------------------------------------------------------------------------------------------------------


def test_a_letter_taken_without_an_answer_goes_again_and_says_it_may_be_a_second_copy(
    place: County, sink: ChoosySink
) -> None:
    sink.manners[TWO] = Manner.DROP
    issued(place.county, ONE, TWO, THREE)

    report = send_letters(at=APRIL_FIRST)
    doubtful = letter_to(TWO)
    sink.manners.clear()
    again = send_letters(at=APRIL_FIRST + 2 * MINUTE)

    assert (outcome(report), outcome(again)) == ((2, 0, 0, 1), (1, 0, 0, 0))
    assert (doubtful.state, doubtful.may_come_twice) == (LetterState.DOUBTFUL, True)
    assert "不能确定是否送达" in doubtful.error
    # The third letter went over a new connection in the same round.
    assert sink.addressees == [ONE, TWO, THREE, TWO]
    first, second = sink.copies_for(TWO)
    assert subject(second) == f"【可能重复】{subject(first)}"
    assert second["Message-ID"] == first["Message-ID"]
    assert "这封信可能重复" in body(second, "plain")
    assert "这封信可能重复" in body(second, "html")
    sent = letter_to(TWO)
    assert (sent.state, sent.may_come_twice) == (LetterState.SENT, True)
    assert story_of(sent) == ["queued", "claimed", "doubted", "claimed", "sent"]


def test_a_server_that_never_answers_leaves_the_letter_in_doubt(place: County, sink: ChoosySink) -> None:
    sink.manners[ONE] = Manner.HANG
    issued(place.county, ONE, TWO)

    report = send_letters(at=APRIL_FIRST)

    assert outcome(report) == (1, 0, 0, 1)
    assert states() == [LetterState.DOUBTFUL, LetterState.SENT]


def test_a_letter_that_always_ends_in_doubt_is_at_last_left_to_a_person(place: County, sink: ChoosySink) -> None:
    sink.manners[ONE] = Manner.DROP
    issued(place.county, ONE)

    reports = [outcome(send_letters(at=APRIL_FIRST + hours * HOUR)) for hours in range(0, 12, 2)]

    assert reports == [(0, 0, 0, 1)] * 4 + [(0, 0, 1, 0), (0, 0, 0, 0)]
    letter = letter_to(ONE)
    assert (letter.state, letter.may_come_twice) == (LetterState.FAILED, True)
    assert letter.error.startswith("多次发送都没有得到答复，可能已经送达")


def test_a_doubtful_letter_put_off_stays_doubtful(place: County, sink: ChoosySink) -> None:
    sink.manners[ONE] = Manner.DROP
    issued(place.county, ONE)

    send_letters(at=APRIL_FIRST)
    sink.manners[ONE] = Manner.DEFER
    send_letters(at=APRIL_FIRST + HOUR)

    assert letter_to(ONE).state == LetterState.DOUBTFUL


def test_a_server_that_keeps_hanging_up_is_left_alone_until_the_next_round(place: County, sink: ChoosySink) -> None:
    addresses = [f"r{number}@example.cn" for number in range(5)]
    sink.manners = dict.fromkeys(addresses, Manner.DROP)
    issued(place.county, *addresses)

    report = send_letters(at=APRIL_FIRST)

    assert outcome(report) == (0, 0, 0, 3)
    assert states() == [LetterState.DOUBTFUL] * 3 + [LetterState.QUEUED] * 2


def abandon(letter: Letter) -> None:
    """As a sender leaves it that was killed between its claim and its note."""
    Letter.objects.filter(pk=letter.pk).update(
        state=LetterState.SENDING, claimed_at=APRIL_FIRST, claims=1, next_try_at=None
    )


def test_an_abandoned_claim_is_found_once_it_is_old_enough(place: County, sink: ChoosySink) -> None:
    issued(place.county, ONE)
    abandon(letter_to(ONE))

    too_early = send_letters(at=APRIL_FIRST + 9 * MINUTE)
    found = send_letters(at=APRIL_FIRST + 10 * MINUTE)

    assert (outcome(too_early), outcome(found)) == ((0, 0, 0, 0), (1, 0, 0, 1))
    assert subject(sink.copies_for(ONE)[0]).startswith("【可能重复】")
    assert story_of(letter_to(ONE)) == ["queued", "doubted", "claimed", "sent"]


def test_a_letter_that_kills_its_sender_every_time_is_at_last_left_to_a_person(place: County) -> None:
    issued(place.county, ONE)

    for tries in range(1, 6):
        abandon(letter_to(ONE))
        send_letters(at=APRIL_FIRST + tries * HOUR, limit=0)

    assert letter_to(ONE).state == LetterState.FAILED
    assert story_of(letter_to(ONE)) == ["queued", "doubted", "doubted", "doubted", "doubted", "failed"]


# -- two at once -----------------------------------------------------------------------------------------------------


def while_a_letter_is_on_its_way(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something once, after the first claim of the round and before its letter is handed over."""
    plain, done = sending.build_mail, []

    def build(letter: Letter, parcel: Parcel, **rest: Any) -> Any:
        if not done:
            done.append(True)
            act()
        return plain(letter, parcel, **rest)

    monkeypatch.setattr(sending, "build_mail", build)


def test_a_letter_that_another_worker_took_meanwhile_is_passed_over(
    place: County, sink: ChoosySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(place.county, ONE, TWO, THREE)
    while_a_letter_is_on_its_way(monkeypatch, lambda: send_letters(at=APRIL_FIRST))

    report = send_letters(at=APRIL_FIRST)

    assert report.sent == 1
    assert sorted(sink.addressees) == sorted([ONE, TWO, THREE])
    assert states() == [LetterState.SENT] * 3


def test_a_yes_that_comes_after_the_claim_was_given_up_still_counts(
    place: County, sink: ChoosySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(place.county, ONE)
    while_a_letter_is_on_its_way(monkeypatch, lambda: send_letters(at=APRIL_FIRST + HOUR, limit=0))

    report = send_letters(at=APRIL_FIRST)
    send_letters(at=APRIL_FIRST + 2 * HOUR)

    assert report.sent == 1
    assert sink.addressees == [ONE]
    assert story_of(letter_to(ONE)) == ["queued", "claimed", "doubted", "sent"]


def test_a_note_that_comes_after_the_letter_went_out_again_changes_nothing(
    place: County, sink: ChoosySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(place.county, ONE)
    while_a_letter_is_on_its_way(monkeypatch, lambda: send_letters(at=APRIL_FIRST + HOUR))

    report = send_letters(at=APRIL_FIRST)

    assert report.sent == 0
    assert len(sink.copies_for(ONE)) == 2
    assert letter_to(ONE).claims == 2
    assert story_of(letter_to(ONE)) == ["queued", "claimed", "doubted", "claimed", "sent"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once(sink: ChoosySink, place: County, unreachable_queue: None) -> None:
    addresses = [f"r{number}@example.cn" for number in range(20)]
    issued(place.county, *addresses)
    ready, reports = threading.Barrier(2), []

    def work() -> None:
        ready.wait()
        reports.append(send_letters(at=APRIL_FIRST))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(report.sent for report in reports) == 20
    assert sorted(sink.addressees) == sorted(addresses)


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_over_the_wire_inside_a_transaction(
    sink: ChoosySink, place: County, unreachable_queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(place.county, ONE)
    open_then: list[bool] = []
    while_a_letter_is_on_its_way(monkeypatch, lambda: open_then.append(connection.in_atomic_block))

    send_letters(at=APRIL_FIRST)

    assert open_then == [False]


# -- what breaks in us -----------------------------------------------------------------------------------------------


def test_a_letter_that_breaks_us_is_noted_and_the_round_goes_on_and_is_told_at_its_end(
    place: County, sink: ChoosySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(place.county, ONE, TWO)

    def break_down() -> None:
        raise KeyError("模板缺字段")

    while_a_letter_is_on_its_way(monkeypatch, break_down)
    with pytest.raises(tasks.RoundFailed, match="模板缺字段"):
        tasks.send_letters_task()

    assert sink.addressees == [TWO]
    assert letter_to(ONE).state == LetterState.FAILED
    assert letter_to(ONE).error == "信件无法生成或发送：KeyError '模板缺字段'"


# -- queued again ----------------------------------------------------------------------------------------------------


def test_a_failed_letter_can_be_queued_again_by_a_person(place: County, sink: ChoosySink) -> None:
    sink.refusals[ONE] = "550 5.1.1 no such user"
    issued(place.county, ONE)
    send_letters(at=APRIL_FIRST)
    sink.refusals.clear()
    officer = make_officer(place.county)

    letter = requeue(letter=letter_to(ONE), by=officer, at=APRIL_FIRST + HOUR)
    send_letters(at=APRIL_FIRST + HOUR)

    assert (letter.state, letter.error) == (LetterState.QUEUED, "")
    assert sink.addressees == [ONE]
    assert story_of(letter) == ["queued", "claimed", "failed", "requeued", "claimed", "sent"]
    assert LetterStep.objects.get(action="requeued").by == officer


def test_only_a_failed_letter_can_be_queued_again(place: County, sink: ChoosySink) -> None:
    issued(place.county, ONE)

    with pytest.raises(BulletinRefused, match="这一封待发"):
        requeue(letter=letter_to(ONE), by=None, at=APRIL_FIRST)
    send_letters(at=APRIL_FIRST)
    with pytest.raises(BulletinRefused, match="这一封已发出"):
        requeue(letter=letter_to(ONE), by=None, at=APRIL_FIRST)

    assert sink.addressees == [ONE]
