"""Beat's schedule, as it must be where clocks are put right and machines stand still overnight.

The scheduler of django-celery-beat holds two things against a timetable like ours: a line whose last run lies in the future,
because the clock was put back since, is not due until the clock has got there again; and lines that run at a fixed hour are
looked at near that hour only, so that one missed in the night is made good by the next night and not by the morning.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

logger = logging.getLogger(__name__)
# Clocks are nudged by less than this all day long.
NUDGE: Final = timedelta(seconds=5)


class Line(ModelEntry):
    """A line of the timetable that never waits for a moment the clock has been put back from."""

    def __init__(self, model: Any, app: Any = None) -> None:
        super().__init__(model, app=app)
        now = timezone.now()
        if model.last_run_at > now + NUDGE:
            self.last_run_at = model.last_run_at = now


class Timetable(DatabaseScheduler):
    """Every line is looked at whatever the hour, and all anew when the clock has been put back."""

    Entry = Line

    def __init__(self, *args: Any, **options: Any) -> None:
        self._latest = time.time()
        super().__init__(*args, **options)

    def _get_crontab_exclude_query(self) -> Q:
        return Q()

    def schedule_changed(self) -> bool:
        """Whether the lines must be read again: somebody changed them, or the clock was put back."""
        changed: bool = super().schedule_changed()
        now = time.time()
        back, self._latest = now < self._latest - NUDGE.total_seconds(), now
        if back:
            logger.warning("the clock was put back; the timetable goes by the new hour")
        return changed or back
