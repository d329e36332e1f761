"""The ledger of warnings in the admin, to read. The warnings themselves have a page of their own (`pages`)."""

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.alerts.models import AlertStep
from supervision.alerts.queries import steps_of


@admin.register(AlertStep)
class AlertStepAdmin(LedgerAdmin):
    list_display = (
        "clock_link",
        "matter_number",
        "action",
        "level",
        "rung",
        "due_moment_words",
        "found_words",
        "by",
        "why",
    )
    list_filter = ("action", "level", "rung")
    list_select_related = ("clock__limit", "clock__matter", "by")

    def visible(self, officer: Officer) -> QuerySet[AlertStep]:
        return steps_of(officer)

    @admin.display(description="时限")
    def clock_link(self, step: AlertStep) -> str:
        return format_html('<a href="{}">{}</a>', reverse("desk:clock", args=(step.clock_id,)), step.clock.limit)

    @admin.display(description="事项")
    def matter_number(self, step: AlertStep) -> str:
        link = reverse("desk:matter", args=(step.clock.matter_id,))
        return format_html('<a href="{}">{}</a>', link, step.clock.matter.number)

    @admin.display(description="应预警时刻")
    def due_moment_words(self, step: AlertStep) -> str:
        return moment_words(step.due_moment)

    @admin.display(description="处理时刻")
    def found_words(self, step: AlertStep) -> str:
        return moment_words(step.found_at)

    @admin.display(description="说明")
    def why(self, step: AlertStep) -> str:
        return step.text or step.get_reason_display()
