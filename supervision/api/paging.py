"""Pages by key: a cursor says after which row to go on, so that the thousandth page is as quick as the first."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from cases.desk.paging import Key, page_by_key, read_key
from supervision.api.answers import BAD_CURSOR

SIZE = 50
MOST = 200
BAD_SIZE = f"size 是 1 到 {MOST} 的整数"


def write_cursor(key: Key | int) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


class KeyPaging(BasePagination):
    """`?after=CURSOR&size=N`. The view says by which `moment` its rows are ordered, none: by their number."""

    next: str | None = None

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        size, after = self._size(request), request.query_params.get("after", "")
        if view.moment is None:
            return self._by_number(queryset, after, size)
        text = _read(after) if after else ""
        if after and read_key(text) is None:
            raise ValidationError({"after": [BAD_CURSOR]})
        page = page_by_key(queryset, moment=view.moment, after=text, size=size)
        self.next = write_cursor(page.next) if page.next is not None else None
        return list(page.rows)

    def _by_number(self, queryset: QuerySet[Any], after: str, size: int) -> list[Any]:
        if after:
            text = _read(after)
            if not text.isdigit() or len(text) > 18:
                raise ValidationError({"after": [BAD_CURSOR]})
            queryset = queryset.filter(pk__gt=int(text))
        rows = list(queryset.order_by("pk")[: size + 1])
        self.next = write_cursor(rows[size - 1].pk) if len(rows) > size else None
        return rows[:size]

    def _size(self, request: Request) -> int:
        text = request.query_params.get("size", str(SIZE))
        if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
            raise ValidationError({"size": [BAD_SIZE]})
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "rows": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        cursor = {"type": "string", "nullable": True, "description": "下一页的 after；没有下一页时为空"}
        return {
            "type": "object",
            "required": ["next", "rows"],
            "properties": {"next": cursor, "rows": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "after",
                "in": "query",
                "required": False,
                "description": "上一页答复里的 next",
                "schema": {"type": "string"},
            },
            {
                "name": "size",
                "in": "query",
                "required": False,
                "description": "一页多少条",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE},
            },
        ]
