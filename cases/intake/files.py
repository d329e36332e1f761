"""The bytes of a file that a stranger made, surveyed before anything is made of them.

A first pass finds the digest, the encoding, a broken or exploding archive, an endless line; only then are rows read.
"""

import gzip
import hashlib
import io
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cases.intake.mapping import clean_head
from cases.intake.refused import EMPTY_FILE, IntakeRefused

BLOCK = 1 << 20
LONGEST_LINE = 1 << 20
MOST_UNPACKED = 8 << 30

GZIP_MAGIC = b"\x1f\x8b"

BROKEN_ARCHIVE = "压缩文件已损坏或不完整：{why}。请重新导出或重新传输"
TOO_MUCH_UNPACKED = "压缩文件解开后超过{limit}，可能是恶意文件，已停止"
NOT_TEXT = "第{line}行（第{offset}字节）有空字节，这不是文本文件。请重新导出为 CSV"
NO_ENCODING = "第{line}行（第{offset}字节）不是 {encoding} 编码。请在 Excel 或者 WPS 中另存为“CSV UTF-8”"
NEITHER = "文件既不是 UTF-8 也不是 GB18030（GBK）编码：第{line}行（第{offset}字节）无法识别。请另存为“CSV UTF-8”"
ENDLESS_LINE = "第{line}行超过{limit}字节，不像表格。请检查导出格式和引号"
NO_HEADS = "第{row}行应为表头，但文件没有这一行或者这一行是空的"


Cells = Sequence[Any]


def plain_size(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.4g} {unit}"
    return f"{count} 字节"


@dataclass(slots=True)
class Survey:
    """What a first pass over a text file found."""

    digest: str
    size: int
    encoding: str
    lines: int


class RawRow(NamedTuple):
    """A row as the file has it: its number as Excel shows it, its cells, and what is wrong before any is read."""

    number: int
    cells: Cells
    problems: tuple[tuple[str, str], ...] = ()


class Table(Protocol):
    """A file ready for reading, as often as one likes."""

    digest: str
    heads: list[str]
    # How many rows there are, as far as that is known before reading.
    total: int | None
    # Whether a mapped column must be among the heads; a log of loose attributes has none.
    fixed_heads: bool

    def rows(self) -> Generator[RawRow, None, None]: ...


def clean_heads(cells: Cells) -> list[str]:
    return [clean_head(cell) for cell in cells]


# -- streams of bytes ------------------------------------------------------------------------------------------------


def open_bytes(path: Path) -> gzip.GzipFile | io.BufferedReader:
    """The file's content, unpacked if it is packed."""
    with path.open("rb") as stream:
        packed = stream.read(2) == GZIP_MAGIC
    return gzip.open(path, "rb") if packed else path.open("rb")


def blocks(path: Path) -> Iterator[bytes]:
    """The content in blocks; refuses a broken archive and one that unpacks to more than anybody exports."""
    seen = 0
    try:
        with open_bytes(path) as stream:
            while block := stream.read(BLOCK):
                seen += len(block)
                if seen > MOST_UNPACKED:
                    raise IntakeRefused(TOO_MUCH_UNPACKED.format(limit=plain_size(MOST_UNPACKED)))
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IntakeRefused(BROKEN_ARCHIVE.format(why=error)) from error


def survey_text(path: Path, encoding: str) -> Survey:
    """Read the file once: its digest, its encoding, its lines. Refuses what is not text, to the byte.

    `auto` takes UTF-8 where the whole file is UTF-8 and GB18030 (which contains GBK) otherwise.
    """
    digest, size, lines, since_break = hashlib.sha256(), 0, 0, 0
    decoders: dict[str, Any] = {}
    faults: dict[str, tuple[int, int]] = {}
    wide = False
    for number, block in enumerate(blocks(path)):
        if number == 0:
            names = _candidates(block, encoding)
            wide = names == ["utf-16"]
            decoders = {name: getincrementaldecoder(name)() for name in names}
        digest.update(block)
        if not wide and (at := block.find(0)) >= 0:
            raise IntakeRefused(NOT_TEXT.format(line=lines + block.count(b"\n", 0, at) + 1, offset=size + at))
        _decode(block, decoders, faults, size, lines)
        if not decoders:
            break
        lines, since_break = _count_lines(block, lines, since_break)
        size += len(block)
    if not decoders and faults:
        name, (offset, line) = max(faults.items(), key=lambda fault: fault[1])
        text = NO_ENCODING if len(faults) == 1 else NEITHER
        raise IntakeRefused(text.format(line=line, offset=offset, encoding=name.upper()))
    if size == 0:
        raise IntakeRefused(EMPTY_FILE)
    for name, decoder in list(decoders.items()):
        try:
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            faults[name] = (size, lines + 1)
            del decoders[name]
    if not decoders:
        raise IntakeRefused(NO_ENCODING.format(line=lines + 1, offset=size, encoding="、".join(faults).upper()))
    return Survey(digest.hexdigest(), size, next(iter(decoders)), lines + (since_break > 0))


def _candidates(start: bytes, encoding: str) -> list[str]:
    """Which encodings the file may be in, best first; a byte order mark settles it."""
    if start.startswith(BOM_UTF8):
        return ["utf-8-sig"]
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return ["utf-16"]
    if encoding == "auto":
        return ["utf-8", "gb18030"]
    return ["gb18030" if encoding == "gbk" else encoding]


def _decode(
    block: bytes, decoders: dict[str, Any], faults: dict[str, tuple[int, int]], before: int, lines: int
) -> None:
    for name, decoder in list(decoders.items()):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            # The decoder may have kept the first bytes of a character from the block before.
            at = error.start - (len(error.object) - len(block))
            faults[name] = (before + at, lines + block.count(b"\n", 0, max(at, 0)) + 1)
            del decoders[name]


def _count_lines(block: bytes, lines: int, since_break: int) -> tuple[int, int]:
    """Lines so far and bytes since the last break; refuses a line that never ends."""
    count = block.count(b"\n")
    first = block.find(b"\n")
    if since_break + (first if count else len(block)) > LONGEST_LINE:
        raise IntakeRefused(ENDLESS_LINE.format(line=lines + 1, limit=LONGEST_LINE))
    return lines + count, len(block) - block.rfind(b"\n") - 1 if count else since_break + len(block)


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """The surveyed file as text, its line ends left as they are for the CSV reader."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")
