"""What fails: a Redis of the test's own that can be killed, and a folder whose disk is full."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded
from config.celery import app
from config.processes import die_with_parent
from tests.rigs.redis import RedisServer
from tests.rigs.waiting import until
from tests.rigs.worker import connect_to


class MortalRedis:
    """A Redis server that is killed and started by the test; what it had promised to keep is there again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = RedisServer(embedded.any_free_port())
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = embedded.find_redis_server()
        assert binary is not None
        self.process = subprocess.Popen(
            embedded.redis_command(binary, port=self.server.port, folder=self.folder),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),
        )
        until(self.server.answers, what="redis-server to answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=10)
        self.process = None

    def flush(self) -> None:
        with self.server.client() as client:
            client.flushall()

    def messages(self) -> int:
        with self.server.client() as client:
            return int(client.llen("celery"))


@pytest.fixture
def mortal_redis(tmp_path: Path) -> Iterator[MortalRedis]:
    """Running, and what the test process hands to Celery goes there."""
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = MortalRedis(folder)
    redis.start()
    before = (app.conf.broker_url, app.conf.task_always_eager)
    connect_to(redis.server.url, eager=False)
    yield redis
    connect_to(before[0], eager=before[1])
    if redis.process is not None:
        redis.kill()


class SmallDisk:
    """A disk of its own, of 256 kB; `fill` leaves no room on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"\0" * 4096)

    def clear(self) -> None:
        (self.folder / "ballast").unlink()

    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()} - {"ballast"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A real file system in memory. Only root may lay one down; without, the test is skipped and says so."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk of its own can be had here: {mounted.stderr.strip()}")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
