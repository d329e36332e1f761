"""The ledger, to read. Visits, faults and rooms have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.custody.models import VisitStep
from supervision.custody.queries import steps_of


@admin.register(VisitStep)
class VisitStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "matter_number", "action", "moment_words", "by", "text")
    list_filter = ("action",)
    list_select_related = ("visit__matter", "by")

    def visible(self, officer: Officer) -> QuerySet[VisitStep]:
        return steps_of(officer)

    @admin.display(description="登记时间", ordering="at")
    def at_words(self, step: VisitStep) -> str:
        return moment_words(step.at)

    @admin.display(description="发生时间")
    def moment_words(self, step: VisitStep) -> str:
        return moment_words(step.moment)

    @admin.display(description="事项")
    def matter_number(self, step: VisitStep) -> str:
        return step.visit.matter.number
