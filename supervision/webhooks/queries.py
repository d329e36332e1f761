"""What is to be told to a subscription, read off the ledgers; and which subscriptions an administrator keeps up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from cases.models import Level, Officer
from cases.queries import units_kept_by
from supervision.alerts.models import Action, Alert, AlertStep, Withdrawal
from supervision.bulletins.models import BulletinAct, BulletinStep
from supervision.webhooks import rules
from supervision.webhooks.models import Delivery, Ledger, Subscription
from supervision.webhooks.rules import AlertEvent, BulletinEvent, EventName

LEDGERS: Final[Mapping[Ledger, type[Model]]] = {Ledger.ALERTS: AlertStep, Ledger.BULLETINS: BulletinStep}

# Which steps each event is read off; `rules.event_of_alert` names what was found.
STEPS: Final[Mapping[EventName, Q]] = {
    EventName.ALERT_RAISED: Q(action=Action.RAISED, level__lt=Level.RED),
    EventName.ALERT_OVERDUE: Q(action=Action.RAISED, level=Level.RED),
    EventName.ALERT_REOPENED: Q(action=Action.REOPENED),
    EventName.ALERT_HANDED: Q(action=Action.HANDED),
    EventName.ALERT_SETTLED: Q(action=Action.WITHDRAWN, reason=Withdrawal.STOPPED),
    EventName.ALERT_WITHDRAWN: Q(action=Action.WITHDRAWN) & ~Q(reason=Withdrawal.STOPPED),
    EventName.BULLETIN_ISSUED: Q(action=BulletinAct.ISSUE, bulletin__corrects=None),
    EventName.BULLETIN_CORRECTED: Q(action=BulletinAct.ISSUE, bulletin__corrects__isnull=False),
}
_OF: Final[Mapping[Ledger, tuple[EventName, ...]]] = {
    Ledger.ALERTS: tuple(name for name in STEPS if name.startswith("alert.")),
    Ledger.BULLETINS: tuple(name for name in STEPS if name.startswith("bulletin.")),
}


def subscriptions_kept_by(officer: Officer) -> QuerySet[Subscription]:
    """The subscriptions of the units an officer keeps up."""
    rows = Subscription.objects.select_related("unit")
    return rows if officer.is_superuser else rows.filter(unit__in=units_kept_by(officer))


def deliveries_kept_by(officer: Officer) -> QuerySet[Delivery]:
    """What goes or went to those, without its bodies: whom they concern is nothing for an administrator."""
    rows = Delivery.objects.light().select_related("subscription__unit")
    return rows if officer.is_superuser else rows.filter(subscription__unit__in=units_kept_by(officer))


def next_events(
    subscription: Subscription, ledger: Ledger, *, after: int, up_to: int, most: int
) -> Sequence[AlertEvent] | Sequence[BulletinEvent]:
    """The first events of a ledger after one id and up to another that a subscription is told of, in their order; one
    question. Of its unit and those below it, and nothing of a restricted matter."""
    wanted = [name for name in _OF[ledger] if name in subscription.names]
    if not wanted:
        return []
    steps = Q()
    for name in wanted:
        steps |= STEPS[name]
    asked = Q(pk__gt=after, pk__lte=up_to) & steps
    return _alerts(subscription, asked, most) if ledger == Ledger.ALERTS else _bulletins(subscription, asked, most)


def _alerts(subscription: Subscription, asked: Q, most: int) -> list[AlertEvent]:
    # Of a warning that was handed over all is told to who has it now.
    told = Alert.objects.filter(
        clock=OuterRef("clock"),
        due_at=OuterRef("due_at"),
        restricted=False,
        unit__path__startswith=subscription.unit.path,
    )
    rows = (
        AlertStep.objects.filter(asked, clock__restricted=False, clock__matter__restricted=False)
        .annotate(alert_pk=Subquery(told.values("pk")[:1]), unit_code=Subquery(told.values("unit__code")[:1]))
        .filter(alert_pk__isnull=False)
        .order_by("pk")
        .values_list(
            "pk",
            "action",
            "level",
            "reason",
            "found_at",
            "due_moment",
            "due_at",
            "clock",
            "clock__matter__number",
            "clock__limit__code",
            "alert_pk",
            "unit_code",
        )[:most]
    )
    pattern = _pattern("alerts:alert")
    found = []
    for pk, action, level, reason, found_at, due_moment, due_at, clock, matter, limit, alert, unit in rows:
        name = rules.event_of_alert(action=action, red=level == Level.RED, reason=reason)
        assert name is not None
        found.append(
            AlertEvent(
                step=pk,
                name=name,
                at=_local(found_at),
                due_moment=_local(due_moment),
                alert=alert,
                clock=clock,
                matter=matter,
                limit=limit,
                unit=unit,
                level=Level(level).name.lower(),
                due_at=_local(due_at),
                reason=reason,
                link=pattern.format(alert),
            )
        )
    return found


def _bulletins(subscription: Subscription, asked: Q, most: int) -> list[BulletinEvent]:
    rows = (
        BulletinStep.objects.filter(asked, bulletin__unit__path__startswith=subscription.unit.path)
        .order_by("pk")
        .values_list(
            "pk",
            "at",
            "bulletin",
            "bulletin__number",
            "bulletin__kind",
            "bulletin__unit__code",
            "bulletin__begins_on",
            "bulletin__ends_on",
            "bulletin__corrects__number",
        )[:most]
    )
    pattern = _pattern("bulletins:bulletin")
    return [
        BulletinEvent(
            step=pk,
            at=_local(at),
            bulletin=bulletin,
            number=number,
            kind=kind,
            unit=unit,
            from_on=begins_on.isoformat(),
            until_on=(ends_on - timedelta(days=1)).isoformat(),
            corrects=corrects or "",
            link=pattern.format(bulletin),
        )
        for pk, at, bulletin, number, kind, unit, begins_on, ends_on, corrects in rows
    ]


_ANY_ROW: Final = 9_123_456_789


def _pattern(page: str) -> str:
    """The path of a page of one row, with a gap for its number: asking the router for each of thousands takes longer
    than reading them."""
    return reverse(page, args=(_ANY_ROW,)).replace(str(_ANY_ROW), "{}")


def _local(moment: datetime) -> datetime:
    """With the offset of the house's own zone."""
    return timezone.localtime(moment, timezone.get_default_timezone())
