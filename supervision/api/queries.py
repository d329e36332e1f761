"""What a system may see: what hangs on its unit and all below it, and never what is closed to all but named handlers."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.audit.models import WayOut
from cases.audit.queries import ways_out
from cases.models import Clock, Matter, Officer, Unit
from cases.models.scope import below_post
from cases.queries import units_kept_by
from supervision.alerts.models import Alert
from supervision.api.models import IntakeCall, RefusedCall, SystemToken, TokenStep
from supervision.bulletins.models import Bulletin
from supervision.evaluation.models import Figure
from supervision.evaluation.models.indicator import Shape
from supervision.rectification.models import Order


def below(unit: Unit, prefix: str = "") -> Q:
    """Rows with unit columns that lie in a unit."""
    return below_post(unit.pk, unit.level, prefix)


def token_of(prefix: str) -> SystemToken | None:
    return SystemToken.objects.select_related("unit").filter(prefix=prefix).first()


def tokens_kept_by(officer: Officer) -> QuerySet[SystemToken]:
    """The tokens of the units an officer keeps up."""
    return SystemToken.objects.filter(unit__in=units_kept_by(officer))


def token_steps_of(officer: Officer) -> QuerySet[TokenStep]:
    """The ledger as far as the officer keeps the units of the tokens."""
    return TokenStep.objects.filter(token__in=tokens_kept_by(officer))


def answers_to(token: SystemToken) -> QuerySet[WayOut]:
    """What was given to a system, as it stands on record."""
    return ways_out().filter(about=f"api.systemtoken:{token.pk}")


def refused_calls_of(token: SystemToken) -> QuerySet[RefusedCall]:
    """What a system was not let in for, as far as it stands on record."""
    return RefusedCall.objects.filter(token=token)


def units_seen(unit: Unit) -> QuerySet[Unit]:
    return Unit.objects.under(unit).select_related("parent", "merged_into")


def matters_seen(unit: Unit) -> QuerySet[Matter]:
    return Matter.objects.standing().filter(below(unit), restricted=False).select_related("kind", "unit")


def clocks_seen(unit: Unit) -> QuerySet[Clock]:
    return Clock.objects.filter(below(unit), restricted=False).select_related("matter", "limit", "unit")


def alerts_seen(unit: Unit) -> QuerySet[Alert]:
    rows = Alert.objects.filter(below(unit), restricted=False)
    return rows.select_related("clock__matter", "clock__limit", "unit")


def orders_seen(unit: Unit) -> QuerySet[Order]:
    return Order.objects.filter(below(unit), restricted=False).select_related("matter", "problem", "unit")


def bulletins_seen(unit: Unit) -> QuerySet[Bulletin]:
    """Those that are out with their readers."""
    return Bulletin.objects.issued().filter(below(unit)).defer("figures", "circular", "html").select_related("unit")


def figures_seen(unit: Unit) -> QuerySet[Figure]:
    """Of each figure the last that is known; rates only, and none that counts what is closed to all but named handlers."""
    later = Figure.objects.filter(
        unit=OuterRef("unit"),
        indicator=OuterRef("indicator"),
        month=OuterRef("month"),
        known_on__gt=OuterRef("known_on"),
    )
    rows = Figure.objects.filter(
        ~Exists(later),
        unit__path__startswith=unit.path,
        indicator__restricted=False,
        indicator__draft=False,
        indicator__shape=Shape.RATE,
    )
    return rows.select_related("unit", "indicator")


def calls_of(token: SystemToken) -> QuerySet[IntakeCall]:
    """The calls of a system that brought a batch in; another's are none of its business."""
    return IntakeCall.objects.filter(token=token, batch__isnull=False).select_related("batch")
