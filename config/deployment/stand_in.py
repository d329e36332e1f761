"""Stands in for `systemctl` while the installation is tried: it reads the very unit files that were installed and runs
their ExecStart under their account, with their environment, folder and umask, without new privileges and capabilities.

Where the units lie is said by UNIT_DIR, where their numbers and logs go by TRY_RUN.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path


def read_unit(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (Path(os.environ["UNIT_DIR"]) / name).read_text().splitlines():
        if "=" in line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def environment_of(file: str) -> dict[str, str]:
    lines = [line for line in Path(file).read_text().splitlines() if line and not line.startswith("#")]
    return {line.partition("=")[0]: "".join(shlex.split(line.partition("=")[2])) for line in lines}


def run_unit(name: str) -> subprocess.Popen[bytes]:
    unit = read_unit(name)
    place = Path(os.environ["TRY_RUN"])
    with (place / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [
                "setpriv",
                "--no-new-privs",
                "--bounding-set=-all",
                "--inh-caps=-all",
                *shlex.split(unit["ExecStart"][-1]),
            ],
            user=unit["User"][-1],
            group=unit["Group"][-1],
            extra_groups=[],
            umask=int(unit["UMask"][-1], 8),
            cwd=unit["WorkingDirectory"][-1],
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment_of(unit["EnvironmentFile"][-1])},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def running(name: str) -> int | None:
    file = Path(os.environ["TRY_RUN"]) / f"{name}.pid"
    if not file.exists():
        return None
    pid = int(file.read_text())
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None
    return None if state == "Z" else pid


def start(name: str) -> None:
    if running(name) is None:
        (Path(os.environ["TRY_RUN"]) / f"{name}.pid").write_text(str(run_unit(name).pid))


def stop(name: str) -> None:
    pid = running(name)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + float(read_unit(name).get("TimeoutStopSec", ["90"])[-1])
    while running(name) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    if running(name) is not None:
        os.killpg(pid, signal.SIGKILL)


def nginx() -> None:
    command = ["nginx", "-e", "stderr", "-p", os.environ["TRY_RUN"], "-c", f"{os.environ['TRY_RUN']}/nginx.conf"]
    there = (Path(os.environ["TRY_RUN"]) / "nginx.pid").exists()
    subprocess.run([*command, "-t", "-q"], check=True)
    subprocess.run([*command, *(["-s", "reload"] if there else [])], check=True)


def systemctl(verb: str, *names: str) -> int:
    ours = [name for name in names if name.startswith("dingban-") and name.endswith(".service")]
    if verb in ("restart", "stop"):
        for name in ours:
            stop(name)
    if verb == "start" and ours == ["dingban-backup.service"]:
        return run_unit(ours[0]).wait()
    if verb in ("restart", "start"):
        for name in ours:
            start(name)
    if "nginx.service" in names:
        nginx()
    return 0


if __name__ == "__main__":
    raise SystemExit(systemctl(*sys.argv[1:]))
