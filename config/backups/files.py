"""The files of the house: evidence, what was handed in for import, the bureau's own mappings. Below DATA_DIR."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from config.backups.rules import FileDigest

FOLDERS = ("evidence", "files", "mappings")
CHUNK = 1024 * 1024


def home() -> Path:
    return Path(settings.DATA_DIR)


def house_files() -> Iterator[str]:
    """The paths of all files below DATA_DIR, in order; drafts, whose names begin with a dot, are none."""
    for folder in FOLDERS:
        top = home() / folder
        found = (file for file in top.rglob("*") if file.is_file() and not file.is_symlink())
        paths = (file.relative_to(home()) for file in found)
        yield from sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def digest_of(file: Path) -> FileDigest:
    """Raises OSError where it cannot be read."""
    size, digest = 0, sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
    return FileDigest(size, digest.hexdigest())


def digests() -> dict[str, FileDigest]:
    """Of every file; one that is taken away meanwhile is none."""
    found: dict[str, FileDigest] = {}
    for path in house_files():
        try:
            found[path] = digest_of(home() / path)
        except FileNotFoundError:
            continue
    return found


def copy(source: Path, target: Path) -> FileDigest:
    """Copy a file so that it is there whole or not at all, for its owner only; what was copied."""
    make_folder(target.parent)
    draft = target.with_name(f".{secrets.token_hex(12)}")
    size, digest = 0, sha256()
    try:
        with source.open("rb") as opened, os.fdopen(_create(draft), "wb") as copied:
            while chunk := opened.read(CHUNK):
                size += len(chunk)
                digest.update(chunk)
                copied.write(chunk)
            copied.flush()
            os.fsync(copied.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return FileDigest(size, digest.hexdigest())


def make_folder(folder: Path) -> None:
    """A folder, and those it lies in, each for its owner only where it was not there."""
    for one in (*reversed(folder.parents), folder):
        one.mkdir(mode=0o700, exist_ok=True)


def _create(file: Path) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def write_text(file: Path, text: str) -> None:
    """Write a file for its owner only, on the disc when this returns."""
    with os.fdopen(_create(file), "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def settle(folder: Path) -> None:
    """Have the names in the folder on the disc."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
