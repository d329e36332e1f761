from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "supervision.retention"
    label = "retention"
    verbose_name = "留存与销毁"
    default_auto_field = "django.db.models.BigAutoField"
