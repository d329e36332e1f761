"""A handful of processes that live and die together.

Each child leads a process group of its own, writes to its own log file, and is told by the kernel when we die. What an
earlier household left running, because even its head was killed, is ended before a new one starts.
"""

import contextlib
import ctypes
import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

GRACE_SECONDS = 10.0
READY_SECONDS = 90.0
GLANCE_SECONDS = 0.5
LOG_LIMIT = 5 * 1024 * 1024
LOOKS_LIKE_AN_ERROR = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|^Traceback|^\w*(Error|Exception)\b")
LAST_LINES = 15

PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another household holds the folder."""


class Fell(Exception):
    """A child ended that should not have."""

    def __init__(self, name: str, how: str, log: Path) -> None:
        super().__init__(f"{name} 进程意外结束（{how}），日志：{log}")
        self.name = name
        self.log = log


class NotReady(Exception):
    """A child is alive but did not begin to serve in time."""


@dataclass
class Child:
    """One process: what it is called, its command, how to know that it serves, and whether the others lean on it
    until their own end."""

    name: str
    command: list[str]
    is_ready: Callable[["Child"], bool]
    leave_last: bool = False
    log: Path = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)
    read_up_to: int = field(init=False, default=0)
    started_at: int = field(init=False, default=0)

    def has_logged(self, words: str) -> bool:
        """Whether the child, since it was started, wrote these words."""
        with self.log.open("rb") as stream:
            stream.seek(self.started_at)
            return words.encode() in stream.read()


class Household:
    """Starts children, watches them, and leaves none behind. A context manager; only for the main thread."""

    def __init__(
        self,
        *,
        run_folder: Path,
        log_folder: Path,
        environment: Mapping[str, str],
        working_folder: Path,
        say: Callable[[str], object],
    ) -> None:
        self.run_folder = run_folder
        self.log_folder = log_folder
        self.environment = environment
        self.working_folder = working_folder
        self.say = say
        self.children: list[Child] = []
        self.told_to_stop = 0

    def __enter__(self) -> Self:
        """Refuses with AlreadyRunning while another household lives in the same folder."""
        for folder in (self.run_folder, self.log_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = (self.run_folder / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise AlreadyRunning from error
        self._end_what_was_left()
        self._waker, wakes = os.pipe()
        for end in (self._waker, wakes):
            os.set_blocking(end, False)
        self._earlier_wakeup = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        self._wakes = wakes
        self._earlier_handlers = {
            told: signal.signal(told, self._on_signal) for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        self._earlier_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self.stop()
        finally:
            for told, handler in self._earlier_handlers.items():
                signal.signal(told, handler)
            signal.set_wakeup_fd(self._earlier_wakeup)
            os.close(self._waker)
            os.close(self._wakes)
            self._lock.close()

    def _on_signal(self, told: int, frame: FrameType | None) -> None:
        self.told_to_stop += 1

    def start(self, child: Child) -> None:
        """Run the child's command with its output going to its own log."""
        child.log = self.log_folder / f"{child.name}.log"
        if child.log.exists() and child.log.stat().st_size > LOG_LIMIT:
            child.log.replace(child.log.with_suffix(".log.1"))
        with child.log.open("ab") as stream:
            child.started_at = child.read_up_to = stream.tell()
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=self.working_folder,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )
        self.children.append(child)
        self._pid_file(child).write_text(f"{child.process.pid} {started(child.process.pid) or ''}")

    def wait_ready(self, *children: Child) -> bool:
        """Wait until all of them serve. False when told to stop meanwhile; raises Fell or NotReady."""
        deadline = time.monotonic() + READY_SECONDS
        waiting = list(children)
        while waiting and not self.told_to_stop:
            self._look()
            waiting = [child for child in waiting if not child.is_ready(child)]
            if waiting and time.monotonic() > deadline:
                raise NotReady("、".join(child.name for child in waiting))
            if waiting:
                self._doze(0.1)
        return not self.told_to_stop

    def watch(self) -> None:
        """Return when told to stop by a signal; raise Fell when a child ends by itself."""
        while not self.told_to_stop:
            self._look()
            self._doze(GLANCE_SECONDS)

    def stop(self) -> None:
        """End every child and everything it started: ask, wait, insist. A second signal cuts the waiting short."""
        asked = self.told_to_stop
        for last in (False, True):
            leaving = [child for child in self.children if child.leave_last is last]
            for child in reversed(leaving):
                send(child.process.pid, signal.SIGTERM, group=False)
            deadline = time.monotonic() + GRACE_SECONDS
            while any(not has_ended(child) for child in leaving):
                if time.monotonic() > deadline or self.told_to_stop > asked + 1:
                    break
                self._doze(0.1)
            for child in leaving:
                send(child.process.pid, signal.SIGKILL, group=True)
                child.process.wait()
                self._pid_file(child).unlink(missing_ok=True)
        self.children.clear()

    def _look(self) -> None:
        for child in self.children:
            self._show_errors(child)
            if has_ended(child):
                self._show_last_lines(child)
                raise Fell(child.name, how_it_ended(child), child.log)

    def _doze(self, seconds: float) -> None:
        """Sleep, but wake at any signal."""
        awake, _, _ = select.select([self._waker], [], [], seconds)
        if awake:
            os.read(self._waker, 4096)

    def _show_errors(self, child: Child) -> None:
        with child.log.open("rb") as stream:
            stream.seek(child.read_up_to)
            fresh = stream.read()
        whole, _, _ = fresh.rpartition(b"\n")
        child.read_up_to += len(whole) + (1 if b"\n" in fresh else 0)
        for line in whole.decode("utf-8", "replace").splitlines():
            if LOOKS_LIKE_AN_ERROR.search(line):
                self.say(f"[{child.name}] {line}")

    def _show_last_lines(self, child: Child) -> None:
        with child.log.open("rb") as stream:
            stream.seek(child.started_at)
            lines = stream.read().decode("utf-8", "replace").splitlines()
        for line in lines[-LAST_LINES:]:
            self.say(f"[{child.name}] {line}")

    def _pid_file(self, child: Child) -> Path:
        return self.run_folder / f"{child.name}.pid"

    def _end_what_was_left(self) -> None:
        """End children of an earlier household. A number now worn by another process is recognised by its start."""
        left: list[int] = []
        for file in self.run_folder.glob("*.pid"):
            words = file.read_text().split()
            if len(words) == 2 and words[0].isdigit() and started(int(words[0])) == words[1]:
                left.append(int(words[0]))
                send(left[-1], signal.SIGTERM, group=True)
            file.unlink()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(started(pid) for pid in left) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in left:
            if started(pid):
                send(pid, signal.SIGKILL, group=True)


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """A function for the child to run first: be asked to stop when the parent is gone, however it went. Linux only;
    elsewhere the next start ends what was left."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def started(pid: int) -> str | None:
    """When the process started, in the kernel's ticks; None when it is gone, a zombie, or the system does not say."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] in "ZX" else after_name[19]


def has_ended(child: Child) -> bool:
    """Whether the child has ended, without collecting it: its number stays ours until its whole group is gone."""
    if child.process.returncode is not None:
        return True
    return os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def how_it_ended(child: Child) -> str:
    result = os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if result is None:
        return "原因不明"
    if result.si_code == os.CLD_EXITED:
        return f"退出码 {result.si_status}"
    return f"信号 {signal.Signals(result.si_status).name}"


def send(pid: int, told: signal.Signals, *, group: bool) -> None:
    """Signal a process or its whole group; one that is gone already is no matter."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(pid, told)
        else:
            os.kill(pid, told)
