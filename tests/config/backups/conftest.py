"""A house with something of everything in it: texts sealed under a key, JSON, moments, bytes, files, gaps in the numbers."""

import io
import os
import shutil
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from cases.audit.services import seal_ledgers
from cases.models import Role
from config.backups import files
from config.backups.writing import BackedUp, back_up
from supervision.rectification.models import Grade, Problem
from tests.cases.factories import make_bureau, make_officer, moment
from tests.rigs.ledgers import guards_lifted
from tests.supervision.petitions.factories import make_petition, petition_catalogue
from tests.supervision.rectification.factories import JPEG, order_for, replied, taken

AT = moment("2026-09-20 03:04:05")


_made: list[BackedUp] = []


@pytest.fixture
def house(transactional_db: None, tmp_path: Path, settings: Settings) -> Path:
    """The folder of the house; its database is the one of the test."""
    return furnish(tmp_path / "house", settings)


def furnish(folder: Path, settings: Settings) -> Path:
    settings.DATA_DIR = folder
    folder.mkdir()
    petition_catalogue()
    bureau = make_bureau()
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    officer = make_officer("100002", bureau.station, Role.CASE_OFFICER)
    make_petition(bureau, legal)
    Problem.objects.create(
        code="overrun", name="超期", fault="期限", law="测试法", article="一", grade=Grade.SUPERVISED, workdays=3
    )
    order = order_for(bureau.station, officer, by=legal)
    replied(order, officer, order.issued_at + timedelta(hours=1), taken(), taken("现场.jpg", JPEG))
    # The highest number of this table was given to somebody who is gone.
    make_officer("199999", bureau.station).delete()
    (folder / "mappings").mkdir()
    (folder / "mappings" / "本局.yaml").write_text("columns: {}\n")
    # Hours of the timetable are of a zone.
    call_command("plan_timetable", stdout=io.StringIO())
    seal_ledgers(at=AT)
    return folder


def wipe() -> None:
    """Make the house as empty as after migrating: no rows, no files."""
    call_command("flush", interactive=False, verbosity=0)
    for folder in files.FOLDERS:
        shutil.rmtree(files.home() / folder, ignore_errors=True)


@pytest.fixture
def backup(
    transactional_db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> BackedUp:
    """A backup of such a house, beside a house that is empty. Made once, and each test has a copy of its own."""
    if not _made:
        elsewhere = tmp_path_factory.mktemp("backed-up")
        furnish(elsewhere / "house", settings)
        _made.append(back_up(out=elsewhere / "backups", at=AT))
        wipe()
    settings.DATA_DIR = tmp_path / "house"
    settings.DATA_DIR.mkdir()
    made = _made[0]
    folder = tmp_path / "backups" / made.folder.name
    shutil.copytree(made.folder, folder)
    return replace(made, folder=folder, manifest=deepcopy(made.manifest))


def tampered(statement: str) -> None:
    """As somebody would who has the database in his hands."""
    with guards_lifted(connection), connection.cursor() as cursor:
        cursor.execute(statement)


def address() -> str:
    """DATABASE_URL of the test's database, for a process of its own."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?")
