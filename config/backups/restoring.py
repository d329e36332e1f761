"""Puts a backup into an empty house, whole or not at all."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import Error, connection, models, transaction

from cases.audit.verifying import verify
from config.backups import files, refusals, tables
from config.backups.digesting import digest_tables
from config.backups.refusals import BackupRefused
from config.backups.rules import (
    FORMAT,
    HouseDigest,
    Manifest,
    ManifestBroken,
    differences,
    fingerprint,
    manifest_facts,
    read_manifest,
    row_of,
)
from config.backups.writing import MANIFEST

TOLD = 5


@dataclass(frozen=True, slots=True)
class Restored:
    """The manifest of what was put in, and whether the database had to be made first."""

    manifest: Manifest
    migrated: bool


def restore(folder: Path) -> Restored:
    """Put the backup in `folder` into the database and below DATA_DIR.

    1. The manifest is what was signed, the keys are those of then, every file of the backup is what it says. Nothing has
       been touched until here.
    2. The program knows the same migrations; the database is empty, and is migrated where it has no tables at all.
    3. Files, each whole or not at all. Killed here, the same restore goes on; the database is still empty.
    4. Rows, in one transaction without triggers: then the counters, the triggers again, the chain of seals verified, and
       everything read back and compared with the manifest. What is not the same undoes it all.

    Refuses with the sentences of `refusals`.
    """
    manifest = read_backup(folder)
    _refuse_damage(folder, manifest)
    _refuse_other_migrations(manifest)
    made = not connection.introspection.table_names()
    if not made:
        if tables.pending_migrations():
            raise BackupRefused(refusals.HALF_MIGRATED)
        _refuse_occupied()
    _refuse_other_files(manifest)
    if made:
        call_command("migrate", verbosity=0, interactive=False)
    try:
        for path in manifest.house.files:
            files.copy(folder / "files" / path, files.home() / path)
    except OSError as error:
        why = error.strerror or error
        raise BackupRefused(refusals.NOT_WRITABLE.format(folder=files.home(), why=why)) from error
    with transaction.atomic(durable=True):
        with _triggers_off():
            _refuse_occupied()
            _empty()
            for table, model in tables.house_models().items():
                load_table(folder / "tables" / f"{table}.jsonl.gz", table, model)
            tables.set_last_numbers(manifest.sequences)
        _compare(manifest)
    ContentType.objects.clear_cache()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return Restored(manifest, made)


def read_backup(folder: Path) -> Manifest:
    """What a backup says of itself, believed. Refuses what is no backup, was altered, or was made with other keys."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(refusals.NO_MANIFEST.format(folder=folder)) from error
    try:
        said = manifest_facts(text)
        if said.get("format") != FORMAT:
            found, version = said.get("format"), said.get("version")
            raise BackupRefused(refusals.OTHER_FORMAT.format(found=found, known=FORMAT, version=version))
        keys: dict[str, str] = said["keys"]
        ours = {name: fingerprint(key) for name, key in settings.FIELD_KEYS.items()}
        if missing := [name for name, print_ in keys.items() if ours.get(name) != print_]:
            raise BackupRefused(refusals.OTHER_KEYS.format(keys="、".join(missing)))
        # JSON with its names in order no longer says which key was the newest.
        for name in keys:
            try:
                return read_manifest(said, key=settings.FIELD_KEYS[name])
            except ManifestBroken:
                continue
        raise ManifestBroken
    except (ManifestBroken, KeyError, TypeError, AttributeError) as error:
        raise BackupRefused(refusals.BROKEN_MANIFEST.format(folder=folder)) from error


def _refuse_damage(folder: Path, manifest: Manifest) -> None:
    there = {**manifest.packed, **{f"files/{path}": file for path, file in manifest.house.files.items()}}
    wrong = []
    for path, said in there.items():
        try:
            if files.digest_of(folder / path) != said:
                wrong.append(f"{path} 与清单不符")
        except OSError:
            wrong.append(f"缺少 {path}")
    if wrong:
        raise BackupRefused(refusals.DAMAGED.format(what=_some(wrong)))


def _refuse_other_migrations(manifest: Manifest) -> None:
    known, had = set(tables.known_migrations()), set(manifest.house.migrations)
    if newer := sorted(had - known):
        raise BackupRefused(refusals.NEWER.format(version=manifest.version, names=_some(newer)))
    if older := sorted(known - had):
        raise BackupRefused(refusals.OLDER.format(version=manifest.version, names=_some(older)))


def _refuse_occupied() -> None:
    if occupied := tables.occupied():
        counts = [f"{table} {rows} 行" for table, rows in occupied.items()]
        raise BackupRefused(refusals.NOT_EMPTY.format(tables=_some(counts)))


def _refuse_other_files(manifest: Manifest) -> None:
    """Files of the same restore, killed before, are what the manifest says."""
    other = [path for path, file in files.digests().items() if manifest.house.files.get(path) != file]
    if other:
        raise BackupRefused(refusals.OTHER_FILES.format(folder=files.home(), names=_some(other)))


def _some(names: list[str]) -> str:
    more = f"等 {len(names)} 处" if len(names) > TOLD else ""
    return "、".join(names[:TOLD]) + more


@contextmanager
def _triggers_off() -> Iterator[None]:
    """Rows that have been are not noted, refused or moved again. The triggers come back as they were, in the same
    transaction, so that they are never gone for anybody else."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            yield
            for _, sql in triggers:
                cursor.execute(sql)
            return
        for table in tables.house_models():
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        # Foreign keys are checked at the end of a transaction; a table with checks outstanding cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables.house_models():
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _empty() -> None:
    """Take out what migrating has written; the backup has its own."""
    with connection.cursor() as cursor:
        for table in sorted(tables.WRITTEN_BY_MIGRATE):
            cursor.execute(f'DELETE FROM "{table}"')


def load_table(file: Path, table: str, model: type[models.Model]) -> None:
    """Write the rows of a file into their table. Refuses a line that is no row, and rows the database does not take."""
    columns = ", ".join(f'"{column}"' for column in tables.columns_of(model))
    rows = _rows(file, table, model)
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Django translates the driver's errors of its own methods only.
                with (
                    connection.wrap_database_errors,
                    cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copying,
                ):
                    for row in rows:
                        copying.write_row(row)
                return
            places = ", ".join(["%s"] * len(tables.columns_of(model)))
            while chunk := list(islice(rows, tables.AT_ONCE)):
                cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', chunk)
    except Error as error:
        raise BackupRefused(refusals.NOT_TAKEN.format(table=table, why=str(error).strip())) from error


def _rows(file: Path, table: str, model: type[models.Model]) -> Iterator[list[Any]]:
    """The rows of a file as the database takes them."""
    fields, readers, number = tables.fields_of(model), tables.readers_of(model), 0
    try:
        with gzip.open(file) as lines:
            for line in lines:
                number += 1
                values = row_of(line, readers)
                yield [one.get_db_prep_save(value, connection) for one, value in zip(fields, values, strict=True)]
    except (OSError, EOFError, zlib.error, ValueError, ArithmeticError, TypeError) as error:
        raise BackupRefused(refusals.UNREADABLE_ROW.format(table=table, number=number)) from error


def _compare(manifest: Manifest) -> None:
    verified = verify()
    if not verified.holds:
        raise BackupRefused(refusals.NOT_THE_SAME.format(what="；".join(one.sentence for one in verified.troubles)))
    if (verified.number, verified.chain) != (manifest.seals, manifest.chain):
        raise BackupRefused(refusals.NOT_THE_SAME.format(what="封存链的末端"))
    found = HouseDigest(digest_tables(), files.digests(), tables.applied_migrations())
    if found.whole != manifest.house.whole:
        raise BackupRefused(refusals.NOT_THE_SAME.format(what=_some(differences(found, manifest.house))))
