"""The ledger of the room, to read. Everything else has pages of its own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.proceedings.models import ProceedingStep
from supervision.proceedings.queries import steps_of


@admin.register(ProceedingStep)
class ProceedingStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "matter_link", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("matter", "by")

    def visible(self, officer: Officer) -> QuerySet[ProceedingStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: ProceedingStep) -> str:
        return moment_words(step.at)

    @admin.display(description="事项")
    def matter_link(self, step: ProceedingStep) -> str:
        link = reverse("proceedings:proceeding", args=(step.matter_id,))
        return format_html('<a href="{}">{}</a>', link, step.matter.number)
