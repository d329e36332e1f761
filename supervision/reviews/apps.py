from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "supervision.reviews"
    label = "reviews"
    verbose_name = "案件评查"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases.catalogue.sections import add_section  # import here: the models must be there first
        from supervision.reviews.catalogue import FORMS  # import here: the models must be there first

        add_section(FORMS)
