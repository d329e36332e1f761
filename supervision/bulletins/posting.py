"""A letter as a mail or a message, and what the other side answers as a verdict. Nothing here reads or writes a row.

Does not: queue, retry, claim or remember anything; that is the business of `services`.
"""

import smtplib
import socket
from dataclasses import dataclass
from email.mime.image import MIMEImage
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from supervision.bulletins.copies import SUBJECT_MARK, WHY_TWICE, Composed, with_notice
from supervision.bulletins.filing import TYPES
from supervision.bulletins.gateways import GatewayAnswer, Message
from supervision.bulletins.leaving import Parcel
from supervision.bulletins.models import BulletinPaper, Letter, PaperForm
from supervision.bulletins.notice_words import WHY_NOTICE_TWICE, compose_notice, title_of
from supervision.bulletins.rules import CLOSING, Verdict, verdict_on

NO_ANSWER = "邮件服务器在答复之前断开，不能确定是否送达，将再发一次并注明可能重复"
REFUSED_FOR_NOW = "邮件服务器暂不接收（{code}）：{words}"
REFUSED_FOR_GOOD = "邮件服务器拒收（{code}）：{words}"
SIGN_IN_REFUSED = "邮件服务器不接受本系统的账号（{code}）：{words}"
UNREACHABLE = "连接不上邮件服务器：{words}"
OUR_FAULT = "信件无法生成或发送：{words}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an exception on the way to the server means.

    `hangs_up`: the connection is of no more use. `ours`: no server said this, the fault is in the letter or in us.
    """

    verdict: Verdict
    words: str
    hangs_up: bool = False
    ours: bool = False


def build_mail(letter: Letter, parcel: Parcel, *, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The letter as HTML mail with a plain-text alternative, and of a bulletin its papers; a copy that may be a second one says so at the top."""
    if letter.bulletin is not None:
        words = Composed(letter.bulletin.title, letter.bulletin.html, letter.bulletin.text)
        why_twice = WHY_TWICE
    else:
        assert letter.notice is not None
        words, why_twice = compose_notice(letter.notice, parcel.lines), WHY_NOTICE_TWICE
    subject, html, text = words.title, words.html, words.text
    if letter.may_come_twice:
        subject = SUBJECT_MARK + subject
        html, text = with_notice(html, text, why_twice)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[formataddr((parcel.name, parcel.address))],
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    mail.attach_alternative(html, "text/html")
    for paper in parcel.papers:
        _attach(mail, paper)
    return mail


def _attach(mail: EmailMultiAlternatives, paper: BulletinPaper) -> None:
    """A picture goes inline under the name the HTML calls it by, anything else as a file."""
    form, content = PaperForm(paper.form), bytes(paper.content)
    if form != PaperForm.PICTURE:
        mail.attach(paper.name, content, TYPES[form])
        return
    picture = MIMEImage(content, _subtype=form.value)
    picture.add_header("Content-ID", f"<{paper.name}>")
    picture.add_header("Content-Disposition", "inline", filename=f"{paper.name.partition('@')[0]}.png")
    mail.attach(picture)


def build_message(letter: Letter, parcel: Parcel) -> Message:
    """The notice for a gateway: how much there is and of what, and never what. Only notices go that way."""
    assert letter.notice is not None
    title = title_of(letter.notice, parcel.headline)
    return Message(
        id=letter.message_id,
        to=parcel.address,
        title=SUBJECT_MARK + title if letter.may_come_twice else title,
        text="请登录盯办系统，在收件箱查看。",
        link=f"{settings.SITE_URL}{reverse('bulletins:inbox')}" if settings.SITE_URL else "",
    )


def read_answer(error: Exception) -> Answer:
    """What became of a letter whose sending raised `error`.

    When the line breaks before the answer, the server may have taken the letter: nobody knows.
    """
    if isinstance(error, GatewayAnswer):
        return Answer(error.verdict, error.words, hangs_up=error.broke_off)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _refused(code, words)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Answer(Verdict.UNKNOWN, NO_ANSWER, hangs_up=True)
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return Answer(Verdict.UNKNOWN, NO_ANSWER, hangs_up=True)
    return Answer(Verdict.NEVER, OUR_FAULT.format(words=f"{type(error).__name__} {error}"), ours=True)


def why_unreachable(error: Exception) -> str:
    """Why there is no connection to the mail server. Nothing has been handed over, so nothing is in doubt."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return SIGN_IN_REFUSED.format(code=error.smtp_code, words=_text(error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return UNREACHABLE.format(words=f"{error.smtp_code} {_text(error.smtp_error)}")
    for kind, words in _CAUSES:
        if isinstance(error, kind):
            return UNREACHABLE.format(words=words)
    return UNREACHABLE.format(words=f"{type(error).__name__} {error}")


_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "对方拒绝连接"),
    (TimeoutError, "没有应答"),
    (socket.gaierror, "找不到这台主机"),
    (smtplib.SMTPServerDisconnected, "刚连上就被断开"),
)


def _refused(code: int, words: bytes | str) -> Answer:
    verdict = verdict_on(code)
    sentence = REFUSED_FOR_NOW if verdict is Verdict.LATER else REFUSED_FOR_GOOD
    return Answer(verdict, sentence.format(code=code, words=_text(words)), hangs_up=code == CLOSING)


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())
