"""Opening a file: which format it is, whether its name tells the truth, whether it has the columns its mapping reads."""

from collections.abc import Sequence
from pathlib import Path

from cases.intake.csv_file import CsvFile
from cases.intake.files import GZIP_MAGIC, NO_HEADS, Table
from cases.intake.mapping import IntakeMapping
from cases.intake.refused import EMPTY_FILE, NOT_ACCEPTED, ONLY_HEADS, IntakeRefused
from cases.intake.xes_file import XesFile
from cases.intake.xlsx_file import XlsxFile

NAMED_WRONGLY = "文件名是 {suffix}，内容却是{content}。请按实际格式改名或重新导出"
OLD_EXCEL = "文件是旧版 Excel（.xls）或者加了密码。请去掉密码并另存为 .xlsx"
HEAD_TWICE = "表头“{head}”出现了{count}次，无法区分。请改名后重新导出"
MISSING_COLUMNS = "文件中没有对应表“{mapping}”所需的列：{missing}。文件的表头是：{heads}"
SUFFIXES = {".csv": "csv", ".csv.gz": "csv", ".xlsx": "xlsx", ".xes": "xes", ".xes.gz": "xes"}
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
ZIP_MAGIC = b"PK\x03\x04"


def kind_of_file(path: Path, mapping: IntakeMapping | None = None) -> str:
    """csv, xlsx or xes, by the file's name; refuses any other, and a mapping made for another format."""
    name = path.name.lower()
    suffix = next((end for end in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(end)), None)
    if suffix is None:
        raise IntakeRefused(NOT_ACCEPTED.format(suffix=path.suffix or path.name))
    kind = SUFFIXES[suffix]
    if mapping is not None and mapping.format and mapping.format != kind:
        raise IntakeRefused(f"对应表“{mapping.name}”用于 {mapping.format} 文件，“{path.name}”是 {kind} 文件")
    return kind


def open_table(path: Path, mapping: IntakeMapping) -> Table:
    """Survey the file and read its heads. Raises IntakeRefused with the reason if it cannot be taken."""
    table = _open(path, mapping)
    if table.fixed_heads:
        check_heads(table.heads, mapping)
    if table.total == 0:
        raise IntakeRefused(ONLY_HEADS)
    return table


def read_heads(path: Path, mapping: IntakeMapping) -> list[str]:
    """The heads of a file laid out as the mapping says, whatever its columns."""
    return _open(path, mapping).heads


def _open(path: Path, mapping: IntakeMapping) -> Table:
    kind = kind_of_file(path, mapping)
    try:
        if path.stat().st_size == 0:
            raise IntakeRefused(EMPTY_FILE)
        with path.open("rb") as stream:
            magic = stream.read(8)
    except OSError as error:
        raise IntakeRefused(f"读不到文件“{path}”：{error.strerror}") from error
    suffix = "".join(path.suffixes[-2:])
    if magic.startswith(OLE_MAGIC):
        raise IntakeRefused(OLD_EXCEL)
    if kind != "xlsx" and magic.startswith(ZIP_MAGIC):
        raise IntakeRefused(NAMED_WRONGLY.format(suffix=suffix, content=" ZIP 或者 Excel"))
    if kind == "xlsx" and not magic.startswith(ZIP_MAGIC):
        raise IntakeRefused(NAMED_WRONGLY.format(suffix=suffix, content="别的格式"))
    if path.name.lower().endswith(".gz") and not magic.startswith(GZIP_MAGIC):
        raise IntakeRefused(NAMED_WRONGLY.format(suffix=suffix, content="没有压缩的文件"))
    formats: dict[str, type[CsvFile] | type[XlsxFile] | type[XesFile]] = {
        "csv": CsvFile,
        "xlsx": XlsxFile,
        "xes": XesFile,
    }
    return formats[kind](path, mapping)


def check_heads(heads: Sequence[str], mapping: IntakeMapping) -> None:
    """Refuse heads that lack a mapped column or have one twice."""
    wanted = mapping.columns()
    if not any(heads):
        raise IntakeRefused(NO_HEADS.format(row=mapping.head_row))
    missing = [name for name in wanted if name not in heads]
    if missing:
        shown = "、".join(head for head in heads if head)
        raise IntakeRefused(
            MISSING_COLUMNS.format(
                mapping=mapping.name,
                missing="、".join(f"“{name}”" for name in missing),
                heads=shown if len(shown) <= 500 else shown[:500] + "…",
            )
        )
    for name in wanted:
        if (count := list(heads).count(name)) > 1:
            raise IntakeRefused(HEAD_TWICE.format(head=name, count=count))
