"""The ledger, to read. Rounds and forms have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.reviews.models import ReviewStep
from supervision.reviews.queries import steps_of


@admin.register(ReviewStep)
class ReviewStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "round_number", "matter_number", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("round", "form__matter", "by")

    def visible(self, officer: Officer) -> QuerySet[ReviewStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: ReviewStep) -> str:
        return moment_words(step.at)

    @admin.display(description="评查批次")
    def round_number(self, step: ReviewStep) -> str:
        return step.round.number

    @admin.display(description="案件")
    def matter_number(self, step: ReviewStep) -> str:
        return step.form.matter.number if step.form is not None else "—"
