"""A list page: a filter in the address, pages by key, a capped count, and words for when there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from cases.desk.filtering import ListFilter
from cases.desk.frame import show
from cases.desk.paging import Key, Page, page_by_key
from cases.models import Limit

_PAGING = ("after", "before")


@dataclass(frozen=True, slots=True)
class Emptiness:
    """What an empty list says: why it is empty, and what would fill it."""

    why: str
    fill: str


@dataclass(frozen=True, slots=True)
class View:
    """A ready-made narrowing of a list, shown as a tab: its name and the query it stands for."""

    name: str
    query: str
    active: bool = False


def named_limits(path: str) -> Prefetch[str, Any, str]:
    """The limits of a page's rows by a question of their own, without what only the arithmetic needs.

    Small tables come beside the rows and not joined to them: past six tables PostgreSQL takes longer to choose the order
    of the joins than to read a page.
    """
    return Prefetch(path, Limit.objects.defer("definition", "answered"))


def views(request: HttpRequest, offered: Sequence[tuple[str, str]]) -> list[View]:
    """The tabs of a list; the one whose query is the address now is active."""
    asked = _plain(request.GET)
    return [View(name, query, _plain(QueryDict(query)) == asked) for name, query in offered]


def _plain(query: QueryDict) -> dict[str, list[str]]:
    return {name: values for name, values in query.lists() if name not in _PAGING and any(values)}


def show_list(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    filter_class: type[ListFilter],
    rows: QuerySet[Any],
    moment: str,
    at: datetime,
    empty: Emptiness,
    descending: bool = False,
    tabs: Sequence[tuple[str, str]] = (),
    dress: Callable[[list[Any]], dict[str, Any]] | None = None,
    **context: Any,
) -> HttpResponse:
    """Answer a list page. `dress` is given the rows of the page and adds what the template needs of them."""
    filterset = filter_class(request.GET or None, rows, request=request, at=at)
    page: Page[Any] = page_by_key(
        filterset.rows,
        moment=moment,
        descending=descending,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    shown: list[Model] = list(page.rows)
    return show(
        request,
        template,
        title=title,
        filterset=filterset,
        page=page,
        rows=shown,
        at=at,
        empty=empty,
        tabs=views(request, tabs),
        first=address(request, None, None),
        previous=address(request, "before", page.previous) if page.previous else "",
        next=address(request, "after", page.next) if page.next else "",
        **(dress(shown) if dress is not None else {}),
        **context,
    )


def address(request: HttpRequest, name: str | None, key: Key | None) -> str:
    """This list with its filter, at another page."""
    query = request.GET.copy()
    for paging in _PAGING:
        query.pop(paging, None)
    for field in [field for field, values in query.lists() if not any(values)]:
        del query[field]
    if name is not None:
        query[name] = str(key)
    return f"?{query.urlencode()}"
