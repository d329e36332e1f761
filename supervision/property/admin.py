"""The ledger, to read. Items, excesses and places have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.property.models import PropertyStep
from supervision.property.queries import steps_of


@admin.register(PropertyStep)
class PropertyStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "matter_number", "action", "by", "text", "from_place", "to_place")
    list_filter = ("action",)
    list_select_related = ("matter", "by", "from_place", "to_place")

    def visible(self, officer: Officer) -> QuerySet[PropertyStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: PropertyStep) -> str:
        return moment_words(step.at)

    @admin.display(description="事项")
    def matter_number(self, step: PropertyStep) -> str:
        return step.matter.number
