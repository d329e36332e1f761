from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The frame as an app of its own, so that it can hold system checks and management commands."""

    name = "config"
    verbose_name = "系统"

    def ready(self) -> None:
        import config.checks  # noqa: F401  # import here: checks may be registered only once the apps are loaded
        from config.signin import listen  # import here: its models are there only once the apps are loaded

        listen()
