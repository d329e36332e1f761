"""Ledgers in the admin: cut to what the officer may see, latest first, and nobody writes in them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from cases.desk.frame import who
from cases.models import Officer

LEDGER_CAP = 1000


class CappedPaginator(Paginator):
    """Pages of a ledger: only the latest rows are leafed through; older ones are found by filter or search."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return len(rows.order_by().values_list("pk")[:LEDGER_CAP]) if isinstance(rows, QuerySet) else len(rows)


class ReadOnlyAdmin(ModelAdmin):
    """Rows to look at: nobody adds, changes or deletes them here, whatever his permissions."""

    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class _CappedList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Otherwise the head of the page promises a whole that nobody has counted.
        self.full_result_count = self.result_count


class CappedAdmin(ReadOnlyAdmin):
    """A table without end: its latest rows as a list, the others by search. A row has no page of its own."""

    list_display_links: Sequence[str] | None = None

    paginator = CappedPaginator
    show_full_result_count = False
    list_after_template = "desk/capped.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _CappedList

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404


class LedgerAdmin(CappedAdmin):
    """A ledger; `visible` says what of it an officer may see."""

    ordering: Sequence[str] = ("-pk",)

    def visible(self, officer: Officer) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.visible(who(request))
