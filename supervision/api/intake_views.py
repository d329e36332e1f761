"""The API: rows come in, and what became of them is told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.models import Refusal
from supervision.api import queries, refusals
from supervision.api.answers import TOO_LARGE, UNKNOWN_WORD, Refused
from supervision.api.rules import Scope
from supervision.api.serializers import ReportSerializer, SentSerializer
from supervision.api.services import ApiRefused, take_in
from supervision.api.views import Door

NO_OBJECT = "请求内容是一个对象，里面是 rows"
BAD_SWITCH = "dry_run 是 true 或者 false"
REFUSALS_TOLD = 1000
MEGABYTE = 1024 * 1024


class ReadableJson(JSONParser):
    """JSON as deep as it can be read: what is deeper is no better than what is broken."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError from error


class Intake(Door, APIView):
    """Rows through a mapping; see `take_in`."""

    scope = Scope.INTAKE
    parser_classes = (ReadableJson,)
    summary = "送入数据：按对应表逐行送入，不合格的行逐行说明"
    also_fails = ("409", "413", "415", "422")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Before the body is read. Without a length nothing of it is.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > settings.API_INTAKE_MB_AT_MOST * MEGABYTE:
            raise Refused(413, "too_large", TOO_LARGE.format(limit=settings.API_INTAKE_MB_AT_MOST))

    @extend_schema(
        request=SentSerializer,
        responses={200: ReportSerializer},
        parameters=[
            OpenApiParameter("mapping", str, OpenApiParameter.PATH, description="对应表的名称"),
            OpenApiParameter(
                "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
                description="8 到 64 个字母、数字、横线；同键同内容只送入一次",
            ),
            OpenApiParameter("dry_run", bool, description="只预览，什么也不写"),
        ],
    )  # fmt: skip
    def post(self, request: Request, mapping: str) -> Response:
        # No name of a mapping holds one, and no database takes it.
        mapping = mapping.replace("\0", "\ufffd")
        unknown = sorted(set(request.query_params) - {"dry_run"})
        if unknown:
            raise ValidationError({name: [UNKNOWN_WORD.format(names="dry_run")] for name in unknown})
        dry_run = request.query_params.get("dry_run", "false")
        if dry_run not in ("true", "false"):
            raise ValidationError({"dry_run": [BAD_SWITCH]})
        if not isinstance(request.data, dict) or set(request.data) != {"rows"}:
            raise ValidationError({"rows": [NO_OBJECT]})
        key = request.headers.get("Idempotency-Key", "")
        try:
            answer = take_in(
                token=request.auth, mapping=mapping, rows=request.data["rows"], at=timezone.now(),
                key=key, dry_run=dry_run == "true",
            )  # fmt: skip
        except ApiRefused as refusal:
            raise ValidationError({"Idempotency-Key": [str(refusal)]}) from refusal
        told = f"答复 {answer.status}" if dry_run == "true" else f"幂等键 {key} 答复 {answer.status}"
        self.put_on_record(request, f"送入{mapping[:20]}", answer.body.get("rows_read"), more=told)
        headers = {"Idempotent-Replayed": "true"} if answer.again else {}
        return Response(answer.body, status=answer.status, headers=headers)


class BatchView(Door, APIView):
    """A batch that the calling system brought in, as it stands now."""

    scope = Scope.INTAKE
    summary = "批次：本令牌送入的一批和退回的行"

    @extend_schema(responses={200: ReportSerializer})
    def get(self, request: Request, pk: int) -> Response:
        if pk > 10**18:
            raise Refused(404, "not_found", refusals.NO_BATCH)
        call = get_object_or_404(queries.calls_of(request.auth), batch_id=pk)
        batch = call.batch
        assert batch is not None
        rows = list(Refusal.objects.filter(batch=batch).order_by("row", "pk")[:REFUSALS_TOLD])
        self.put_on_record(request, f"批次{batch.pk}", len(rows))
        counts = ("state", "rows_read", "rows_unchanged", "rows_refused", "matters_new", "events_new")
        return Response(
            {
                "batch": batch.pk,
                **{name: getattr(batch, name) for name in counts},
                "refused": [
                    {"row": one.row - call.head_row, "column": one.column, "reason": one.reason, "way_out": refusals.WAY_OUT}
                    for one in rows
                ],
            }
        )  # fmt: skip
