"""Gateways against a real server that checks signature and body, refuses, hangs up, is slow, and is away."""

import base64
import hashlib
import hmac
import threading
import time
from datetime import timedelta

import pytest
from pytest_django import Settings

from cases.models import Officer
from config import embedded
from supervision.bulletins.gateways import NEEDS, GatewayAnswer, Message, calling, deliver
from supervision.bulletins.models import Channel, ChannelKind, Letter, LetterState, NoticeAddress
from supervision.bulletins.rules import Verdict
from supervision.bulletins.services import SendReport, compose_notices, send_letters
from tests.rigs.gateway import Call, Gateway
from tests.supervision.bulletins.factories import County, make_officer, moment, story_of
from tests.supervision.bulletins.rooms import Room

SECRET = "k3y-of-the-tests"
MESSAGE = Message(
    id="<1@example.cn>",
    to="13800000000",
    title="盯办通知（4月28日）：预警 2 条",
    text="请登录盯办系统，在收件箱查看。",
    link="https://dingban.example.cn/inbox/",
)


def hmac_of(text: bytes) -> str:
    return base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()


def is_of_now(stamp: str) -> bool:
    return abs(int(stamp) / 1000 - time.time()) < 60


@pytest.fixture(autouse=True)
def secrets(settings: Settings) -> None:
    settings.GATEWAY_SECRETS = {"OURS": SECRET, "ROBOT": f"token-1:{SECRET}"}


def channel(gateway: Gateway, kind: str, **fields: str) -> Channel:
    """A channel that is not saved; a kind's own secret."""
    secret = "ROBOT" if kind == ChannelKind.DINGTALK else "OURS"
    return Channel(name=kind, kind=kind, **{"base_url": gateway.url, "secret_name": secret, **fields})


def refusal(channel: Channel) -> GatewayAnswer:
    with pytest.raises(GatewayAnswer) as raised:
        deliver(channel, MESSAGE)
    return raised.value


# -- what each is told -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ChannelKind.SMS, ChannelKind.WEBHOOK])
def test_our_own_gateways_can_check_that_the_body_is_ours_and_of_now(gateway: Gateway, kind: str) -> None:
    deliver(channel(gateway, kind, base_url=f"{gateway.url}/notices/in/?v=2"), MESSAGE)

    (call,) = gateway.calls
    assert (call.method, call.path, call.query) == ("POST", "/notices/in/", {"v": "2"})
    assert call.headers["X-Signature"] == hmac_of(call.headers["X-Timestamp"].encode() + b"\n" + call.raw)
    assert is_of_now(call.headers["X-Timestamp"])
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_short_message_is_one_line_with_its_number(gateway: Gateway) -> None:
    deliver(channel(gateway, ChannelKind.SMS), MESSAGE)

    assert gateway.calls[0].json == {
        "id": "<1@example.cn>",
        "phone": "13800000000",
        "content": "【盯办】盯办通知（4月28日）：预警 2 条。请登录盯办系统，在收件箱查看。",
    }


def test_a_webhook_gets_the_parts(gateway: Gateway) -> None:
    deliver(channel(gateway, ChannelKind.WEBHOOK), MESSAGE)

    assert gateway.calls[0].json == {
        "id": "<1@example.cn>",
        "to": "13800000000",
        "title": MESSAGE.title,
        "text": MESSAGE.text,
        "link": MESSAGE.link,
    }


def test_a_webhook_without_a_secret_is_called_unsigned(gateway: Gateway) -> None:
    deliver(channel(gateway, ChannelKind.WEBHOOK, secret_name=""), MESSAGE)

    assert "X-Signature" not in gateway.calls[0].headers


@pytest.mark.parametrize(("to", "named"), [("13800000000", "atMobiles"), ("manager4220", "atUserIds")])
def test_the_robot_of_dingtalk_is_signed_as_its_setting_asks_and_names_one_person(
    gateway: Gateway, to: str, named: str
) -> None:
    message = Message(id="1", to=to, title="盯办通知", text="请登录")

    deliver(channel(gateway, ChannelKind.DINGTALK), message)

    (call,) = gateway.calls
    stamp = call.query["timestamp"]
    assert call.path == "/robot/send"
    assert call.query["access_token"] == "token-1"
    assert call.query["sign"] == hmac_of(f"{stamp}\n{SECRET}".encode())
    assert is_of_now(stamp)
    assert call.json["text"]["content"] == f"@{to} 盯办通知\n请登录"
    assert call.json["at"] == {named: [to], "isAtAll": False}


def test_wecom_is_asked_for_a_token_first_and_sends_to_one_member(gateway: Gateway) -> None:
    gateway.says("/cgi-bin/gettoken", (200, {"errcode": 0, "access_token": "t-1"}))
    gateway.says("/cgi-bin/message/send", (200, {"errcode": 0, "errmsg": "ok"}))

    deliver(channel(gateway, ChannelKind.WECOM, account="corp", agent="1000002"), MESSAGE)

    token, sent = gateway.calls
    assert token.query == {"corpid": "corp", "corpsecret": SECRET}
    assert sent.query == {"access_token": "t-1"}
    assert (sent.json["touser"], sent.json["agentid"], sent.json["msgtype"]) == ("13800000000", 1000002, "text")
    assert sent.json["text"]["content"] == MESSAGE.whole
    assert sent.json["enable_duplicate_check"] == 1


# -- what their answers mean -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ((429, {}), Verdict.LATER),
        ((500, b"oops"), Verdict.LATER),
        ((503, {}), Verdict.LATER),
        ((400, {"message": "bad"}), Verdict.NEVER),
        ((403, {}), Verdict.NEVER),
        ((302, b""), Verdict.NEVER),  # nobody is followed elsewhere
        ((200, {"code": 7, "message": "黑名单"}), Verdict.NEVER),
        ((200, b"<html>"), Verdict.UNKNOWN),
        ((200, b"[]"), Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("kind", [ChannelKind.SMS, ChannelKind.WEBHOOK])
def test_an_answer_other_than_yes_is_later_never_or_nobody_knows(
    gateway: Gateway, kind: str, answer: tuple[int, object] | None, verdict: Verdict
) -> None:
    gateway.says("/", answer)

    assert refusal(channel(gateway, kind)).verdict is verdict


@pytest.mark.parametrize("said", [b"", b"  ", {}, {"code": 0}, {"code": "0"}])
def test_a_yes_may_be_short(gateway: Gateway, said: object) -> None:
    gateway.says("/", (200, said))

    deliver(channel(gateway, ChannelKind.SMS), MESSAGE)

    assert len(gateway.calls) == 1


@pytest.mark.parametrize(("code", "verdict"), [(-1, Verdict.LATER), (130101, Verdict.LATER), (310000, Verdict.NEVER)])
def test_the_numbers_of_dingtalk(gateway: Gateway, code: int, verdict: Verdict) -> None:
    gateway.says("/robot/send", (200, {"errcode": code, "errmsg": "说明"}))

    found = refusal(channel(gateway, ChannelKind.DINGTALK))

    assert found.verdict is verdict
    assert f"（{code}）：说明" in found.words


@pytest.mark.parametrize(
    ("token", "sent", "verdict"),
    [
        ((200, {"errcode": 40013, "errmsg": "invalid corpid"}), None, Verdict.NEVER),
        ((200, {"errcode": -1}), None, Verdict.LATER),
        (None, None, Verdict.LATER),  # the message has not been handed over
        ((502, b""), None, Verdict.LATER),
        ((200, {"errcode": 0, "access_token": "t"}), (200, {"errcode": 45009}), Verdict.LATER),
        ((200, {"errcode": 0, "access_token": "t"}), (200, {"errcode": 42001}), Verdict.LATER),
        ((200, {"errcode": 0, "access_token": "t"}), (200, {"errcode": 60020}), Verdict.NEVER),
        ((200, {"errcode": 0, "access_token": "t"}), (200, {"errcode": 0, "invaliduser": "li"}), Verdict.NEVER),
        ((200, {"errcode": 0, "access_token": "t"}), None, Verdict.UNKNOWN),
    ],
)
def test_the_numbers_of_wecom(
    gateway: Gateway, token: tuple[int, object] | None, sent: tuple[int, object] | None, verdict: Verdict
) -> None:
    gateway.says("/cgi-bin/gettoken", token)
    gateway.says("/cgi-bin/message/send", sent)

    assert refusal(channel(gateway, ChannelKind.WECOM, account="corp", agent="1")).verdict is verdict


def test_a_gateway_that_is_away_has_taken_nothing_and_the_letter_waits() -> None:
    nobody = Channel(name="短信", kind=ChannelKind.SMS, base_url=f"http://127.0.0.1:{embedded.any_free_port()}")

    found = refusal(nobody)

    assert (found.verdict, found.broke_off) == (Verdict.LATER, True)
    assert found.words.startswith("连接不上网关")


def test_a_gateway_that_does_not_answer_in_time_may_have_taken_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT_SECONDS", 0.2)
    given_up = threading.Event()

    def slowly(call: Call) -> tuple[int, object]:
        given_up.wait(5)
        return 200, {}

    gateway.answers["/"] = slowly

    found = refusal(channel(gateway, ChannelKind.SMS))
    given_up.set()

    assert found.verdict is Verdict.UNKNOWN


def test_a_secret_is_in_no_refusal(gateway: Gateway) -> None:
    gateway.says("/cgi-bin/gettoken", (403, {"errmsg": "no"}))
    gateway.says("/robot/send", (403, b"no"))

    for kind in (ChannelKind.WECOM, ChannelKind.DINGTALK):
        found = refusal(channel(gateway, kind, account="corp", agent="1"))
        assert SECRET not in found.words and "token-1" not in found.words


def test_every_kind_says_what_it_cannot_do_without() -> None:
    assert set(NEEDS) == set(ChannelKind)
    assert all(hasattr(Channel, name) for names in NEEDS.values() for name in names)


# -- by the outbox ---------------------------------------------------------------------------------------------------

NINE, MINUTE = moment("2026-04-28 09:00"), timedelta(minutes=1)


@pytest.fixture
def texted(place: County, working_days: None, room: Room, gateway: Gateway) -> Officer:
    """An officer with a telephone and no mail, who has been told of one thing at nine."""
    officer = make_officer(place.a)
    short = Channel.objects.create(
        name="短信", kind=ChannelKind.SMS, base_url=gateway.url, secret_name="OURS", enabled=True
    )
    NoticeAddress.objects.create(officer=officer, channel=short, address="13800000000")
    room.raises("秘密案件", officer, since=NINE)
    compose_notices(at=NINE)
    return officer


def outcome(report: SendReport) -> tuple[int, int, int, int, int]:
    """(sent, deferred, failed, doubted, dropped)"""
    return report.sent, report.deferred, report.failed, report.doubted, report.dropped


def test_a_notice_goes_through_the_gateway_as_a_count_and_without_a_word_of_the_case(
    gateway: Gateway, texted: Officer
) -> None:
    report = send_letters(at=NINE)

    assert outcome(report) == (1, 0, 0, 0, 0)
    assert gateway.calls[0].json["content"].startswith("【盯办】盯办通知（4月28日）：预警 1 条。")
    assert "秘密案件" not in gateway.calls[0].raw.decode()
    assert Letter.objects.get().address == "13800000000"


def test_a_gateway_that_breaks_off_leaves_it_in_doubt_and_the_second_copy_says_so(
    gateway: Gateway, texted: Officer
) -> None:
    gateway.says("/", None)
    first = send_letters(at=NINE)
    gateway.says("/", (200, {}))
    second = send_letters(at=NINE + 2 * MINUTE)

    assert (outcome(first), outcome(second)) == ((0, 0, 0, 1, 0), (1, 0, 0, 0, 0))
    assert "【可能重复】" in gateway.calls[1].json["content"]
    assert gateway.calls[0].json["id"] == gateway.calls[1].json["id"]
    assert story_of(Letter.objects.get()) == ["queued", "claimed", "doubted", "claimed", "sent"]


@pytest.mark.parametrize(("answer", "state"), [((503, {}), LetterState.QUEUED), ((403, {}), LetterState.FAILED)])
def test_later_waits_and_never_fails(
    gateway: Gateway, texted: Officer, answer: tuple[int, object], state: LetterState
) -> None:
    gateway.says("/", answer)

    send_letters(at=NINE)

    letter = Letter.objects.get()
    assert letter.state == state
    assert f"（{answer[0]}）" in letter.error


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        ({"enabled": False}, LetterState.DROPPED, "渠道“短信”已停用"),
        ({"secret_name": "LOST"}, LetterState.FAILED, "GATEWAY_SECRET_LOST"),
    ],
)
def test_a_channel_switched_off_or_without_its_secret_sends_nothing(
    gateway: Gateway, texted: Officer, change: dict[str, object], state: LetterState, why: str
) -> None:
    Channel.objects.update(**change)

    send_letters(at=NINE)

    assert gateway.calls == []
    assert Letter.objects.get().state == state
    assert why in Letter.objects.get().error


def test_an_address_that_was_taken_away_gets_nothing(gateway: Gateway, texted: Officer) -> None:
    NoticeAddress.objects.all().delete()

    assert outcome(send_letters(at=NINE)) == (0, 0, 0, 0, 1)


def test_a_gateway_that_is_away_is_left_alone_after_three_tries_and_keeps_no_mail_from_leaving(
    place: County, working_days: None, room: Room, mail_leaves_by_smtp: object
) -> None:
    away = Channel.objects.create(
        name="短信", kind=ChannelKind.SMS, base_url=f"http://127.0.0.1:{embedded.any_free_port()}", enabled=True
    )
    for number in range(5):
        officer = make_officer(place.a, email=f"x{number}@example.cn")
        NoticeAddress.objects.create(officer=officer, channel=away, address="13800000000")
        room.raises(f"A{number}", officer, since=NINE)
    compose_notices(at=NINE)

    report = send_letters(at=NINE)

    assert outcome(report) == (5, 3, 0, 0, 0)
    assert Letter.objects.filter(channel=away, claims=0).count() == 2
