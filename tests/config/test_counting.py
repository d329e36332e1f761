"""Requests are counted once, whichever process answered, and no sum falls when a process ends."""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from config import counting
from config.counting import BUCKETS, Counted, ProcessCounts, all_counts, counts_folder


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[ProcessCounts]:
    opened = ProcessCounts(tmp_path)
    yield opened
    opened.close()


def numbers(folder: Path) -> dict[tuple[str, str, str], int]:
    return {(one.view, one.method, one.status): sum(one.buckets) for one in all_counts(folder)}


def test_each_answer_stands_in_the_bucket_that_holds_it(counts: ProcessCounts, tmp_path: Path) -> None:
    for seconds in (0.001, 0.025, 0.03, 11):
        counts.add(view="desk:matter", method="GET", status=200, seconds=seconds)

    (found,) = all_counts(tmp_path)

    expected = [0] * (len(BUCKETS) + 1)
    expected[0], expected[1], expected[-1] = 2, 1, 1
    assert found == Counted("desk:matter", "GET", "200", tuple(expected), pytest.approx(11.056))


def test_many_threads_lose_no_count(counts: ProcessCounts, tmp_path: Path) -> None:
    def work(number: int) -> None:
        for n in range(500):
            counts.add(view=f"page:{n % 7}", method="GET", status=200, seconds=number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(numbers(tmp_path).values()) == 2000


PROGRAM = """
import sys
from pathlib import Path
from config.counting import ProcessCounts
counts = ProcessCounts(Path(sys.argv[1]))
for _ in range(3):
    counts.add(view="a", method="GET", status=200, seconds=0.1)
print("counted", flush=True)
sys.stdin.read()
"""


def another(folder: Path) -> "subprocess.Popen[str]":
    """A process that counted three answers and lives until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{PROGRAM}", str(folder)],
        cwd=django_settings.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "counted\n"
    return process


def test_processes_are_added_up_and_one_that_was_killed_still_counts(counts: ProcessCounts, tmp_path: Path) -> None:
    counts.add(view="a", method="GET", status=200, seconds=0.1)
    other = another(tmp_path)
    try:
        assert numbers(tmp_path) == {("a", "GET", "200"): 4}
        assert len(list(tmp_path.glob("*.counts"))) == 2
    finally:
        other.kill()
        other.communicate()

    assert numbers(tmp_path) == {("a", "GET", "200"): 4}
    assert len(list(tmp_path.glob("*.counts"))) == 1
    counts.add(view="a", method="GET", status=200, seconds=0.1)
    assert numbers(tmp_path) == {("a", "GET", "200"): 5}


def test_a_reader_killed_before_the_file_was_removed_counts_nothing_twice(
    counts: ProcessCounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts.add(view="a", method="GET", status=200, seconds=0.1)
    counts.close()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: None)
        assert numbers(tmp_path) == {("a", "GET", "200"): 1}
    left = len(list(tmp_path.glob("*.counts")))

    assert [numbers(tmp_path) for _ in range(2)] == [{("a", "GET", "200"): 1}] * 2
    assert (left, len(list(tmp_path.glob("*.counts")))) == (1, 0)


def test_on_a_full_disk_the_earlier_counts_stay_as_they_are(
    counts: ProcessCounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *args: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    counts.add(view="a", method="GET", status=200, seconds=0.1)
    counts.close()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert numbers(tmp_path) == {("a", "GET", "200"): 1}
    assert len(list(tmp_path.glob("*.counts"))) == 1

    assert numbers(tmp_path) == {("a", "GET", "200"): 1}
    assert json.loads((tmp_path / "past.json").read_text())["counts"]


def test_what_goes_beyond_the_file_is_counted_as_one(
    counts: ProcessCounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "RECORDS", 3)
    for name in "abcd":
        counts.add(view=name, method="GET", status=200, seconds=0.1)

    assert numbers(tmp_path) == {("a", "GET", "200"): 1, ("b", "GET", "200"): 1, ("other", "other", "0"): 2}


@pytest.mark.django_db
def test_where_nothing_can_be_counted_pages_are_served_and_it_is_said_once(
    client: Client, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "requests").write_text("a file where the folder should be")
    settings.RUN_DIR = tmp_path

    assert [client.get("/login/").status_code for _ in range(3)] == [200, 200, 200]

    assert [record.message[:25] for record in caplog.records if record.name == "config.counting"] == [
        "requests are not counted:"
    ]
    assert all_counts(counts_folder()) == []


@pytest.mark.django_db
def test_pages_are_counted_by_their_names_and_never_by_their_addresses(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.RUN_DIR = tmp_path
    client.get("/login/?next=/matters/7/")
    client.post("/login/", {"username": "x", "password": "y"})
    client.get("/no/such/page/%E5%BC%A0")
    client.generic("BREW", "/healthz")

    assert numbers(counts_folder()) == {
        ("admin:login", "GET", "200"): 1,
        ("admin:login", "POST", "200"): 1,
        ("admin:django.contrib.admin.sites.catch_all_view", "GET", "302"): 1,
        ("health", "other", "405"): 1,
    }
