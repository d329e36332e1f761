from django.apps import AppConfig


class PropertyConfig(AppConfig):
    name = "supervision.property"
    label = "property"
    verbose_name = "涉案财物"
    default_auto_field = "django.db.models.BigAutoField"
