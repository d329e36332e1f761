"""The page of what nobody caught says what kind it was, and never what the error says."""

import errno
from http import HTTPStatus

import psycopg
import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client

from config import health
from config.trouble import AWAY, FAILED, FULL, Trouble, trouble_of


def raised_from(cause: BaseException, error: BaseException) -> BaseException:
    try:
        raise error from cause
    except type(error) as whole:
        return whole


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), FULL),
        (OperationalError("database or disk is full"), FULL),
        (raised_from(psycopg.errors.DiskFull("could not extend file"), OperationalError("x")), FULL),
        (raised_from(OSError(errno.ENOSPC, ""), ValueError("half a file")), FULL),
        (OperationalError("the connection is closed"), AWAY),
        (raised_from(OperationalError("no route"), RuntimeError("in between")), AWAY),
        (OSError(errno.ENOENT, "no such file"), FAILED),
        (IntegrityError("duplicate"), FAILED),
        (KeyError("李某甲"), FAILED),
    ],
)
def test_an_error_is_told_by_its_kind(error: BaseException, trouble: Trouble) -> None:
    assert trouble_of(error) is trouble


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "/data/李某甲.pdf"), HTTPStatus.INSUFFICIENT_STORAGE, "服务器磁盘已满"),
        (OperationalError("李某甲"), HTTPStatus.SERVICE_UNAVAILABLE, "数据库暂时连不上"),
        (KeyError("李某甲"), HTTPStatus.INTERNAL_SERVER_ERROR, "系统出错"),
    ],
)
def test_the_page_says_what_to_do_and_that_nothing_was_saved(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: HTTPStatus, said: str
) -> None:
    def broken() -> bool:
        raise error

    monkeypatch.setattr(health, "database_answers", broken)

    answer = Client(raise_request_exception=False).get("/healthz")

    page = answer.content.decode()
    assert answer.status_code == status
    assert said in page and "没有保存任何改动" in page and "李某甲" not in page
