"""The ledger, to read. Campaigns have pages of their own (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.campaigns.models import CampaignStep
from supervision.campaigns.queries import steps_of


@admin.register(CampaignStep)
class CampaignStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "campaign", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("campaign", "by")

    def visible(self, officer: Officer) -> QuerySet[CampaignStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: CampaignStep) -> str:
        return moment_words(step.at)
