from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "supervision.inspections"
    label = "inspections"
    verbose_name = "双随机检查"
    default_auto_field = "django.db.models.BigAutoField"
