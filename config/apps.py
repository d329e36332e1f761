from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class ConfigConfig(AppConfig):
    """The frame as an app of its own, so that it can hold system checks and management commands."""

    name = "config"
    verbose_name = "系统"

    def ready(self) -> None:
        import config.checks  # noqa: F401  # import here: checks may be registered only once the apps are loaded
        from config.signin import listen  # import here: its models are there only once the apps are loaded

        listen()

        audit = apps.get_app_config("audit")
        pre_migrate.connect(_take_down_watch, sender=audit)
        post_migrate.connect(_put_up_watch, sender=audit)


def _take_down_watch(using: str, **kwargs: Any) -> None:
    """Triggers stand in the way of changing a table they name."""
    from cases.audit.watching import unwatch  # import here: models are not there yet when this module is read

    unwatch(connections[using])


def _put_up_watch(using: str, **kwargs: Any) -> None:
    """After the last migration of a run every watched table has its triggers, those made anew too."""
    from cases.audit.watching import watch  # import here: models are not there yet when this module is read

    watch(connections[using])
