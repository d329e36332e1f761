"""Files that come with a reply: looked into, searched for viruses, digested, and laid away outside the web root.

A file is believed for what it holds, never for what it is called. It lies under its own digest, so a name leads nowhere,
and the same file twice lies there once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shlex
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from django.conf import settings

from supervision.rectification.models import ContentType, Evidence
from supervision.rectification.refusals import RectificationRefused

NO_NAME = "有一个文件没有名称，没有收下"
EMPTY = "“{name}”是空文件，没有收下"
TOO_LARGE = "“{name}”超过 {most} MB，没有收下；请压缩图片或者分成几个文件"
NOT_ALLOWED = "“{name}”不是可以收的文件；请用 {kinds}"
NOT_WHAT_IT_SAYS = "“{name}”的内容不是{kind}，没有收下；请用原来的程序打开后另存"
MACROS = "“{name}”含有宏，没有收下；请另存为不含宏的文件或者 PDF"
INFLATED = "“{name}”解压后过大，没有收下；请另存为 PDF"
INFECTED = "“{name}”被查毒程序拦下，没有收下；请联系系统管理员"
DISK_FULL = "服务器磁盘已满，文件没有收下，答复也没有提交；请告诉系统管理员清理磁盘，再提交一次"
NOT_SCANNED = "查毒程序没有正常工作，“{name}”没有收下；请稍后再试，仍不行请联系系统管理员"

_KINDS: Final = {
    ".pdf": ContentType.PDF,
    ".jpg": ContentType.JPEG,
    ".jpeg": ContentType.JPEG,
    ".png": ContentType.PNG,
    ".docx": ContentType.DOCX,
    ".xlsx": ContentType.XLSX,
}
ACCEPTED: Final = tuple(_KINDS)
_BEGINNINGS: Final = {
    ContentType.PDF: b"%PDF-",
    ContentType.JPEG: b"\xff\xd8\xff",
    ContentType.PNG: b"\x89PNG\r\n\x1a\n",
}
# The part that makes a package what it is.
_HEARTS: Final = {ContentType.DOCX: "word/document.xml", ContentType.XLSX: "xl/workbook.xml"}
_PARTS_AT_MOST: Final = 5000
_INFLATED_AT_MOST: Final = 300 * 1024 * 1024
_NAME_LENGTH: Final = 150
_SCAN_SECONDS: Final = 120


class Incoming(Protocol):
    """A file as it comes from a form."""

    @property
    def name(self) -> str | None: ...

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was taken in and lies where `path` says, below the folder of evidence."""

    name: str
    size: int
    sha256: str
    content_type: ContentType
    path: str
    scanned: bool


class Damaged(Exception):
    """A file is gone or no longer what it was when it was taken in."""


def folder() -> Path:
    """Where evidence lies: below the data folder, served by nothing but the page that asks who is looking."""
    return Path(settings.DATA_DIR) / "evidence"


def receive(file: Incoming) -> Received:
    """Take a file in; see `receive_all` for what is refused."""
    return receive_all([file])[0]


def receive_all(files: Iterable[Incoming]) -> list[Received]:
    """Take files in, all of them or none. Refuses what is too large or empty, a kind that is not allowed, contents that
    are not what the name says, macros, packages that swell, what the scanner stops or could not look at, and everything while
    the disk is full."""
    home = folder()
    drafts: list[Path] = []
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        received = []
        for file in files:
            drafts.append(home / f".{secrets.token_hex(12)}")
            received.append(_take(file, drafts[-1]))
        for draft, one in zip(drafts, received, strict=True):
            (home / one.path).parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(draft, home / one.path)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise RectificationRefused(DISK_FULL) from error
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return received


def _take(file: Incoming, draft: Path) -> Received:
    """Write a file down beside the others and look into it."""
    name = clean_name(file.name or "")
    if not name:
        raise RectificationRefused(NO_NAME)
    kind = _KINDS.get(Path(name).suffix.lower())
    if kind is None:
        raise RectificationRefused(NOT_ALLOWED.format(name=name, kinds="、".join(ACCEPTED)))
    size, digest = _write(draft, file, name)
    with draft.open("rb") as opened:
        _look_into(opened, kind, name)
    scanned = _scan(draft, name)
    return Received(name, size, digest, kind, f"{digest[:2]}/{digest}", scanned)


def clean_name(name: str) -> str:
    """What a file may be called on a page and in a download: no folders, no characters that nobody sees, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem, dot, ending = seen.strip().rpartition(".")
    if not dot or not stem.strip(". "):
        return ""
    return f"{stem[: _NAME_LENGTH - len(ending) - 1]}.{ending}"[:_NAME_LENGTH]


def _write(draft: Path, file: Incoming, name: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    most = settings.EVIDENCE_MB_AT_MOST * 1024 * 1024
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as paper:
        for chunk in file.chunks():
            size += len(chunk)
            if size > most:
                raise RectificationRefused(TOO_LARGE.format(name=name, most=settings.EVIDENCE_MB_AT_MOST))
            digest.update(chunk)
            paper.write(chunk)
    if not size:
        raise RectificationRefused(EMPTY.format(name=name))
    return size, digest.hexdigest()


def _look_into(opened: IO[bytes], kind: ContentType, name: str) -> None:
    wrong = RectificationRefused(NOT_WHAT_IT_SAYS.format(name=name, kind=kind.label))
    if kind in _BEGINNINGS:
        if not opened.read(16).startswith(_BEGINNINGS[kind]):
            raise wrong
        return
    try:
        with zipfile.ZipFile(opened) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise wrong from error
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", _HEARTS[kind]} <= names:
        raise wrong
    if any(part.lower().endswith("vbaproject.bin") for part in names):
        raise RectificationRefused(MACROS.format(name=name))
    if len(parts) > _PARTS_AT_MOST or sum(part.file_size for part in parts) > _INFLATED_AT_MOST:
        raise RectificationRefused(INFLATED.format(name=name))


def _scan(draft: Path, name: str) -> bool:
    """Ask the scanner, where one is named: the command with the file after it; 0 is clean, 1 infected, else it failed."""
    if not settings.EVIDENCE_SCANNER:
        return False
    try:
        ended = subprocess.run(
            [*shlex.split(settings.EVIDENCE_SCANNER), str(draft)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SCAN_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise RectificationRefused(NOT_SCANNED.format(name=name)) from error
    if ended.returncode == 1:
        raise RectificationRefused(INFECTED.format(name=name))
    if ended.returncode != 0:
        raise RectificationRefused(NOT_SCANNED.format(name=name))
    return True


def read(kept: Evidence) -> bytes:
    """What lies where the row says. Raises Damaged where it is gone or its digest is another than was noted."""
    try:
        content = (folder() / kept.path).read_bytes()
    except OSError as error:
        raise Damaged from error
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        raise Damaged
    return content
