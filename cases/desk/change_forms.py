"""What is entered for a change: a new version of a limit, a year's notice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import yaml
from django import forms

from cases.catalogue.reading import NotWritten, read_one
from cases.changes.rules import Notice, as_payload, check_notice, read_lines, read_public
from cases.desk.forms import DAY
from cases.models import DayOff, Limit, WorkCalendar
from cases.models.limit import LimitUnit
from cases.statute.limits import Transition

MOST_JSON_BYTES = 1 << 20

# Fields with a place of their own on the form; all others are written in the definition.
SIMPLE = ("code", "name", "length", "unit", "law", "article", "text_version", "transition")
DAYS = ("in_force_from", "in_force_until")


def add_problems(form: forms.Form, problems: Iterable[tuple[str, str]], otherwise: str) -> None:
    """Each problem beside its field; what has none of its own beside `otherwise`, with its name."""
    for name, text in problems:
        if name in form.fields:
            form.add_error(name, text)
        else:
            form.add_error(otherwise if name else None, f"{name}：{text}" if name else text)


class VersionForm(forms.Form):
    """A new version of a limit: what usually changes in fields, everything else as a catalogue would write it."""

    in_force_from = forms.DateField(label="施行日", widget=DAY, help_text="原版本至前一日为止")
    in_force_until = forms.DateField(label="失效日", widget=DAY, required=False, help_text="不填即一直有效")
    code = forms.CharField(label="代码", max_length=60, required=False, help_text="不填，则按施行年份自动取")
    name = forms.CharField(label="名称", max_length=80)
    length = forms.IntegerField(label="长度", min_value=1, required=False)
    unit = forms.ChoiceField(label="单位", choices=LimitUnit.choices)
    law = forms.CharField(label="法律法规", max_length=80)
    article = forms.CharField(label="条款", max_length=60, required=False)
    text_version = forms.CharField(label="文本版本", max_length=80, required=False)
    transition = forms.ChoiceField(
        label="施行时未办结的",
        choices=(
            (Transition.AT_START.value, "仍按起算时有效的规定"),
            (Transition.RUNNING.value, "改按新规定计算"),
        ),
    )
    definition = forms.CharField(
        label="其余规定（起算、终止、延长、不计入、分档等，写法与目录文件相同）",
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "code"}),
    )

    beside = ("in_force_from", "in_force_until", "code", "name", "length", "unit")
    below = ("law", "article", "text_version", "transition")

    def __init__(self, data: Any = None, *, limit: Limit) -> None:
        old = limit.definition
        initial = {name: old.get(name) for name in SIMPLE if name != "code"}
        initial["unit"] = limit.unit
        initial["transition"] = old.get("transition", Transition.AT_START.value)
        rest = {name: value for name, value in old.items() if name not in (*SIMPLE, *DAYS)}
        initial["definition"] = yaml.safe_dump(rest, allow_unicode=True, sort_keys=False, width=100) if rest else ""
        super().__init__(data, initial=initial)
        self.limit = limit

    @property
    def fields_beside(self) -> list[forms.BoundField]:
        return [self[name] for name in self.beside]

    @property
    def fields_below(self) -> list[forms.BoundField]:
        return [self[name] for name in self.below]

    def clean_definition(self) -> dict[str, Any]:
        try:
            rest = read_one(self.cleaned_data["definition"])
        except NotWritten as error:
            raise forms.ValidationError(str(error)) from error
        twice = sorted({*SIMPLE, *DAYS} & rest.keys())
        if twice:
            raise forms.ValidationError(f"{'、'.join(twice)} 请在上面填写，这里删去")
        return rest

    def payload(self) -> dict[str, Any]:
        """What `cases.changes.services.propose` is told."""
        entered = self.cleaned_data
        begins: date = entered["in_force_from"]
        definition = {
            **entered["definition"],
            **{name: entered[name] for name in SIMPLE if entered[name] not in (None, "")},
            **{name: str(entered[name]) for name in DAYS if entered[name] is not None},
        }
        definition.setdefault("code", f"{self.limit.family}_v{begins.year}")
        if self.limit.family != self.limit.code:
            definition.setdefault("family", self.limit.family)
        return {"from": self.limit.code, "definition": definition}


class NoticeForm(forms.Form):
    """A year's notice: typed in lines, or as the JSON that public calendars are kept in."""

    calendar = forms.ModelChoiceField(
        label="日历", queryset=WorkCalendar.objects.order_by("code"), to_field_name="code", empty_label=None
    )
    year = forms.IntegerField(label="年份", min_value=1949, max_value=2199)
    scope = forms.ChoiceField(
        label="这是",
        choices=(("full", "全年安排（替换该年已有的）"), ("supplement", "补充通知（只增改写到的日子）")),
        widget=forms.RadioSelect,
        initial="full",
    )
    notice = forms.CharField(label="通知文号", max_length=200, required=False)
    off = forms.CharField(
        label="放假的日子（每行一个节日）",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "placeholder": "元旦 2027-01-01/2027-01-03\n春节 2027-02-05/2027-02-11"}
        ),
        help_text="含调休放假；起止日期之间写 / 或者 至",
    )
    worked = forms.CharField(
        label="上班的周六、周日（每行一个节日）",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "春节 2027-02-13 2027-02-20"}),
    )
    json = forms.CharField(
        label="粘贴 JSON",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "code"}),
        help_text='公共日历的格式：{"year": 2027, "papers": [], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}',
    )
    file = forms.FileField(label="或者上传 JSON 文件", required=False)

    @property
    def fields_beside(self) -> list[forms.BoundField]:
        return [self[name] for name in ("calendar", "year", "notice")]

    def clean_file(self) -> str:
        handed = self.cleaned_data["file"]
        if handed is None:
            return ""
        if handed.size > MOST_JSON_BYTES:
            raise forms.ValidationError("文件太大，一年的放假安排不会超过 1 MB，请核对是否选错文件")
        try:
            return str(handed.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError("文件应为 UTF-8 编码，请另存为 UTF-8") from error

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or {}
        if self.errors:
            return entered
        typed = bool(entered["off"].strip() or entered["worked"].strip())
        public = entered["file"] or entered["json"].strip()
        if typed and public:
            self.add_error(None, "日期请只用一种方式填写：逐行填写，或者用 JSON")
            return entered
        read = self._public(entered, public) if public else self._lines(entered)
        supplement = entered["scope"] == "supplement"
        problems = read.problems
        if not problems:
            off_now = DayOff.objects.filter(calendar=entered["calendar"], working=False)
            problems = check_notice(read, supplement=supplement, off_now=off_now.values_list("day", flat=True))
        if public:
            # Whatever is wrong with a day is wrong with the text it was read from.
            problems = [("json" if name in ("off", "worked") else name, text) for name, text in problems]
        add_problems(self, problems, "json" if public else "off")
        entered["payload"] = as_payload(read, calendar=entered["calendar"].code, supplement=supplement)
        return entered

    def _lines(self, entered: dict[str, Any]) -> Notice:
        return read_lines(entered["year"], entered["notice"].strip(), entered["off"], entered["worked"])

    def _public(self, entered: dict[str, Any], text: str) -> Notice:
        read = read_public(text)
        if read.year is not None and read.year != entered["year"]:
            read.wrong("year", f"上面填的是{entered['year']}年，JSON 里写的是{read.year}年，请核对")
        read.notice = entered["notice"].strip() or read.notice
        return read

    def payload(self) -> dict[str, Any]:
        """What `cases.changes.services.propose` is told."""
        told: dict[str, Any] = self.cleaned_data["payload"]
        return told
