"""What the screens read of the warnings, cut to what the officer may see."""

from datetime import datetime

from django.db.models import QuerySet

from cases.models import Officer
from cases.queries import on_visible_clocks
from supervision.alerts.models import Alert, AlertQuerySet, AlertStep


def alerts_of(officer: Officer) -> AlertQuerySet:
    """The warnings on clocks an officer may see."""
    return Alert.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[AlertStep]:
    """What happened to the warnings on clocks an officer may see, void clocks too."""
    return AlertStep.objects.filter(on_visible_clocks(officer, "clock_id"), clock__matter__withdrawn_at=None)


def raised_since(officer: Officer, since: datetime) -> AlertQuerySet:
    """Warnings first raised from a moment on that still stand."""
    return alerts_of(officer).open().filter(raised_at__gte=since)
