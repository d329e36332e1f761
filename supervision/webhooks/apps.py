from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "supervision.webhooks"
    label = "webhooks"
    verbose_name = "对外推送"
    default_auto_field = "django.db.models.BigAutoField"
