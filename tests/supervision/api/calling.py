"""A calling system, and rows for it to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from cases.models import Matter, Officer, Unit
from supervision.alerts.models import Alert
from supervision.alerts.services import sweep
from supervision.api.models import SystemToken
from supervision.api.rules import Scope
from supervision.api.services import make_token
from supervision.bulletins.models import Bulletin
from supervision.evaluation.models import Figure, Indicator
from supervision.rectification.models import Order, Problem
from tests.cases.factories import moment, record

EVERYTHING = [scope.value for scope in Scope]


@dataclass(frozen=True)
class Caller:
    """What a system has: its token, as a row and as it is shown."""

    token: SystemToken
    shown: str

    def _headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.shown}", **(headers or {})}

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return Client().get(f"/api/v1/{path}", query, headers=self._headers(headers))

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content.decode()
        return list(answer.json()["rows"])

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        return Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=self._headers(headers))


def let_in(unit: Unit, by: Officer, scopes: Sequence[str] = tuple(EVERYTHING), networks: str = "") -> Caller:
    now = timezone.now()
    made = make_token(
        name="综合办案平台",
        unit=unit,
        scopes=scopes,
        networks=networks,
        expires_at=now + timedelta(days=30),
        by=by,
        at=now,
    )
    return Caller(made.token, made.shown_once)


def case_of(number: str, unit: Unit, kind: str = "case", opened: str = "2026-03-02 09:00") -> Matter:
    """A matter that has begun, with its clocks."""
    from cases.services import open_matter

    matter = open_matter(kind=kind, number=number, title=f"张三涉嫌{number}", unit=unit)
    record(matter, {"case": "filed", "visit": "entered", "letter": "received"}[kind], opened, at=opened)
    matter.refresh_from_db()
    return matter


def warn(at: str = "2026-04-02 09:00") -> list[Alert]:
    """Let the warnings come in that are due by a moment."""
    sweep(at=moment(at))
    return list(Alert.objects.order_by("pk"))


def an_order(matter: Matter) -> Order:
    problem, _ = Problem.objects.get_or_create(
        code="overrun", defaults={"name": "超期", "fault": "time", "article": "第一条"}
    )
    issued = moment("2026-04-01 09:00")
    return Order.objects.create(
        source="daily", source_number=f"t:{matter.pk}", matter=matter, problem=problem, grade="reminder",
        text=f"{matter.title}未办", **matter.unit.scope_ids, issued_at=issued, workdays=3, first_due_on="2026-04-03",
        due_on="2026-04-03", due_at=issued + timedelta(days=3), restricted=matter.restricted,
    )  # fmt: skip


def a_bulletin(unit: Any, serial: int) -> Bulletin:
    return Bulletin.objects.create(
        kind="monthly", **unit.scope_ids, begins_on="2026-03-01", ends_on="2026-04-01", cutoff=moment("2026-04-01"),
        title=f"{unit}三月通报", state="issued", composed_at=moment("2026-04-01"), issued_at=moment("2026-04-01 09:00"),
        year=2026, serial=serial, number=f"通报〔2026〕{serial}号", figures={}, text="本月受理 3 起。",
    )  # fmt: skip


def an_indicator(code: str = "on_time", **more: Any) -> Indicator:
    return Indicator.objects.create(
        code=code, version=1, name="按期办结率", numerator_words="甲", denominator_words="乙", period_words="当月",
        better="higher", made_at=moment("2026-01-01"), in_force_from="2026-01-01", **more,
    )  # fmt: skip


def a_figure(unit: Any, indicator: Indicator, known: str = "2026-04-01", numerator: int = 1) -> Figure:
    return Figure.objects.create(
        unit=unit, indicator=indicator, month="2026-03-01", known_on=known, numerator=numerator, denominator=4,
        cutoff=moment("2026-04-01"),
    )  # fmt: skip
