"""`manage.py bulletin`, as an operator and a script use it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from supervision.bulletins.models import Bulletin, BulletinState, Letter
from supervision.bulletins.rules import Month
from tests.supervision.bulletins.factories import (
    County,
    issued,
    make_clock,
    make_kind,
    make_limit,
    make_matter,
    make_reader,
)

IN_MARCH = "--date=2026-03-17"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("bulletin", *words)
    return capsys.readouterr().out


def test_a_bulletin_is_composed_and_shown_as_text(place: County, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(capsys, "monthly", "--unit=X", IN_MARCH)

    assert out.startswith(
        "某县公安局执法监督通报\n（文号签发时编）\n【草稿，尚未签发】\n\n某县公安局2026年3月执法监督月通报\n"
    )
    assert "统计期间：2026年3月1日至3月31日，统计截至2026年3月31日24时" in out
    assert out.endswith("某县公安局2026年3月执法监督月通报：草稿，信件 0 封\n")


def test_without_a_date_it_is_about_the_month_just_over(place: County, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "monthly", "--unit=X")

    assert Bulletin.objects.get().begins_on == Month.of(timezone.localdate()).previous.first


def test_json_is_one_document_and_nothing_else(place: County, capsys: pytest.CaptureFixture[str]) -> None:
    kind, limit = make_kind("case", "案件"), make_limit("decide", "作出决定")
    make_clock(make_matter("1", place.a, kind), limit, due_on="2026-03-10")

    document: dict[str, Any] = json.loads(told(capsys, "monthly", "--unit=X", IN_MARCH, "--json"))

    assert document["state"] == "draft"
    assert document["figures"]["clocks"]["total"]["on_time"] == {"numerator": 0, "denominator": 1, "value": "0.00"}
    assert document["files"] == []


def test_out_writes_every_form(place: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "monthly", "--unit=X", IN_MARCH, f"--out={tmp_path / 'new'}")

    bulletin = Bulletin.objects.get()
    files = {file.suffix: file for file in (tmp_path / "new").iterdir()}
    assert {file.stem for file in files.values()} == {"monthly_X_2026-03"}
    assert set(files) == {".html", ".txt", ".json", ".docx", ".pdf", ".xlsx"}
    assert bulletin.title in files[".html"].read_text() and bulletin.title in files[".txt"].read_text()
    assert json.loads(files[".json"].read_text()) == bulletin.figures
    assert files[".pdf"].read_bytes().startswith(b"%PDF")
    assert all(files[one].read_bytes().startswith(b"PK") for one in (".docx", ".xlsx"))


def test_files_of_what_is_issued_bear_its_number(
    place: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "monthly", "--unit=X", IN_MARCH, "--issue", f"--out={tmp_path}")

    text = (tmp_path / "monthly_X_2026-03.txt").read_text()
    assert "县局法监月通〔2026〕1号" in text and "草稿" not in text


def test_issue_queues_a_letter_for_each_recipient(place: County, capsys: pytest.CaptureFixture[str]) -> None:
    make_reader(place.county, "one@example.cn")

    document = json.loads(told(capsys, "monthly", "--unit=X", IN_MARCH, "--issue", "--json"))

    assert (document["state"], document["letters"]) == ("issued", 1)
    assert Letter.objects.count() == 1


def test_an_issued_bulletin_is_shown_as_it_was_issued(place: County, capsys: pytest.CaptureFixture[str]) -> None:
    bulletin = issued(place.county)
    make_matter("1", place.a, make_kind("case", "案件"), opened="2026-03-02")

    document = json.loads(told(capsys, "monthly", "--unit=X", IN_MARCH, "--json"))

    assert document["state"] == "issued"
    assert document["figures"] == bulletin.figures


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("yearly", "--unit=X"), 2, "没有“yearly”这种通报，可以是 daily"),
        (("special", "--unit=X"), 2, "没有“special”这种通报"),
        (("monthly", "--unit=Q"), 1, "没有代码为“Q”的单位"),
        (("monthly", "--unit=X", "--date=2026-02-29"), 2, "“2026-02-29”不是存在的日期"),
        (("monthly", "--unit=X", "--date=三月"), 2, "“三月”不是日期"),
        (("monthly", "--unit=X", "--date=2999-01-01"), 1, "2999年1月还没有开始"),
    ],
)
def test_what_cannot_be_done_is_said_in_chinese_with_its_status(
    place: County, words: tuple[str, ...], status: int, said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        call_command("bulletin", *words)

    assert refused.value.returncode == status
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize(
    ("kind", "title", "file"),
    [
        ("daily", "某县公安局2026年3月17日执法监督日监测", "daily_X_2026-03-17.txt"),
        ("weekly", "某县公安局2026年3月16日至22日执法监督周点评", "weekly_X_2026-03-16.txt"),
    ],
)
def test_days_and_weeks_are_composed_by_a_day_in_them(
    place: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, title: str, file: str
) -> None:
    told(capsys, kind, "--unit=X", IN_MARCH, f"--out={tmp_path}")

    assert Bulletin.objects.get().title == title
    assert (tmp_path / file).read_text(encoding="utf-8").splitlines()[4] == title


@pytest.mark.parametrize("kind", ["daily", "weekly"])
def test_without_a_date_days_and_weeks_are_those_just_over(
    place: County, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    told(capsys, kind, "--unit=X")

    assert Bulletin.objects.get().ends_on <= timezone.localdate() < Bulletin.objects.get().ends_on + timedelta(days=7)


def test_issuing_twice_is_refused(place: County) -> None:
    issued(place.county)

    with pytest.raises(CommandError, match="已经签发，不能再改"):
        call_command("bulletin", "monthly", "--unit=X", IN_MARCH, "--issue")


def test_a_month_that_still_runs_is_shown_and_not_issued(place: County, capsys: pytest.CaptureFixture[str]) -> None:
    today = timezone.localdate().isoformat()

    with pytest.raises(CommandError, match="还没有结束"):
        call_command("bulletin", "monthly", "--unit=X", f"--date={today}", "--issue")
    assert "本期尚未结束，数字还会变化" in told(capsys, "monthly", "--unit=X", f"--date={today}")


def test_a_folder_that_cannot_be_written_issues_nothing(place: County, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="无法写入"):
        call_command("bulletin", "monthly", "--unit=X", IN_MARCH, "--issue", f"--out={tmp_path / 'file'}")

    assert Bulletin.objects.get().state == BulletinState.DRAFT
