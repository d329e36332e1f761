from django.apps import AppConfig


class RectificationConfig(AppConfig):
    name = "supervision.rectification"
    label = "rectification"
    verbose_name = "整改"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases.catalogue.sections import add_section  # import here: the models must be there first
        from supervision.rectification.catalogue import PROBLEMS  # import here: the models must be there first

        add_section(PROBLEMS)
