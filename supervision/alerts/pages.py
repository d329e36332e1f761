"""The list of warnings."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, who
from cases.desk.lists import Emptiness, show_list
from cases.queries import matters_of
from supervision.alerts.filters import AlertFilter
from supervision.alerts.models import Alert
from supervision.alerts.queries import alerts_of

EMPTY = Emptiness("没有预警", "期限临近届满或者超期时，每分钟一次的扫描会在这里列出；现在没有需要预警的期限。")


@page("alerts.view_alert")
def alerts(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    if not request.GET:
        return redirect(f"{reverse('alerts:alerts')}?state=open")

    def dress(rows: list[Alert]) -> dict[str, Any]:
        # A warning stays with the unit that let it come, and its matter may since have left that unit's sight.
        ids = {row.clock.matter_id for row in rows}
        return {"open_to": set(matters_of(officer).filter(pk__in=ids).values_list("pk", flat=True))}

    return show_list(
        request,
        "alerts/alerts.html",
        title="预警",
        filter_class=AlertFilter,
        rows=alerts_of(officer).select_related("clock__limit", "clock__matter__kind", "unit", "officer"),
        moment="due_at",
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("待处理", "state=open"),
            ("■ 已超期", "state=open&level=3"),
            ("◆ 橙色", "state=open&level=2"),
            ("▲ 黄色", "state=open&level=1"),
            ("我经办的", "state=open&mine=1"),
            ("已撤销", "state=withdrawn"),
            ("全部", "state="),
        ),
        dress=dress,
    )
