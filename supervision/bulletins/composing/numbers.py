"""Numbers of a circular: every one made of what it was counted from, with the key it is traced by."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from supervision.bulletins.composing.reading import Cell
from supervision.bulletins.papers.document import Number, Run, changed, counted, rated, withheld

NOT_COMPARED = "—"


def ratio(cell: Cell) -> Number:
    """The percentage of a figure, grey below its own minimum."""
    return rated(cell.key, cell.numerator, cell.denominator, minimum=cell.indicator.minimum)


def told(cell: Cell | None, key: str, words: str) -> Number:
    """The same, or the words that stand for what may not be told."""
    return withheld(key, words) if cell is None else ratio(cell)


def with_parts(cell: Cell) -> tuple[Run, ...]:
    """A percentage with its two numbers after it: 40.00%（2/5）."""
    plain = replace(ratio(cell), mark="")
    numerator = counted(f"{cell.key}/numerator", cell.numerator)
    denominator = counted(f"{cell.key}/denominator", cell.denominator)
    return (plain, "（", numerator, "/", denominator, "）")


def in_words(key: str, words: str) -> tuple[Run, ...]:
    """Words with one count in them, such as 超 6 天, with the count as a number of its own."""
    before, count, after = re.split(r"(\d+)", words, maxsplit=1)
    return (before, counted(key, int(count)), after)


def points(key: str, difference: Decimal | None) -> Number:
    """A change in percentage points for a column, with its sign."""
    return withheld(key, NOT_COMPARED) if difference is None else changed(key, difference)


def by(key: str, difference: Decimal) -> Number:
    """The size of a change, for a sentence that says which way it went."""
    size = abs(difference)
    return Number(key, f"{size:.2f}", size, decimals=2)
