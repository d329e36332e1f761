from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "supervision.custody"
    label = "custody"
    verbose_name = "执法办案管理中心"
    default_auto_field = "django.db.models.BigAutoField"
