"""The deadline calculator as a page: choose a limit, enter a start, read the answer; the address holds the question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from cases.asking import BadQuestion, read_when
from cases.calculator import Answer, Given, calculate, law_in_force
from cases.catalogue import Core
from cases.comparison import Compared, compare
from cases.desk.explanation import account_of, due_text
from cases.desk.facts import fact_name, fact_value
from cases.desk.frame import page, show
from cases.models import ApproverLevel, EventKind, Limit
from cases.models.limit import LimitStatus
from cases.services import CaseRefused
from cases.statute import limits as statute
from cases.statute.limits import Approval

# How often an unlimited extension, and how often each kind of uncounted time, may be entered.
UNLIMITED_ROWS = 3
PAUSE_ROWS = 2

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the question; its name is its name in the address."""

    name: str
    label: str
    kind: str
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that may have happened: the kind of event, and the inputs it takes."""

    title: str
    event: str
    key: str
    fields: tuple[Field, ...]


@page("cases.calculate_deadline")
def calculator(request: HttpRequest) -> HttpResponse:
    """Answers at once where limit and start are given; what it refuses is said above the form, which keeps its text."""
    asked = request.GET
    offered = _offered()
    code = asked.get("limit", "")
    row = next((one for one in offered if one.code == code), None)
    rule = row.rule() if row is not None else None
    form = _Question(rule, asked) if rule is not None else None
    answer: Answer | None = None
    compared: list[Compared] = []
    refusal = ""
    if code and row is None:
        refusal = f"没有代码为“{code}”的时限"
    versions = _versions(row)
    if form is not None and form.complete:
        law, _ = law_in_force()
        try:
            if versions:
                compared = form.ask(compare, law)
            answer = form.ask(calculate, law)
        except (CaseRefused, BadQuestion) as error:
            refusal = str(error)
    if asked.get("format") == "json":
        return _as_json(answer, compared if asked.get("compare") else None, refusal)
    return show(
        request,
        "desk/calculator.html",
        title="期限计算器",
        groups=_grouped(offered),
        code=code,
        row=row,
        rule=rule,
        form=form,
        answer=answer,
        standing=answer.standing if answer is not None else (),
        account=account_of(answer.clock) if answer is not None else None,
        lead=_lead(answer) if answer is not None else "",
        sentence=answer.sentence if answer is not None else "",
        text="\n".join(answer.lines()) if answer is not None else "",
        refusal=refusal,
        zone=answer.zone if answer is not None else None,
        query=asked.urlencode(),
        address=request.build_absolute_uri(f"?{_said(asked)}") if answer is not None else "",
        compared=[(one, account_of(one.answer.clock) if one.answer is not None else None) for one in compared],
        versions=versions,
    )


def _said(asked: QueryDict) -> str:
    """The question without the inputs left empty, so that its address is short enough to pass on."""
    query = asked.copy()
    for name in [name for name, values in query.lists() if name == "format" or not any(values)]:
        del query[name]
    return query.urlencode()


def _as_json(answer: Answer | None, compared: list[Compared] | None, refusal: str) -> JsonResponse:
    if answer is None:
        return JsonResponse(
            {"error": refusal or "请给出时限和起算日期"}, status=400, json_dumps_params={"ensure_ascii": False}
        )
    said = answer.as_json()
    if compared is not None:
        said["compared"] = [one.as_json() for one in compared]
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _offered() -> list[Limit]:
    rows = Limit.objects.order_by("field_of_law", "name", "in_force_from", "code")
    return [row for row in rows if row.length is not None or row.definition.get("set_by_event")]


def _grouped(rows: Iterable[Limit]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        since = f"，{row.in_force_from:%Y-%m-%d} 起施行" if row.in_force_from and row.code != row.family else ""
        draft = "，草稿" if row.status == LimitStatus.DRAFT else ""
        label = f"{row.name}（{row.length_text}{since}{draft}）"
        groups.setdefault(row.field_of_law or "其他", []).append((row.code, label))
    return list(groups.items())


def _versions(row: Limit | None) -> list[Limit]:
    if row is None:
        return []
    return list(Limit.objects.filter(family=row.family).exclude(pk=row.pk).order_by("in_force_from"))


def _lead(answer: Answer) -> str:
    if answer.clock.due_at is None:
        return f"{answer.limit.name}暂停计算，恢复以后才能确定届满。"
    return f"{answer.limit.name}于 {due_text(answer.clock, answer.zone)} 届满，依据{answer.limit.citation}。"


class _Question:
    """The inputs that one limit takes, filled from the address, and the question they make."""

    def __init__(self, rule: statute.Limit, asked: Any) -> None:
        self.rule = rule
        self.asked = asked
        self.when = "datetime-local" if self._exact() else "date"
        self.names = dict(EventKind.objects.values_list("code", "name"))
        self.levels = tuple(ApproverLevel.objects.values_list("code", "name"))
        self.start = self._start()
        self.facts = list(self._fact_fields())
        self.slots = list(self._slots())

    def _exact(self) -> bool:
        return self.rule.unit.exact or any(tier.unit.exact for tier in self.rule.tiers)

    @property
    def complete(self) -> bool:
        return bool(self._value("start"))

    def ask(self, put: Callable[..., Found], law: Core) -> Found:
        """Put the question to `calculate` or to `compare`. Refuses a time that does not exist and whatever they refuse."""
        start = Given("", read_when(self._value("start")))
        if self._value("sets"):
            sets = read_when(self._value("sets"))
            start = replace(start, sets_at=sets) if isinstance(sets, datetime) else replace(start, sets_on=sets)
        elif self.rule.set_by_event:
            raise CaseRefused("这一时限由文书确定届满，请填写文书确定的日期")
        facts = {field.name.removeprefix("fact."): field.value for field in self.facts if field.value}
        on = read_when(self._value("on")) if self._value("on") else None
        return put(
            self.rule.code, start, on=on, tier=self._value("tier"), events=list(self._events()), facts=facts, law=law
        )

    def _events(self) -> Iterator[Given]:
        for slot in self.slots:
            begun = self._value(f"{slot.key}.on")
            if not begun:
                continue
            kind = self._value(f"{slot.key}.kind") or slot.event
            if not kind:
                raise CaseRefused(f"请选择“{slot.title}”是哪一种节点")
            until, amount = self._value(f"{slot.key}.until"), self._value(f"{slot.key}.amount")
            if amount and not amount.isdecimal():
                raise CaseRefused(f"批准数量应为正整数，现为“{amount}”")
            yield Given(
                kind,
                read_when(begun),
                until=read_when(until) if until else None,
                approver=self._value(f"{slot.key}.approver"),
                ground=self._value(f"{slot.key}.ground"),
                amount=int(amount) if amount else None,
            )

    # -- inputs --------------------------------------------------------------------------------------------------

    def _start(self) -> list[Field]:
        rule = self.rule
        name = "、".join(self._event(kind) for kind in rule.starts)
        label = f"起算：{name}" if name else "起算"
        if rule.before_expiry_of or rule.backward:
            label = "据以倒算的日子（届满日、开庭日等）"
        elif rule.after_expiry_of:
            label = "所依附的期限的届满日"
        fields = [self._field("start", label, self.when)]
        if rule.set_by_event:
            fields.append(self._field("sets", "文书确定的日期", self.when))
        named = tuple(
            (tier.code, f"{tier.condition or tier.code}（{tier.length}{tier.unit.chinese}）") for tier in rule.tiers
        )
        if named:
            standard = f"一般（{rule.length}{rule.unit.chinese}）" if rule.length else "一般"
            fields.append(self._field("tier", "档次", "select", (("", standard), *named)))
        fields.append(self._field("on", "只按到这一天已知的（可不填）", "date"))
        return fields

    def _fact_fields(self) -> Iterator[Field]:
        """The facts that this limit, its tiers and its approvers depend on."""
        conditions = [self.rule.when, *(tier.when for tier in self.rule.tiers)]
        approvals = [one for step in self.rule.extensions for one in step.approvers]
        approvals += [one for tier in self.rule.tiers for one in tier.approvers]
        conditions.extend(one.when for one in approvals)
        values: dict[str, set[str]] = {}
        for condition in conditions:
            for name, allowed in condition:
                values.setdefault(name, set()).update(allowed)
        for name, allowed_values in values.items():
            choices = (("", "未指定"), *((value, fact_value(value)) for value in sorted(allowed_values) if value))
            yield self._field(f"fact.{name}", f"情形：{fact_name(name)}", "select", choices)

    def _slots(self) -> Iterator[Slot]:
        rule = self.rule
        for number, pause in enumerate(rule.pauses):
            for again in range(PAUSE_ROWS):
                title = f"不计入：{pause.name or self._event(pause.begins)}"
                yield self._slot(title, pause.begins, f"pause{number}.{again}", until=self._event(pause.ends))
        for number, delay in enumerate(rule.delays):
            title = f"推迟起算：{delay.name or self._event(delay.begins)}"
            yield self._slot(title, delay.begins, f"delay{number}", until=self._event(delay.ends))
        yield from self._extension_slots()
        for number, tier in enumerate(rule.tiers):
            for kind in tier.by:
                yield self._slot(
                    f"换档：{self._event(kind)}",
                    kind,
                    f"tier{number}.{kind}",
                    approvers=tier.approvers,
                    grounds=tier.grounds,
                )
        for kind in rule.restarts:
            yield self._slot(f"重新起算：{self._event(kind)}", kind, f"restart.{kind}")
        if rule.restart_approval is not None:
            need = rule.restart_approval
            yield self._slot(
                f"重新起算须有：{self._event(need.event)}", need.event, "restart_approval", approvers=need.approvers
            )
        if rule.stops:
            kinds = tuple((kind, self._event(kind)) for kind in rule.stops)
            yield self._slot("办结", rule.stops[0], "stop", kinds=kinds)

    def _extension_slots(self) -> Iterator[Slot]:
        required: dict[str, None] = {}
        for number, step in enumerate(self.rule.extensions):
            for again in range(min(step.times or UNLIMITED_ROWS, UNLIMITED_ROWS)):
                yield self._slot(
                    f"延长：{self._event(step.event)}（{step.length}{step.unit.chinese}）",
                    step.event,
                    f"extension{number}.{again}",
                    approvers=step.approvers,
                    grounds=step.grounds,
                    amount=step.unit.chinese,
                )
            if step.requires:
                required[step.requires] = None
        for kind in required:
            yield self._slot(f"延长须有：{self._event(kind)}", kind, f"required.{kind}")

    def _slot(
        self,
        title: str,
        event: str,
        key: str,
        *,
        until: str = "",
        approvers: tuple[Approval, ...] = (),
        grounds: tuple[str, ...] = (),
        amount: str = "",
        kinds: tuple[tuple[str, str], ...] = (),
    ) -> Slot:
        fields = []
        if len(kinds) > 1:
            fields.append(self._field(f"{key}.kind", "节点", "select", kinds))
        fields.append(self._field(f"{key}.on", self._event(event) if until else "日期", self.when))
        if until:
            fields.append(self._field(f"{key}.until", until, self.when))
        if approvers:
            fields.append(self._field(f"{key}.approver", "批准层级", "select", (("", "未记录"), *self.levels)))
        if grounds:
            choices = (("", "未写明"), *((ground, ground) for ground in grounds))
            fields.append(self._field(f"{key}.ground", "理由", "select", choices))
        if amount:
            fields.append(self._field(f"{key}.amount", f"批准数量（{amount}，不填为上限）", "number"))
        return Slot(title, event, key, tuple(fields))

    def _field(self, name: str, label: str, kind: str, choices: tuple[tuple[str, str], ...] = ()) -> Field:
        return Field(name, label, kind, self._value(name), choices)

    def _value(self, name: str) -> str:
        text: str = self.asked.get(name, "").strip()[:100]
        return text

    def _event(self, code: str) -> str:
        return self.names.get(code, code)

    @property
    def filled(self) -> bool:
        """Whether anything beyond the start has been entered."""
        return any(field.value for slot in self.slots for field in slot.fields if not field.name.endswith(".kind"))
