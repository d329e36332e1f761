"""The database server is restarted, between the work and in the middle of it: what was half done is undone, the next try
works, and nobody has to restart anything else. Only on PostgreSQL: SQLite has no server that could go away."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from supervision.alerts.tasks import sweep_task
from supervision.bulletins.models import Letter, LetterState
from supervision.bulletins.rules import CLAIM_LASTS
from supervision.bulletins.services import send_letters
from supervision.operations.models import JobRun, Outcome
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess, address_of_test_database, environment_of_the_test
from tests.supervision.bulletins.conftest import ChoosySink, place, unreachable_queue
from tests.supervision.bulletins.conftest import sink as sink
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, letter_to

__all__ = ["place", "sink", "unreachable_queue"]
pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no server that could be restarted"
)
ONE, TWO, THREE = "one@example.cn", "two@example.cn", "three@example.cn"

# -- a server of the test's own, really restarted ----------------------------------------------------------------------

PROGRAM = """
import json, sys
import django
django.setup()
from django.db import OperationalError, close_old_connections, connection, transaction
from django.test import RequestFactory
from config.wsgi import application

def page():
    environ = RequestFactory(SERVER_NAME="localhost")._base_environ(PATH_INFO="/healthz")
    answer = application(environ, lambda *_: None)
    said = json.loads(b"".join(answer))["database"]
    answer.close()
    return said

def work():
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO work VALUES (1)")
            print("half done", flush=True)
            sys.stdin.readline()
            cursor.execute("INSERT INTO work VALUES (2)")
    except OperationalError:
        close_old_connections()
        return "broken off"
    return "done"

def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM work")
        return cursor.fetchone()[0]

with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE work (x int)")
print("ready", flush=True)
for line in sys.stdin:
    print({"page": page, "work": work, "rows": rows}[line.strip()](), flush=True)
"""


class Asked:
    """A process of the product with its own connection, that does as it is told a line."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=settings.ROOT,
            env=environment_of_the_test(DATABASE_URL=url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.hear() == "ready"

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, word: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.hear()


@pytest.fixture
def server() -> Iterator[Any]:
    """Not the server of the run: others are at work there."""
    from tests.rigs import postgres  # import here: importing it starts the run's own server

    made = postgres.PostgresServer(next(iter(postgres.installed_programs())))
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "killed"])
def test_a_process_finds_the_database_again_and_what_was_half_done_is_undone(server: Any, told: signal.Signals) -> None:
    asked = Asked(server.url)
    try:
        assert asked.ask("page") == "True"
        server.halt(told)
        away = asked.ask("page")
        server.start_again()
        between = asked.ask("page")

        assert asked.ask("work") == "half done"
        server.halt(told)
        server.start_again()
        during, rows, after = asked.ask("go on"), asked.ask("rows"), asked.ask("page")
        assert asked.ask("work") == "half done"
        again = asked.ask("go on")

        assert (away, between) == ("False", "True")
        assert (during, rows, after) == ("broken off", "0", "True")
        assert (again, asked.ask("rows")) == ("done", "2")
    finally:
        asked.process.kill()
        asked.process.communicate()


# -- the run's server, whose clients of this database are cut off as a restart does -----------------------------------


@contextmanager
def administrator() -> Iterator[Callable[..., Any]]:
    described = connection.settings_dict
    url = address_of_test_database().replace(f"/{described['NAME']}?", "/postgres?")
    with psycopg.connect(url, autocommit=True) as session:
        yield session.execute


def cut_off() -> None:
    """Every connection to the test's database ends."""
    with administrator() as execute:
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )


@contextmanager
def no_database() -> Iterator[None]:
    """Whoever is connected is cut off, and nobody gets in."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with administrator() as execute:
        execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            cut_off()
            yield
        finally:
            execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


class CuttingSink(ChoosySink):
    """Cuts everybody off from the database before it says that it took the second letter."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos[0] == TWO and not self.copies_for(TWO):
            cut_off()
        return await super().handle_DATA(server, session, envelope)


@pytest.mark.django_db(transaction=True)
def test_a_restart_while_letters_go_out_misses_nobody_and_marks_the_one_in_doubt(
    sink: ChoosySink, place: County, unreachable_queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "__class__", CuttingSink)
    issued(place.county, ONE, TWO, THREE)

    with pytest.raises(OperationalError):
        send_letters(at=APRIL_FIRST)
    connection.close()
    held = letter_to(TWO).state
    send_letters(at=APRIL_FIRST + timedelta(minutes=1))
    send_letters(at=APRIL_FIRST + CLAIM_LASTS + timedelta(minutes=1))

    assert held == LetterState.SENDING
    marked = {
        address: ["【可能重复】" in str(message["subject"]) for message in sink.copies_for(address)]
        for address in (ONE, TWO, THREE)
    }
    assert marked == {ONE: [False], TWO: [False, True], THREE: [False]}
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


@pytest.mark.django_db(transaction=True)
def test_a_worker_lives_through_a_restart_and_its_next_round_comes_right(
    celery_worker_process: WorkerProcess, tmp_path: Path
) -> None:
    def good() -> int:
        return JobRun.objects.filter(job="alerts.sweep", outcome=Outcome.GOOD).count()

    sweep_task.delay()
    until(lambda: good() == 1, what="the first round", within=60)
    with no_database():
        sweep_task.delay()
        until(
            lambda: (
                "alerts.sweep" in celery_worker_process.output()
                and "OperationalError" in celery_worker_process.output()
            ),
            what="a round without a database",
            within=60,
        )
    began = timezone.now()
    sweep_task.delay()

    until(lambda: good() == 2, what="the round after it", within=60)
    assert celery_worker_process.process is not None and celery_worker_process.process.poll() is None
    assert JobRun.objects.latest("pk").started_at >= began
