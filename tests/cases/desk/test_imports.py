"""Bringing files in through the page: preview, import, refusals, taking back; and who may."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from cases.desk import uploads
from cases.models import Batch, BatchState, Event, Matter, Officer, Refusal, Role
from tests.cases.desk.conftest import NOW, Opened
from tests.cases.factories import Bureau, make_case, make_officer, record

MAPPING = """
intake:
  name: 案件登记表
  source: case-list
  rows: matter
  matter:
    kind: {fixed: case}
    number: 编号
    unit: 单位
    title: 名称
  events:
    - kind: filed
      when: {column: 立案时间, as: moment}
"""
GOOD = "编号,单位,名称,立案时间\nI-1,X1,张某案,2026-04-01 10:00\nI-2,X1,李某案,2026-04-02 10:00\n"
MIXED = GOOD + "I-3,X1,王某案,2026-02-29 10:00\nI-4,ZZ,赵某案,2026-04-02 10:00\n"


@pytest.fixture
def browser(desk: Opened, legal_officer: Officer, settings: Any, tmp_path: Path, bureau: Bureau) -> Client:
    """A legal officer's, in a house with one mapping."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.DATA_DIR = tmp_path
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "cases.yaml").write_text(MAPPING, encoding="utf-8")
    return desk(legal_officer)


def hand_in(browser: Client, content: str, name: str = "cases.csv", **more: Any) -> str:
    """Upload a file; the address of its preview."""
    answer = browser.post("/imports/", {"file": SimpleUploadedFile(name, content.encode()), **more})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return answer["Location"]


def load(browser: Client, address: str) -> str:
    """Press the button; the page one ends on."""
    answer: HttpResponse = browser.post(address, {"act": "load"}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_preview_says_what_would_change_and_changes_nothing(browser: Client) -> None:
    page = browser.get(hand_in(browser, MIXED)).content.decode()

    assert "将新增事项 2 件、节点 2 个，退回 2 行" in page
    assert "案件登记表" in page
    assert "2026年2月没有29日" in page
    assert "没有代码为“ZZ”的单位" in page
    assert not Matter.objects.exists()
    assert not Batch.objects.exists()


def test_good_rows_come_in_and_the_others_stay_with_the_batch(browser: Client, legal_officer: Officer) -> None:
    page = load(browser, hand_in(browser, MIXED))

    batch = Batch.objects.get()
    assert (batch.by, batch.state, batch.rows_refused) == (legal_officer, BatchState.LOADED, 2)
    assert set(Matter.objects.values_list("number", flat=True)) == {"I-1", "I-2"}
    assert "已导入，退回 2 行" in page
    assert "2026年2月没有29日" in page
    assert "还有 2 件事项的期限待算" in page


def test_importing_the_same_file_again_changes_nothing(browser: Client) -> None:
    load(browser, hand_in(browser, GOOD))

    preview = browser.get(hand_in(browser, GOOD)).content.decode()

    assert "没有新增" in preview
    assert Event.objects.count() == 2


def test_pressing_twice_imports_once(browser: Client) -> None:
    address = hand_in(browser, GOOD)

    load(browser, address)
    load(browser, address)

    assert Batch.objects.count() == 1


def test_a_batch_is_taken_back_after_saying_what_that_means(browser: Client) -> None:
    load(browser, hand_in(browser, GOOD))
    batch = Batch.objects.get()

    asked = browser.get(f"/imports/{batch.pk}/undo/").content.decode()
    done = browser.post(f"/imports/{batch.pk}/undo/", follow=True).content.decode()

    assert "将撤回第" in asked
    assert "事项 2 件、节点 2 个" in asked
    assert "已撤回" in done
    assert not Matter.objects.standing().exists()
    assert "撤销这一批" not in done


def test_a_batch_on_which_something_hangs_is_not_taken_back(browser: Client) -> None:
    load(browser, hand_in(browser, GOOD))
    batch = Batch.objects.get()
    record(Matter.objects.get(number="I-1"), "decided", "2026-04-09")

    asked = browser.get(f"/imports/{batch.pk}/undo/").content.decode()
    done = browser.post(f"/imports/{batch.pk}/undo/", follow=True).content.decode()

    assert "不能撤销" in asked
    assert "没有撤回" in done
    assert Matter.objects.standing().count() == 2


def test_refused_rows_can_be_taken_away_and_no_cell_is_a_formula(browser: Client) -> None:
    load(browser, hand_in(browser, GOOD + '=cmd|calc,ZZ,"=1+1",2026-04-02 10:00\n'))
    batch = Batch.objects.get()

    answer = browser.get(f"/imports/{batch.pk}/refused.csv")
    table = b"".join(answer.streaming_content).decode()

    assert table.startswith("\ufeff行号,列,原因,")
    assert "'=1+1" in table
    assert ",=1+1" not in table
    assert Refusal.objects.filter(batch=batch).exists()


def test_a_file_nobody_can_read_is_refused_in_words(browser: Client) -> None:
    address = hand_in(browser, "x", name="letter.docx")

    page = browser.get(address).content.decode()

    assert "不能导入" in page
    assert "不接受“.docx”文件" in page


def test_a_file_with_other_heads_says_that_no_mapping_fits(browser: Client) -> None:
    page = browser.get(hand_in(browser, "甲,乙\n1,2\n")).content.decode()

    assert "认不出“cases.csv”该用哪个对应表" in page


def test_an_empty_file_is_refused_at_the_door(browser: Client) -> None:
    answer = browser.post("/imports/", {"file": SimpleUploadedFile("a.csv", b"")})

    assert answer.status_code == 422
    assert "所提交的是空文件" in answer.content.decode()


def test_a_file_may_bring_its_own_mapping(browser: Client, settings: Any) -> None:
    (Path(settings.DATA_DIR) / "mappings" / "cases.yaml").unlink()
    without = browser.get(hand_in(browser, GOOD)).content.decode()

    own = SimpleUploadedFile("own.yaml", MAPPING.encode())
    page = browser.get(hand_in(browser, GOOD, mapping_file=own)).content.decode()

    assert "认不出“cases.csv”该用哪个对应表" in without
    assert "将新增事项 2 件" in page


def test_a_broken_mapping_in_the_folder_is_told_and_the_page_still_opens(browser: Client, settings: Any) -> None:
    (Path(settings.DATA_DIR) / "mappings" / "bad.yaml").write_text("intake: {name: 坏}", encoding="utf-8")

    answer = browser.get("/imports/")

    assert answer.status_code == 200
    assert "对应表“bad.yaml”有" in answer.content.decode()


def test_an_upload_is_thrown_away_when_told_so(browser: Client) -> None:
    address = hand_in(browser, GOOD)

    page = browser.post(address, {"act": "discard"}, follow=True).content.decode()

    assert "没有改动任何数据" in page
    assert browser.get(address).status_code == 404


def test_an_upload_is_found_only_by_who_handed_it_in(browser: Client, desk: Opened, bureau: Bureau) -> None:
    address = hand_in(browser, GOOD)
    colleague = desk(make_officer("100008", bureau.legal, Role.LEGAL_OFFICER))

    assert colleague.get(address).status_code == 404
    assert colleague.post(address, {"act": "load"}).status_code == 404
    assert browser.get("/imports/upload/..%2F..%2Fetc/").status_code == 404
    assert not Batch.objects.exists()


def test_what_nobody_imported_goes_after_a_week(
    browser: Client, desk: Opened, legal_officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = hand_in(browser, GOOD)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=8))

    new = hand_in(desk(legal_officer), GOOD)

    assert uploads.find(old.split("/")[-2]) is None
    assert uploads.find(new.split("/")[-2]) is not None


def test_a_large_file_is_imported_in_the_background(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    address = hand_in(browser, GOOD)

    preview = browser.get(address).content.decode()
    page = load(browser, address)

    assert "文件较大，不逐行预览" in preview
    assert Matter.objects.count() == 2
    assert "已导入" in page


def test_while_it_runs_the_page_shows_how_far_it_is(browser: Client, legal_officer: Officer) -> None:
    address = hand_in(browser, GOOD)
    upload = uploads.find(address.split("/")[-2])
    assert upload is not None
    upload.state = uploads.RUNNING
    upload.note()
    Batch.objects.create(
        file_name=upload.name, digest="d", mapping="m", source="s", by=legal_officer, started_at=NOW,
        rows_total=1000, rows_read=250,
    )  # fmt: skip

    answer = browser.get(address)

    assert answer["Refresh"] == "3"
    assert "已读 250／1000 行" in answer.content.decode()


def test_without_a_worker_the_file_is_kept_and_the_officer_told(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kombu.exceptions import OperationalError  # import here: only this test breaks the queue

    from cases.tasks import load_upload_task  # import here: as above

    def refuse(key: str) -> None:
        raise OperationalError

    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    monkeypatch.setattr(load_upload_task, "delay", refuse)
    address = hand_in(browser, GOOD)

    page = load(browser, address)

    assert "后台没有应答，文件已保留" in page
    assert "导入</button>" in page


def test_batches_are_seen_by_who_brought_them_and_by_the_legal_officers_of_the_bureau(
    browser: Client, desk: Opened, bureau: Bureau
) -> None:
    load(browser, hand_in(browser, MIXED))
    batch = Batch.objects.get()
    near = desk(make_officer("100008", bureau.legal, Role.LEGAL_OFFICER))
    far = desk(make_officer("100010", bureau.other_county, Role.LEGAL_OFFICER))

    assert "cases.csv" in near.get("/imports/").content.decode()
    assert near.get(f"/imports/{batch.pk}/").status_code == 200
    assert "cases.csv" not in far.get("/imports/").content.decode()
    for page in ("", "undo/", "refused.csv"):
        assert far.get(f"/imports/{batch.pk}/{page}").status_code == 404


def test_a_case_officer_brings_nothing_in(desk: Opened, officer: Officer) -> None:
    browser = desk(officer)

    assert browser.get("/imports/").status_code == 403
    assert browser.post("/imports/", {"file": SimpleUploadedFile("a.csv", GOOD.encode())}).status_code == 403


def test_an_empty_list_says_what_would_fill_it(browser: Client) -> None:
    assert "还没有导入过" in browser.get("/imports/").content.decode()


def test_rows_of_a_batch_lead_to_the_matters_they_made(browser: Client, bureau: Bureau) -> None:
    load(browser, hand_in(browser, GOOD))
    make_case("BY-HAND", bureau.station)

    page = browser.get(f"/matters/?batch={Batch.objects.get().pk}").content.decode()

    assert "I-1" in page
    assert "BY-HAND" not in page
