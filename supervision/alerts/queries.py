"""What the screens read of the warnings, cut to what the officer may see."""

from datetime import datetime

from cases.models import Officer
from supervision.alerts.models import Alert, AlertQuerySet


def alerts_of(officer: Officer) -> AlertQuerySet:
    """The warnings on clocks an officer may see."""
    return Alert.objects.visible_to(officer)


def raised_since(officer: Officer, since: datetime) -> AlertQuerySet:
    """Warnings first raised from a moment on that still stand."""
    return alerts_of(officer).open().filter(raised_at__gte=since)
