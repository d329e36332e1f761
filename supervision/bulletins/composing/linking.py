"""Links from the numbers of a circular to the pages of the figures they tell, for whoever reads it on a page.

Mail and papers have none: they are read where the house may not be reached, and by readers with other scopes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from supervision.bulletins.papers.document import (
    Annex,
    Block,
    Circular,
    FigureTable,
    ListTable,
    Note,
    Number,
    Paragraph,
    Row,
    Run,
)

# Indicator and version, unit, period: the key of a figure (`composing.reading.Cell.key`), or of one of its two numbers.
_KEY: Final = re.compile(r"([\w.-]+)@(\d+)/([^/]+)/([^/]+)(?:/(?:numerator|denominator|said|adjusted))*")


def linked(circular: Circular, leads: Callable[[Number], str]) -> Circular:
    """The same circular with each number leading where `leads` says; nowhere where that is empty."""

    def run(one: Run) -> Run:
        return replace(one, link=leads(one)) if isinstance(one, Number) else one

    def block(one: Block) -> Block:
        match one:
            case Paragraph() | Note():
                return replace(one, runs=tuple(map(run, one.runs)))
            case FigureTable() | ListTable():
                return replace(one, rows=tuple(Row(tuple(map(run, row.cells)), row.total) for row in one.rows))
        return one

    annexes = tuple(Annex(one.title, tuple(map(block, one.blocks))) for one in circular.annexes)
    return replace(circular, blocks=tuple(map(block, circular.blocks)), annexes=annexes)


def to_figures(units: Mapping[str, int]) -> Callable[[Number], str]:
    """Where the figures of these units (code and id) lead: to their pages, with the lists they count."""

    def leads(number: Number) -> str:
        found = _KEY.fullmatch(number.key)
        if found is None or found[3] not in units:
            return ""
        code, version, unit, period = found.groups()
        asked = urlencode({"unit": units[unit], "period": period, "version": version})
        return f"{reverse('evaluation:figure', args=(code,))}?{asked}"

    return leads
