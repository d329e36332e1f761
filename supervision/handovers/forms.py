"""What may be entered about a hand-over: whose it is and who takes it, and then on what ground."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.desk.filtering import UnitChoice
from cases.desk.forms import officer_numbered
from cases.models import Officer, Unit
from supervision.handovers.models import Reason
from supervision.handovers.queries import matters_to_hand, units_handing
from supervision.handovers.refusals import GROUND_NEEDED
from supervision.handovers.rules import MOST, read_numbers

NOBODY = "没有警号为“{number}”的民警，或者其名下没有您可以移交的，请核对警号"
NO_MATTER = "没有找到，或者不在您可以移交的范围内，或者已经办结：{numbers}"
MOST_NAMED = 20
# The page lists the people there are to choose from.
OFFERED = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})


class AskedForm(forms.Form):
    """Whose is handed over, and to whom. All but one of whose may be left empty; who has left is found as well."""

    officer = forms.CharField(
        label="交出人警号",
        max_length=20,
        required=False,
        widget=OFFERED,
        help_text="调离、停用的也能填；只填单位则为该单位全部",
    )
    unit = UnitChoice(queryset=Unit.objects.none(), label="交出单位", required=False, empty_label="不限")
    numbers = forms.CharField(
        label="或者逐件填事项编号",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="可以从表格里整列粘贴；填了就只移交这些",
    )
    to_unit = UnitChoice(queryset=Unit.objects.none(), label="接收单位", required=False, empty_label="请选择")
    to_officer = forms.CharField(
        label="接收人警号", max_length=20, required=False, widget=OFFERED, help_text="不填，由接收单位负责人分派"
    )
    # Matters named by a link or by ticked rows.
    matter = forms.CharField(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        units = units_handing(by).only("name", "short_name", "level", "path", "valid_until")
        for name, offered in (("unit", units), ("to_unit", units.filter(valid_until=None))):
            field = self.fields[name]
            assert isinstance(field, UnitChoice)
            field.queryset = offered
            field.widget.choices = [("", str(field.empty_label)), *field.offered()]

    def clean_officer(self) -> Officer | None:
        number = self.cleaned_data["officer"].strip()
        if not number:
            return None
        found = Officer.objects.filter(police_number=number).select_related("unit").first()
        if found is None:
            raise forms.ValidationError(NOBODY.format(number=number))
        return found

    def clean_to_officer(self) -> Officer | None:
        number = self.cleaned_data["to_officer"].strip()
        return officer_numbered(number) if number else None

    def clean_numbers(self) -> list[int]:
        """The matters of those numbers that may be handed over; refuses numbers of which there is none."""
        numbers = read_numbers(self.cleaned_data["numbers"])
        if not numbers:
            return []
        if len(numbers) > MOST:
            raise forms.ValidationError(f"一次最多移交 {MOST} 件，请分几次办理")
        found = list(matters_to_hand(self.by).filter(number__in=numbers).values_list("pk", "number"))
        if missing := [number for number in numbers if number not in {number for _, number in found}]:
            named = "、".join(missing[:MOST_NAMED]) + ("等" if len(missing) > MOST_NAMED else "")
            raise forms.ValidationError(NO_MATTER.format(numbers=named))
        return [pk for pk, _ in found]

    def clean_matter(self) -> list[int]:
        named = self.data.getlist("matter") if hasattr(self.data, "getlist") else []
        return [int(one) for one in named if one.isascii() and one.isdigit() and len(one) < 19][:MOST]


class GroundForm(forms.Form):
    """On what ground."""

    reason = forms.ChoiceField(label="原因", choices=Reason.choices)
    document_number = forms.CharField(label="文号", max_length=80, required=False)
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="文号和说明至少填一项")

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if not (entered.get("document_number") or entered.get("note")) and not self.errors:
            self.add_error("document_number", GROUND_NEEDED)
        return entered
