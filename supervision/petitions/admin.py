"""Tables of this room in the admin: how high a leading official must stand, and who looked at identities."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from cases.desk.ledgers import LedgerAdmin
from cases.models import Officer
from supervision.petitions.models import IdentityLook, RankRule
from supervision.petitions.queries import looks_of
from supervision.petitions.services import set_rank_rule


@admin.register(RankRule)
class RankRuleAdmin(ModelAdmin):
    """One row a grade; a bureau changes the rank, never the grades."""

    list_display = ("grade", "least_rank")
    fields = ("grade", "least_rank")
    readonly_fields = ("grade",)
    actions = None

    def save_model(self, request: HttpRequest, obj: RankRule, form: forms.ModelForm, change: bool) -> None:
        set_rank_rule(rule=obj, least_rank=form.cleaned_data["least_rank"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(IdentityLook)
class IdentityLookAdmin(LedgerAdmin):
    """Who looked at identities, in the petitions one handles."""

    list_display = ("officer", "looked_at", "reason", "number")
    list_select_related = ("officer", "petition__matter")

    def visible(self, officer: Officer) -> QuerySet[Any]:
        return looks_of(officer)

    @admin.display(description="信访事项")
    def number(self, look: IdentityLook) -> str:
        return look.petition.matter.number
