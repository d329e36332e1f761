"""The ledger, to read. Rounds, visits and checks have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.returnvisits.models import VisitStep
from supervision.returnvisits.queries import steps_of


@admin.register(VisitStep)
class VisitStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "round_link", "visit_link", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("round", "visit", "by")

    def visible(self, officer: Officer) -> QuerySet[VisitStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: VisitStep) -> str:
        return moment_words(step.at)

    @admin.display(description="回访批次")
    def round_link(self, step: VisitStep) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("returnvisits:round", args=(step.round_id,)), step.round.number
        )

    @admin.display(description="回访")
    def visit_link(self, step: VisitStep) -> str:
        if step.visit is None:
            return "—"
        return format_html('<a href="{}">{}</a>', reverse("returnvisits:visit", args=(step.visit_id,)), step.visit.code)
