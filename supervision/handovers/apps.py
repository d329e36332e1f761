from django.apps import AppConfig


class HandoversConfig(AppConfig):
    name = "supervision.handovers"
    label = "handovers"
    verbose_name = "移交"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases.desk.links import Link, add_button, add_link  # import here: the models must be there first

        hand_over = Link("移交", "handovers:new", "handovers.add_handover")
        add_link(hand_over)
        add_button(hand_over)
