from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "supervision.alerts"
    label = "alerts"
    verbose_name = "超期风险预警"
    default_auto_field = "django.db.models.BigAutoField"
