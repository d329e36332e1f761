"""How the API describes itself: every failure it may answer with stands beside what it answers when all is well."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from supervision.api.serializers import ErrorSerializer

FAILURES = ("400", "401", "403", "404", "405", "406", "429")


class Described(AutoSchema):
    """An operation with its failures, and its words from the view."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        also: tuple[str, ...] = getattr(self.view, "also_fails", ())
        for code in (*FAILURES, *also):
            bodies.setdefault(code, self._get_response_for_code(ErrorSerializer, code))
        if getattr(self.view, "action", None) in ("list", "retrieve"):
            bodies["304"] = {"description": "带 If-None-Match 问的，没有变化"}
        return bodies

    def get_summary(self) -> str:
        return str(getattr(self.view, "summary", ""))


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "supervision.api.letting_in.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "安全管理员发放的系统令牌"}
