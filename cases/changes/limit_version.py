"""A new version of a limit as a change of the law: a new row from a day on; the old one gets only its last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import CharField

from cases.catalogue.answers import answers_standing, columns_as_answered
from cases.catalogue.checking import examine_limits
from cases.catalogue.concerned import Concerned
from cases.catalogue.loading import loaded
from cases.changes.refusals import InvalidProposal
from cases.models import Ladder, Limit, MatterKind, Officer
from cases.models.limit import LimitRollover, LimitStatus, LimitUnit
from cases.statute import limits as statute
from cases.statute.limits import InvalidLimit, parse_limit
from cases.winding import Hypothesis

# The id of a version that is not a row yet; no row has it.
NOT_YET = -1

NO_LIMIT = "没有时限“{code}”"
CODE_TAKEN = "代码“{code}”已有时限使用，请另取一个，如 {better}"
OTHER_FAMILY = "新版本应与原版本同族（{family}），代码请写成 {better}"
NO_BEGIN = "必填：新版本从哪一天起施行"
TOO_EARLY = "施行日应晚于原版本的施行日 {begins}"
DRAFT = "原版本是草稿，不参与计算，请由目录文件载入正式版本"
OVER = "原版本已于 {ends} 失效，请从最新的版本开始"
OVERLAPS = "与同族的“{code}”（{begins}起）施行时间重叠，请写明失效日，或者从那个版本开始"


class LimitVersion:
    """A new version: `from` names the version it follows, `definition` is the whole row as a catalogue would write it."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.payload = payload
        self.definition: dict[str, Any] = dict(payload["definition"])

    @cached_property
    def old(self) -> Limit:
        row = Limit.objects.filter(code=self.payload["from"]).prefetch_related("kinds").first()
        if row is None:
            raise InvalidProposal([("", NO_LIMIT.format(code=self.payload["from"]))])
        return row

    @cached_property
    def rule(self) -> statute.Limit:
        """The new version; refuses what cannot be a limit, field by field."""
        try:
            return parse_limit(self.definition)
        except InvalidLimit as error:
            raise InvalidProposal(error.problems) from error

    @property
    def _begins(self) -> date:
        begins = self.rule.in_force_from
        if begins is None:
            raise InvalidProposal([("in_force_from", NO_BEGIN)])
        return begins

    def title(self) -> str:
        return f"“{self.old.name}”自 {self._begins} 起施行新版本"

    def details(self) -> Sequence[tuple[str, str]]:
        """What the new version says otherwise than the old one."""
        old, new = self.old.definition, self.definition
        told = [("原版本", f"{self.old.code}，至 {self._ends}"), ("新版本", f"{self.rule.code}，自 {self._begins} 起")]
        for name in sorted({*old, *new} - {"code", "family", "in_force_from", "in_force_until"}):
            if old.get(name) != new.get(name):
                told.append(
                    (FIELD_NAMES.get(name, name), f"{_said(name, old.get(name))} → {_said(name, new.get(name))}")
                )
        return told

    @property
    def _ends(self) -> date:
        """The last day of the old version."""
        before = self._begins - timedelta(days=1)
        return min(self.old.in_force_until or before, before)

    @property
    def _old_definition(self) -> dict[str, Any]:
        return {**self.old.definition, "in_force_until": str(self._ends)}

    def check(self, *, at: datetime) -> None:
        rule, old = self.rule, self.old
        better = f"{old.family}_v{self._begins.year}"
        problems = []
        if old.status == LimitStatus.DRAFT:
            problems.append(("", DRAFT))
        if Limit.objects.filter(code=rule.code).exists():
            problems.append(("code", CODE_TAKEN.format(code=rule.code, better=better)))
        elif rule.family != old.family:
            problems.append(("code", OTHER_FAMILY.format(family=old.family, better=better)))
        if old.in_force_from is not None and self._begins <= old.in_force_from:
            problems.append(("in_force_from", TOO_EARLY.format(begins=old.in_force_from)))
        elif old.in_force_until is not None and old.in_force_until < self._begins - timedelta(days=1):
            problems.append(("in_force_from", OVER.format(ends=old.in_force_until)))
        problems += self._overlaps() or []
        if not problems:
            known = loaded()
            rows = [self._old_definition, {"kinds": [], **self.definition}]
            problems = [(one.field, one.text) for one in examine_limits(rows, known) if one.code == rule.code]
        if not problems:
            problems = self._too_long()
        if problems:
            raise InvalidProposal(problems)

    def _overlaps(self) -> list[tuple[str, str]]:
        rule = self.rule
        others = Limit.objects.active().filter(family=self.old.family).exclude(pk=self.old.pk)
        for other in (row.rule() for row in others):
            meets = (other.in_force_from or date.min) <= (rule.in_force_until or date.max) and self._begins <= (
                other.in_force_until or date.max
            )
            if meets and other.when == rule.when and set(other.kinds) & set(rule.kinds):
                begins = other.in_force_from or "一向"
                return [("in_force_until", OVERLAPS.format(code=other.code, begins=begins))]
        return []

    def _too_long(self) -> list[tuple[str, str]]:
        found = []
        columns = {"code": self.rule.code, **self._columns()}
        for column, value in columns.items():
            kept = Limit._meta.get_field(column.removesuffix("_id"))
            if isinstance(kept, CharField) and isinstance(value, str) and len(value) > (kept.max_length or 0):
                found.append((column, f"最多{kept.max_length}个字，现有{len(value)}个，请缩短"))
        return found

    # -- rows ----------------------------------------------------------------------------------------------------

    def _columns(self) -> dict[str, Any]:
        """The columns of the new row, under the answers that stand."""
        ladders = {row.code: row for row in Ladder.objects.all()}
        try:
            return columns_as_answered(self.definition, answers_standing(), ladders)
        except InvalidLimit as error:
            raise InvalidProposal([(name, f"按已有的答复，{text}") for name, text in error.problems]) from error

    def _new_row(self) -> Limit:
        return Limit(code=self.rule.code, **self._columns())

    def _old_row(self) -> Limit:
        row = copy(self.old)
        row.definition, row.in_force_until = self._old_definition, self._ends
        return row

    def _kinds(self) -> list[MatterKind]:
        return list(MatterKind.objects.filter(code__in=self.rule.kinds))

    def suppose(self) -> Hypothesis:
        new = self._new_row()
        new.pk = NOT_YET
        old = self._old_row()
        limits = {old.code: (old, [kind.pk for kind in self.old.kinds.all()])}
        if new.status != LimitStatus.DRAFT:
            limits[new.code] = (new, [kind.pk for kind in self._kinds()])
        return Hypothesis(limits=limits)

    def concern(self, concerned: Concerned) -> None:
        concerned.take_version(self.title(), self.old.rule(), self.rule, self._begins)

    def write(self, *, by: Officer | None, at: datetime) -> None:
        new = self._new_row()
        new.save(force_insert=True)
        new.kinds.set(self._kinds())
        old = self._old_row()
        Limit.objects.filter(pk=old.pk).update(definition=old.definition, in_force_until=old.in_force_until)


FIELD_NAMES = {
    "name": "名称",
    "length": "长度",
    "unit": "单位",
    "law": "法律法规",
    "article": "条款",
    "text_version": "文本版本",
    "transition": "新旧衔接",
    "extensions": "延长",
    "pauses": "不计入",
    "tiers": "分档",
    "starts": "起算",
    "stops": "终止",
    "rollover": "末日遇节假日",
    "kinds": "适用事项",
    "notes": "说明",
    "status": "核实状态",
    "in_force_basis": "施行依据",
}


# Words of the catalogue that people need not know.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "unit": dict(LimitUnit.choices),
    "rollover": dict(LimitRollover.choices),
    "status": dict(LimitStatus.choices),
    "transition": {"at_start": "按起算时有效的规定", "running": "未办结的改按新规定"},
}
_SILENT = {"transition": "at_start", "rollover": "none", "status": "verified", "unit": "day"}


def _said(name: str, value: Any) -> str:
    if value in (None, "", [], ()):
        value = _SILENT.get(name, "无")
    text = value if isinstance(value, str) else str(value)
    return _WORDS.get(name, {}).get(text, text)
