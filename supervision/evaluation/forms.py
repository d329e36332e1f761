"""What may be entered on the pages of the indicators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cases.desk.filtering import LongSelect, UnitChoice
from cases.desk.forms import DAY
from cases.models import Officer, Unit
from cases.queries import units_of
from supervision.evaluation.counted import CountedSource
from supervision.evaluation.models import Better, Indicator, Term
from supervision.evaluation.queries import bureaus_of
from supervision.evaluation.rules.periods import (
    Period,
    following,
    month_of,
    previous,
    read_period,
    year_before,
    year_of,
)
from supervision.evaluation.services import Wording
from supervision.evaluation.services.defining import wording_of
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.terms import read_term

_LONG = forms.Textarea(attrs={"rows": 2})
_YES, _NO = "yes", "no"
# Nothing was on record before, and the years around a period asked for can be reckoned with.
_FIRST_YEAR = 2000
_FROM_WHEN = "施行日以后开始的统计期才统计；以前的数字不变"


class TickBoxes(forms.CheckboxSelectMultiple):
    """Boxes to tick, written in one go: by a template a box, the names of all limits twice take longer than the rest."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(one) for one in value or ()}
        boxes = format_html_join(
            "",
            '<label><input type="checkbox" name="{}" value="{}"{}> {}</label>',
            ((name, code, mark_safe(" checked") if str(code) in chosen else "", label) for code, label in self.choices),
        )
        return format_html('<div class="offered">{}</div>', boxes)


class LookForm(forms.Form):
    """Which unit and which period; without a choice the last whole month of his own unit, or of his bureau."""

    unit = UnitChoice(label="单位（含下级）", queryset=Unit.objects.none(), empty_label=None)
    period = forms.CharField(
        label="统计期", max_length=30, help_text="如 2026-03、2026，或者 2026-03-01/2026-03-15（起止日都计入）"
    )

    def __init__(self, data: Mapping[str, Any], *, by: Officer, today: date) -> None:
        self.units = list(units_of(by))
        self.today = today
        asked = {
            "unit": data.get("unit") or _home(by, self.units),
            "period": data.get("period") or previous(month_of(today)).code,
        }
        super().__init__(asked)
        field = cast(UnitChoice, self.fields["unit"])
        field.queryset = units_of(by)
        field.widget.choices = list(field.offered())

    def clean_period(self) -> Period:
        try:
            period = read_period(self.cleaned_data["period"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        last_year = self.today.year + 1
        if period.begins_on.year < _FIRST_YEAR or period.last_on.year > last_year:
            raise forms.ValidationError(f"统计期应在 {_FIRST_YEAR} 年至 {last_year} 年之间")
        return period

    @property
    def shortcuts(self) -> list[tuple[str, str, bool]]:
        """Periods as people name them: (name, code, whether it is the one looked at)."""
        month, year = month_of(self.today), year_of(self.today)
        asked = self.cleaned_data.get("period") if self.is_valid() else None
        named = (("上月", previous(month)), ("本月", month), ("今年", year), ("去年", year_before(year)))
        return [(name, period.code, period == asked) for name, period in named]

    @property
    def beside(self) -> list[tuple[str, str]]:
        """The periods before and after the one looked at, as (name, code); none that has not begun."""
        if not self.is_valid():
            return []
        period: Period = self.cleaned_data["period"]
        before, after = previous(period), following(period)
        found = [(f"‹ {before.name}", before.code)] if before.begins_on.year >= _FIRST_YEAR else []
        return found + ([(f"{after.name} ›", after.code)] if after.begins_on <= self.today else [])


def _home(officer: Officer, units: list[Unit]) -> int:
    """The highest unit he may look at."""
    return min(units, key=lambda unit: (unit.level, unit.path)).pk if units else officer.unit_id


class SourceForm(forms.Form):
    """What is to be counted; everything else depends on it."""

    source = forms.ChoiceField(
        label="数据来源", choices=[(source.name, source.words) for source in SOURCES.values()], widget=LongSelect
    )


class DefineForm(forms.Form):
    """An indicator of a bureau's own: of the rows that meet some conditions, the share of those that meet others too."""

    name = forms.CharField(label="指标名称", max_length=60)
    unit = forms.ModelChoiceField(label="制定单位（管本单位和下级）", queryset=Unit.objects.none(), empty_label=None)
    better = forms.ChoiceField(label="方向", choices=Better.choices)
    minimum = forms.IntegerField(
        label="最小分母", min_value=1, max_value=1000, initial=10, help_text="不足的只列数字，不参加比较"
    )
    in_force_from = forms.DateField(label="施行日", widget=DAY, help_text=_FROM_WHEN)
    denominator_words = forms.CharField(label="分母是什么", max_length=300, widget=_LONG)
    numerator_words = forms.CharField(label="分子是什么", max_length=300, widget=_LONG)
    basis = forms.CharField(label="依据", max_length=300, required=False, widget=_LONG)
    at = forms.ChoiceField(label="按哪个时刻计入统计期")

    def __init__(self, *args: Any, source: CountedSource, by: Officer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        bureaus = bureaus_of(by)
        cast(forms.ModelChoiceField, self.fields["unit"]).queryset = Unit.objects.filter(
            pk__in=[one.pk for one in bureaus]
        )
        cast(forms.ChoiceField, self.fields["at"]).choices = [
            (name, moment.words) for name, moment in source.moments.items()
        ]
        self.fields["in_force_from"].initial = following(month_of(today)).begins_on
        # A list with nothing to choose from asks nothing.
        self.asked = [name for name, one in source.conditions.items() if one.choices is None or one.choices()]
        for name in self.asked:
            self.fields[f"of_{name}"] = self._condition(name)
            self.fields[f"in_{name}"] = self._condition(name)

    def _condition(self, name: str) -> forms.Field:
        condition = self.source.conditions[name]
        if condition.choices is None:
            return forms.ChoiceField(
                label=condition.words,
                required=False,
                choices=[("", "不限"), (_YES, f"{condition.words}的"), (_NO, f"不是“{condition.words}”的")],
            )
        return forms.MultipleChoiceField(
            label=condition.words,
            required=False,
            choices=condition.choices(),
            widget=TickBoxes,
        )

    @property
    def conditions(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each condition twice: asked of all that are counted, and of those above the line."""
        return [(self[f"of_{name}"], self[f"in_{name}"]) for name in self.asked]

    def sides(self) -> tuple[list[Term], list[Term]]:
        """(numerator, denominator); refuses as `read_term` does. Only of a form that was filled in rightly."""
        below = self._where("of_")
        above = below | self._where("in_")
        at = self.cleaned_data["at"]
        terms = [read_term({"source": self.source.name, "at": at, "where": where}) for where in (above, below)]
        return terms[:1], terms[1:]

    def _where(self, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.asked:
            condition = self.source.conditions[name]
            value = self.cleaned_data[f"{prefix}{name}"]
            if value:
                found[name] = value == _YES if condition.choices is None else list(value)
        return found

    def wording(self) -> Wording:
        entered = self.cleaned_data
        moment = self.source.moments[entered["at"]].words
        return Wording(
            name=entered["name"],
            numerator_words=entered["numerator_words"],
            denominator_words=entered["denominator_words"],
            better=entered["better"],
            period_words=f"按{moment}计入当月",
            basis=entered["basis"],
            minimum=entered["minimum"],
        )


class ReviseForm(forms.Form):
    """A next version: other words, another smallest denominator; what it counts stays."""

    prefix = "revise"

    unit = forms.ModelChoiceField(label="制定单位（管本单位和下级）", queryset=Unit.objects.none(), empty_label=None)
    in_force_from = forms.DateField(label="施行日", widget=DAY, help_text=_FROM_WHEN)
    minimum = forms.IntegerField(label="最小分母", min_value=1, max_value=1000)
    name = forms.CharField(label="指标名称", max_length=60)
    denominator_words = forms.CharField(label="分母是什么", max_length=300, widget=_LONG)
    numerator_words = forms.CharField(label="分子是什么", max_length=300, widget=_LONG)
    basis = forms.CharField(label="依据", max_length=300, required=False, widget=_LONG)

    changed = ("minimum", "name", "denominator_words", "numerator_words", "basis")

    def __init__(self, *args: Any, indicator: Indicator, by: Officer, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(indicator, name) for name in self.changed} | {
            "in_force_from": following(month_of(today)).begins_on
        }
        super().__init__(*args, **kwargs)
        bureaus = [one.pk for one in bureaus_of(by) if indicator.unit_id in (None, one.pk)]
        cast(forms.ModelChoiceField, self.fields["unit"]).queryset = Unit.objects.filter(pk__in=bureaus)
        self.may = bool(bureaus)
        self.indicator = indicator

    def wording(self) -> Wording:
        told = {name: getattr(wording_of(self.indicator), name) for name in Wording.__slots__}
        return Wording(**{**told, **{name: self.cleaned_data[name] for name in self.changed}})


class EndForm(forms.Form):
    """From which day an own indicator holds no more."""

    prefix = "end"

    until = forms.DateField(label="自哪一天起停用", widget=DAY)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = today
