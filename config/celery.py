"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import os
from typing import Any

import django
from celery import Celery
from celery.signals import import_modules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("dingban")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@import_modules.connect
def refuse_wrong_settings(**kwargs: Any) -> None:
    """Neither worker nor beat starts on wrong settings: this is the first thing they do, before the database is touched.
    Celery itself runs Django's checks here but ignores the answer."""
    django.setup()
    from config.checks import stop_on_wrong_settings  # import here: checks need the settings, the web does not need us

    stop_on_wrong_settings()
