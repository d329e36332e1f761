from django.apps import AppConfig


class ReturnVisitsConfig(AppConfig):
    name = "supervision.returnvisits"
    label = "returnvisits"
    verbose_name = "回访评价"
    default_auto_field = "django.db.models.BigAutoField"
