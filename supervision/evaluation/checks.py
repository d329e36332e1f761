"""System checks of the room: that nothing stands in the tables which may not be measured.

E001 an indicator in force amounts to something that may not be measured. The services refuse it; the check finds what came
in by another way.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from supervision.evaluation.models import Indicator, Part, Side
from supervision.evaluation.rules.forbidden import forbidden


@register(Tags.database)
def nothing_forbidden_is_measured(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Every indicator without an end, held against what may not be measured."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        try:
            # Before the first migration there is nothing to look at.
            if Part._meta.db_table not in connections[alias].introspection.table_names():
                continue
        except (DatabaseError, ImproperlyConfigured):
            # What is wrong with the settings is said by the checks of the settings, which must be heard.
            continue
        counted: dict[int, dict[str, list[dict[str, Any]]]] = {}
        parts = Part.objects.using(alias).filter(indicator__in_force_until=None)
        for pk, side, source, at, stock, where in parts.values_list(
            "indicator_id", "side", "term__source", "term__at", "term__stock", "term__where"
        ):
            term = {"source": source, "at": at, "stock": stock, "where": where}
            counted.setdefault(pk, {one.value: [] for one in Side})[side].append(term)
        rows = Indicator.objects.using(alias).filter(in_force_until=None)
        for pk, code, name, better in rows.values_list("pk", "code", "name", "better"):
            sides = counted.get(pk, {one.value: [] for one in Side})
            kept = forbidden(
                code=code,
                name=name,
                better=better,
                numerator=sides[Side.NUMERATOR],
                denominator=sides[Side.DENOMINATOR],
            )
            if kept is not None:
                found.append(
                    Error(
                        f"指标“{name}”（{code}）属于不得设置的“{kept.name}”。依据：{kept.basis}。",
                        hint="请停用这个指标。",
                        id="evaluation.E001",
                    )
                )
    return found
