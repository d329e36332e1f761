from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "supervision.exports"
    label = "exports"
    verbose_name = "导出审批"
    default_auto_field = "django.db.models.BigAutoField"
