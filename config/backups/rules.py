"""How a row is written down so that it is the same on every engine, what a manifest says, which backups may go. Pure."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, Final
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT: Final = 1
NAME: Final = re.compile(r"^dingban-\d{8}-\d{6}$")
PARTIAL: Final = re.compile(r"^\.dingban-\d{8}-\d{6}\.partial$")


class ManifestBroken(ValueError):
    """It cannot be read, or is not what was signed."""


# -- rows --------------------------------------------------------------------------------------------------------------


def written(value: object) -> object:
    """A column's value as it stands in a backup: moments in UTC, decimals without trailing noughts, bytes in base64.

    Refuses (TypeError) a type nobody has thought of: what is guessed could not be read back.
    """
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} cannot be written into a backup")


def row_line(values: Sequence[object]) -> bytes:
    """One row, a line of JSON; the keys inside of columns of JSON in order."""
    texts = [written(value) for value in values]
    line = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return line.encode() + b"\n"


def row_of(line: bytes, readers: Sequence[Callable[[Any], object] | None]) -> list[object]:
    """The values of a line, each by the reader of its column. Refuses (ValueError) what is not such a row."""
    texts = json.loads(line)
    if not isinstance(texts, list) or len(texts) != len(readers):
        raise ValueError("not a row of this table")
    return [
        text if reader is None or text is None else reader(text) for text, reader in zip(texts, readers, strict=True)
    ]


READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "DecimalField": Decimal,
    "BinaryField": lambda text: base64.b64decode(text, validate=True),
}


# -- the whole ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TableDigest:
    """A table: its columns in the order in which its rows are written, how many rows, and the digest of their lines."""

    columns: list[str]
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file: bytes, and their SHA-256."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class HouseDigest:
    """Tables by name, files by path, which migrations were applied, and one digest over all of it."""

    tables: dict[str, TableDigest]
    files: dict[str, FileDigest]
    migrations: list[str]

    @property
    def whole(self) -> str:
        """The digest over everything; two houses with the same hold the same."""
        found = sha256()
        for name, table in sorted(self.tables.items()):
            found.update(row_line(["table", name, table.columns, table.rows, table.digest]))
        for path, file in sorted(self.files.items()):
            found.update(row_line(["file", path, file.size, file.digest]))
        found.update(row_line(["migrations", sorted(self.migrations)]))
        return found.hexdigest()


def differences(one: HouseDigest, other: HouseDigest) -> list[str]:
    """The tables and files that are not the same in both, named."""
    tables = [name for name in sorted(one.tables.keys() | other.tables.keys())
              if one.tables.get(name) != other.tables.get(name)]  # fmt: skip
    files = [path for path in sorted(one.files.keys() | other.files.keys())
             if one.files.get(path) != other.files.get(path)]  # fmt: skip
    return tables + files + (["django_migrations"] if set(one.migrations) != set(other.migrations) else [])


# -- the manifest ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `made_at` is an aware moment in ISO form; `packed` the files of the tables as they lie
    in the backup; `sequences` the last number given out by each table; `keys` the fingerprints of the field keys by their
    names; `seals` and `chain` the end of the chain of seals."""

    version: str
    commit: str
    engine: str
    made_at: str
    house: HouseDigest
    packed: dict[str, FileDigest]
    sequences: dict[str, int]
    keys: dict[str, str]
    seals: int
    chain: str
    left_out: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    format: int = FORMAT


def manifest_text(manifest: Manifest, *, key: bytes) -> str:
    """The manifest as JSON, signed with the field key: nobody without it alters a backup unseen."""
    said = {**asdict(manifest), "digest": manifest.house.whole}
    return json.dumps({**said, "signature": _signature(said, key)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def manifest_facts(text: str) -> dict[str, Any]:
    """What a manifest says, not yet believed. Refuses (ManifestBroken) one that was cut."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise ManifestBroken from error
    if not isinstance(said, dict) or not isinstance(said.get("keys"), dict) or "signature" not in said:
        raise ManifestBroken
    return said


def read_manifest(said: Mapping[str, Any], *, key: bytes) -> Manifest:
    """The manifest that was signed with this key. Refuses (ManifestBroken) any other, and paths that lead elsewhere."""
    facts = {name: value for name, value in said.items() if name != "signature"}
    if not hmac.compare_digest(str(said.get("signature")), _signature(facts, key)):
        raise ManifestBroken
    house = facts.pop("house")
    digest = facts.pop("digest")
    manifest = Manifest(
        **{**facts, "packed": _files(facts["packed"])},
        house=HouseDigest(
            tables={name: TableDigest(**table) for name, table in house["tables"].items()},
            files=_files(house["files"]),
            migrations=house["migrations"],
        ),
    )
    if digest != manifest.house.whole or not all(is_inside(path) for path in (*manifest.packed, *manifest.house.files)):
        raise ManifestBroken
    return manifest


def _files(said: Mapping[str, Mapping[str, Any]]) -> dict[str, FileDigest]:
    return {path: FileDigest(**file) for path, file in said.items()}


def _signature(said: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(_derived(key, b"signature"), text.encode(), sha256).hexdigest()


def fingerprint(key: bytes) -> str:
    """By which a key is known and from which it cannot be found."""
    return _derived(key, b"fingerprint").hex()


def _derived(key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"dingban backups " + use).derive(key)


def is_inside(path: str) -> bool:
    """Whether a path stays below the folder it is put into."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def superfluous(names: Iterable[str], *, keep: int) -> list[str]:
    """The backups that may go where `keep` are kept, at least one: the oldest, by the moment in their names."""
    backups = sorted(name for name in names if NAME.match(name))
    return backups[: -max(keep, 1)]
