"""Every test database is a copy of one that was migrated: migrating takes as long as a hundred tests.

On SQLite the migrated file is kept in pytest's cache folder under a digest of everything it is made from, so the next
run finds it; on PostgreSQL, whose server lives no longer than the run, the first process that needs it migrates it. The
migrations always run in full before a copy is taken, with their triggers, and once for each change of theirs.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.creation import BaseDatabaseCreation

from tests.rigs.settings import FOLDER

TEMPLATE = "dingban_template"
# What a migrated database is made from, besides the libraries with tables of their own: migrations and what they import,
# the models whose permissions are written down after them, the list of installed rooms.
ROOMS = ("cases", "supervision", "config")
MADE_FROM = (
    "migrations/*.py",
    "models.py",
    "models/*.py",
    "ledgers.py",
    "settings.py",
    "audit/declared.py",
    "audit/watching.py",
)


@pytest.fixture(scope="session")
def migrated_file(pytestconfig: pytest.Config) -> Path:
    """Where the migrated SQLite database of this state of the source lies, once it has been asked for."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("migrated") / f"{digest_of_what_it_is_made_from()}.sqlite3"


@pytest.fixture(scope="session", autouse=True)
def databases_are_copied(migrated_file: Path) -> Iterator[None]:
    """Whoever asks Django for a test database, the benchmarks too, gets a copy."""
    migrate = BaseDatabaseCreation.create_test_db

    def copy(creation: Any, verbosity: int = 1, autoclobber: bool = False, serialize: bool = True, **_: Any) -> str:
        assert autoclobber, "nobody is here to be asked"
        with only_one_process(migrated_file.parent):
            if connection.vendor == "sqlite":
                if not migrated_file.exists():
                    for earlier in migrated_file.parent.glob("*.sqlite3*"):
                        earlier.unlink()
                    making = migrated_file.with_suffix(".making")
                    migrate_aside(migrate, str(making))
                    making.replace(migrated_file)
                name = lay_down(migrated_file, Path(creation._get_test_db_name()))
            else:
                marker = Path(os.environ[FOLDER]) / TEMPLATE
                if not marker.exists():
                    migrate_aside(migrate, TEMPLATE)
                    marker.touch()
                with changed(connection.settings_dict["TEST"], TEMPLATE=TEMPLATE):
                    name = creation._get_test_db_name()
                    creation._create_test_db(verbosity=0, autoclobber=True)
        connection.close()
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
        if serialize:
            creation.connection._test_serialized_contents = creation.serialize_db_to_string()
        connection.ensure_connection()
        return name

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "create_test_db", copy)
        yield


def migrate_aside(migrate: Callable[..., str], name: str) -> None:
    """A migrated database of this name that nobody is connected to."""
    described = connection.settings_dict
    before = described["NAME"]
    with changed(described["TEST"], NAME=name):
        migrate(connection.creation, verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    settings.DATABASES[connection.alias]["NAME"] = described["NAME"] = before


def lay_down(migrated: Path, at: Path) -> str:
    """A copy of the migrated file, in place of what was there."""
    connection.close()
    for left in (at, at.with_name(f"{at.name}-wal"), at.with_name(f"{at.name}-shm")):
        left.unlink(missing_ok=True)
    shutil.copyfile(migrated, at)
    return str(at)


@contextmanager
def changed(described: dict[str, Any], **changes: Any) -> Iterator[None]:
    before = {key: described.get(key) for key in changes}
    described.update(changes)
    try:
        yield
    finally:
        described.update(before)


@contextmanager
def only_one_process(folder: Path) -> Iterator[None]:
    """The other processes of a run, and other runs, wait here for the one that migrates."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest_of_what_it_is_made_from() -> str:
    root: Path = settings.ROOT
    found = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    files = {file for room in ROOMS for pattern in MADE_FROM for file in (root / room).rglob(pattern)}
    for file in sorted(files | {root / "requirements.txt"}):
        found.update(f"{file.relative_to(root)} {len(file.read_bytes())}\n".encode())
        found.update(file.read_bytes())
    return found.hexdigest()[:32]
