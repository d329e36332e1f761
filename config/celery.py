"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import logging
import logging.config
import os
from typing import Any

import django
from celery import Celery
from celery.signals import (
    before_task_publish,
    import_modules,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_ready,
)
from django.conf import settings
from django.db import Error

from config.tracing import TASK_HEADER, begin_task, end_task, hand_on

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger(__name__)

app = Celery("dingban", task_cls="supervision.operations.recording:RecordedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@import_modules.connect
def refuse_wrong_settings(**kwargs: Any) -> None:
    """Neither worker nor beat starts on wrong settings: this is the first thing they do, before the database is touched.
    Celery itself runs Django's checks here but ignores the answer."""
    django.setup()
    from config.checks import stop_on_wrong_settings  # import here: checks need the settings, the web does not need us

    stop_on_wrong_settings()


@worker_ready.connect
def own_up_to_broken_runs(sender: Any, **kwargs: Any) -> None:
    """What a worker of the same name was at when it was killed is not shown as running for ever."""
    from supervision.operations.services import lose_runs  # import here: models need the apps

    try:
        lose_runs(worker=sender.hostname)
    except Error:
        logger.exception("runs broken off could not be told")


@setup_logging.connect
def log_as_the_house_does(loglevel: int | str | None = None, logfile: str | None = None, **kwargs: Any) -> None:
    """Worker and beat write the same lines as the pages, Celery's own from the level asked for on its command line.

    Celery configures nothing once somebody listens here; a file named on the command line is written to as well.
    """
    logging.config.dictConfig(settings.LOGGING)
    if isinstance(loglevel, str):
        loglevel = logging.getLevelNamesMapping().get(loglevel.upper(), logging.WARNING)
    for name in ("celery", "django_celery_beat"):
        logging.getLogger(name).setLevel(loglevel or logging.WARNING)
    if logfile:
        handler = logging.FileHandler(logfile, encoding="utf-8")
        handler.setFormatter(logging.getLogger().handlers[0].formatter)
        logging.getLogger().addHandler(handler)


@before_task_publish.connect
def tell_the_request(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None:
        hand_on(headers)


@task_prerun.connect
def lines_belong_to_the_task(task_id: str, task: Any, **kwargs: Any) -> None:
    begin_task(task_id=task_id, task=task.name, request_id=task.request.get(TASK_HEADER) or "")


@task_postrun.connect
def lines_belong_to_it_no_longer(task: Any, **kwargs: Any) -> None:
    end_task(queued_in_process=bool(task.request.is_eager))
