"""What all papers of a circular share about writing: signs that may stand, Chinese numerals and days, widths.

Pure. A width is counted in half-width signs: a Chinese character is two, a digit is one.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

# Where a sign stood that no font of ours can show; the printers' own mark for it.
MISSING: Final = "〓"
# Lets a line break within what has no place to break at; nothing of it is seen.
BREAK: Final = "\u200b"

_DIGITS: Final = "〇一二三四五六七八九"
# Signs that XML, and therefore Word, Excel and HTML, cannot hold; and halves of signs, which no file can.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# They turn the direction of what follows, so that a name reads as another.
_TURNING: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANKS: Final = re.compile(r"[\t\r\n\u2028\u2029]+")

# Where a Chinese letter and a digit or a Latin letter meet.
_MEETING: Final = re.compile("[0-9A-Za-z](?=[\u3400-\u9fff])|[\u3400-\u9fff](?=[0-9A-Za-z])")

# Sizes of type in tables, in points (小四, 五号, 小五), and the half-width signs of each between the margins of 156 mm.
_SIZES: Final = ((12.0, 73), (10.5, 84), (9.0, 98))
# What stands empty at the sides of a cell, and a digit's and a %'s being a little wider than half a character.
_PADDING: Final = 3
# A column of texts up to this wide is not broken; one of longer texts asks for no more than that.
_SHORT: Final = 15
_LONGEST: Final = 38


def clean(text: str) -> str:
    """The text as any paper can hold it: on one line, without control signs and without signs that are not seen."""
    return _TURNING.sub("", _ILLEGAL.sub("", _BLANKS.sub(" ", text)))


def numeral(number: int) -> str:
    """A number from 1 to 99 as headings are numbered: 一, 十, 十一, 二十, 二十一."""
    if not 0 < number < 100:
        raise ValueError("序号只编到九十九")
    tens, ones = divmod(number, 10)
    return f"{(_DIGITS[tens] if tens > 1 else '') + '十' if tens else ''}{_DIGITS[ones] if ones else ''}"


def day_text(day: date | None) -> str:
    """A day as papers are dated (GB/T 9704-2012, 7.3.5.4: Arabic, no leading nought); room to write it by hand in."""
    return "　　　　年　　月　　日" if day is None else f"{day.year}年{day.month}月{day.day}日"


def head_size(head: str) -> float:
    """The size of the red head in points: as large as one line of 156 mm allows, and no larger than 50."""
    return min(50.0, round(435 / max(width(clean(head)) / 2, 1), 1))


def width(text: str) -> int:
    """How wide a text is, in half-width signs."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def breakable(text: str, longest: int) -> str:
    """The text with invisible places to break at, in runs of more than `longest` signs that have none."""
    return re.sub(rf"[!-~]{{{longest + 1},}}", lambda run: BREAK.join(run.group()), text)


@dataclass(frozen=True, slots=True)
class Measure:
    """How a table is set: each column's share of the width (they add up to 1), and the size of its type in points."""

    shares: tuple[float, ...]
    size: float


def measure(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]) -> Measure:
    """Numbers and short texts get what they need, so that none is broken; longer ones share what is left."""
    wanted = [_head(head, is_number) for head, is_number in zip(heads, numeric, strict=True)]
    for row in rows:
        for n, cell in enumerate(row):
            lines = max((_at_most(line) for line in cell.split("\n")), default=0) + _PADDING
            wanted[n] = max(wanted[n], lines if numeric[n] else min(lines, _LONGEST))
    whole = [is_number or want <= _SHORT for want, is_number in zip(wanted, numeric, strict=True)]
    size, room = next(((size, room) for size, room in _SIZES if sum(wanted) <= room), _SIZES[-1])
    kept = sum(want for want, is_whole in zip(wanted, whole, strict=True) if is_whole)
    longer = sum(wanted) - kept
    # Numbers that leave longer texts neither what they want nor half of the room are a rare thing.
    left = max(room - kept, min(longer, room / 2))
    spread = room / kept if all(whole) else left / longer
    widths = [
        want * (1 if is_whole and not all(whole) else spread) for want, is_whole in zip(wanted, whole, strict=True)
    ]
    return Measure(tuple(want / sum(widths) for want in widths), size)


def _at_most(line: str) -> int:
    """How wide a line may come out: some programs leave a quarter of a sign where Chinese and digits meet, asked or not."""
    return width(line) + -(-len(_MEETING.findall(line)) // 2)


def _head(head: str, is_number: bool) -> int:
    """A head of numbers may stand on two lines; one of texts wants one."""
    return min(max(4, -(-width(head) // 4) * 2), 8) + _PADDING if is_number else min(width(head), 12) + _PADDING
