from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    name = "supervision.petitions"
    label = "petitions"
    verbose_name = "信访包案"
    default_auto_field = "django.db.models.BigAutoField"
