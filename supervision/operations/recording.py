"""The task all jobs are made from: it leaves a row of each run.

A run is never lost because it could not be recorded: what goes wrong here is logged, and the job goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import Task
from django.db import Error
from django.utils import timezone

from supervision.operations.rules import reason

logger = logging.getLogger(__name__)


class RecordedTask(Task):
    """A task of the product; Celery's own, whose names begin with its own name, are left alone."""

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        from supervision.operations.services import begin_run  # import here: tasks are made before the apps are loaded

        self._note(
            lambda name: begin_run(job=name, task_id=task_id, worker=self.request.hostname or "", at=timezone.now())
        )

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        self._end(task_id, done=retval if isinstance(retval, int) and retval >= 0 else None)

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        self._end(task_id, error=reason([kind.__name__ for kind in type(exc).__mro__], getattr(exc, "errno", None)))

    def _end(self, task_id: str, *, done: int | None = None, error: str = "") -> None:
        from supervision.operations.services import end_run  # import here: tasks are made before the apps are loaded

        self._note(lambda name: end_run(job=name, task_id=task_id, done=done, error=error, at=timezone.now()))

    def _note(self, write: Callable[[str], object]) -> None:
        if self.name.startswith("celery."):
            return
        try:
            write(self.name)
        except Error:
            logger.exception("the run of %s could not be recorded", self.name)
