"""What reviews of files leave in the archives."""

from datetime import timedelta

import pytest

from supervision.archives.models import ArchiveEntry, Kind
from supervision.archives.services import collect, reply
from supervision.reviews.services import Finding, file_form, watch
from tests.supervision.reviews.factories import LATER, County, draw, form_of, make_county

OVER = LATER + timedelta(days=10)


@pytest.fixture
def county(db: None) -> County:
    return make_county()


def reviewed(number: str, *found: Finding) -> None:
    form = form_of(number)
    assert form.reviewer is not None
    file_form(form=form, add=found, strike=(), opinion="已阅卷", by=form.reviewer, at=LATER)


def test_a_final_form_is_entered_of_unit_and_officer_without_score_or_anybodys_words(county: County) -> None:
    draw(county)
    reviewed(
        "A1", Finding("served", "flaw", 3, "家属投诉以后才送达", "卷 15 页"), Finding("merit", "merit", 5, "目录完整")
    )
    reviewed("A2")
    collect(at=LATER)
    assert list(ArchiveEntry.objects.filter(kind=Kind.REVIEW).values_list("text", flat=True)) == ["案件评查：无问题"]
    watch(at=OVER)

    collect(at=OVER)
    collect(at=OVER)

    flawed = ArchiveEntry.objects.get(kind=Kind.REVIEW, matter__number="A1")
    assert (flawed.text, flawed.article) == (
        "案件评查：瑕疵。处罚决定书未按期送达（瑕疵）",
        "《治安管理处罚法》第一百一十六条",
    )
    assert (flawed.officer, flawed.unit, flawed.happened_at, flawed.by) == (county.officer, county.station, OVER, None)
    assert ArchiveEntry.objects.filter(kind=Kind.REVIEW).count() == 2


def test_the_officer_says_something_to_it(county: County) -> None:
    draw(county)
    reviewed("A1", Finding("served", "flaw", 3, "迟送"))
    watch(at=OVER)
    collect(at=OVER)
    entry = ArchiveEntry.objects.get(kind=Kind.REVIEW)

    said = reply(entry=entry, text="邮路中断，已补办手续。", by=county.officer, at=OVER)

    assert list(entry.replies.all()) == [said]


def test_what_is_not_final_is_in_no_archive(county: County) -> None:
    draw(county)
    reviewed("A1", Finding("hearing", "fault", 30, "没有告知"))

    collect(at=OVER)

    assert not ArchiveEntry.objects.filter(kind=Kind.REVIEW).exists()


def test_more_findings_than_fit_are_cut(county: County) -> None:
    draw(county)
    reviewed("A1", *(Finding("served", "flaw", 1, f"第{number}次迟送") for number in range(60)))
    watch(at=OVER)

    collect(at=OVER)

    entry = ArchiveEntry.objects.get(kind=Kind.REVIEW)
    assert len(entry.text) == 500 and entry.text.endswith("…")
    assert entry.article == "《治安管理处罚法》第一百一十六条"
