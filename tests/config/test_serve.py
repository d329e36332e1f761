"""`manage.py serve` for real: web, worker, beat, Redis and mail sink, and how they end together."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from config import embedded
from config.processes import die_with_parent, started
from tests.rigs.commands import first_look, manage
from tests.rigs.waiting import until

pytestmark = pytest.mark.skipif(settings.POSTGRESQL, reason="a first look runs on SQLite, whatever the tests run on")

CHILDREN = {"web", "worker", "beat", "redis", "mail"}


class Serving:
    """A running `manage.py serve`, and what it printed."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder = folder
        self.printed = folder / "printed"
        with self.printed.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=settings.ROOT,
                env=first_look(folder),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                preexec_fn=die_with_parent(os.getpid()),
            )

    def text(self) -> str:
        return self.printed.read_text()

    def wait_until_welcome(self) -> str:
        """The address it printed."""

        def address() -> str | None:
            assert self.process.poll() is None, self.text()
            found = re.search(r"http://\S+", self.text())
            return found and found.group()

        return until(address, what="the address", within=90)

    def pids(self) -> dict[str, int]:
        return {file.stem: int(file.read_text().split()[0]) for file in (self.folder / "run").glob("*.pid")}

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=45)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, migrated_file: Path) -> Path:
    """The folder of a first look after `migrate`; the command itself says that nothing is left to do."""
    folder = tmp_path_factory.mktemp("migrated")
    shutil.copyfile(migrated_file, folder / "dingban.sqlite3")
    ended = manage("migrate", "--check", "--verbosity", "0", environment=first_look(folder))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (folder / "run").mkdir()
    return folder


@pytest.fixture
def serve(migrated: Path, tmp_path: Path) -> Iterator[Callable[[], Serving]]:
    folder = tmp_path / "data"
    shutil.copytree(migrated, folder)
    # Other tests, and other people, start servers on this machine too.
    for name in ("redis", "mail"):
        (folder / "run" / f"{name}.port").write_text(str(embedded.any_free_port()))
    begun: list[Serving] = []

    def begin() -> Serving:
        begun.append(Serving(folder, port=embedded.any_free_port()))
        return begun[-1]

    yield begin
    for serving in begun:
        if serving.process.poll() is None:
            serving.end(signal.SIGTERM)


def alive(pids: dict[str, int]) -> set[str]:
    return {name for name, pid in pids.items() if started(pid)}


def descendants(pids: dict[str, int]) -> set[int]:
    """Every process in the groups of these children."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[2]) in pids.values() and words[0] not in "ZX":
                found.add(int(entry.name))
    return found


def test_a_first_look_comes_up_answers_and_goes_without_a_trace(serve: Callable[[], Serving]) -> None:
    serving = serve()
    (serving.folder / "accounts.txt").write_text("100001 张三 办案民警\n100002 李四 法制民警\n")

    address = urlsplit(serving.wait_until_welcome())

    pids = serving.pids()
    assert alive(pids) == CHILDREN
    assert len(descendants(pids)) > len(CHILDREN)
    visitor = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=10)
    visitor.request("GET", "/login/")
    answer = visitor.getresponse()
    page = answer.read().decode()
    assert answer.status == 200
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles
    visitor.request("GET", styles[0])
    assert visitor.getresponse().status == 200
    visitor.close()
    assert "100002 李四 法制民警" in serving.text()
    assert str(serving.folder / "mail") in serving.text()

    assert serving.end(signal.SIGINT) == 0

    until(lambda: not descendants(pids), what="everything to be gone")
    assert serving.pids() == {}
    assert serving.text().endswith("已全部停止。\n")
    assert "Traceback" not in serving.text()


@pytest.mark.parametrize("name", ["worker", "redis"])
def test_one_that_falls_is_named_and_takes_the_rest_along(name: str, serve: Callable[[], Serving]) -> None:
    serving = serve()
    serving.wait_until_welcome()
    pids = serving.pids()

    os.kill(pids[name], signal.SIGKILL)

    assert serving.process.wait(timeout=45) == 1
    assert f"{name} 进程意外结束（信号 SIGKILL）" in serving.text()
    until(lambda: not descendants(pids), what="everything to be gone")


def test_after_a_kill_the_next_start_works_and_finds_the_same_redis(serve: Callable[[], Serving]) -> None:
    first = serve()
    first.wait_until_welcome()
    pids = first.pids()
    port = (first.folder / "run" / "redis.port").read_text()

    first.end(signal.SIGKILL)
    second = serve()
    second.wait_until_welcome()

    until(lambda: not descendants(pids), what="what the first one left to be gone")
    assert alive(second.pids()) == CHILDREN
    assert (second.folder / "run" / "redis.port").read_text() == port


def test_a_second_one_in_the_same_folder_is_refused_and_told_where_the_first_is(serve: Callable[[], Serving]) -> None:
    address = serve().wait_until_welcome()

    second = serve()

    assert second.process.wait(timeout=45) == 1
    assert f"已有一个盯办在运行（{address}）" in second.text()


def test_before_migrate_it_does_not_start(tmp_path: Path) -> None:
    ended = manage("serve", environment=first_look(tmp_path))

    assert ended.returncode == 1
    assert "数据库还没有建好" in ended.stderr
