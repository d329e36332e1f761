"""The auditor's desk: who changed what, who looked at and took out what, and the seals. Nothing is done here but read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases.audit import queries
from cases.audit.filters import ChangeFilter, SealFilter, WayFilter
from cases.audit.models import RowChange, Seal
from cases.desk.frame import page, show
from cases.desk.lists import Emptiness, show_list

NO_CHANGES = Emptiness("还没有改动", "单位、民警、角色、时限、整改等表里的每一行改动，由数据库自动记在这里。")
NO_WAYS = Emptiness("还没有人查看或者导出", "导出文件、订阅日程、查看身份和执法档案，都先记在这里，再交出去。")
NO_SEALS = Emptiness("还没有封存", "后台每分钟把各台账新增的行封存一次；也可以运行 manage.py seal。")
IN_WORDS = 4


@page("audit.view_rowchange")
def changes(request: HttpRequest) -> HttpResponse:
    def dress(rows: list[RowChange]) -> dict[str, Any]:
        for row in rows:
            shown = queries.shown_values(row)
            row.table_words = queries.table_name(row.table_name)  # type: ignore[attr-defined]
            row.first_values = shown[:IN_WORDS]  # type: ignore[attr-defined]
            row.others = max(0, len(shown) - IN_WORDS)  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "audit/changes.html",
        title="改动日志",
        filter_class=ChangeFilter,
        rows=queries.changes(),
        moment="at",
        descending=True,
        at=timezone.now(),
        empty=NO_CHANGES,
        tabs=(
            ("全部", ""),
            ("不是通过页面的", "hand=other"),
            ("任职", "table=cases_post"),
            ("角色权限", "table=auth_group_permissions"),
            ("时限", "table=cases_limit"),
        ),
        dress=dress,
    )


@page("audit.view_rowchange")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change, column by column, and the way to everything that became of the same row."""
    row = get_object_or_404(queries.changes(), pk=pk)
    name = queries.table_name(row.table_name)
    return show(
        request,
        "audit/change.html",
        title=f"{name} {row.row_key} {row.get_act_display()}",
        trail=(("改动日志", reverse("audit:changes")),),
        row=row,
        table_words=name,
        shown=queries.shown_values(row),
    )


@page("audit.view_wayout")
def ways(request: HttpRequest) -> HttpResponse:
    return show_list(
        request,
        "audit/ways.html",
        title="查看和导出",
        filter_class=WayFilter,
        rows=queries.ways_out(),
        moment="at",
        descending=True,
        at=timezone.now(),
        empty=NO_WAYS,
        tabs=(
            ("全部", ""),
            ("导出", "way=export"),
            ("查看", "way=look"),
            ("订阅", "way=feed"),
            ("命令", "way=command"),
        ),
    )


@page("audit.view_seal")
def seals(request: HttpRequest) -> HttpResponse:
    at = timezone.now()

    def dress(rows: list[Seal]) -> dict[str, Any]:
        for row in rows:
            row.table_words = queries.table_name(row.table_name)  # type: ignore[attr-defined]
        return {"anchor": queries.anchor(at)}

    return show_list(
        request,
        "audit/seals.html",
        title="封存链",
        filter_class=SealFilter,
        rows=queries.seals(),
        moment="sealed_at",
        descending=True,
        at=at,
        empty=NO_SEALS,
        tabs=(("全部", ""), ("清理", "kind=removal")),
        dress=dress,
    )
