"""Replies by short message."""

from pathlib import Path

import pytest

from cases.models import Feedback
from supervision.returnvisits import services
from supervision.returnvisits.models import Check, Visit, VisitState, VisitStep
from supervision.returnvisits.services import RepliesReport, ReturnVisitRefused
from tests.supervision.returnvisits.factories import LATER, County, answer, draw, visits_in


@pytest.fixture
def visits(county: County) -> list[Visit]:
    return visits_in(draw(county))


def csv_of(tmp_path: Path, *rows: str, heads: str = "回访编号,回复,意见") -> Path:
    path = tmp_path / "replies.csv"
    path.write_text("\n".join([heads, *rows]) + "\n", encoding="utf-8")
    return path


def load(path: Path, county: County, *, dry_run: bool = False, by: str = "legal") -> RepliesReport:
    return services.load_replies(path, by=getattr(county, by), at=LATER, dry_run=dry_run)


def said(report: RepliesReport) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in report.refused]


def test_replies_are_taken_in_by_code_and_negative_ones_are_checked(
    county: County, visits: list[Visit], tmp_path: Path
) -> None:
    path = csv_of(tmp_path, f"{visits[0].code},1,", f"{visits[1].code},不满意,等了太久")

    report = load(path, county)

    assert (report.rows, report.taken, report.negative, report.refused) == (2, 2, 1, [])
    assert sorted(Feedback.objects.values_list("grade", "channel", "text")) == [
        (1, "短信回访", ""),
        (3, "短信回访", "等了太久"),
    ]
    assert Check.objects.count() == 1


def test_a_rehearsal_says_what_would_come_and_changes_nothing(
    county: County, visits: list[Visit], tmp_path: Path
) -> None:
    report = load(csv_of(tmp_path, f"{visits[0].code},4,"), county, dry_run=True)

    assert (report.taken, report.negative) == (1, 1)
    assert not Feedback.objects.exists()
    assert VisitStep.objects.filter(visit__isnull=False).count() == 0


def test_a_second_import_changes_nothing(county: County, visits: list[Visit], tmp_path: Path) -> None:
    path = csv_of(tmp_path, f"{visits[0].code},3,慢")
    load(path, county)
    steps = VisitStep.objects.count()

    again = load(path, county)

    assert (again.taken, again.unchanged, again.refused) == (0, 1, [])
    assert (Feedback.objects.count(), Check.objects.count(), VisitStep.objects.count()) == (1, 1, steps)


def test_a_bad_row_is_refused_by_number_and_column_and_hinders_no_other(
    county: County, visits: list[Visit], tmp_path: Path
) -> None:
    taken, waiting, *_ = visits
    answer(county, taken)
    path = csv_of(
        tmp_path,
        "13800000000,1,",
        f"{waiting.code},还行,",
        ",1,",
        f"{visits[3].code[:-1]}Z,1,",
        f"{taken.code},4,",
        f"{waiting.code},2,",
        f"{waiting.code},1,",
        f"{visits[2].code},1,{'长' * 501}",
    )

    report = load(path, county)

    assert said(report) == [
        (2, "回访编号"),
        (3, "回复"),
        (4, "回访编号"),
        (5, "回访编号"),
        (6, "回访编号"),
        (8, "回访编号"),
        (9, "意见"),
    ]
    assert report.taken == 1
    waiting.refresh_from_db()
    assert waiting.state == VisitState.REACHED
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in problem.reason) for problem in report.refused)


def test_a_visit_out_of_sight_or_of_ones_own_unit_is_refused(
    county: County, visits: list[Visit], tmp_path: Path
) -> None:
    path = csv_of(tmp_path, f"{visits[0].code},1,")

    assert "不在您的范围之内" in load(path, county, by="stranger").refused[0].reason
    assert "不能回访或者核查" in load(path, county, by="head").refused[0].reason
    assert not Feedback.objects.exists()


def test_a_file_without_its_columns_is_refused_as_a_whole(county: County, tmp_path: Path) -> None:
    with pytest.raises(ReturnVisitRefused, match="所需的列：“意见”"):
        load(csv_of(tmp_path, "HF1A,1", heads="回访编号,回复"), county)
    with pytest.raises(ReturnVisitRefused, match=r"\.txt"):
        services.load_replies(Path("replies.txt"), by=county.legal, at=LATER)


def test_a_workbook_is_read_like_a_text_file(county: County, visits: list[Visit], tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "replies.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["回访编号", "回复", "意见"], [visits[0].code, 2, "可以"]]):
            sheet.write_row(number, 0, row)

    report = load(path, county)

    assert (report.taken, report.refused) == (1, [])
    assert Feedback.objects.get().grade == 2
