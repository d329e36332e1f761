"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import logging
import os
from typing import Any

import django
from celery import Celery
from celery.signals import import_modules, worker_ready
from django.db import Error

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
