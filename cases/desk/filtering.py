"""What filters of lists are made of: whoever looks is known, and nothing is offered that he may not see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from cases.models import Level, Limit, MatterKind, Officer, Unit, UnitLevel
from cases.models.clock import is_running
from cases.queries import Today, in_unit, kinds_of, limits_of, units_of
from cases.statute import periods

# More units than this in one select are of no use to anybody; the lowest level is then left out of the choice, while
# an address that names one of them still works.
UNITS_IN_A_SELECT = 400

LEVELS = tuple((level.value, f"{level.sign} {level.label}") for level in reversed(Level))
DUE = (
    ("expired", "已超期"),
    ("today", "今天届满"),
    ("week", "本周届满"),
    ("month", "30 天内届满"),
)


class LongSelect(forms.Select):
    """A select written in one go: by a template an option, four hundred units take longer than the rest of the page, and
    the short ones of a filter together a tenth of it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(one) for one in self.format_value(value) or ()}
        options = "".join(
            f'<option value="{escape(str(one))}"{" selected" if str(one) in chosen else ""}>{escape(str(label))}</option>'
            for one, label in self.choices
        )
        written = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{written}>{options}</select>")


class UnitChoice(forms.ModelChoiceField):
    """Units in tree order, indented; no more of them than a person can look through."""

    widget = LongSelect

    def offered(self) -> Iterator[tuple[Any, str]]:
        """The units as choices, without the empty one."""
        known: QuerySet[Any] = Unit.objects.none() if self.queryset is None else self.queryset
        units = list(known[: UNITS_IN_A_SELECT + 1])
        if len(units) > UNITS_IN_A_SELECT:
            units = list(known.filter(level__lt=UnitLevel.STATION)[:UNITS_IN_A_SELECT])
        top = min((unit.level for unit in units), default=1)
        for unit in units:
            yield (unit.pk, "　" * (unit.level - top) + str(unit))


class UnitFilter(filters.ModelChoiceFilter):
    """Rows of a unit and everything below it."""

    field_class = UnitChoice

    def filter(self, qs: QuerySet[Any], value: Unit | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(in_unit(value))


class NamedUnitFilter(filters.ModelChoiceFilter):
    """Rows that name one unit, whatever lies below it."""

    field_class = UnitChoice


def officer_of(request: HttpRequest | None) -> Officer:
    """Who is looking; a filter without a request would offer what nobody may see, so it is refused."""
    if request is None or not isinstance(request.user, Officer):
        raise ValueError("筛选必须知道是谁在看")
    return request.user


def units_offered(request: HttpRequest | None) -> QuerySet[Unit]:
    return units_of(officer_of(request)).only("name", "short_name", "level", "path")


def kinds_offered(request: HttpRequest | None) -> QuerySet[MatterKind]:
    return kinds_of(officer_of(request))


def limits_offered(request: HttpRequest | None) -> QuerySet[Limit]:
    """Of the limits only what they are called: their definitions are the greater part of a row."""
    named = limits_of(officer_of(request)).only("code", "family", "name", "in_force_from")
    return named.order_by("field_of_law", "name", "code")


class LimitChoice(forms.ModelChoiceField):
    """Limits by name; several versions of one limit are told apart by the day they came into force."""

    widget = LongSelect

    def label_from_instance(self, obj: Any) -> str:
        version = f"（{obj.in_force_from:%Y} 年施行）" if obj.in_force_from and obj.code != obj.family else ""
        return f"{obj.name}{version}"


class LimitFilter(filters.ModelChoiceFilter):
    field_class = LimitChoice


class ListFilter(filters.FilterSet):
    """A list's filters for one officer at one moment: `request` says who, `at` (an aware moment) when."""

    # Shown above the list; the others are behind one button.
    in_front: tuple[str, ...] = ()

    def __init__(self, data: Any, queryset: QuerySet[Any], *, request: HttpRequest, at: datetime | None = None) -> None:
        self.at = at or timezone.now()
        super().__init__(data, queryset, request=request)
        self._offer_units()
        self._write_in_one_go()

    def _offer_units(self) -> None:
        read: dict[str, list[tuple[Any, str]]] = {}
        for field in self.form.fields.values():
            if isinstance(field, UnitChoice) and field.queryset is not None:
                asked = str(field.queryset.query)
                # Several fields of a form offer the same units.
                units = read[asked] if asked in read else read.setdefault(asked, list(field.offered()))
                field.widget.choices = [("", str(field.empty_label or "全部")), *units]

    def _write_in_one_go(self) -> None:
        for field in self.form.fields.values():
            if type(field.widget) is forms.Select:
                written = LongSelect(field.widget.attrs)
                written.choices, written.is_required = field.widget.choices, field.widget.is_required
                field.widget = written

    @property
    def front(self) -> list[forms.BoundField]:
        return [self.form[name] for name in self.in_front]

    @property
    def behind(self) -> list[forms.BoundField]:
        return [field for field in self.form.visible_fields() if field.name not in self.in_front]

    @property
    def hidden(self) -> list[forms.BoundField]:
        return self.form.hidden_fields()

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set at all."""
        return bool(
            self.form.is_valid() and any(value not in (None, "", []) for value in self.form.cleaned_data.values())
        )

    @property
    def narrowed_behind(self) -> bool:
        """Whether one of those behind the button is."""
        return self.form.is_valid() and any(
            self.form.cleaned_data.get(field.name) not in (None, "", []) for field in self.behind
        )

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows asked for; none at all while a condition is wrong, so that a wrong one never looks like an answer."""
        return self.queryset.none() if self.is_bound and not self.form.is_valid() else self.qs

    @property
    def officer(self) -> Officer:
        return officer_of(self.request)

    def by_officer(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found = Officer.objects.filter(Q(police_number=value) | Q(name__contains=value))
        return queryset.filter(**{f"{name}__in": found})

    def by_truth(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(**{name: value == "yes"})

    def by_due_day(self, queryset: QuerySet[Any], name: str, value: slice) -> QuerySet[Any]:
        return queryset.filter(due_between_days(value))

    def only_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(**{name: self.officer}) if value else queryset


DAYS = filters.widgets.DateRangeWidget(attrs={"type": "date"})


def date_range(label: str, field: str) -> filters.DateFromToRangeFilter:
    return filters.DateFromToRangeFilter(field_name=field, label=label, widget=DAYS)


def due_between_days(days: slice, prefix: str = "") -> Q:
    """Due on one of the local days, both ends included; a due day ends at the midnight that its due moment names."""
    zone = ZoneInfo(settings.TIME_ZONE)
    wanted = Q()
    if days.start is not None:
        wanted &= Q(**{f"{prefix}due_at__gt": periods.start_of_day(timezone.localdate(days.start), zone)})
    if days.stop is not None:
        wanted &= Q(**{f"{prefix}due_at__lte": periods.end_of_day(timezone.localdate(days.stop), zone)})
    return wanted


MINE = (("1", "我经办的"),)


def due_within(window: str, at: datetime, prefix: str = "") -> Q:
    """Running clocks that are over, or run out today, this week or within 30 days; what is over is not in the others."""
    running = is_running(prefix)
    if window == "expired":
        return running & Q(**{f"{prefix}due_at__lte": at})
    return running & Q(**{f"{prefix}due_at__gt": at, f"{prefix}due_at__lte": window_ends(window, at)})


def window_ends(window: str, at: datetime) -> datetime:
    """When a window of what runs out ends: today, this week or in 30 days."""
    today = Today(at)
    return {"today": today.ends, "week": today.week_ends, "month": today.days_on(30)}[window]
