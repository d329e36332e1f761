"""A household of processes: none is left behind, whatever happens to any of them."""

import io
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from config import processes
from config.processes import AlreadyRunning, Child, Fell, Household, NotReady, started
from tests.rigs.waiting import until

# Tells its own number and that of a child of its own, then waits; asked to stop, it stops but leaves its child.
WITH_A_CHILD = """
    import os, signal, subprocess, sys
    inner = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    print("inner", inner.pid, "ready", flush=True)
    signal.pause()
"""
STUBBORN = """
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    while True:
        signal.pause()
"""
PATIENT = "import signal; print('ready', flush=True); signal.pause()"


def child(name: str, program: str, *, leave_last: bool = False) -> Child:
    return Child(
        name,
        [sys.executable, "-c", textwrap.dedent(program)],
        lambda itself: itself.has_logged("ready"),
        leave_last=leave_last,
    )


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def household(tmp_path: Path, out: io.StringIO) -> Household:
    return new_household(tmp_path, out)


def new_household(folder: Path, out: io.StringIO) -> Household:
    return Household(
        run_folder=folder / "run",
        log_folder=folder / "logs",
        environment=dict(os.environ),
        working_folder=folder,
        say=lambda line: out.write(line + "\n"),
    )


def inner_pid(parent: Child) -> int:
    return int(parent.log.read_text().split()[1])


def test_leaving_ends_every_child_and_its_children(household: Household) -> None:
    one = child("one", WITH_A_CHILD)

    with household:
        household.start(one)
        assert household.wait_ready(one)
        inner = inner_pid(one)
        assert started(inner)

    until(lambda: started(inner) is None, what="the grandchild to be gone")
    assert started(one.process.pid) is None


def test_a_child_that_falls_is_named_and_the_others_are_ended(household: Household, out: io.StringIO) -> None:
    one, two = child("one", PATIENT), child("two", PATIENT)

    with pytest.raises(Fell, match=r"two 进程意外结束（信号 SIGKILL）"), household:
        for each in (one, two):
            household.start(each)
        household.wait_ready(one, two)
        os.kill(two.process.pid, signal.SIGKILL)
        household.watch()

    assert started(one.process.pid) is None


def test_a_child_that_fails_at_once_shows_its_last_lines(household: Household, out: io.StringIO) -> None:
    failing = child("failing", "print('ready soon'); raise SystemExit('没有库')")

    with pytest.raises(Fell, match="退出码 1"), household:
        household.start(failing)
        household.watch()

    assert "[failing] 没有库" in out.getvalue()


def test_only_errors_are_shown_while_all_goes_well(household: Household, out: io.StringIO) -> None:
    talking = child("talking", "print('INFO fine\\nERROR 坏了\\nready', flush=True); import signal; signal.pause()")

    with household:
        household.start(talking)
        household.wait_ready(talking)
        household._look()

    assert out.getvalue() == "[talking] ERROR 坏了\n"
    assert "INFO fine" in talking.log.read_text()


def test_a_child_that_will_not_stop_is_made_to(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.3)
    stubborn = child("stubborn", STUBBORN)

    with household:
        household.start(stubborn)
        household.wait_ready(stubborn)

    assert stubborn.process.returncode == -signal.SIGKILL


def test_what_the_others_lean_on_leaves_last(household: Household, tmp_path: Path) -> None:
    program = """
        import pathlib, signal, sys
        def leave(*_):
            with open("order", "a") as stream:
                stream.write({name!r} + " ")
            sys.exit()
        signal.signal(signal.SIGTERM, leave)
        print("ready", flush=True)
        signal.pause()
    """
    queue = child("queue", program.replace("{name!r}", "'queue'"), leave_last=True)
    worker = child("worker", program.replace("{name!r}", "'worker'"))

    with household:
        for each in (queue, worker):
            household.start(each)
        household.wait_ready(queue, worker)

    assert (tmp_path / "order").read_text() == "worker queue "


def test_a_signal_ends_the_watch(household: Household) -> None:
    one = child("one", PATIENT)

    with household:
        household.start(one)
        household.wait_ready(one)
        os.kill(os.getpid(), signal.SIGTERM)
        household.watch()

    assert household.told_to_stop == 1
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_child_that_never_serves_is_named(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "READY_SECONDS", 0.3)

    with pytest.raises(NotReady, match="silent"), household:
        silent = child("silent", "import signal; signal.pause()")
        household.start(silent)
        household.wait_ready(silent)


def test_a_second_household_in_the_same_folder_is_refused(tmp_path: Path, out: io.StringIO) -> None:
    with new_household(tmp_path, out), pytest.raises(AlreadyRunning), new_household(tmp_path, out):
        pass


def test_what_an_earlier_household_left_is_ended(household: Household, tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", PATIENT], stdout=subprocess.DEVNULL, start_new_session=True)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "worker.pid").write_text(f"{left.pid} {started(left.pid)}")

    with household:
        assert left.wait(timeout=5) == -signal.SIGTERM


def test_a_stranger_who_got_an_old_number_is_left_alone(household: Household, tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", PATIENT], stdout=subprocess.DEVNULL, start_new_session=True)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "worker.pid").write_text(f"{stranger.pid} 1")
    (tmp_path / "run" / "beat.pid").write_text("nonsense")

    with household:
        assert stranger.poll() is None

    stranger.kill()
    stranger.wait(timeout=5)


def test_children_leave_when_their_household_is_killed(tmp_path: Path) -> None:
    program = f"""
        import os, sys
        sys.path.insert(0, {str(Path(processes.__file__).parent.parent)!r})
        from pathlib import Path
        from config.processes import Child, Household
        household = Household(run_folder=Path("run"), log_folder=Path("logs"), environment=dict(os.environ), working_folder=Path("."), say=print)
        with household:
            one = Child("one", [sys.executable, "-c", {PATIENT!r}], lambda itself: itself.has_logged("ready"))
            household.start(one)
            household.wait_ready(one)
            print(one.process.pid, flush=True)
            household.watch()
    """
    head = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert head.stdout is not None
    pid = int(head.stdout.readline())

    head.kill()
    head.wait(timeout=5)
    head.stdout.close()

    until(lambda: started(pid) is None, what="the orphan to be gone")
