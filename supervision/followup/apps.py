from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "supervision.followup"
    label = "followup"
    verbose_name = "案件盯办"
    default_auto_field = "django.db.models.BigAutoField"
