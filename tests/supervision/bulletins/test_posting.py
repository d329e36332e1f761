"""A letter as a mail, and a server's answer as a verdict."""

import smtplib
import socket
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.core.mail.message import BadHeaderError

from supervision.bulletins.leaving import Parcel
from supervision.bulletins.models import Bulletin, Letter
from supervision.bulletins.posting import build_mail, read_answer, why_unreachable
from supervision.bulletins.rules import Verdict
from tests.supervision.bulletins.factories import moment


def letter(**changes: object) -> Letter:
    bulletin = Bulletin(title="某县公安局2026年3月执法监督月通报", html="<p><!--notice-->正文</p>", text="正文\n")
    return Letter(bulletin=bulletin, message_id="<abc@bureau.example.cn>", **changes)


def test_a_letter_is_html_with_a_plain_alternative_and_a_name_of_its_own() -> None:
    mail = build_mail(letter(), Parcel("王所长", "wang@example.cn")).message()

    assert str(make_header(decode_header(mail["Subject"]))) == "某县公安局2026年3月执法监督月通报"
    assert mail["Message-ID"] == "<abc@bureau.example.cn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parseaddr(mail["To"])[1] == "wang@example.cn"
    assert [part.get_content_type() for part in mail.get_payload()] == ["text/plain", "text/html"]
    assert mail.get_payload()[0].get_payload(decode=True).decode() == "正文\n"


def test_a_possible_second_copy_is_marked_in_subject_and_both_bodies_and_keeps_its_name() -> None:
    first = build_mail(letter(), Parcel("王所长", "wang@example.cn"))
    again = build_mail(letter(doubtful_at=moment("2026-04-01 09:00")), Parcel("王所长", "wang@example.cn"))

    assert "可能重复" not in first.subject
    assert again.subject == "【可能重复】" + first.subject
    assert "可能重复" in str(again.body) and "可能重复" in str(again.alternatives[0].content)
    assert again.message()["Message-ID"] == first.message()["Message-ID"]


def test_a_name_cannot_smuggle_in_a_header() -> None:
    plain = build_mail(letter(), Parcel("Wang\nBcc: all@example.cn", "wang@example.cn"))
    chinese = build_mail(letter(), Parcel("王\nBcc: all@example.cn", "wang@example.cn"))

    with pytest.raises(BadHeaderError):
        plain.message()
    assert message_from_bytes(chinese.message().as_bytes())["Bcc"] is None


@pytest.mark.parametrize(
    ("error", "verdict", "hangs_up", "ours", "said"),
    [
        (
            smtplib.SMTPDataError(451, b"4.3.0 try later"),
            Verdict.LATER,
            False,
            False,
            "暂不接收（451）：4.3.0 try later",
        ),
        (smtplib.SMTPDataError(554, b"5.7.1 no"), Verdict.NEVER, False, False, "拒收（554）：5.7.1 no"),
        (smtplib.SMTPSenderRefused(421, b"closing", "x@y"), Verdict.LATER, True, False, "暂不接收（421）"),
        (smtplib.SMTPSenderRefused(553, b"who", "x@y"), Verdict.NEVER, False, False, "拒收（553）"),
        (
            smtplib.SMTPRecipientsRefused({"a@b": (550, "没有此人".encode())}),
            Verdict.NEVER,
            False,
            False,
            "拒收（550）：没有此人",
        ),
        (smtplib.SMTPRecipientsRefused({"a@b": (452, b"full")}), Verdict.LATER, False, False, "暂不接收（452）：full"),
        (smtplib.SMTPServerDisconnected("gone"), Verdict.UNKNOWN, True, False, "在答复之前断开"),
        (TimeoutError("timed out"), Verdict.UNKNOWN, True, False, "在答复之前断开"),
        (ConnectionResetError(104, "reset"), Verdict.UNKNOWN, True, False, "在答复之前断开"),
        (ValueError("no such thing"), Verdict.NEVER, False, True, "无法生成或发送：ValueError no such thing"),
    ],
)
def test_what_an_answer_means_for_the_letter(
    error: Exception, verdict: Verdict, hangs_up: bool, ours: bool, said: str
) -> None:
    answer = read_answer(error)

    assert (answer.verdict, answer.hangs_up, answer.ours) == (verdict, hangs_up, ours)
    assert said in answer.words


def test_an_answer_over_several_lines_or_in_no_known_encoding_is_one_readable_line() -> None:
    assert read_answer(smtplib.SMTPDataError(554, b"no\r\nreally \xff no")).words.endswith("no really \ufffd no")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "refused"), "连接不上邮件服务器：对方拒绝连接"),
        (TimeoutError("timed out"), "连接不上邮件服务器：没有应答"),
        (socket.gaierror(-2, "unknown"), "连接不上邮件服务器：找不到这台主机"),
        (smtplib.SMTPServerDisconnected("x"), "连接不上邮件服务器：刚连上就被断开"),
        (smtplib.SMTPConnectError(421, b"busy"), "连接不上邮件服务器：421 busy"),
        (smtplib.SMTPAuthenticationError(535, b"who are you"), "邮件服务器不接受本系统的账号（535）：who are you"),
        (ValueError("odd"), "连接不上邮件服务器：ValueError odd"),
    ],
)
def test_why_there_is_no_connection_is_said_in_chinese(error: Exception, said: str) -> None:
    assert why_unreachable(error) == said
