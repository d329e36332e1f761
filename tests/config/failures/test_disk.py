"""The disk is full: the page says so, nothing is half there, and the same press of the button works once there is room."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from cases.audit.models import WayOut
from cases.desk import uploads
from cases.models import Batch, Matter, Officer, Role
from cases.roles import plan_roles
from supervision.rectification.models import Evidence, Order, OrderState
from tests.cases.desk.test_imports import GOOD, MAPPING
from tests.cases.factories import Bureau, make_bureau, make_catalogue, make_officer
from tests.config.failures.conftest import SmallDisk
from tests.supervision.rectification.conftest import catalogue as catalogue
from tests.supervision.rectification.factories import AT, PDF, order_for, upload
from tests.supervision.rectification.test_pages import page_of, send

pytestmark = pytest.mark.django_db
LARGE = PDF + b"\0" * 200_000


@pytest.fixture
def bureau(db: None, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    plan_roles()
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    return make_bureau()


def signed_in(officer: Officer) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(officer)
    return client


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def order(bureau: Bureau, catalogue: None, officer: Officer) -> Order:
    return order_for(bureau.station, officer, by=make_officer("100003", bureau.legal, Role.LEGAL_OFFICER))


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_evidence_on_a_full_disk_is_refused_in_words_and_taken_once_there_is_room(
    small_disk: SmallDisk, settings: Settings, order: Order, officer: Officer
) -> None:
    settings.DATA_DIR = small_disk.folder
    client = signed_in(officer)
    small_disk.fill()

    refused = send(client, order, "reply", text="已作出决定，见附件", evidence=[upload("一.pdf", LARGE)])
    left, rows, state = small_disk.files(), Evidence.objects.count(), order.state
    small_disk.clear()
    taken = send(client, order, "reply", text="已作出决定，见附件", evidence=[upload("一.pdf", LARGE)])

    page = refused.content.decode()
    assert refused.status_code == 422 and "服务器磁盘已满，文件没有收下" in page
    assert "已作出决定，见附件" in page
    assert (left, rows, state) == (set(), 0, OrderState.ISSUED)
    assert taken.status_code == 302 and Evidence.objects.get().size == len(LARGE)
    assert small_disk.files() == {f"evidence/{Evidence.objects.get().path}"}


def test_of_several_files_that_do_not_all_fit_none_is_on_record(
    small_disk: SmallDisk, settings: Settings, order: Order, officer: Officer
) -> None:
    settings.DATA_DIR = small_disk.folder

    refused = send(
        signed_in(officer),
        order,
        "reply",
        text="已改",
        evidence=[upload("一.pdf", LARGE), upload("二.pdf", LARGE + b"2")],
    )

    assert refused.status_code == 422 and "服务器磁盘已满" in refused.content.decode()
    assert (small_disk.files(), Evidence.objects.count(), order.state) == (set(), 0, OrderState.ISSUED)


def test_a_file_too_large_for_the_memory_finds_no_room_before_any_page_sees_it(
    small_disk: SmallDisk, settings: Settings, order: Order, officer: Officer
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.FILE_UPLOAD_TEMP_DIR = str(small_disk.folder)
    client = signed_in(officer)
    assert page_of(client, order)
    small_disk.fill()

    answer = client.post(f"/orders/{order.pk}/reply/", {"reply-evidence": upload("一.pdf", LARGE)})

    assert answer.status_code == 507 and "服务器磁盘已满" in answer.content.decode()
    assert (Evidence.objects.count(), order.state) == (0, OrderState.ISSUED)


# -- imports -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def importing(bureau: Bureau, small_disk: SmallDisk, settings: Settings, tmp_path: Path) -> Client:
    make_catalogue()
    settings.MEDIA_ROOT, settings.DATA_DIR = small_disk.folder, tmp_path
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "cases.yaml").write_text(MAPPING, encoding="utf-8")
    return signed_in(make_officer("100003", bureau.county, Role.LEGAL_OFFICER))


def test_a_file_to_import_leaves_nothing_behind_on_a_full_disk(importing: Client, small_disk: SmallDisk) -> None:
    content = GOOD.encode() + b"\n" * 10_000
    small_disk.fill()

    refused = importing.post("/imports/", {"file": SimpleUploadedFile("cases.csv", content)})
    left = small_disk.files()
    small_disk.clear()
    taken = importing.post("/imports/", {"file": SimpleUploadedFile("cases.csv", content)})

    assert refused.status_code == 422 and "服务器磁盘已满，文件没有收下" in refused.content.decode()
    assert left == set() and list((small_disk.folder / "imports").iterdir()) != []
    assert taken.status_code == 302


def test_an_import_that_cannot_note_its_end_is_taken_up_by_the_next_round_and_doubles_nothing(
    importing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = importing.post("/imports/", {"file": SimpleUploadedFile("cases.csv", GOOD.encode())})["Location"]
    plain = uploads.Upload.note

    def full(upload: uploads.Upload) -> None:
        if upload.state == uploads.DONE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        plain(upload)

    with monkeypatch.context() as patch:
        patch.setattr(uploads.Upload, "note", full)
        broken = importing.post(address, {"act": "load"})
    (left,) = uploads.running()
    again = uploads.load(left, at=AT)

    assert broken.status_code == 507
    assert (again.state, uploads.running(), Matter.objects.count()) == (uploads.DONE, [], 2)
    assert sum(Batch.objects.values_list("matters_new", flat=True)) == 2


# -- the database ------------------------------------------------------------------------------------------------------


@pytest.fixture
def full_database() -> Iterator[None]:
    """SQLite may not grow by a single page, and says what it says when the disk is full."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own disk cannot be made full here; what it says then is read in test_trouble.py")
    sqlite = connection.connection
    (pages,) = sqlite.execute("PRAGMA page_count").fetchone()
    (most,) = sqlite.execute("PRAGMA max_page_count").fetchone()
    sqlite.execute(f"PRAGMA max_page_count = {pages}")
    yield
    sqlite.execute(f"PRAGMA max_page_count = {most}")


@pytest.mark.django_db(transaction=True)
def test_an_export_that_cannot_go_on_record_is_not_handed_out(
    order: Order, officer: Officer, full_database: None
) -> None:
    client = signed_in(officer)
    assert client.get(f"/orders/{order.pk}/").status_code == 200
    answers = []

    # What room is left inside the file is used up by the records themselves.
    for _ in range(200):
        answers.append(client.get(f"/orders/{order.pk}/order.docx"))
        if answers[-1].status_code != 200:
            break

    last = answers[-1]
    assert last.status_code == 507 and "服务器磁盘已满" in last.content.decode()
    assert "Content-Disposition" not in last.headers
    assert WayOut.objects.count() == len(answers) - 1
