"""The mail sink keeps each message as files that a person can open."""

import os
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from config import embedded
from config.mailsink import Sink
from config.processes import die_with_parent
from tests.rigs.waiting import until


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in headers.items():
        made[name] = value
    return made


def test_a_message_sent_by_smtp_is_filed_in_three_readable_ways(tmp_path: Path, settings: Settings) -> None:
    port = embedded.any_free_port()
    process = subprocess.Popen(
        embedded.mailsink_command(port=port, folder=tmp_path),
        cwd=django_settings.ROOT,
        preexec_fn=die_with_parent(os.getpid()),
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    letter = EmailMultiAlternatives("七月通报：超期 3 件", "请查收。", "dingban@localhost", ["zhang@example.cn"])
    letter.attach_alternative("<p>请<b>查收</b>。</p>", "text/html")
    letter.attach("清单.csv", "案号,到期日\n", "text/csv")

    try:
        until(lambda: embedded.accepts(port), what="the sink to listen")
        letter.send()
    finally:
        process.terminate()
        ended = process.wait(timeout=10)

    names = sorted(path.name for path in tmp_path.iterdir())
    assert ended == 0
    assert [Path(name).suffix for name in names] == [".eml", ".html", ".txt"]
    assert all("zhang@example.cn_七月通报-超期-3-件" in name for name in names)
    text = (tmp_path / names[2]).read_text()
    assert "收件人：zhang@example.cn" in text
    assert "附件：清单.csv" in text
    assert "请查收。" in text
    assert "<b>查收</b>" in (tmp_path / names[1]).read_text()


@pytest.mark.parametrize("subject", ["../../etc/passwd", "a/b\\c", "..", "", "长" * 300, "行\t距"])
def test_no_subject_leads_out_of_the_folder(subject: str, tmp_path: Path) -> None:
    kept = Sink(tmp_path).keep(message(Subject=subject).as_bytes(), ["../x@example.cn"])

    assert kept.parent == tmp_path
    assert kept.is_file()


def test_two_messages_alike_become_two_files(tmp_path: Path) -> None:
    same = message(Subject="同").as_bytes()

    Sink(tmp_path).keep(same, ["a@example.cn"])
    Sink(tmp_path).keep(same, ["a@example.cn"])

    assert len(list(tmp_path.glob("*.eml"))) == 2


def test_a_message_in_an_unknown_encoding_is_kept_all_the_same(tmp_path: Path) -> None:
    raw = b'Subject: x\r\nContent-Type: text/plain; charset="no-such"\r\n\r\nhello\r\n'

    kept = Sink(tmp_path).keep(raw, ["a@example.cn"])

    assert kept.read_bytes() == raw
    assert "hello" in kept.with_suffix(".txt").read_text()
