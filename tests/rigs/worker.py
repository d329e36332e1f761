"""A real Celery worker on the test database and a real Redis: started, and killed, by the test.

The test needs rows another process can see: `celery_worker_process` brings `transactional_db` with it. While the
fixture is in use, `task.delay(...)` in the test process goes to the same Redis instead of running at once.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from kombu import pools

from config.celery import app
from config.processes import die_with_parent
from tests.rigs.redis import RedisServer
from tests.rigs.waiting import until


class WorkerProcess:
    """`celery -A config worker` with one pool process, in a process group of its own."""

    def __init__(self, *, folder: Path, environment: dict[str, str]) -> None:
        self.log = folder / "worker.log"
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes tasks."""
        self.log.touch()
        seen = self.log.stat().st_size
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "config", "worker"]
                + ["--loglevel", "INFO", "--concurrency", "1", "--without-gossip", "--without-mingle"],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=settings.ROOT,
                env=self.environment,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )
        try:
            until(lambda: self.is_ready(seen), what="the worker to be ready", within=60)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output()}") from None

    def is_ready(self, since: int) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the worker ended with {self.process.returncode}\n{self.output()}")
        return b" ready." in self.log.read_bytes()[since:]

    def kill_hard(self) -> None:
        """What a power cut does to it: the worker and its pool are gone at once, nothing is handed back."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to finish what it is doing; insist after a while."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=15)
        self._end(signal.SIGKILL)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(timeout=10)
        self.process = None


@pytest.fixture
def queue(redis_server: RedisServer) -> Iterator[RedisServer]:
    """Sends what the test process hands to Celery to the real Redis."""
    before = (app.conf.broker_url, app.conf.task_always_eager)
    connect_to(redis_server.url, eager=False)
    yield redis_server
    connect_to(before[0], eager=before[1])


@pytest.fixture
def celery_worker_process(transactional_db: None, queue: RedisServer, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A started worker; the test may kill and start it as often as it likes."""
    worker = WorkerProcess(folder=tmp_path, environment=environment_of_the_test(REDIS_URL=queue.url))
    worker.start()
    yield worker
    worker.stop()


def environment_of_the_test(**changes: str) -> dict[str, str]:
    """The environment in which the product's own settings find this test's database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": address_of_test_database(),
        **changes,
    }


def address_of_test_database() -> str:
    """The address of the database this test uses, as DATABASE_URL would name it."""
    described = connection.settings_dict
    name = str(described["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(name)}"
    host = described["HOST"] or described["OPTIONS"].get("host", "")
    user = quote(described["USER"]) + (f":{quote(described['PASSWORD'])}" if described["PASSWORD"] else "")
    port = f":{described['PORT']}" if described["PORT"] else ""
    if host.startswith("/"):
        return f"postgresql://{user}@/{name}?host={host}"
    return f"postgresql://{user}@{host}{port}/{name}"


def connect_to(broker_url: str, *, eager: bool) -> None:
    """Point the application elsewhere; connections to the earlier broker are let go."""
    app.conf.update(broker_url=broker_url, task_always_eager=eager)
    # Not only the application's own: kombu keeps a closed pool under its address and would hand it out again.
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
