"""What the worker does for this room: count again what changed, and at night hold what is stored against the rows."""

from celery import shared_task
from django.utils import timezone

from cases.models import Unit
from supervision.evaluation.checking import differing_rebuilt
from supervision.evaluation.queries import figures_of
from supervision.evaluation.rules.periods import month_of, previous
from supervision.evaluation.services import fold, rebuild


class FiguresDiffer(Exception):
    """What was stored was not what the rows say; it has been counted anew."""


@shared_task(name="evaluation.fold")
def fold_task() -> int:
    """One fold; harmless twice, and a silence of days is made good by the next. Returns how many figures it wrote."""
    return fold(at=timezone.now()).figures


@shared_task(name="evaluation.check")
def check_task() -> int:
    """The stored figures of this month and the last, held against the rows; where they differ everything is counted anew
    and the run is told as failed. Returns how many were held against them."""
    at = timezone.now()
    fold(at=at)
    month = month_of(timezone.localdate(at))
    units = list(Unit.objects.in_force())
    cells = [cell for period in (previous(month), month) for cell in figures_of(units, period, at=at)]
    differing = differing_rebuilt(cells, at=at)
    if differing:
        rebuild(at=at)
        raise FiguresDiffer(f"{len(differing)} 个指标数据与明细不符，已经从头重算；第一个：{differing[0]}")
    return len(cells)
