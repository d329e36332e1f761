"""Pages of the admin that keep up what belongs to units: each shows, offers and takes only what lies in one's own."""

from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from cases.desk.frame import who
from cases.models import Officer, Unit
from cases.queries import units_kept_by


class KeptAdmin(ModelAdmin):
    """Rows of units: those of the units the officer keeps up (`cases.queries.units_kept_by`). Suggestions and what a form
    takes are cut the same way."""

    # The way from a row to its unit.
    unit_path = "unit"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        officer = who(request)
        return rows if officer.is_superuser else rows.filter(**{f"{self.unit_path}__in": units_kept_by(officer)})

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        officer = who(request)
        if not officer.is_superuser:
            kept = units_kept_by(officer)
            if db_field.related_model is Unit:
                kwargs.setdefault("queryset", kept)
            elif db_field.related_model is Officer:
                kwargs.setdefault("queryset", Officer.objects.filter(unit__in=kept))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
