from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "supervision.operations"
    label = "operations"
    verbose_name = "任务运行"
    default_auto_field = "django.db.models.BigAutoField"
