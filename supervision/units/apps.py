from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "supervision.units"
    label = "units"
    verbose_name = "单位变动"
    default_auto_field = "django.db.models.BigAutoField"
