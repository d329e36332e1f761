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
