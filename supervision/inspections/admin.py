"""The ledger, to read. Plans, draws and inspections have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.inspections.models import InspectionStep
from supervision.inspections.queries import ledger_of


@admin.register(InspectionStep)
class InspectionStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "plan", "item", "check_number", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("plan", "item", "check_row__draw", "by")

    def visible(self, officer: Officer) -> QuerySet[InspectionStep]:
        return ledger_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: InspectionStep) -> str:
        return moment_words(step.at)

    @admin.display(description="检查")
    def check_number(self, step: InspectionStep) -> str:
        return step.check_row.number if step.check_row is not None else "—"
