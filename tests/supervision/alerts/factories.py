"""A warning to act on, and what every order needs."""

from supervision.alerts.models import Alert
from supervision.rectification.models import Problem


def make_overrun() -> Problem:
    """The problem an overrun limit is."""
    return Problem.objects.create(
        code="overrun", name="超期未办结", fault="overdue", law="测试法", article="第一条", needs_evidence=False
    )


def the_alert() -> Alert:
    return Alert.objects.select_related("clock__limit", "clock__matter", "unit", "officer", "order").get()
