"""A register of complaints brought in: rehearsed, refused by row and field, the same the second time, and no way of asking."""

from pathlib import Path

import pytest
import xlsxwriter

from cases.intake import IntakeRefused
from cases.models import Barring, Matter, Officer, Role
from supervision.petitions import refusals
from supervision.petitions.models import Complainant, Complaint, ComplaintLikeness
from supervision.petitions.queries import complaints_of
from supervision.petitions.services import ComplaintReport, PetitionRefused, complaint_import, import_complaints
from tests.cases.factories import Bureau, make_case, make_officer
from tests.supervision.petitions.factories import AT, LI, make_complaint

HEADS = ["工单编号", "派单日期", "诉求内容", "被投诉单位", "被投诉民警警号", "所涉案件编号", "涉企", "要求答复日",
         "承办单位", "经办人警号", "投诉人", "证件号码", "联系电话"]  # fmt: skip
GOOD = {"工单编号": "GD-1", "派单日期": "2026-09-10", "诉求内容": "报警后没有回执", "被投诉单位": "S", "投诉人": "李某甲",
        "联系电话": LI["phone"]}  # fmt: skip


def csv_of(folder: Path, *rows: dict[str, str], heads: list[str] | None = None) -> Path:
    heads = heads or HEADS
    file = folder / "register.csv"
    file.write_text("\n".join(",".join(row) for row in [heads, *([one.get(h, "") for h in heads] for one in rows)]))
    return file


def row(bureau: Bureau, **changed: str) -> dict[str, str]:
    return {**GOOD, "被投诉单位": bureau.station.code, **changed}


def brought(file: Path, by: Officer, channel: str = "12345", **told: bool) -> ComplaintReport:
    return import_complaints(file, channel=channel, by=Officer.objects.get(pk=by.pk), at=AT, **told)


def reasons(report: ComplaintReport) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.reason) for one in report.refusals]


def test_a_rehearsal_tells_and_changes_nothing(bureau: Bureau, registrar: Officer, tmp_path: Path) -> None:
    file = csv_of(tmp_path, row(bureau), row(bureau, 工单编号="GD-2"))

    report = brought(file, registrar, dry_run=True)

    assert (report.rows_read, report.new, report.alike, report.rows_refused) == (2, 2, 1, 0)
    assert not Complaint.objects.exists()
    assert not Matter.objects.filter(kind__code="complaint").exists()
    assert not ComplaintLikeness.objects.exists()


def test_the_second_time_nothing_changes(bureau: Bureau, registrar: Officer, tmp_path: Path) -> None:
    file = csv_of(tmp_path, row(bureau), row(bureau, 工单编号="GD-2"))
    first = brought(file, registrar)
    before = list(Complaint.objects.values())

    again = brought(file, registrar)

    assert (first.new, first.unchanged) == (2, 0)
    assert (again.new, again.unchanged, again.rows_refused) == (0, 2, 0)
    assert list(Complaint.objects.values()) == before
    assert Complaint.objects.filter(steps__isnull=False).count() == 2


def test_a_row_becomes_a_complaint_with_everything_it_says(bureau: Bureau, registrar: Officer, tmp_path: Path) -> None:
    accused, second = make_officer("300001", bureau.station), make_officer("100009", bureau.legal, Role.LEGAL_OFFICER)
    case = make_case("A-1", bureau.station, accused)
    file = csv_of(
        tmp_path,
        row(bureau, 被投诉单位=bureau.station.name, 被投诉民警警号="300001", 所涉案件编号="A-1", 涉企="是",
            要求答复日="2026/9/20", 承办单位=bureau.legal.code, 经办人警号="100009", 证件号码=LI["identity"]),
    )  # fmt: skip

    brought(file, registrar)

    made = Complaint.objects.get()
    assert (made.channel, made.channel_number, made.about, made.enterprise) == ("12345", "GD-1", case, True)
    assert (made.accused_unit, made.accused_officer) == (bureau.station, accused)
    assert f"{made.reply_asked_on}" == "2026-09-20"
    assert Barring.objects.filter(matter=made.pk, from_at=AT).count() == 2
    assert complaints_of(second).get() == made
    assert not complaints_of(accused).exists()
    assert "李某甲" not in f"{Complaint.objects.values()} {Complainant.objects.values()}"


def test_each_wrong_field_of_a_row_is_named_and_the_good_rows_are_taken(
    bureau: Bureau, registrar: Officer, tmp_path: Path
) -> None:
    file = csv_of(
        tmp_path,
        row(bureau),
        row(bureau, 工单编号="", 派单日期="2026-02-30", 被投诉单位="某所", 涉企="也许"),
        row(bureau, 工单编号="GD-3", 被投诉民警警号="999999", 所涉案件编号="没有", 承办单位=bureau.other_county.code),
        row(bureau, 工单编号="gd-1"),
        row(bureau, 工单编号="GD-5", 派单日期="2027-01-01"),
        row(bureau, 工单编号="GD-6", 诉求内容="=A1"),
        row(bureau, 工单编号="GD-7", 被投诉单位=bureau.legal.code),
    )

    report = brought(file, registrar)

    assert (report.new, report.rows_refused) == (1, 6)
    assert reasons(report) == [
        (3, "工单编号", "不能为空"),
        (3, "派单日期", "“2026-02-30”不存在：2026年2月没有30日"),
        (3, "被投诉单位", "没有名称或代码为“某所”的单位"),
        (3, "涉企", "“也许”应写“是”或者“否”"),
        (4, "被投诉民警警号", "没有警号为“999999”的在用民警"),
        (4, "所涉案件编号", "您可以看到的案件中没有编号“没有”"),
        (4, "承办单位", f"您管辖的单位中没有“{bureau.other_county.code}”"),
        (5, "工单编号", "编号与第2行相同"),
        (6, "", refusals.FUTURE_DAY),
        (7, "诉求内容", complaint_import.FORMULA_TEXT),
        (8, "", refusals.ACCUSED_UNIT_HANDLES.format(unit=bureau.legal)),
    ]


def test_another_channel_has_its_own_heads(bureau: Bureau, registrar: Officer, tmp_path: Path) -> None:
    heads = ["举报编号", "举报日期", "举报内容", "被举报单位"]
    told = {"举报编号": "JB-1", "举报日期": "2026年9月9日", "举报内容": "酒后出警", "被举报单位": bureau.station.code}
    file = csv_of(tmp_path, told, heads=heads)

    assert brought(file, registrar, "12389").new == 1

    made = Complaint.objects.get()
    assert (made.channel, made.anonymous) == ("12389", True)
    with pytest.raises(IntakeRefused, match="工单编号"):
        brought(file, registrar, "12345")


def test_a_workbook_is_read_as_well(bureau: Bureau, registrar: Officer, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "register.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["工单编号", "派单日期", "诉求内容", "被投诉单位", "联系电话"])
        sheet.write_row(1, 0, [20260910, "2026-09-10", "没有回执", bureau.station.code, 13800000001])
        sheet.write_row(2, 0, [1234567890123456789, "2026-09-10", "没有回执", bureau.station.code, ""])

    report = brought(tmp_path / "register.xlsx", registrar)

    assert Complaint.objects.get().channel_number == "20260910"
    assert reasons(report) == [(3, "工单编号", complaint_import.LOST_DIGITS)]


def test_a_file_too_long_or_without_a_column_is_refused_as_a_whole(
    bureau: Bureau, registrar: Officer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complaint_import, "MOST_ROWS", 1)
    with pytest.raises(PetitionRefused, match="文件有 2 行，一次最多导入 1 行"):
        brought(csv_of(tmp_path, row(bureau), row(bureau, 工单编号="GD-2")), registrar)
    with pytest.raises(IntakeRefused, match="派单日期"):
        brought(csv_of(tmp_path, row(bureau), heads=["工单编号", "诉求内容"]), registrar)

    assert not Complaint.objects.exists()


def test_a_file_is_no_way_of_asking_who_complained_or_whether_anybody_did(
    bureau: Bureau, registrar: Officer, tmp_path: Path
) -> None:
    made = make_complaint(bureau, registrar, subject="接警后半小时没有出警")
    accused = make_officer("300009", bureau.station, Role.LEGAL_OFFICER)
    # The same number, the same words, the same person: as much as he may guess.
    guess = row(bureau, 被投诉单位=bureau.sibling.code, 诉求内容=made.subject, 证件号码=LI["identity"])
    file = csv_of(tmp_path, guess, {**guess, "工单编号": "GD-2"})

    report = brought(file, accused, dry_run=True)

    assert (report.new, report.unchanged, report.alike) == (1, 0, 0)
    assert reasons(report) == [(2, "工单编号", "编号“GD-1”不能使用，请核对")]
    assert made.matter.number not in str(report)
    assert report.kept == []
    assert list(Complaint.objects.all()) == [made]


def test_what_differs_from_what_is_on_record_is_said_to_its_handler_and_not_overwritten(
    bureau: Bureau, registrar: Officer, tmp_path: Path
) -> None:
    made = make_complaint(bureau, registrar)

    report = brought(csv_of(tmp_path, row(bureau, 诉求内容="改过的内容")), registrar)

    assert [(one.row, one.column) for one in report.kept] == [(2, "诉求内容")]
    made.refresh_from_db()
    assert made.subject != "改过的内容"


def test_whoever_is_accused_in_his_own_file_hands_it_on_or_is_refused(
    bureau: Bureau, registrar: Officer, tmp_path: Path
) -> None:
    own = make_officer("300009", bureau.station, Role.LEGAL_OFFICER)
    file = csv_of(
        tmp_path,
        row(bureau, 承办单位=bureau.sibling.code),
        row(bureau, 工单编号="GD-2", 承办单位=bureau.sibling.code, 经办人警号="100001"),
    )

    report = brought(file, own)

    assert report.new == 1
    assert reasons(report) == [(2, "", refusals.HANDLER_NEEDED)]
    assert complaints_of(registrar).count() == 1
    assert not complaints_of(Officer.objects.get(pk=own.pk)).exists()
