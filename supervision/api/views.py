"""The API: what a system may read of its unit and what lies below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_headers
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from cases.models import Unit
from supervision.accounts.addresses import address_of
from supervision.api import filters, queries, serializers
from supervision.api.answers import NO_ADDRESS, UNKNOWN_WORD, Refused, answer_to
from supervision.api.letting_in import HasScope, TokenAuthentication, TokenOrOfficer, TokenThrottle
from supervision.api.paging import KeyPaging
from supervision.api.rules import Scope
from supervision.api.schema import Described
from supervision.api.services import note_call

# Read again only by whoever read it, and only after asking whether it is still so.
fresh = (cache_control(private=True, no_cache=True), vary_on_headers("Authorization"), conditional_page)


class Door:
    """What every view of the API has in common, whatever the site's own settings."""

    authentication_classes: tuple[type[Any], ...] = (TokenAuthentication,)
    permission_classes: tuple[type[Any], ...] = (HasScope,)
    throttle_classes = (TokenThrottle,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser,)
    schema = Described()
    scope: Scope | None = None
    # What a call asks for, in words; up to the colon it is said on record.
    summary = ""

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return answer_to

    def put_on_record(
        self, request: Request, what: str, rows: int | None, *, more: str = "", content: bytes = b""
    ) -> None:
        """Before anything leaves: which system was answered what, and where it called from."""
        note_call(
            token=request.auth, what=what, address=address_of(request._request), rows=rows, at=timezone.now(),
            asked=f"{request.META.get('QUERY_STRING', '')} {more}".strip(), content=content,
        )  # fmt: skip


class Rows(Door, ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """A list by key, and one row of it."""

    pagination_class = KeyPaging
    filter_backends = (DjangoFilterBackend,)
    # By which moment the list is ordered and paged; none: by the number of the row.
    moment: str | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = self._answer(request, *args, **kwargs)
        # Only when it is written out it is known whether anything leaves, or the caller has the latest already.
        written: HttpResponse = answer.render() if isinstance(answer, Response) else answer
        if isinstance(answer, Response) and written.status_code == 200:
            rows = len(answer.data["rows"]) if self.action == "list" else 1
            self.put_on_record(self.request, self.summary.partition("：")[0], rows, content=written.content)
        return written

    @method_decorator(fresh)
    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answered: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answered

    def seen(self, unit: Unit) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        model = self.serializer_class.Meta.model
        if getattr(self, "swagger_fake_view", False):
            return model.objects.none()
        return self.seen(self.request.auth.unit)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A row is found by its number alone; only lists are filtered."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        known = {*self.filterset_class.base_filters, "after", "size"}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            words = UNKNOWN_WORD.format(names="、".join(sorted(known)))
            raise ValidationError({name: [words] for name in unknown})
        return super().list(request, *args, **kwargs)


class Units(Rows):
    summary = "单位：令牌的单位和全部下级"
    serializer_class = serializers.UnitSerializer
    filterset_class = filters.UnitFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        return queries.units_seen(unit)


class Matters(Rows):
    summary = "事项：按发生时间先后；仅经办人可见的不在其中"
    scope = Scope.MATTERS
    moment = "opened_at"
    serializer_class = serializers.MatterSerializer
    filterset_class = filters.MatterFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        shown = queries.below(unit, "parent__")
        own = {"parent__restricted": False, "parent__withdrawn_at": None}
        parent = When(shown, **own, then=F("parent_id")) if shown else When(**own, then=F("parent_id"))
        return queries.matters_seen(unit).annotate(parent_seen=Case(parent))


class Clocks(Rows):
    summary = "时钟：按届满时刻先后"
    scope = Scope.CLOCKS
    moment = "due_at"
    serializer_class = serializers.ClockSerializer
    filterset_class = filters.ClockFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        return queries.clocks_seen(unit)


class Alerts(Rows):
    summary = "预警：按届满时刻先后，撤销了的也在其中"
    scope = Scope.ALERTS
    moment = "due_at"
    serializer_class = serializers.AlertSerializer
    filterset_class = filters.AlertFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        return queries.alerts_seen(unit)


class Orders(Rows):
    summary = "整改通知：按整改期限先后"
    scope = Scope.ORDERS
    moment = "due_at"
    serializer_class = serializers.OrderSerializer
    filterset_class = filters.OrderFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        return queries.orders_seen(unit)


class Figures(Rows):
    summary = "指标数据：一个月里各单位（含下级）的分子和分母，只给最后得知的"
    scope = Scope.FIGURES
    serializer_class = serializers.FigureSerializer
    filterset_class = filters.FigureFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        return queries.figures_seen(unit)


class Bulletins(Rows):
    summary = "通报：已签发的，按签发时间先后"
    scope = Scope.BULLETINS
    moment = "issued_at"
    serializer_class = serializers.BulletinSerializer
    filterset_class = filters.BulletinFilter

    def seen(self, unit: Unit) -> QuerySet[Any]:
        return queries.bulletins_seen(unit)


class Schema(Door, APIView):
    """The description of all this, as OpenAPI 3."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenOrOfficer,)
    summary = "接口描述"

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(describe())


class Nothing(Door, APIView):
    """What is no address of the API: said as everything else is, and only to whoever is let in."""

    summary = "没有的地址"

    @extend_schema(exclude=True)
    def get(self, request: Request, rest: str) -> Response:
        raise Refused(404, "not_found", NO_ADDRESS)

    post = put = patch = delete = get


def describe() -> dict[str, Any]:
    """The description of version 1."""
    from supervision.api import urls  # import here: the addresses name the views

    described: dict[str, Any] = SchemaGenerator(patterns=urls.described).get_schema(request=None, public=True)
    return described
