"""Writes a backup: a folder that appears whole, under its name, or not at all."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from cases.audit.models import Seal, Way
from cases.audit.rules import BEGINNING
from cases.audit.services import note_way_out
from config.backups import files, refusals, tables
from config.backups.digesting import digest_table
from config.backups.refusals import BackupRefused
from config.backups.rules import (
    PARTIAL,
    FileDigest,
    HouseDigest,
    Manifest,
    TableDigest,
    fingerprint,
    manifest_text,
    superfluous,
)
from supervision.rectification.models import Evidence

MANIFEST = "manifest.json"
LEVEL = 5


@dataclass(frozen=True, slots=True)
class BackedUp:
    """Where the backup lies, what it says, its size in bytes, and the names of the older ones that were removed."""

    folder: Path
    manifest: Manifest
    size: int
    removed: list[str]


def back_up(*, out: Path, at: datetime, keep: int | None = None) -> BackedUp:
    """Write a backup below `out`, named after the aware moment `at` in the house's own time.

    1. Put on record that the house is carried out.
    2. Every table, at one moment, on either engine; whoever writes meanwhile is not held up and not in it.
    3. Every file. Evidence lies there before its row does and is never removed, so no row of that moment lacks its own.
    4. The manifest, signed; then the folder gets its name. Killed before that, the next backup clears away what is left.
    5. Where `keep` is given, older backups beyond that many go.

    Refuses a database that does not match the program, and a folder that cannot be written or lies inside the files.
    Keys are not in it.
    """
    if pending := tables.pending_migrations():
        raise BackupRefused(refusals.NOT_MIGRATED.format(count=pending))
    out = out.expanduser().absolute()
    for folder in files.FOLDERS:
        if (files.home() / folder).resolve() in (out.resolve(), *out.resolve().parents):
            raise BackupRefused(refusals.INSIDE.format(folder=out))
    name = f"dingban-{timezone.localtime(at):%Y%m%d-%H%M%S}"
    try:
        with _alone_in(out):
            if (out / name).exists():
                raise BackupRefused(refusals.THERE_ALREADY.format(folder=out / name))
            note_way_out(way=Way.COMMAND, what="备份", by=None, at=at, asked=str(out / name))
            partial = out / f".{name}.partial"
            try:
                manifest = _write(partial, out / name, at=at)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            removed = _remove_old(out, keep)
    except OSError as error:
        raise BackupRefused(refusals.NOT_WRITABLE.format(folder=out, why=error.strerror or error)) from error
    size = sum(file.stat().st_size for file in (out / name).rglob("*") if file.is_file())
    return BackedUp(out / name, manifest, size, removed)


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    files.make_folder(out)
    with os.fdopen(os.open(out / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(refusals.BUSY.format(folder=out)) from error
        for left in out.iterdir():
            if PARTIAL.match(left.name):
                shutil.rmtree(left)
        yield


def _write(partial: Path, folder: Path, *, at: datetime) -> Manifest:
    files.make_folder(partial / "tables")
    with tables.one_moment():
        found, packed = {}, {}
        for table, model in tables.house_models().items():
            found[table], packed[f"tables/{table}.jsonl.gz"] = write_table(partial / "tables", table, model)
        migrations = tables.applied_migrations()
        numbers = tables.last_numbers()
        seal = Seal.objects.order_by("-number").only("number", "chain").first()
        evidence = dict(Evidence.objects.values_list("path", "sha256"))
    copied: dict[str, FileDigest] = {}
    for path in files.house_files():
        try:
            copied[path] = files.copy(files.home() / path, partial / "files" / path)
        except FileNotFoundError:
            # An upload that was taken away meanwhile. Evidence that is missing is told below.
            continue
    damaged = [
        path for path, digest in sorted(evidence.items())
        if (kept := copied.get(f"evidence/{path}")) is None or kept.digest != digest
    ]  # fmt: skip
    manifest = Manifest(
        version=_version(),
        commit=_commit(),
        engine=connection.vendor,
        made_at=timezone.localtime(at).isoformat(),
        house=HouseDigest(found, copied, migrations),
        packed=packed,
        sequences=numbers,
        keys={key: fingerprint(secret) for key, secret in settings.FIELD_KEYS.items()},
        seals=seal.number if seal is not None else 0,
        chain=seal.chain if seal is not None else BEGINNING,
        left_out=tables.strange_tables(),
        damaged=damaged,
    )
    newest = next(iter(settings.FIELD_KEYS.values()))
    files.write_text(partial / MANIFEST, manifest_text(manifest, key=newest))
    files.settle(partial)
    partial.rename(folder)
    files.settle(folder.parent)
    return manifest


def write_table(folder: Path, table: str, model: type[models.Model]) -> tuple[TableDigest, FileDigest]:
    """Write a table's rows into a file of the folder, packed; the digest of the rows, and of the file."""
    file = folder / f"{table}.jsonl.gz"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        # Without a name and a time inside, so that the same rows make the same file.
        with gzip.GzipFile(filename="", mode="wb", fileobj=opened, compresslevel=LEVEL, mtime=0) as packing:
            digest = digest_table(model, packing.write)
        opened.flush()
        os.fsync(opened.fileno())
    return digest, files.digest_of(file)


def _remove_old(out: Path, keep: int | None) -> list[str]:
    if keep is None:
        return []
    old = superfluous((one.name for one in out.iterdir() if (one / MANIFEST).is_file()), keep=keep)
    for name in old:
        # Half removed it must not look like a backup.
        (out / name).rename(out / f".{name}.partial")
        shutil.rmtree(out / f".{name}.partial")
    return old


def _version() -> str:
    return str(tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]["version"])


def _commit() -> str:
    """The commit the program was checked out at; empty where it does not lie in a repository that may be asked."""
    if not (settings.ROOT / ".git").exists():
        return ""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=settings.ROOT, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
