"""Rows of a call as the file that the importer reads: the same importer as for a file handed in, so the same refusals."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cases.intake import IntakeMapping, IntakeRefused

MOST_ROWS: Final = 5000
LONGEST_CELL: Final = 10_000

NO_LIST = "rows 是一个列表，每一行是一个对象：列名和内容"
NO_ROWS = "rows 里没有一行"
TOO_MANY = "一次最多 {most} 行，现有 {count} 行，请分批发送"
NO_OBJECT = "第{row}行不是对象，请写成列名和内容"
NO_CELL = "第{row}行“{column}”只能是文字、数字、是否或者空"
TOO_LONG = "第{row}行“{column}”有 {length} 个字，最多 {most} 个"
BAD_SIGN = "第{row}行“{column}”含有不能保存的字符（空字符或者半个字符），请去掉"
BAD_COLUMN = "第{row}行有一个列名是空的、过长或者含有不能保存的字符"
NOT_FOR_ROWS = "对应表“{name}”用于 {format} 文件，不能由接口送入；请用 csv 的对应表"


def check_rows(rows: Any) -> list[dict[str, str]]:
    """The rows with every cell as text. Refuses by row and column what no cell can be, and more rows than one call holds."""
    if not isinstance(rows, list):
        raise IntakeRefused(NO_LIST)
    if not rows:
        raise IntakeRefused(NO_ROWS)
    if len(rows) > MOST_ROWS:
        raise IntakeRefused(TOO_MANY.format(most=MOST_ROWS, count=len(rows)))
    return [_row(number, row) for number, row in enumerate(rows, 1)]


def _row(number: int, row: Any) -> dict[str, str]:
    if not isinstance(row, dict):
        raise IntakeRefused(NO_OBJECT.format(row=number))
    for column in row:
        if not column.strip() or len(column) > 100 or not _storable(column):
            raise IntakeRefused(BAD_COLUMN.format(row=number))
    return {column.strip(): _cell(number, column, cell) for column, cell in row.items()}


def _cell(number: int, column: str, cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if not isinstance(cell, str | int | float):
        raise IntakeRefused(NO_CELL.format(row=number, column=column))
    text = str(cell)
    if len(text) > LONGEST_CELL:
        raise IntakeRefused(TOO_LONG.format(row=number, column=column, length=len(text), most=LONGEST_CELL))
    if not _storable(text):
        raise IntakeRefused(BAD_SIGN.format(row=number, column=column))
    return text


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def write_sheet(path: Path, rows: Sequence[Mapping[str, str]], mapping: IntakeMapping) -> None:
    """The rows as a CSV file laid out as the mapping says. Its heads are the columns that occur: one the mapping reads and
    no row has is missed by the importer itself. Refuses a mapping that reads no CSV."""
    if mapping.format not in ("", "csv"):
        raise IntakeRefused(NOT_FOR_ROWS.format(name=mapping.name, format=mapping.format))
    heads = list(dict.fromkeys(column for row in rows for column in row))
    encoding = "utf-8" if mapping.encoding == "auto" else mapping.encoding
    with path.open("w", encoding="gb18030" if encoding == "gbk" else encoding, newline="") as file:
        writer = csv.writer(file, delimiter=mapping.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for _ in range(mapping.head_row - 1):
            writer.writerow([""])
        writer.writerow(heads)
        writer.writerows([row.get(head, "") for head in heads] for row in rows)
