from django.apps import AppConfig


class RectificationConfig(AppConfig):
    name = "supervision.rectification"
    label = "rectification"
    verbose_name = "整改"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases.catalogue.sections import add_section  # import here: the models must be there first
        from cases.desk.links import Link, add_link  # import here: the models must be there first
        from supervision.rectification.catalogue import PROBLEMS  # import here: the models must be there first

        add_section(PROBLEMS)
        add_link(Link("下达整改", "rectification:new", "rectification.issue_order"))
        add_link(Link("本事项的整改", "rectification:orders", "rectification.view_order"))
