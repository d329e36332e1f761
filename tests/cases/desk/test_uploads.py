"""An import is at one process at a time; what was broken off is taken up, and what cannot come right is ended."""

import fcntl
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from cases.desk import uploads
from cases.models import Batch, Matter
from cases.tasks import load_uploads_task
from tests.cases.desk.conftest import NOW
from tests.cases.desk.test_imports import GOOD, browser, hand_in

__all__ = ["browser"]


def under_way(client: Client) -> uploads.Upload:
    """A file whose import was begun, and its message lost."""
    upload = uploads.find(hand_in(client, GOOD).split("/")[-2])
    assert upload is not None
    upload.state = uploads.RUNNING
    upload.note()
    return upload


def test_what_another_process_is_at_is_left_to_it(browser: Client) -> None:
    upload = under_way(browser)

    with (upload.folder / uploads.LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        load_uploads_task()
        meanwhile = Batch.objects.count()
    load_uploads_task()

    assert (meanwhile, Batch.objects.count(), Matter.objects.count()) == (0, 1, 2)
    assert uploads.running() == []


def test_what_is_done_is_not_done_again_by_whoever_comes_late(browser: Client) -> None:
    late = under_way(browser)
    load_uploads_task()

    found = uploads.load(late, at=NOW)

    assert (found.state, Batch.objects.count()) == (uploads.DONE, 1)


@pytest.mark.parametrize(
    ("error", "state"), [(OperationalError("away"), uploads.RUNNING), (ZeroDivisionError("坏"), uploads.REFUSED)]
)
def test_an_import_the_database_broke_goes_on_and_one_the_programme_broke_ends(
    browser: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    upload = under_way(browser)

    def broken(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "load_file", broken)
        if state == uploads.RUNNING:
            with pytest.raises(OperationalError):
                load_uploads_task()
        else:
            load_uploads_task()
    left = uploads.find(upload.key)

    assert left is not None and left.state == state
    assert ("坏" not in left.error) and (uploads.FAILED in left.error) is (state == uploads.REFUSED)
    uploads.load(left, at=NOW)
    assert Matter.objects.count() == 2
