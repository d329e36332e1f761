"""The rigs other tests lean on do what they say."""

import smtplib
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from cases.ledgers import lift_guard, put_guard
from cases.models import Unit
from config.bench import scratch_database
from tests.rigs.browser import leaves_this_machine
from tests.rigs.redis import RedisServer
from tests.rigs.smtp import Manner, SmtpSink
from tests.rigs.template import digest_of_what_it_is_made_from
from tests.rigs.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def send() -> int:
    return EmailMessage("预警", "明日到期。", "dingban@localhost", ["a@example.cn"], connection=get_connection()).send()


def test_redis_is_real_and_empty(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        assert client.dbsize() == 0
        assert client.set("a", "1")


def test_redis_is_empty_again(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        assert client.dbsize() == 0


def test_mail_that_is_taken_can_be_read(mail_leaves_by_smtp: SmtpSink) -> None:
    assert send() == 1

    (received,) = mail_leaves_by_smtp.wait_for(1)
    assert received.recipients == ("a@example.cn",)
    assert received.message["subject"] == "预警"
    assert received.message.get_content().strip() == "明日到期。"


@pytest.mark.parametrize(("manner", "code"), [(Manner.REFUSE, 554), (Manner.DEFER, 451)])
def test_mail_that_is_turned_down_says_how(mail_leaves_by_smtp: SmtpSink, manner: Manner, code: int) -> None:
    mail_leaves_by_smtp.manner = manner

    with pytest.raises(smtplib.SMTPDataError) as refused:
        send()

    assert refused.value.smtp_code == code
    assert mail_leaves_by_smtp.received == []


def test_a_server_that_hangs_up_after_taking_leaves_the_sender_in_doubt(mail_leaves_by_smtp: SmtpSink) -> None:
    mail_leaves_by_smtp.manner = Manner.DROP

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send()

    assert len(mail_leaves_by_smtp.wait_for(1)) == 1


def test_a_server_that_never_answers_runs_into_the_senders_patience(mail_leaves_by_smtp: SmtpSink) -> None:
    mail_leaves_by_smtp.manner = Manner.HANG
    began = time.monotonic()

    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send()

    assert time.monotonic() - began < 10
    mail_leaves_by_smtp.wait_for_attempts(1)
    assert mail_leaves_by_smtp.received == []


def test_a_stopped_server_refuses_connections(mail_leaves_by_smtp: SmtpSink) -> None:
    mail_leaves_by_smtp.stop()

    with pytest.raises(ConnectionRefusedError):
        send()


def test_without_the_rig_no_mail_leaves(settings: Settings, mailoutbox: list[EmailMessage]) -> None:
    send()

    assert len(mailoutbox) == 1


def test_waiting_ends_with_what_was_waited_for() -> None:
    with pytest.raises(AssertionError, match="in vain for a miracle"):
        until(lambda: False, what="a miracle", within=0.1)


@pytest.mark.parametrize(
    ("url", "leaves"),
    [
        ("http://127.0.0.1:8000/x", False),
        ("http://localhost/x", False),
        ("data:image/png;base64,", False),
        ("https://fonts.example.com/x.css", True),
        ("ws://10.0.0.1/", True),
    ],
)
def test_the_browser_rig_knows_what_leaves_this_machine(url: str, leaves: bool) -> None:
    assert leaves_this_machine(url) is leaves


def test_a_free_port_is_not_given_twice_while_it_is_used(smtp_sink: SmtpSink) -> None:
    with socket.create_connection(("127.0.0.1", smtp_sink.port), timeout=5) as line:
        assert line.recv(3) == b"220"


@pytest.mark.django_db(transaction=True)
def test_a_ledger_can_be_emptied_between_tests_and_not_within_one() -> None:
    with connection.schema_editor() as editor:
        put_guard(editor, Unit)
    try:
        Unit.objects.create(code="330100", name="良渚市公安局", level=2, path="0001")
        with pytest.raises(DatabaseError):
            Unit.objects.all().delete()

        call_command("flush", interactive=False, verbosity=0)

        assert Unit.objects.count() == 0
        Unit.objects.create(code="330100", name="良渚市公安局", level=2, path="0001")
        with pytest.raises(DatabaseError):
            Unit.objects.all().delete()
    finally:
        with connection.schema_editor() as editor:
            lift_guard(editor, Unit)


@pytest.mark.django_db
def test_the_copied_database_has_seen_every_migration_of_today() -> None:
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert set(executor.loader.disk_migrations) == set(executor.loader.applied_migrations)


@pytest.mark.django_db(transaction=True)
def test_a_database_made_during_a_test_is_a_fresh_copy_and_the_tests_own_is_found_again() -> None:
    Unit.objects.create(code="330100", name="良渚市公安局", level=2, path="0001")

    with scratch_database():
        assert Unit.objects.count() == 0
        Unit.objects.create(code="330200", name="河姆渡市公安局", level=2, path="0001")

    assert Unit.objects.get().code == "330100"


def test_another_migration_is_another_database(tmp_path: Path, settings: Settings) -> None:
    written = tmp_path / "cases" / "migrations" / "0001_initial.py"
    written.parent.mkdir(parents=True)
    written.write_text("operations = []")
    (tmp_path / "requirements.txt").write_text("")
    settings.ROOT = tmp_path
    before = digest_of_what_it_is_made_from()

    written.write_text("operations = [1]")

    assert digest_of_what_it_is_made_from() != before


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_browser_is_real_and_reads_chinese(page: "Page", live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/login/")

    page.get_by_role("button", name="登录").wait_for()
    assert page.evaluate("navigator.language") == "zh-CN"
