from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    name = "supervision.archives"
    label = "archives"
    verbose_name = "执法档案"
    default_auto_field = "django.db.models.BigAutoField"
