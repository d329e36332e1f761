from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "supervision.evaluation"
    label = "evaluation"
    verbose_name = "执法质效"
    default_auto_field = "django.db.models.BigAutoField"
