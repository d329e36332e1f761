"""The walls of the house: what a file may be called, hold and do."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from config.timetable import TIMETABLE

ROOT: Path = settings.ROOT
ROOMS = ("config", "cases", "supervision")

TOP_LEVEL = {"manage.py", "requirements.txt", "supervision", "cases", "config", "tests", "seeds"}
TOP_LEVEL |= {"README.md", "LICENSE", "Makefile", "pyproject.toml"}

# A room for everything becomes a room for anything.
NO_NAMES_FOR_ANYTHING = {"common", "utils", "util", "helpers", "helper", "base", "misc"}

ROOMS_WITH_DOORS = (
    "cases",
    "supervision.accounts",
    "cases.audit",
    "supervision.exports",
    "supervision.retention",
    "supervision.units",
    "supervision.rectification",
    "supervision.alerts",
    "supervision.followup",
    "supervision.proceedings",
    "supervision.property",
    "supervision.petitions",
    "supervision.returnvisits",
    "supervision.reviews",
    "supervision.custody",
    "supervision.expedited",
    "supervision.inspections",
    "supervision.campaigns",
    "supervision.handovers",
    "supervision.evaluation",
    "supervision.archives",
    "supervision.bulletins",
    "supervision.webhooks",
    "supervision.operations",
    "supervision.api",
)
NOT_A_DOOR = {"admin", "api", "filters", "forms", "management", "rules", "tasks"}

# Where somebody happened to write a file is nobody else's business. Spelt in two halves, or this file would hold them.
NOT_TO_BE_MENTIONED = ("/wo" + "rk/", "/ro" + "ot/", "/tmp/ve" + "nv", "/opt/wh" + "eels", "/opt/py" + "pi")


def tracked() -> list[Path]:
    """Every file of the project: what git knows or would add; without git, whatever lies here but the hidden."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        files = [file for part in (*TOP_LEVEL, ".ci", ".gitignore") for file in walk(ROOT / part)]
    return sorted(file for file in files if file.is_file())


def walk(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.rglob("*") if "__pycache__" not in file.parts)
    else:
        yield path


def sources() -> list[Path]:
    return [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]


def relative(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_the_top_level_holds_only_what_it_should() -> None:
    visible = {file.relative_to(ROOT).parts[0] for file in tracked()}

    assert {name for name in visible if not name.startswith(".")} <= TOP_LEVEL


def test_no_module_is_named_for_anything() -> None:
    named = [relative(file) for file in sources() if {file.stem, *file.relative_to(ROOT).parts} & NO_NAMES_FOR_ANYTHING]

    assert named == []


def test_no_file_mentions_where_it_was_written() -> None:
    telling = []
    for file in tracked():
        text = file.read_bytes().decode("utf-8", "ignore")
        telling += [f"{relative(file)}: {word}" for word in NOT_TO_BE_MENTIONED if word in text]

    assert telling == []


def test_no_model_overrides_save() -> None:
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]

    overriding = [
        f"{model.__module__}.{model.__name__}"
        for model in ours
        for name in ("save", "delete", "save_base")
        if any(name in vars(kind) for kind in model.__mro__ if kind.__module__.split(".")[0] in ROOMS)
    ]

    assert ours
    assert overriding == []


@pytest.mark.parametrize("room", ["cases", "supervision"])
def test_no_flow_runs_through_signals(room: str) -> None:
    listening = [
        f"{relative(file)}: {module}"
        for file in (ROOT / room).rglob("*.py")
        for module in imported(file)
        if module.startswith("django.dispatch") or "signals" in module.split(".")
    ]

    assert listening == []


def test_a_room_is_entered_by_its_doors() -> None:
    """Services, queries, and models for foreign keys; never another room's screens, tasks or rules."""
    climbing = [
        f"{relative(file)}: {module}"
        for file in sources()
        for module in imported(file)
        for room in ROOMS_WITH_DOORS
        if not relative(file).startswith((room.replace(".", "/") + "/", "config/"))
        and module.startswith(f"{room}.")
        and module.removeprefix(f"{room}.").split(".")[0] in NOT_A_DOOR
    ]

    assert climbing == []


def imported(file: Path) -> Iterator[str]:
    """Each name the file imports, with the module it comes from."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or '.'}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_line_of_the_timetable_names_a_registered_task() -> None:
    current_app.loader.import_default_modules()

    assert [entry.task for entry in TIMETABLE if entry.task not in current_app.tasks] == []


def test_no_two_lines_of_the_timetable_are_about_the_same_task() -> None:
    assert len({entry.task for entry in TIMETABLE}) == len(TIMETABLE)
    assert len({entry.sentence for entry in TIMETABLE}) == len(TIMETABLE)


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_rooms_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    ended = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_law_can_be_read_without_django() -> None:
    program = """
import importlib, pkgutil, sys
sys.path.insert(0, ".")
import cases.statute
for module in pkgutil.iter_modules(cases.statute.__path__):
    importlib.import_module(f"cases.statute.{module.name}")
"""

    # -S: no installed package can be found.
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr


def test_every_requirement_is_pinned_and_says_what_for() -> None:
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]

    assert [line for line in lines if "==" not in line or "  # " not in line] == []
