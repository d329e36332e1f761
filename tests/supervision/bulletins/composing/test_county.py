"""March of the county of the story as its monthly bulletin says it: every number, what may not be told, what is adjusted."""

import re
from datetime import date, datetime

import pytest

from cases import services as case_services
from cases.models import Event, Limit
from supervision.bulletins.composing.draft import as_json, from_json
from supervision.bulletins.filing import ATTACHED, file_papers
from supervision.bulletins.issuing import shown_circular
from supervision.bulletins.models import Bulletin, PaperForm
from supervision.bulletins.papers.document import Circular, Paragraph
from supervision.bulletins.papers.plain import plain_text
from supervision.bulletins.services import compose_daily, compose_monthly, compose_weekly, issue
from supervision.evaluation.models import FrozenFigure
from tests.cases.factories import moment
from tests.supervision.bulletins.papers import reading
from tests.supervision.evaluation.county import County

APRIL_FIRST = moment("2026-04-01 08:30")
JUNE = moment("2026-06-11 08:30")


def march_of(county: County, at: datetime = APRIL_FIRST) -> Bulletin:
    return compose_monthly(unit=county.county, month=date(2026, 3, 1), at=at)


def words(bulletin: Bulletin) -> str:
    return plain_text(shown_circular(bulletin))


def correct_filing(county: County, name: str, on: str, at: str = "2026-06-10 09:00") -> None:
    """The filing date of a case was wrong, and is corrected on 10 June or at another moment."""
    matter = county.cases[name]
    case_services.record_event(
        matter=matter,
        kind="case_filed",
        occurred_at=moment(on),
        voids=Event.objects.filter(matter=matter, kind__code="case_filed").latest("pk"),
        by=None,
        at=moment(at),
    )


@pytest.mark.parametrize(
    "said",
    [
        "行政案件结案率（当期受案） 40.00%（2/5）",
        "行政案件结案率（含存案） 42.85%（3/7）",
        "群众满意率 92.30%（12/13）",
        "负面评价率 7.69%（1/13）",
        "快办率 40.00%（2/5）",
        "整改率 50.00%（2/4）",
        "按期整改率 33.33%（1/3）",
        "A所：行政案件结案率（当期受案） 50.00%*（1/2）",
        "B所：行政案件结案率（当期受案） 33.33%*（1/3）",
    ],
)
def test_every_figure_is_what_was_counted_by_hand(county: County, said: str) -> None:
    # With a minimum of one nothing is grey; a table marks what is.
    text = words(march_of(county)).replace("*", "")

    assert said.replace("*", "") in text


def test_what_counts_few_restricted_matters_is_told_of_nobody(county: County) -> None:
    bulletin = march_of(county)
    text = words(bulletin)

    # Two of seventy, one of three: so few would tell whom they are about, in the county and in any station.
    assert "投诉率：本期 少于5，不单列" in text
    assert "信访化解率：本期 少于5，不单列" in text
    assert not re.search(r"(投诉率|信访化解率|投诉查实率) [0-9]", text)
    told = {(row["indicator"], row["unit"]) for row in bulletin.figures["indicators"]}
    assert not {code for code, _ in told} & {"complaint", "petition_resolved", "petition_on_time", "petition_repeat"}
    assert ("close_adm_cohort", "KA") in told


def test_the_limits_add_up_to_the_indicator(county: County) -> None:
    bulletin = march_of(county)

    (on_time,) = [row for row in bulletin.figures["indicators"] if (row["indicator"], row["unit"]) == ("on_time", "K")]
    counted = bulletin.figures["clocks"]["total"]["on_time"]
    assert (on_time["numerator"], on_time["denominator"]) == (counted["numerator"], counted["denominator"])
    assert counted["denominator"] > 0


def test_the_papers_all_carry_the_numbers_of_the_draft(county: County) -> None:
    bulletin = issue(bulletin=march_of(county), by=None, at=APRIL_FIRST)
    circular: Circular = shown_circular(bulletin)

    papers = {PaperForm(one.form): bytes(one.content) for one in file_papers(bulletin, at=APRIL_FIRST)}

    meant = reading.meant(circular)
    assert len(meant) > 80
    assert set(papers) >= set(ATTACHED)
    assert reading.from_html(bulletin.html, circular) == meant
    assert reading.from_plain(bulletin.text, circular) == meant
    assert reading.from_word(papers[PaperForm.WORD], circular) == meant
    assert reading.from_pdf(papers[PaperForm.PDF], circular) == meant
    assert [(key, text) for key, text, *_ in reading.from_excel(papers[PaperForm.EXCEL])] == meant


def test_every_number_in_a_sentence_is_a_figure(county: County) -> None:
    bulletin = march_of(county)
    assert bulletin.circular is not None
    sections = from_json(bulletin.circular).sections
    sentences = [block.runs for section in sections for block in section.blocks if isinstance(block, Paragraph)]

    typed = " ".join(run for runs in sentences for run in runs if isinstance(run, str))

    # What is left are the month, and the years in the names of limits.
    names = [*Limit.objects.values_list("name", flat=True), "3月"]
    for name in sorted(names, key=len, reverse=True):
        typed = typed.replace(name, "")
    assert len(sentences) > 10
    assert re.findall(r"[0-9]+", typed) == []


def test_papers_are_made_once(county: County) -> None:
    bulletin = issue(bulletin=march_of(county), by=None, at=APRIL_FIRST)

    first = file_papers(bulletin, at=APRIL_FIRST)
    again = file_papers(bulletin, at=JUNE)

    assert [one.pk for one in first] == [one.pk for one in again]
    assert bulletin.papers.count() == len(first)


def test_what_is_kept_reads_back_as_it_was_written(county: County) -> None:
    kept = march_of(county).circular
    assert kept is not None

    assert as_json(from_json(kept)) == kept


# -- frozen ----------------------------------------------------------------------------------------------------------


def test_each_revision_is_frozen_under_its_own_name(county: County) -> None:
    first = march_of(county).edition
    second = march_of(county)

    assert (first, second.edition) == (f"bulletin:{second.pk}:1", f"bulletin:{second.pk}:2")
    assert FrozenFigure.objects.filter(edition=second.edition, unit=county.county).count() > 10


def test_later_corrections_change_nothing_that_is_out_and_stand_in_the_next(county: County) -> None:
    out = issue(bulletin=march_of(county), by=None, at=APRIL_FIRST)
    before = (out.html, out.text, out.circular, out.figures)

    # B1, filed on 2 March, was filed in February: March has one case less.
    correct_filing(county, "B1", "2026-02-27 09:00")
    april = compose_monthly(unit=county.county, month=date(2026, 4, 1), at=JUNE)

    out.refresh_from_db()
    assert (out.html, out.text, out.circular, out.figures) == before
    text = words(april)
    assert f"{out.number}《{out.title}》签发以后，下列数据因补录、更正有调整；原通报不改。" in text
    assert re.search(r"某县公安局：行政案件结案率（当期受案）：原通报 40\.00%\*?（2/5），现为 50\.00%\*?（2/4）", text)
    assert re.search(r"B所：行政案件结案率（当期受案）：变动 不再计入分母，编号 B1，名称 治安案件", text)
    # The row is listed where it hangs and not once more for the county, and what is still counted on its side has not moved.
    assert not re.search("某县公安局：[^：]*：变动", text) and "行政案件结案率（含存案）：变动" not in text


def test_what_is_corrected_in_an_older_month_is_told_in_the_next_bulletin_and_once(county: County) -> None:
    march = issue(bulletin=march_of(county), by=None, at=APRIL_FIRST)
    issue(bulletin=compose_monthly(unit=county.county, month=date(2026, 4, 1), at=JUNE), by=None, at=JUNE)
    # Both are out when it is found that B1 was filed in February.
    correct_filing(county, "B1", "2026-02-27 09:00")

    july = moment("2026-07-01 08:30")
    may = issue(bulletin=compose_monthly(unit=county.county, month=date(2026, 5, 1), at=july), by=None, at=july)

    text = words(may)
    assert f"{march.number}《{march.title}》签发以后，下列数据因补录、更正有调整；原通报不改。" in text
    assert re.search(r"某县公安局：行政案件结案率（当期受案）：原通报 40\.00%\*?（2/5），现为 50\.00%\*?（2/4）", text)
    assert re.search(r"B所：行政案件结案率（当期受案）：变动 不再计入分母，编号 B1，名称 治安案件", text)
    told = [(row["bulletin"], row["said"], row["now"]) for row in may.figures["adjusted"] if row["unit"] == "K"]
    assert (march.pk, [2, 5], [2, 4]) in told

    august = moment("2026-08-03 08:30")
    june = compose_monthly(unit=county.county, month=date(2026, 6, 1), at=august)

    assert march.number not in words(june)

    # It was in March after all.
    correct_filing(county, "B1", "2026-03-02 09:00", at="2026-08-01 09:00")
    june = compose_monthly(unit=county.county, month=date(2026, 6, 1), at=august)

    assert re.search(r"行政案件结案率（当期受案）：原通报 40\.00%\*?（2/5），现为 40\.00%\*?（2/5）", words(june))


def test_where_nothing_was_adjusted_nothing_is_said_of_it(county: County) -> None:
    issue(bulletin=march_of(county), by=None, at=APRIL_FIRST)

    april = compose_monthly(unit=county.county, month=date(2026, 4, 1), at=JUNE)

    # O2 was verified in April, which is after the cutoff of March.
    assert "签发后调整" not in words(april)


def test_a_month_is_compared_with_the_one_before_where_both_may_be(county: County) -> None:
    march, february = words(march_of(county)), compose_monthly(unit=county.county, month=date(2026, 2, 1), at=JUNE)

    # February: three cases on hand, one of them closed; 42.85 is 9.52 more than 33.33. Before that there was nothing.
    assert "行政案件结案率（含存案） 33.33%（1/3）。" in words(february)
    assert "行政案件结案率（含存案） 42.85%（3/7），比上月上升 9.52 个百分点（可能只是偶然波动）。" in march
    assert "比上年同期" not in march


# -- days and weeks --------------------------------------------------------------------------------------------------


def test_a_day_and_a_week_say_less(county: County) -> None:
    days = compose_daily(unit=county.county, first=date(2026, 3, 20), until=date(2026, 3, 21), at=APRIL_FIRST)
    week = compose_weekly(unit=county.county, day=date(2026, 3, 18), at=APRIL_FIRST)

    assert "、四率" not in words(days) and "群众满意率" not in words(days)
    assert "群众满意率" not in words(week) and "行政案件结案率（当期受案）" in words(week)
    assert "今后七天届满的时限" in words(days)
    assert "下周届满的时限" in words(week)
