"""Files handed in through the page, kept until they are imported or thrown away.

An upload is a folder of its own under MEDIA_ROOT with the file and a note beside it, so that preview, import and worker
read the same bytes. Only whoever handed it in finds it again.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError
from django.utils.dateparse import parse_datetime

from cases.intake import (
    IntakeMapping,
    IntakeRefused,
    IntakeReport,
    load_file,
    read_mapping,
    read_mappings,
    recognise_file,
)
from cases.models import Officer

log = logging.getLogger(__name__)

NOTE = "upload.json"
LOCK = "lock"
OWN_MAPPING = "mapping.yaml"
# Larger files are imported in the background and not previewed row by row.
AT_ONCE_BYTES = 8 << 20
PACKED = (".gz", ".xlsx")
PACKED_FACTOR = 8
# What nobody imported or threw away goes after a week.
KEPT = timedelta(days=7)
FULL_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT})

WAITING, RUNNING, DONE, REFUSED = "waiting", "running", "done", "refused"

NO_MAPPING = "还没有任何对应表。请随文件一起上传一个对应表（YAML），或者请管理员放进对应表目录"
DISK_FULL = "服务器磁盘已满，文件没有收下；请告诉系统管理员清理磁盘，再上传一次"
FAILED = "程序出错，导入没有做完，已经导入的保留；请告诉系统管理员，修好后再点一次“导入”，已有的不会重复"
UNKNOWN_MAPPING = "没有名为“{name}”的对应表"


@dataclass(slots=True)
class Upload:
    """One file handed in: by whom, when, through which mapping it is to be read, and what came of it."""

    key: str
    name: str
    by: int
    at: str
    mapping: str
    state: str = WAITING
    batch: int | None = None
    error: str = ""

    @property
    def folder(self) -> Path:
        return _folder() / self.key

    @property
    def path(self) -> Path:
        return self.folder / "file" / self.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def at_once(self) -> bool:
        """Whether it is small enough to be gone through while the page waits."""
        return self.size * (PACKED_FACTOR if self.name.endswith(PACKED) else 1) <= AT_ONCE_BYTES

    def note(self) -> None:
        """Write the note beside the file; whoever reads it sees the old one or the new one, never a half."""
        fresh = self.folder / f"{NOTE}.new"
        fresh.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        fresh.replace(self.folder / NOTE)


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def mapping_folders() -> list[Path]:
    """Where mappings lie: those that come with the product, and the bureau's own."""
    return [
        folder for folder in (settings.ROOT / "seeds" / "mappings", settings.DATA_DIR / "mappings") if folder.is_dir()
    ]


def known_mappings() -> list[IntakeMapping]:
    """Every mapping that can be chosen; a bureau's own comes after, and over, one of the same name."""
    found = {mapping.name: mapping for folder in mapping_folders() for mapping in read_mappings(folder)}
    return list(found.values())


def keep(file: UploadedFile, *, mapping: str, mapping_file: UploadedFile | None, by: Officer, at: datetime) -> Upload:
    """Keep a file that was handed in; `mapping` is a name, or empty to have it recognised by the heads. Refuses it, and
    leaves nothing behind, while the disk is full."""
    _sweep_out(at)
    upload = Upload(secrets.token_hex(16), Path(file.name or "file").name, by.pk, at.isoformat(), mapping)
    try:
        upload.path.parent.mkdir(parents=True)
        _write(file.chunks(), upload.path)
        if mapping_file is not None:
            _write(mapping_file.chunks(), upload.folder / OWN_MAPPING)
        upload.note()
    except OSError as error:
        shutil.rmtree(upload.folder, ignore_errors=True)
        if error.errno not in FULL_NUMBERS:
            raise
        raise IntakeRefused(DISK_FULL) from error
    return upload


def _write(chunks: Iterable[bytes], path: Path) -> None:
    with path.open("wb") as target:
        for chunk in chunks:
            target.write(chunk)


def find(key: str, by: Officer | None = None) -> Upload | None:
    """The upload of that key, if it is there and, with `by`, if that officer handed it in."""
    if len(key) != 32 or not all(letter in "0123456789abcdef" for letter in key):
        return None
    try:
        known: dict[str, Any] = json.loads((_folder() / key / NOTE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    upload = Upload(**known)
    return upload if by is None or upload.by == by.pk else None


def mapping_of(upload: Upload) -> IntakeMapping:
    """The mapping an upload is read through: its own, the one named, or the one its heads fit. Refuses none or several."""
    own = upload.folder / OWN_MAPPING
    if own.exists():
        return read_mapping(own)
    known = known_mappings()
    if not known:
        raise IntakeRefused(NO_MAPPING)
    if not upload.mapping:
        return recognise_file(upload.path, known)
    chosen = next((one for one in known if one.name == upload.mapping), None)
    if chosen is None:
        raise IntakeRefused(UNKNOWN_MAPPING.format(name=upload.mapping))
    return chosen


def rehearse(upload: Upload, *, at: datetime) -> IntakeReport:
    """What an import would do; nothing is changed."""
    return load_file(upload.path, mapping_of(upload), at=at, dry_run=True)


def running() -> list[Upload]:
    """What is being imported, or was when its process ended."""
    keys = sorted(note.parent.name for note in _folder().glob(f"*/{NOTE}"))
    return [upload for key in keys if (upload := find(key)) is not None and upload.state == RUNNING]


def load(upload: Upload, *, at: datetime) -> Upload:
    """Import the file. What is refused as a whole stands in the note, for whoever looks at the page later.

    One process at a time: for the others there is nothing to do. What is broken off by a kill, or because database or disk would
    not have it, stays under way and is taken up by the next round; whatever else breaks it ends it, until somebody asks again.
    """
    with _ours(upload) as ours:
        found = find(upload.key)
        if not ours or found is None or found.state == DONE:
            return found or upload
        return _load(upload, at=at)


@contextmanager
def _ours(upload: Upload) -> Iterator[bool]:
    """Whether no other process is at this upload; none begins while we are. The kernel lets go for whoever is killed."""
    with (upload.folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _load(upload: Upload, *, at: datetime) -> Upload:
    upload.state = RUNNING
    upload.note()
    officer = Officer.objects.filter(pk=upload.by).first()
    try:
        report = load_file(upload.path, mapping_of(upload), at=at, by=officer)
    except IntakeRefused as refusal:
        upload.state, upload.error = REFUSED, str(refusal)
    except (OperationalError, InterfaceError):
        # The database is away, or full; the next round takes it up.
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL_NUMBERS:
            raise
        log.exception("upload %s broke", upload.key)
        upload.state, upload.error = REFUSED, FAILED
    else:
        upload.state, upload.batch, upload.error = DONE, report.batch, report.error
    upload.note()
    return upload


def discard(upload: Upload) -> None:
    """Throw an upload away; what was imported from it stays."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def _sweep_out(at: datetime) -> None:
    for note in _folder().glob(f"*/{NOTE}"):
        try:
            handed_in = parse_datetime(json.loads(note.read_text(encoding="utf-8"))["at"])
        except (OSError, ValueError, KeyError):
            continue
        if handed_in is not None and at - handed_in > KEPT:
            shutil.rmtree(note.parent, ignore_errors=True)
