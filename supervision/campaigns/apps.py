from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "supervision.campaigns"
    label = "campaigns"
    verbose_name = "专项整治"
    default_auto_field = "django.db.models.BigAutoField"
