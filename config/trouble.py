"""The page for what went wrong through nobody's fault at the desk: the disk is full, the database is away, or the programme
failed. It says which, that nothing was saved, and what to do; never what the error itself says."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

FULL_NUMBERS: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# SQLite has one number for many things and says this; PostgreSQL has a number of its own.
FULL_WORDS: Final = "database or disk is full"
FULL_STATE: Final = "53100"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of trouble, as the page tells it."""

    status: HTTPStatus
    title: str
    sentence: str


FULL: Final = Trouble(
    HTTPStatus.INSUFFICIENT_STORAGE,
    "服务器磁盘已满",
    "这次没有保存任何改动。请告诉系统管理员清理磁盘，然后返回上一页再提交一次。",
)
AWAY: Final = Trouble(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "数据库暂时连不上",
    "这次没有保存任何改动。请过一两分钟返回上一页再试；仍然不行，请告诉系统管理员。",
)
FAILED: Final = Trouble(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "系统出错",
    "出错已经记录，没有保存任何改动。请稍后再试；仍然出错，请把时间告诉系统管理员。",
)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of what nobody caught. Needs neither database nor disk."""
    error = sys.exc_info()[1]
    trouble = trouble_of(error) if error is not None else FAILED
    page = render_to_string("500.html", {"title": trouble.title, "sentence": trouble.sentence})
    return HttpResponse(page, status=trouble.status)


def trouble_of(error: BaseException) -> Trouble:
    """What an error, or one that it came from, means to whoever sits at the desk."""
    found = list(_causes(error))
    if any(_is_full(one) for one in found):
        return FULL
    return AWAY if any(isinstance(one, (OperationalError, InterfaceError)) for one in found) else FAILED


def is_full(error: BaseException) -> bool:
    """Whether there was no room left to write."""
    return any(_is_full(one) for one in _causes(error))


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in FULL_NUMBERS:
        return True
    return getattr(error, "sqlstate", None) == FULL_STATE or FULL_WORDS in str(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
