"""The ledger of looks, to read. Entries and replies have no table here: who reads an archive says why first (`pages`)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet

from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.archives.models import ArchiveLook
from supervision.archives.queries import looks_of


@admin.register(ArchiveLook)
class ArchiveLookAdmin(LedgerAdmin):
    ordering = ("-looked_at", "-pk")
    list_display = ("at_words", "by", "whose_archive", "reason")
    list_select_related = ("by", "officer", "unit")
    search_fields = ("by__police_number", "by__name", "officer__police_number", "officer__name")

    def visible(self, officer: Officer) -> QuerySet[ArchiveLook]:
        return looks_of(officer)

    @admin.display(description="查阅时间", ordering="looked_at")
    def at_words(self, look: ArchiveLook) -> str:
        return moment_words(look.looked_at)

    @admin.display(description="谁的档案")
    def whose_archive(self, look: ArchiveLook) -> str:
        return f"{look.whose}（{'民警' if look.officer_id else '单位'}）"
