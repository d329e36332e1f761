from django.apps import AppConfig


class ExpeditedConfig(AppConfig):
    name = "supervision.expedited"
    label = "expedited"
    verbose_name = "快速办理"
    default_auto_field = "django.db.models.BigAutoField"
