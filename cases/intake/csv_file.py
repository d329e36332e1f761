"""CSV, packed or not: a stream of rows, whatever the size of the file."""

import csv
from collections.abc import Generator, Iterator
from pathlib import Path

from cases.intake.files import NO_HEADS, Cells, RawRow, clean_heads, open_text, survey_text
from cases.intake.mapping import IntakeMapping
from cases.intake.refused import IntakeRefused

# A quote that is not closed swallows the lines after it; this much at most.
LONGEST_FIELD = 1 << 17

TOO_MANY_CELLS = "这一行有{count}列，表头只有{width}列；内容中的逗号应放在引号里"
BAD_QUOTES = "引号不成对或者引号后还有内容（文件第{first}至{last}行未读）；内容中的引号应写两个"


class CsvFile:
    """A CSV file. Rows are numbered as Excel shows them, the first row being 1."""

    fixed_heads = True

    def __init__(self, path: Path, mapping: IntakeMapping) -> None:
        self.path = path
        self.mapping = mapping
        self.survey = survey_text(path, mapping.encoding)
        self.digest = self.survey.digest
        self.heads = self._read_heads()
        self.total: int | None = max(self.survey.lines - mapping.head_row, 0)

    def _read_heads(self) -> list[str]:
        for number, cells, problem in self._records():
            if number == self.mapping.head_row:
                if problem or not any(cells):
                    break
                return clean_heads(cells)
        raise IntakeRefused(NO_HEADS.format(row=self.mapping.head_row))

    def rows(self) -> Generator[RawRow, None, None]:
        width = len(self.heads)
        head_row = self.mapping.head_row
        for number, cells, problem in self._records():
            if number <= head_row:
                continue
            if problem:
                yield RawRow(number, cells, (("", problem),))
            elif len(cells) == width:
                yield RawRow(number, cells)
            elif len(cells) < width:
                if cells:
                    yield RawRow(number, [*cells, *[""] * (width - len(cells))])
            elif any(cells[width:]):
                yield RawRow(number, cells, (("", TOO_MANY_CELLS.format(count=len(cells), width=width)),))
            else:
                yield RawRow(number, cells[:width])

    def _records(self) -> Iterator[tuple[int, Cells, str]]:
        """(number, cells, what is wrong with its quotes). After a broken record reading goes on with the next line."""
        csv.field_size_limit(LONGEST_FIELD)
        with open_text(self.path, self.survey.encoding) as text:
            reader = csv.reader(text, delimiter=self.mapping.delimiter, strict=True)
            number = 0
            while True:
                begun = reader.line_num
                number += 1
                try:
                    for cells in reader:
                        yield number, cells, ""
                        begun = reader.line_num
                        number += 1
                    return
                except csv.Error:
                    yield number, [], BAD_QUOTES.format(first=begun + 1, last=reader.line_num)
