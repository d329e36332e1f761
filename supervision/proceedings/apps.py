from django.apps import AppConfig


class ProceedingsConfig(AppConfig):
    name = "supervision.proceedings"
    label = "proceedings"
    verbose_name = "纠纷、复议应诉与移送"
    default_auto_field = "django.db.models.BigAutoField"
