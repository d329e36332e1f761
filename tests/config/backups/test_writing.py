"""A backup is of one moment, whole, closed to others, and without keys."""

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from cases.audit.models import Seal, Way, WayOut
from cases.models import Batch, Officer, Unit
from config.backups import files, tables, writing
from config.backups.digesting import digest_house
from config.backups.refusals import BackupRefused
from config.backups.writing import MANIFEST, BackedUp, back_up
from supervision.rectification.models import Evidence
from tests.config.backups.conftest import AT, address
from tests.rigs.commands import first_look


def backups(out: Path) -> list[str]:
    return sorted(one.name for one in out.iterdir() if not one.name.startswith("."))


def rows_of(backup: BackedUp, table: str) -> list[list[Any]]:
    with gzip.open(backup.folder / "tables" / f"{table}.jsonl.gz") as lines:
        return [json.loads(line) for line in lines]


def test_the_backup_says_what_the_house_holds_and_that_it_was_carried_out(house: Path, tmp_path: Path) -> None:
    backup = back_up(out=tmp_path / "backups", at=AT)
    way = WayOut.objects.get(way=Way.COMMAND, what="备份")
    last = Seal.objects.latest("number")

    assert backup.folder.name == "dingban-20260920-030405"
    assert backup.manifest.house == digest_house()
    assert (backup.manifest.seals, backup.manifest.chain) == (last.number, last.chain)
    assert backup.manifest.engine == connection.vendor
    assert len(rows_of(backup, "cases_unit")) == Unit.objects.count() > 0
    assert {path.partition("/")[0] for path in backup.manifest.house.files} == {"evidence", "mappings"}
    assert backup.manifest.damaged == []
    assert way.at == AT and way.asked == str(backup.folder)
    assert way.pk in [row[0] for row in rows_of(backup, "audit_wayout")]


def test_every_table_of_the_database_is_in_it(backup: BackedUp) -> None:
    there = set(connection.introspection.table_names()) - {tables.MIGRATIONS}

    assert set(backup.manifest.house.tables) == there
    assert backup.manifest.left_out == []


def test_it_is_closed_to_others_and_holds_no_key(backup: BackedUp) -> None:
    everything = [backup.folder, *backup.folder.rglob("*")]
    modes = {stat.S_IMODE(one.stat().st_mode) for one in everything if one.is_file()}
    folders = {stat.S_IMODE(one.stat().st_mode) for one in everything if one.is_dir()}
    held = b"".join(one.read_bytes() for one in everything if one.is_file() and one.suffix != ".gz")

    assert (modes, folders) == ({0o600}, {0o700})
    assert all(key not in held and key.hex().encode() not in held for key in settings.FIELD_KEYS.values())
    assert settings.SECRET_KEY.encode() not in held


def test_what_is_written_meanwhile_does_not_wait_and_is_not_in_it(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit and an officer of it come while the tables between them are read: neither is there without the other."""
    write_table, written = writing.write_table, []

    def add() -> None:
        unit = Unit.objects.create(code="999999", name="新设的单位", level=Unit.objects.first().level)  # type: ignore[union-attr]
        Officer.objects.create(police_number="300001", name="新来的", unit=unit)
        written.append(unit)
        connections.close_all()

    def write_and_add(folder: Path, table: str, model: Any) -> Any:
        done = write_table(folder, table, model)
        if table == "cases_officer":
            adding = Thread(target=add)
            adding.start()
            adding.join(timeout=20)
        return done

    monkeypatch.setattr(writing, "write_table", write_and_add)
    before = digest_house().tables["cases_unit"]

    backup = back_up(out=tmp_path / "backups", at=AT)

    assert Officer.objects.filter(police_number="300001").exists() and len(written) == 1
    assert backup.manifest.house.tables["cases_unit"] == before
    assert "999999" not in json.dumps(rows_of(backup, "cases_unit"))


def test_evidence_that_is_gone_is_told_and_the_backup_stands(house: Path, tmp_path: Path, capsys: Any) -> None:
    lost = Evidence.objects.earliest("pk")
    (house / "evidence" / lost.path).unlink()
    (house / "evidence" / ".half").write_bytes(b"a draft is no file of the house")

    with pytest.raises(CommandError, match="1 个证据文件缺失") as refused:
        call_command("backup", "--out", str(tmp_path / "backups"))

    assert refused.value.returncode == 3
    assert lost.path in str(refused.value)
    assert len(backups(tmp_path / "backups")) == 1
    assert not list((tmp_path / "backups").rglob(".half"))


def test_only_the_latest_are_kept_where_so_many_are_asked_for(house: Path, tmp_path: Path) -> None:
    out = tmp_path / "backups"
    out.mkdir()
    (out / "dingban-20200101-000000").mkdir()
    (out / "notes.txt").write_text("not ours")
    for days in range(3):
        done = back_up(out=out, at=AT + timedelta(days=days), keep=2)

    assert done.removed == ["dingban-20260920-030405"]
    # What holds no manifest is no backup, and not ours to remove.
    assert backups(out) == [
        "dingban-20200101-000000", "dingban-20260921-030405", "dingban-20260922-030405", "notes.txt",
    ]  # fmt: skip


def test_a_backup_that_was_killed_looks_like_none_and_is_cleared_away(house: Path, tmp_path: Path) -> None:
    out = tmp_path / "backups"
    program = """
import os, signal, sys, django
django.setup()
from pathlib import Path
from django.utils import timezone
from config.backups import writing
write_table = writing.write_table
def dying(folder, table, model):
    if table == "cases_unit":
        os.kill(os.getpid(), signal.SIGKILL)
    return write_table(folder, table, model)
writing.write_table = dying
writing.back_up(out=Path(sys.argv[1]), at=timezone.now())
"""
    environment = first_look(house, DATABASE_URL=address(), DJANGO_SETTINGS_MODULE="config.settings")
    environment["FIELD_KEYS"] = "k1:dGhlc2UtdGhpcnR5LXR3by1ieXRlcy1hcmUtYS1rZXk="
    killed = subprocess.run(
        [sys.executable, "-c", program, str(out)], cwd=settings.ROOT, env=environment, capture_output=True, timeout=60
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = [one.name for one in out.iterdir() if one.name.endswith(".partial")]
    assert len(left) == 1 and backups(out) == []

    back_up(out=out, at=AT)

    assert not [one for one in out.iterdir() if one.name.endswith(".partial")]
    assert backups(out) == ["dingban-20260920-030405"]


def test_where_the_disc_is_full_nothing_is_left(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(files, "write_text", full)

    with pytest.raises(BackupRefused, match="不能写入"):
        back_up(out=tmp_path / "backups", at=AT)
    assert [one.name for one in (tmp_path / "backups").iterdir()] == [".lock"]


def test_two_at_once_a_folder_inside_and_one_that_is_there_are_refused(house: Path, tmp_path: Path) -> None:
    out = tmp_path / "backups"
    with writing._alone_in(out), pytest.raises(BackupRefused, match="另一个备份"):
        back_up(out=out, at=AT)
    for inside in (house / "evidence", house / "files" / "deep"):
        with pytest.raises(BackupRefused, match="请换一个目录"):
            back_up(out=inside, at=AT)
    back_up(out=out, at=AT)
    with pytest.raises(BackupRefused, match="已经有了"):
        back_up(out=out, at=AT)


def test_a_database_that_does_not_match_the_program_is_not_backed_up(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "pending_migrations", lambda: 2)

    with pytest.raises(BackupRefused, match="2 项升级"):
        back_up(out=tmp_path / "backups", at=AT)
    assert not (tmp_path / "backups").exists()


def test_the_command_says_where_it_lies_and_what_it_comes_to(house: Path, tmp_path: Path, capsys: Any) -> None:
    call_command("backup", "--out", str(tmp_path / "backups"), "--json")
    said = json.loads(capsys.readouterr().out)
    call_command("digest")
    digest = capsys.readouterr().out.split()[0]
    call_command("digest", "--json")
    document = json.loads(capsys.readouterr().out)

    assert said["digest"] == digest == document["digest"]
    assert (Path(said["folder"]) / MANIFEST).is_file()
    assert document["tables"]["cases_batch"]["rows"] == Batch.objects.count()
    with pytest.raises(CommandError, match="至少留 1 份"):
        call_command("backup", "--out", str(tmp_path / "backups"), "--keep", "0")


def test_the_digest_moves_with_every_row_and_file(house: Path) -> None:
    before = digest_house().whole
    Unit.objects.filter(code=Unit.objects.first().code).update(name="改了名")  # type: ignore[union-attr]
    renamed = digest_house().whole
    (house / "mappings" / "本局.yaml").write_text("columns: {a: b}\n")

    assert len({before, renamed, digest_house().whole}) == 3
