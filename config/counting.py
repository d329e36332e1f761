"""Requests counted by page, method and status, with how long they took; all web processes together.

Each process counts in a file of its own under RUN_DIR, mapped into its memory: counting writes a few bytes and asks nobody.
Whoever wants the sum reads all files. A process that is gone has let go of the lock on its file; its counts are then added
to those of all that went before, so that no sum ever falls.
"""

from __future__ import annotations

import fcntl
import json
import logging
import mmap
import os
import secrets
import struct
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

# Upper ends, in seconds; what took longer stands in one more bucket behind them.
BUCKETS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# How often it happened in each bucket, and the seconds altogether.
VALUES: Final = len(BUCKETS) + 2
KEY_BYTES: Final = 120
RECORD: Final = struct.Struct(f"{KEY_BYTES}s{VALUES}d")
# Pages times methods times statuses that really occur; whatever goes beyond is counted as one.
RECORDS: Final = 1500
REST: Final = "other 0 other"
# Stands where a method does when what is counted is no request but why one was not let in; the reason is in the page's place.
NOT_LET_IN: Final = "not_let_in"
TRY_AGAIN_SECONDS: Final = 60.0

Counts = dict[str, list[float]]


class CountRequests:
    """The outermost middleware: it sees each answer as it leaves. A request never fails because it was not counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        counts = counts_of_this_process()
        if why := getattr(response, "not_let_in", ""):
            counts.add(view=why, method=NOT_LET_IN, status=0, seconds=0.0)
        counts.add(
            view=match.view_name if match is not None else "none",
            method=request.method if request.method in METHODS else "other",
            status=response.status_code,
            seconds=time.perf_counter() - began,
        )
        return response


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one page answered one method with one status, for each of BUCKETS and beyond; and the seconds taken."""

    view: str
    method: str
    status: str
    buckets: tuple[int, ...]
    seconds: float


class ProcessCounts:
    """The counts of one process, in a file that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pid = folder, os.getpid()
        self._guard = threading.Lock()
        self._map: mmap.mmap | None = None
        self._file: BinaryIO | None = None
        self._places: dict[str, int] = {}
        self._try_again_at = 0.0

    def add(self, *, view: str, method: str, status: int, seconds: float) -> None:
        """Count one answer. Where the file cannot be made, on a full disk say, nothing is counted for a minute."""
        with self._guard:
            if self._map is None and not self._open():
                return
            assert self._map is not None
            place = self._place_of(f"{method or 'other'} {status} {view}".encode()[:KEY_BYTES].decode(errors="ignore"))
            self._bump(place + KEY_BYTES + 8 * bisect_left(BUCKETS, seconds), 1)
            self._bump(place + KEY_BYTES + 8 * (VALUES - 1), seconds)

    def close(self) -> None:
        """Let go, as the end of the process does."""
        with self._guard:
            if self._map is not None and self._file is not None:
                self._map.close()
                self._file.close()
            self._map = self._file = None

    def _open(self) -> bool:
        if time.monotonic() < self._try_again_at:
            return False
        path = self.folder / f"{self.pid}-{secrets.token_hex(4)}.counts"
        try:
            with locked(self.folder):
                file = path.open("x+b")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    # Room is taken at once: a full disk must show here and not when the memory is written.
                    os.posix_fallocate(file.fileno(), 0, RECORD.size * RECORDS)
                    self._map = mmap.mmap(file.fileno(), RECORD.size * RECORDS)
                except OSError:
                    file.close()
                    path.unlink(missing_ok=True)
                    raise
        except OSError as error:
            self._try_again_at = time.monotonic() + TRY_AGAIN_SECONDS
            logger.warning("requests are not counted: %s", error)
            return False
        self._file, self._places = file, {}
        self._place_of(REST)
        return True

    def _place_of(self, key: str) -> int:
        place = self._places.get(key)
        if place is None:
            if len(self._places) >= RECORDS:
                return self._places[REST]
            assert self._map is not None
            place = RECORD.size * len(self._places)
            RECORD.pack_into(self._map, place, key.encode(), *[0.0] * VALUES)
            self._places[key] = place
        return place

    def _bump(self, at: int, by: float) -> None:
        assert self._map is not None
        (value,) = struct.unpack_from("d", self._map, at)
        struct.pack_into("d", self._map, at, value + by)


_ours: ProcessCounts | None = None


def counts_of_this_process() -> ProcessCounts:
    """Made at the first request; a process that was forked off has its own."""
    global _ours
    folder = counts_folder()
    if _ours is None or _ours.pid != os.getpid() or _ours.folder != folder:
        _ours = ProcessCounts(folder)
    return _ours


def counts_folder() -> Path:
    return Path(settings.RUN_DIR) / "requests"


def all_counts(folder: Path) -> list[Counted]:
    """What all processes of this machine counted, those that are gone too. Files of the latter are added to one."""
    try:
        with locked(folder):
            summed = _sum_up(folder)
    except OSError as error:
        logger.warning("counts of requests cannot be read: %s", error)
        return []
    found = []
    for key, values in sorted(summed.items()):
        method, status, view = key.split(" ", 2)
        *buckets, seconds = values
        if any(buckets):
            found.append(Counted(view, method, status, tuple(int(value) for value in buckets), seconds))
    return found


def _sum_up(folder: Path) -> Counts:
    past, added = _past(folder)
    total: Counts = dict(past)
    gone: list[Path] = []
    for path in sorted(folder.glob("*.counts")):
        with path.open("rb") as file:
            counts = {} if path.name in added else read_counts(file.read())
            _add(total, counts)
            if _let_go(file):
                gone.append(path)
                _add(past, counts)
    if gone:
        _bury(folder, past, gone)
    return total


def _let_go(file: BinaryIO) -> bool:
    """Whether the process that counted in the file is gone."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _bury(folder: Path, counts: Counts, gone: list[Path]) -> None:
    """Keep the counts of files whose processes are gone, then remove the files. The names stand beside the sum, so that a
    kill between the two counts nothing twice; a full disk leaves everything as it was."""
    draft = folder / "past.new"
    try:
        draft.write_text(json.dumps({"counts": counts, "added": [path.name for path in gone]}))
        draft.replace(folder / "past.json")
    except OSError as error:
        logger.warning("counts of earlier processes stay where they are: %s", error)
        return
    for path in gone:
        path.unlink(missing_ok=True)


def _past(folder: Path) -> tuple[Counts, frozenset[str]]:
    """The counts of processes that are gone, and the names of their files that may not have been removed yet."""
    try:
        kept = json.loads((folder / "past.json").read_text())
        return kept["counts"], frozenset(kept["added"])
    except FileNotFoundError:
        return {}, frozenset()


def _add(total: Counts, more: Counts) -> None:
    for key, values in more.items():
        total[key] = [one + other for one, other in zip(total.get(key, [0.0] * VALUES), values, strict=True)]


def read_counts(content: bytes) -> Counts:
    """The records of a file, up to the first that is not there yet."""
    found: Counts = {}
    for place in range(0, len(content) - RECORD.size + 1, RECORD.size):
        key, *values = RECORD.unpack_from(content, place)
        if not key[0]:
            break
        found[key.rstrip(b"\0").decode()] = values
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else makes, reads or removes a file of counts meanwhile."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
