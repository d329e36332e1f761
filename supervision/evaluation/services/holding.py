"""Stored figures held against the rows, and counted anew where they differ."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cases.models import Unit
from supervision.evaluation.checking import differing_rebuilt
from supervision.evaluation.counted import local_zone
from supervision.evaluation.queries import figures_of
from supervision.evaluation.rules.periods import month_of, previous
from supervision.evaluation.services.folding import fold, rebuild


class FiguresDiffer(Exception):
    """What was stored was not what the rows say; it has been counted anew."""


def hold_to_rows(*, at: datetime) -> int:
    """The stored figures of the month of `at`, an aware moment, and of the one before it, held against the rows.

    Returns how many were. Where they differ everything is counted anew, and then it says so (FiguresDiffer), naming the
    first: somebody has to learn why.
    """
    fold(at=at)
    month = month_of(timezone.localdate(at, local_zone()))
    units = list(Unit.objects.in_force())
    cells = [cell for period in (previous(month), month) for cell in figures_of(units, period, at=at)]
    if differing := differing_rebuilt(cells, at=at):
        rebuild(at=at)
        raise FiguresDiffer(f"{len(differing)} 个指标数据与明细不符，已经从头重算；第一个：{differing[0]}")
    return len(cells)
