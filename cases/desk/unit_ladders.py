"""The pages of the units' own ladders: who has one, what it says beside what holds above, and how it is changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.filtering import UnitChoice
from cases.desk.frame import page, show, who
from cases.ladders import above, copy_again, copy_ladder, drop_ladder, held, ladders_of, set_ladder, units_to_set
from cases.models import Ladder, LevelDemand, Limit, Officer, UnitLadder
from cases.services import CaseRefused
from cases.statute.ladders import GRADES, LEVELS, Demand, Lead, Said
from cases.statute.ladders import Ladder as StatuteLadder

LEVEL_NAMES = {"yellow": "▲ 黄色", "orange": "◆ 橙色", "red": "■ 超期"}
MEASURES = {"days": "日", "workdays": "个工作日", "hours": "小时", "share": "（占全长的份额）"}
GRADE_NAMES = dict(zip(GRADES, ("提醒", "督办", "挂牌督办"), strict=True))
BY_NATURE = "按时限性质"
LOUD = (("", BY_NATURE), ("yes", "通知"), ("no", "不通知"))
DEMANDS = (("", BY_NATURE), *((demand.name.lower(), LevelDemand(demand.value).label) for demand in Demand))


class CopyForm(forms.Form):
    """Which ladder which unit is to have of its own."""

    unit = UnitChoice(label="单位", queryset=None, empty_label=None)
    ladder = forms.ModelChoiceField(label="预警阶梯", queryset=Ladder.objects.all())
    limit = forms.ModelChoiceField(
        label="只用于时限", queryset=Limit.objects.active().order_by("name", "code"), required=False, empty_label="不限"
    )

    def __init__(self, *args: Any, by: Officer, **options: Any) -> None:
        super().__init__(*args, **options)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units_to_set(by)
        unit.widget.choices = list(unit.offered())


class LadderForm(forms.Form):
    """The levels of a ladder, in the measures of the one above."""

    def __init__(self, data: Any, *, above: StatuteLadder, now: StatuteLadder) -> None:
        super().__init__(data, initial=_initial(now))
        self.above = above
        for level in LEVELS:
            if level != "red":
                self._lead(level, getattr(above, level))
            self.fields[f"{level}_loud"] = forms.ChoiceField(label="通知", choices=LOUD, required=False)
            self.fields[f"{level}_demands"] = forms.ChoiceField(label="要求", choices=DEMANDS, required=False)
            self.fields[f"{level}_grade"] = forms.ChoiceField(label="整改等级", choices=list(GRADE_NAMES.items()))
            self.fields[f"{level}_within"] = forms.IntegerField(label="整改工作日", min_value=1, max_value=60)
        for name, label in (("head", "到负责人"), ("legal", "再到法制民警"), ("leader", "再到局领导")):
            self.fields[f"climb_{name}"] = forms.IntegerField(
                label=f"无人答复几个工作日{label}", min_value=1, max_value=60
            )

    def _lead(self, level: str, lead: Lead) -> None:
        if lead.measure == "share":
            field: forms.Field = forms.FloatField(label=f"提前{MEASURES['share']}", min_value=0.01, max_value=0.99)
        else:
            field = forms.IntegerField(label=f"提前（{MEASURES[lead.measure]}）", min_value=0, max_value=3650)
        self.fields[f"{level}_lead"] = field
        if lead.measure in ("days", "workdays"):
            self.fields[f"{level}_at"] = forms.TimeField(
                label="钟点", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            )

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields level by level."""
        levels = [
            (LEVEL_NAMES[level], [self[name] for name in self.fields if name.startswith(f"{level}_")])
            for level in LEVELS
        ]
        return [*levels, ("逐级上报", [self[name] for name in self.fields if name.startswith("climb_")])]

    def levels(self) -> dict[str, Any]:
        """What was entered, in the words of the catalogue."""
        data = self.cleaned_data
        levels: dict[str, Any] = {level: _said(data, level) for level in LEVELS}
        for level in ("yellow", "orange"):
            levels[level][getattr(self.above, level).measure] = data[f"{level}_lead"]
            if data.get(f"{level}_at"):
                levels[level]["at"] = f"{data[f'{level}_at']:%H:%M}"
        return {**levels, "climbs": [data["climb_head"], data["climb_legal"], data["climb_leader"]]}


def _said(data: dict[str, Any], level: str) -> dict[str, Any]:
    said: dict[str, Any] = {"grade": data[f"{level}_grade"], "within": data[f"{level}_within"]}
    if data[f"{level}_loud"]:
        said["loud"] = data[f"{level}_loud"] == "yes"
    if data[f"{level}_demands"]:
        said["demands"] = data[f"{level}_demands"]
    return said


def _initial(ladder: StatuteLadder) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for level, said in zip(LEVELS, ladder.said, strict=True):
        values[f"{level}_loud"] = "" if said.loud is None else ("yes" if said.loud else "no")
        values[f"{level}_demands"] = "" if said.demands is None else said.demands.name.lower()
        values[f"{level}_grade"], values[f"{level}_within"] = said.grade, said.within
    for level in ("yellow", "orange"):
        lead: Lead = getattr(ladder, level)
        values[f"{level}_lead"] = getattr(lead, lead.measure)
        values[f"{level}_at"] = lead.at if lead.at.hour or lead.at.minute else None
    values["climb_head"], values["climb_legal"], values["climb_leader"] = ladder.climbs
    return values


def words_of(ladder: StatuteLadder) -> list[tuple[str, str]]:
    """A ladder in words, a line a level."""
    lines = []
    for level, said in zip(LEVELS, ladder.said, strict=True):
        lead = "" if level == "red" else f"提前 {_lead_words(getattr(ladder, level))}；"
        lines.append((LEVEL_NAMES[level], lead + _said_words(said, level)))
    head, legal, leader = ladder.climbs
    lines.append(("逐级上报", f"无人答复 {head} 个工作日到负责人，再 {legal} 个到法制民警，再 {leader} 个到局领导"))
    return lines


def _lead_words(lead: Lead) -> str:
    amount = getattr(lead, lead.measure) or 0
    if lead.measure == "share":
        return f"全长的 {amount:.0%}"
    at = f"，{lead.at:%H:%M}" if lead.at.hour or lead.at.minute else ""
    return f"{amount} {MEASURES[lead.measure]}{at}"


def _said_words(said: Said, level: str) -> str:
    loud = {None: "通知按时限性质", True: "通知", False: "不通知"}[said.loud]
    order = f"{GRADE_NAMES[said.grade]}，{said.within} 个工作日"
    if said.demands is None:
        return f"{loud}；要求按时限性质：本机关的{f'要整改（{order}）' if level == 'red' else '要答复'}，其余不要求"
    if said.demands is Demand.ORDER:
        return f"{loud}；要求整改（{order}）"
    return f"{loud}；{'要求答复' if said.demands is Demand.ACKNOWLEDGEMENT else '不要求'}"


@page("cases.view_unitladder", ("GET", "HEAD", "POST"))
def unit_ladders(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    may_add = officer.has_perm("cases.add_unitladder")
    form = CopyForm(request.POST or None, by=officer) if may_add else None
    if request.method == "POST" and form is not None and form.is_valid():
        data = form.cleaned_data
        try:
            own = copy_ladder(
                unit=data["unit"], ladder=data["ladder"], limit=data["limit"], by=officer, at=timezone.now()
            )
        except CaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已照抄上级的阶梯。改动以后，有关的期限自动重算。")
            return redirect("desk:unit_ladder", pk=own.pk)
    rows = [(row, words_of(held(row))) for row in ladders_of(officer)]
    return show(request, "desk/unit_ladders.html", title="单位阶梯", rows=rows, form=form)


@page("cases.view_unitladder", ("GET", "HEAD", "POST"))
def unit_ladder(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    own: UnitLadder = get_object_or_404(ladders_of(officer), pk=pk)
    over = above(own.unit, own.ladder, own.limit)
    act = request.POST.get("act", "")
    form = LadderForm(request.POST if act == "set" else None, above=over, now=held(own))
    wrong = ""
    try:
        if act == "drop" and officer.has_perm("cases.delete_unitladder"):
            drop_ladder(own=own, by=officer, at=at)
            messages.success(request, "已撤销，恢复按上级的阶梯。有关的期限正在重算。")
            return redirect("desk:unit_ladders")
        if act == "again" and officer.has_perm("cases.change_unitladder"):
            copy_again(own=own, by=officer, at=at)
            messages.success(request, "已重新照抄上级的阶梯。有关的期限正在重算。")
            return redirect("desk:unit_ladder", pk=pk)
        if act == "set" and officer.has_perm("cases.change_unitladder") and form.is_valid():
            set_ladder(own=own, levels=form.levels(), by=officer, at=at)
            messages.success(request, "已保存。有关的期限正在重算。")
            return redirect("desk:unit_ladder", pk=pk)
    except CaseRefused as refusal:
        wrong = str(refusal)
    return show(
        request,
        "desk/unit_ladder.html",
        title=f"{own}",
        trail=(("单位阶梯", reverse("desk:unit_ladders")),),
        own=own,
        form=form,
        above=words_of(over),
        wrong=wrong,
    )
