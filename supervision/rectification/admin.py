"""The ledger of orders and the catalogue of problems in the admin: to be read, never written by hand."""

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from cases.desk.ledgers import LedgerAdmin, ReadOnlyAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.rectification.models import OrderStep, Problem
from supervision.rectification.queries import steps_of


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    """Changed by loading a catalogue."""

    list_display = ("name", "code", "fault", "citation_words", "grade", "workdays", "needs_evidence")
    list_filter = ("fault", "grade")
    search_fields = ("name", "code")

    @admin.display(description="依据")
    def citation_words(self, problem: Problem) -> str:
        return problem.citation


@admin.register(OrderStep)
class OrderStepAdmin(LedgerAdmin):
    list_display = ("order_link", "number", "action", "at_words", "by", "approver", "due_on")
    list_filter = ("action",)
    list_select_related = ("order", "by", "approver")
    search_fields = ("order__matter__number__startswith",)
    search_help_text = "事项编号的开头"

    def visible(self, officer: Officer) -> QuerySet[OrderStep]:
        return steps_of(officer)

    @admin.display(description="整改通知")
    def order_link(self, step: OrderStep) -> str:
        return format_html('<a href="{}">{}</a>', reverse("rectification:order", args=(step.order_id,)), step.order)

    @admin.display(description="时间")
    def at_words(self, step: OrderStep) -> str:
        return moment_words(step.at)
