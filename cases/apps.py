from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    label = "cases"
    verbose_name = "监督事项"
    default_auto_field = "django.db.models.BigAutoField"
