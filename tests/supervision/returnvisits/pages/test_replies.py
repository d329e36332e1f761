"""Bringing replies in through the page: looked at first, then taken in, and the file goes."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Feedback
from tests.supervision.returnvisits.factories import County, draw, visits_in
from tests.supervision.returnvisits.pages.conftest import Opened


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    return tmp_path


def handed_in(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("replies.csv", "\n".join(["回访编号,回复,意见", *rows]).encode())


def test_a_file_is_looked_at_then_taken_in_and_does_not_stay(desk: Opened, county: County, files: Path) -> None:
    first, second, *_ = visits_in(draw(county))
    client = desk(county.legal)

    looked = client.post(
        "/return-visits/replies/", {"file": handed_in(f"{first.code},1,好", f"{second.code},乱写,")}, follow=True
    )
    page = looked.content.decode()
    assert "将登记 1 份评价" in page
    assert "看不出满意程度" in page
    assert not Feedback.objects.exists()

    done = client.post(looked.redirect_chain[-1][0], {"act": "load"}).content.decode()

    assert "已登记 1 份评价" in done
    assert Feedback.objects.get().text == "好"
    assert not list(files.rglob("replies.csv"))


def test_a_file_is_thrown_away_without_a_trace(desk: Opened, county: County, files: Path) -> None:
    visit = visits_in(draw(county))[0]
    client = desk(county.legal)
    looked = client.post("/return-visits/replies/", {"file": handed_in(f"{visit.code},1,")}, follow=True)

    client.post(looked.redirect_chain[-1][0], {"act": "discard"})

    assert not Feedback.objects.exists()
    assert not list(files.rglob("replies.csv"))


def test_a_file_is_found_only_by_who_handed_it_in(desk: Opened, county: County) -> None:
    visit = visits_in(draw(county))[0]
    looked = desk(county.legal).post("/return-visits/replies/", {"file": handed_in(f"{visit.code},1,")}, follow=True)

    assert desk(county.second_legal).get(looked.redirect_chain[-1][0]).status_code == 404


def test_a_file_of_another_kind_is_refused_in_words(desk: Opened, county: County) -> None:
    looked = desk(county.legal).post(
        "/return-visits/replies/", {"file": SimpleUploadedFile("a.csv", "号码,回复\n138,1\n".encode())}, follow=True
    )

    assert "不能导入" in looked.content.decode() and "所需的列" in looked.content.decode()
