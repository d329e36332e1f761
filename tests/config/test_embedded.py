"""Ports, and the Redis a first look brings along."""

import socket
from pathlib import Path

import pytest

from config import embedded


def test_a_port_in_use_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert not embedded.is_free(port)
        assert embedded.accepts(port)
        assert embedded.next_free_port(port) > port


def test_a_port_nobody_uses_is_given_as_asked() -> None:
    port = embedded.any_free_port()

    assert embedded.next_free_port(port) == port
    assert not embedded.accepts(port)


def test_without_the_package_the_systems_redis_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "valkey-server"
    installed.write_text("#!/bin/sh\n")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert embedded.find_redis_server() == installed


def test_without_any_redis_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert embedded.find_redis_server() is None
