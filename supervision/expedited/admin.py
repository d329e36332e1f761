"""The ledger, to read. Cases and faults have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.expedited.models import ExpeditedStep
from supervision.expedited.queries import steps_of


@admin.register(ExpeditedStep)
class ExpeditedStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "matter_number", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("matter", "by")

    def visible(self, officer: Officer) -> QuerySet[ExpeditedStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: ExpeditedStep) -> str:
        return moment_words(step.at)

    @admin.display(description="事项")
    def matter_number(self, step: ExpeditedStep) -> str:
        return step.matter.number
