from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "supervision.evaluation"
    label = "evaluation"
    verbose_name = "执法质效"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import supervision.evaluation.checks  # noqa: F401  # import here: checks may be registered only once the apps are loaded
