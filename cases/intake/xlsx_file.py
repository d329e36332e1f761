"""XLSX: read by calamine, after a look inside that nobody's workbook takes the machine down or says less than it seems.

Calamine holds a sheet in memory, unpacks what it is given and makes room for the whole rectangle of used cells; it
gives the last computed value of a formula and nothing at all for an error. So the packed parts are first unpacked
against a limit, and the sheet's cells are scanned for the size of that rectangle, for formulas and for errors.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineWorkbook

from cases.intake.files import BLOCK, NO_HEADS, RawRow, clean_heads, plain_size
from cases.intake.mapping import IntakeMapping
from cases.intake.refused import IntakeRefused

MOST_BYTES = 100 << 20
MOST_UNPACKED = 256 << 20
MOST_ROWS = 200_000
MOST_CELLS = 10_000_000
MOST_DIRECTORY = 4 << 20
# Between two closing tags there is never more than one row of cells.
LONGEST_ROW = 8 << 20

TOO_BIG = "Excel 文件有{size}，超过{limit}。请另存为 CSV（不限大小），或者分成几个文件"
TOO_MUCH_INSIDE = "Excel 文件解开后超过{limit}，可能是恶意文件，未读取。确有这么多数据时请另存为 CSV"
TOO_MANY_ROWS = "工作表有{count}行，超过{limit}行。请另存为 CSV（不限行数），或者分成几个文件"
TOO_WIDE = "工作表从左上到右下共有{count}格，超过{limit}格；多半是远处有一个多余的格子。请删去表外的行和列"
BROKEN = "Excel 文件已损坏：{why}。请重新导出或者用 Excel 打开后另存"
NO_SHEET = "没有工作表“{sheet}”，文件中有：{names}"
FORMULA = "单元格{place}是公式，不是值。请选中该列，复制后“选择性粘贴—数值”，再导入"
ERROR_CELL = "单元格{place}是错误值。请在 Excel 中改正"

_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TAG = re.compile(
    rb"""<(?:\w+:)?(c|row)(\s(?:[^>"']|"[^"]*"|'[^']*')*)?>(\s*<(?:\w+:)?f[\s/>])?""",
)
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3})(\d{1,9})["']""")
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")


class XlsxFile:
    """One sheet of a workbook: the one the mapping names, or the first."""

    fixed_heads = True

    def __init__(self, path: Path, mapping: IntakeMapping) -> None:
        self.path = path
        self.mapping = mapping
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise IntakeRefused(TOO_BIG.format(size=plain_size(size), limit=plain_size(MOST_BYTES)))
        self.digest = _digest(path)
        self._bad_cells: dict[tuple[int, int], str] = {}
        try:
            self._inspect()
            with CalamineWorkbook.from_path(path) as book:
                self._grid = list(book.get_sheet_by_name(self.sheet).to_python(skip_empty_area=False))
        except (CalamineError, zipfile.BadZipFile, zlib.error, ParseError, DefusedXmlException, KeyError) as error:
            raise IntakeRefused(BROKEN.format(why=str(error) or type(error).__name__)) from error
        if len(self._grid) < mapping.head_row or not any(self._grid[mapping.head_row - 1]):
            raise IntakeRefused(NO_HEADS.format(row=mapping.head_row))
        self.heads = clean_heads(self._grid[mapping.head_row - 1])
        self.total: int | None = len(self._grid) - mapping.head_row

    def rows(self) -> Generator[RawRow, None, None]:
        wanted = set(self.mapping.columns())
        columns = {place: head for place, head in enumerate(self.heads) if head in wanted}
        faulty: dict[int, list[tuple[str, str]]] = {}
        for (row, column), text in self._bad_cells.items():
            if column in columns:
                faulty.setdefault(row, []).append((columns[column], text))
        for number, cells in enumerate(self._grid[self.mapping.head_row :], self.mapping.head_row + 1):
            yield RawRow(number, cells, tuple(faulty.get(number, ())))

    # -- the look inside ---------------------------------------------------------------------------------------------

    def _inspect(self) -> None:
        with zipfile.ZipFile(self.path) as archive:
            for info in archive.infolist():
                if info.flag_bits & 0x1:
                    raise IntakeRefused("Excel 文件加了密码。请去掉密码后再导入")
            parts = self._sheet_parts(archive)
            names = list(parts)
            self.sheet = self.mapping.sheet or names[0]
            if self.sheet not in parts:
                raise IntakeRefused(NO_SHEET.format(sheet=self.sheet, names="、".join(names)))
            wanted, scanned = parts[self.sheet].lower(), False
            left = MOST_UNPACKED
            for info in archive.infolist():
                # Names of parts are compared as calamine does, without regard to case.
                scan = _CellScan() if info.filename.replace("\\", "/").lower() == wanted else None
                for block in self._unpacked(info):
                    left -= len(block)
                    if left < 0:
                        raise IntakeRefused(TOO_MUCH_INSIDE.format(limit=plain_size(MOST_UNPACKED)))
                    if scan is not None:
                        scan.take(block)
                if scan is not None:
                    scan.finish()
                    scanned = True
                    self._bad_cells.update(scan.bad)
            if not scanned:
                raise zipfile.BadZipFile(f"缺少工作表“{self.sheet}”的内容")

    def _unpacked(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """A part's content by what its stream holds, not by the size it claims to have."""
        with self.path.open("rb") as stream:
            stream.seek(info.header_offset)
            header = stream.read(30)
            if len(header) < 30 or header[:4] != b"PK\x03\x04":
                raise zipfile.BadZipFile("内部目录与内容不符")
            stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
            left = info.compress_size
            if info.compress_type == zipfile.ZIP_STORED:
                while left > 0 and (block := stream.read(min(BLOCK, left))):
                    left -= len(block)
                    yield block
                return
            if info.compress_type != zipfile.ZIP_DEFLATED:
                raise zipfile.BadZipFile("压缩方式不是 Excel 所用的")
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            while left > 0 and not inflate.eof and (packed := stream.read(min(BLOCK, left))):
                left -= len(packed)
                while packed and not inflate.eof:
                    yield inflate.decompress(packed, BLOCK)
                    packed = inflate.unconsumed_tail

    def _sheet_parts(self, archive: zipfile.ZipFile) -> dict[str, str]:
        """The part behind each sheet name, in the order of the tabs."""
        book = self._small_part(archive, "xl/workbook.xml")
        relations = self._small_part(archive, "xl/_rels/workbook.xml.rels")
        targets = {entry.get("Id"): entry.get("Target") or "" for entry in relations}
        parts = {}
        for entry in book.iter():
            if entry.tag.endswith("}sheet"):
                target = targets.get(entry.get(f"{_RELATIONS}id"), "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if "worksheet" in part:
                    parts[entry.get("name") or ""] = part
        if not parts:
            raise zipfile.BadZipFile("没有工作表")
        return parts

    def _small_part(self, archive: zipfile.ZipFile, name: str) -> Element:
        with archive.open(name) as stream:
            content = stream.read(MOST_DIRECTORY + 1)
        if len(content) > MOST_DIRECTORY:
            raise zipfile.BadZipFile(f"{name} 过大")
        found: Element = fromstring(content, forbid_dtd=True)
        return found


class _CellScan:
    """How far a sheet's cells reach, and which of them are formulas or errors; fed with the sheet's XML in blocks."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self.bad: dict[tuple[int, int], str] = {}
        self._row = 0
        self._column = 0
        self._letters: dict[bytes, int] = {}
        self._rest = b""

    def take(self, block: bytes) -> None:
        text = self._rest + block
        # No tag and no pair of cell and formula is cut in two here.
        cut = text.rfind(b"</")
        if cut < 0:
            if len(text) > LONGEST_ROW:
                raise zipfile.BadZipFile("工作表的内容不是表格")
            cut = 0
        self._rest = text[cut:]
        self._scan(text[:cut])

    def finish(self) -> None:
        self._scan(self._rest)

    def _scan(self, text: bytes) -> None:
        for match in _TAG.finditer(text):
            attributes = match[2] or b""
            place = _PLACE.search(attributes)
            if match[1] == b"row":
                self._row = int(place[2]) if place else self._row + 1
                self._column = 0
                continue
            if place and place[1]:
                self._row, self._column = int(place[2]), self._column_number(place[1])
            else:
                self._column += 1
            if self._column > self.columns or self._row > self.rows:
                self._grow()
            if match[3]:
                self._note(FORMULA)
            elif b"e" in attributes and _IS_ERROR.search(attributes):
                self._note(ERROR_CELL)

    def _grow(self) -> None:
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
        if self.rows > MOST_ROWS + 1:
            raise IntakeRefused(TOO_MANY_ROWS.format(count=self.rows, limit=MOST_ROWS))
        if self.rows * self.columns > MOST_CELLS:
            raise IntakeRefused(TOO_WIDE.format(count=self.rows * self.columns, limit=MOST_CELLS))

    def _note(self, text: str) -> None:
        self.bad[self._row, self._column - 1] = text.format(place=f"{_letters_of(self._column)}{self._row}")

    def _column_number(self, letters: bytes) -> int:
        number = self._letters.get(letters)
        if number is None:
            number = 0
            for letter in letters:
                number = number * 26 + letter - 64
            self._letters[letters] = number
        return number


def _letters_of(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def cell_text(value: Any) -> str:
    """A spreadsheet cell as the text a person would see; a whole number without its decimal point."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        return str(value)
    text: str = isoformat()
    return text.replace("T", " ")
