"""Backup, wipe, restore: the same digest. And whatever is not whole or not in its place is refused with nothing changed."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from pytest_django import Settings

from cases.audit.models import Way
from cases.audit.services import note_way_out, seal_ledgers
from cases.audit.verifying import verify
from cases.audit.watching import unguarded
from cases.models import Event, Officer, Unit
from config.backups import files, tables
from config.backups.digesting import digest_house, digest_tables
from config.backups.refusals import BackupRefused
from config.backups.restoring import restore
from config.backups.rules import manifest_text
from config.backups.writing import MANIFEST, BackedUp, back_up
from supervision.petitions.models import Petitioner
from supervision.petitions.sealing import unseal
from supervision.rectification import evidence
from supervision.rectification.models import Evidence
from tests.cases.factories import make_officer
from tests.config.backups.conftest import AT, address, tampered, wipe
from tests.rigs.commands import first_look, manage

FIELD_KEYS = "k1:dGhlc2UtdGhpcnR5LXR3by1ieXRlcy1hcmUtYS1rZXk="


def environment(folder: Path, url: str) -> dict[str, str]:
    """Of a process of its own with this database, as a first look or as production."""
    named = {} if url.startswith("sqlite") else {
        "SECRET_KEY": "MuwQ0Yc3-ZkS9tq4vT1xXb7nJh2dLg6pRf8aEoKi5sNzCyHBq7Wd", "ALLOWED_HOSTS": "dingban.example.cn",
        "REDIS_URL": "redis://127.0.0.1:1/0", "EMAIL_URL": "smtp://127.0.0.1:1",
    }  # fmt: skip
    return first_look(folder, DATABASE_URL=url, FIELD_KEYS=FIELD_KEYS, **named)


def test_backup_wipe_restore_same_digest(house: Path, tmp_path: Path) -> None:
    backup = back_up(out=tmp_path / "backups", at=AT)
    before = digest_house()
    wipe()
    assert digest_house().whole != before.whole

    restored = restore(backup.folder)

    assert digest_house() == before == restored.manifest.house
    assert verify().holds
    assert evidence.read(Evidence.objects.earliest("pk")).startswith(b"%PDF")
    petitioner = Petitioner.objects.get()
    assert unseal(petitioner.key, petitioner.sealed, place=f"petition:{petitioner.petition_id}")["name"]


def test_the_restored_house_goes_on_where_it_stopped(backup: BackedUp, settings: Settings) -> None:
    triggers = _triggers()

    restore(backup.folder)

    assert _triggers() == triggers and unguarded(connection) == []
    with pytest.raises(DatabaseError):
        Event.objects.earliest("pk").delete()
    # Numbers go on after the highest ever given, also where its row is gone.
    station = Unit.objects.get(pk=Officer.objects.latest("pk").unit_id)
    assert make_officer("300001", station).pk > backup.manifest.sequences["cases_officer"]
    seal_ledgers(at=AT)
    assert verify().holds


def _triggers() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1")
        else:
            cursor.execute(
                "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT tgisinternal ORDER BY 1, 2"
            )
        return list(cursor.fetchall())


# -- damage ------------------------------------------------------------------------------------------------------------


def _flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(bytes(content))


def _evidence(folder: Path) -> Path:
    return min(file for file in (folder / "files" / "evidence").rglob("*") if file.is_file())


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit in the middle of a table": (lambda folder: _flip(folder / "tables/cases_event.jsonl.gz", -20), "cases_event"),
    "one bit in the head of a table": (lambda folder: _flip(folder / "tables/cases_unit.jsonl.gz", 4), "cases_unit"),
    "one bit of evidence": (lambda folder: _flip(_evidence(folder), 30), "与清单不符"),
    "a table gone": (lambda folder: (folder / "tables/cases_unit.jsonl.gz").unlink(), "缺少 tables/cases_unit"),
    "evidence gone": (lambda folder: _evidence(folder).unlink(), "缺少 files/evidence"),
    "the manifest gone": (lambda folder: (folder / MANIFEST).unlink(), "没有 manifest.json"),
    "the manifest cut": (lambda folder: os.truncate(folder / MANIFEST, 3000), "不完整或者被改动"),
    "the manifest empty": (lambda folder: os.truncate(folder / MANIFEST, 0), "不完整或者被改动"),
    "the manifest altered": (
        lambda folder: (folder / MANIFEST).write_text((folder / MANIFEST).read_text().replace('"seals": ', '"seals": 1')),
        "不完整或者被改动",
    ),
    "another format": (
        lambda folder: (folder / MANIFEST).write_text(
            json.dumps({**json.loads((folder / MANIFEST).read_text()), "format": 2})
        ),
        "格式是 2",
    ),
}  # fmt: skip


def test_every_damage_is_refused_with_nothing_changed(backup: BackedUp, tmp_path: Path) -> None:
    empty = digest_house()
    for what, (damage, sentence) in DAMAGES.items():
        damaged = tmp_path / "damaged"
        shutil.copytree(backup.folder, damaged)
        damage(damaged)
        with pytest.raises(BackupRefused) as refused:
            restore(damaged)
        assert sentence in str(refused.value), what
        assert digest_house() == empty, what
        shutil.rmtree(damaged)


def test_a_backup_made_with_another_key_is_refused(backup: BackedUp, settings: Settings) -> None:
    empty = digest_house()

    for keys in ({"k2": b"o" * 32}, {"k1": b"o" * 32}):
        settings.FIELD_KEYS = keys
        with pytest.raises(BackupRefused, match="密钥 k1"):
            restore(backup.folder)

    assert digest_house() == empty


def test_after_a_rotation_the_old_key_beside_the_new_one_is_enough(backup: BackedUp, settings: Settings) -> None:
    settings.FIELD_KEYS = {"k0": b"o" * 32, **settings.FIELD_KEYS}

    restore(backup.folder)

    assert digest_house() == backup.manifest.house


def test_a_database_in_which_somebody_has_written_is_refused(backup: BackedUp) -> None:
    note_way_out(way=Way.COMMAND, what="备份", by=None, at=AT)
    before = digest_house()

    with pytest.raises(CommandError, match="不是空的：audit_wayout 1 行") as refused:
        call_command("restore", str(backup.folder))

    assert "DATABASE_URL" in str(refused.value)
    assert digest_house() == before


def test_files_that_are_not_of_the_backup_are_refused(backup: BackedUp) -> None:
    house = files.home()
    (house / "evidence").mkdir()
    (house / "evidence" / "somebody").write_text("else's")

    with pytest.raises(BackupRefused, match="evidence/somebody"):
        restore(backup.folder)
    assert tables.occupied() == {}


def test_a_backup_of_a_newer_or_older_version_is_refused(backup: BackedUp, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tables.known_migrations()

    monkeypatch.setattr(tables, "known_migrations", lambda: known[1:])
    with pytest.raises(BackupRefused, match=f"较新的版本.*{known[0]}"):
        restore(backup.folder)
    monkeypatch.setattr(tables, "known_migrations", lambda: [*known, "cases.9999_later"])
    with pytest.raises(BackupRefused, match=r"较旧的版本.*cases\.9999_later"):
        restore(backup.folder)
    monkeypatch.undo()
    monkeypatch.setattr(tables, "pending_migrations", lambda: 1)
    with pytest.raises(BackupRefused, match="结构也与程序不一致"):
        restore(backup.folder)

    assert tables.occupied() == {}


@pytest.mark.parametrize(
    ("line", "sentence"), [(b"[1]\n", "第 1 行读不出来"), (b"not json\n", "第 1 行读不出来"), (None, "装不进")]
)
def test_rows_that_cannot_be_loaded_undo_everything(backup: BackedUp, line: bytes | None, sentence: str) -> None:
    """Not a damaged file, which its digest tells, but one that was written wrong and signed."""
    table = backup.folder / "tables" / "cases_unit.jsonl.gz"
    lines = gzip.decompress(table.read_bytes()).splitlines(keepends=True)
    table.write_bytes(gzip.compress(line or b"".join([*lines, lines[0]])))
    _sign_anew(backup)
    triggers, empty = _triggers(), digest_tables()

    with pytest.raises(BackupRefused, match=sentence):
        restore(backup.folder)

    assert _triggers() == triggers
    assert digest_tables() == empty


def _sign_anew(backup: BackedUp) -> None:
    manifest = backup.manifest
    for path in manifest.packed:
        manifest.packed[path] = files.digest_of(backup.folder / path)
    key = next(iter(django_settings.FIELD_KEYS.values()))
    (backup.folder / MANIFEST).write_text(manifest_text(manifest, key=key))


def test_rows_that_are_not_those_of_the_manifest_undo_everything(backup: BackedUp) -> None:
    table = backup.folder / "tables" / "cases_unit.jsonl.gz"
    table.write_bytes(gzip.compress(gzip.decompress(table.read_bytes()).replace("派出所".encode(), "派出处".encode())))
    _sign_anew(backup)
    empty = digest_tables()

    with pytest.raises(BackupRefused, match="cases_unit"):
        restore(backup.folder)

    assert digest_tables() == empty


def test_a_ledger_that_was_tampered_with_before_the_backup_is_not_restored(house: Path, tmp_path: Path) -> None:
    tampered("UPDATE cases_event SET occurred_at = recorded_at WHERE id = (SELECT MIN(id) FROM cases_event)")
    backup = back_up(out=tmp_path / "backups", at=AT)
    wipe()

    with pytest.raises(BackupRefused, match="不一致"):
        restore(backup.folder)
    assert tables.occupied() == {}


# -- killed ------------------------------------------------------------------------------------------------------------

DYING = """
import os, signal, sys, django
django.setup()
from pathlib import Path
from config.backups import restoring
load_table = restoring.load_table
def dying(file, table, model):
    if table == "evaluation_figure":
        os.kill(os.getpid(), signal.SIGKILL)
    load_table(file, table, model)
restoring.load_table = dying
restoring.restore(Path(sys.argv[1]))
"""


def test_killed_in_the_middle_it_leaves_the_database_empty_and_goes_on_when_run_again(
    backup: BackedUp,
) -> None:
    empty = digest_tables()
    connection.close()

    killed = subprocess.run(
        [sys.executable, "-c", DYING, str(backup.folder)],
        cwd=django_settings.ROOT,
        env={**environment(files.home(), address()), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        timeout=60,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert digest_tables() == empty and unguarded(connection) == []
    restore(backup.folder)
    assert digest_house() == backup.manifest.house


# -- from one engine to the other --------------------------------------------------------------------------------------


@pytest.mark.skipif(not django_settings.POSTGRESQL, reason="both engines are there when the tests run on PostgreSQL")
def test_from_postgresql_to_sqlite_and_back_it_is_the_same_house(
    backup: BackedUp, tmp_path: Path, migrated_file: Path
) -> None:
    look = environment(tmp_path / "look", f"sqlite:///{tmp_path / 'look.sqlite3'}")
    if not migrated_file.exists():
        made = manage("migrate", environment={**look, "DATABASE_URL": f"sqlite:///{migrated_file}"})
        assert made.returncode == 0, made.stderr
    shutil.copyfile(migrated_file, tmp_path / "look.sqlite3")
    before = backup.manifest.house

    restored = manage("restore", str(backup.folder), "--json", environment=look)
    digest = manage("digest", "--json", environment=look)
    backed_up = manage("backup", "--out", str(tmp_path / "second"), "--json", environment=look)

    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["digest"] == json.loads(digest.stdout)["digest"] == before.whole
    said = json.loads(backed_up.stdout)
    wipe()
    call_command("restore", said["folder"])
    after = digest_house()
    assert after.whole == said["digest"]
    # The second backup is on record in the second house, and nothing else is different.
    assert [name for name in after.tables if after.tables[name] != before.tables[name]] == ["audit_wayout"]
    assert after.files == before.files


def test_migrating_writes_in_no_table_but_those_that_are_emptied(migrated_file: Path, db: None) -> None:
    assert tables.occupied() == {}
