"""Rows become matters and events; what is wrong with a row is told and costs that row only."""

import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings

from cases import services
from cases.intake import IntakeRefused, IntakeReport, load_file, loading, parse_mapping, undo_batch
from cases.models import (
    Batch,
    BatchState,
    Clock,
    Event,
    Handling,
    Matter,
    MatterKind,
    Officer,
    PendingWinding,
    Refusal,
    Unit,
)
from cases.winding import wind_pending
from tests.cases.factories import Bureau, moment, record
from tests.cases.intake.conftest import CASES, NOW, STEPS, Load, Write, changed, reasons
from tests.rigs.worker import environment_of_the_test

# What is left of 123456789012345678 once a spreadsheet has held it as a number, to the digits it writes.
WRITTEN_BY_EXCEL = 123456789012345696
HEADS = "编号,单位,环节,时间,流水号"
TWO_CASES = f"""
    {HEADS}
    A1,X1,立案,2026-03-02 10:05,1
    A1,X1,决定,2026-03-20,2
    A2,X2,立案,2026-03-03,3
"""


def counts(report: IntakeReport) -> tuple[int, int, int, int]:
    return report.rows_loaded, report.rows_unchanged, report.rows_skipped, report.rows_refused


def everything() -> list[object]:
    """Every row an import writes, except the batches themselves."""
    return [
        sorted(Matter.objects.values_list("number", "kind__code", "unit__code", "title", "officer", "withdrawn_at")),
        sorted(Event.objects.values_list("source_number", "kind__code", "occurred_at", "withdrawn_at")),
    ]


# -- what comes in ---------------------------------------------------------------------------------------------------


def test_steps_become_events_of_their_matters(load: Load, bureau: Bureau) -> None:
    report = load(TWO_CASES)

    assert counts(report) == (3, 0, 0, 0)
    assert (report.matters_new, report.events_new, report.rows_read, report.rows_total) == (2, 3, 3, 3)
    matter = Matter.objects.get(number="A1")
    assert (matter.kind.code, matter.unit, matter.county, matter.city) == (
        "case",
        bureau.station,
        bureau.county,
        bureau.city,
    )
    filed, decided = matter.events.order_by("pk")
    assert (filed.kind.code, filed.occurred_at, filed.day_only) == ("filed", moment("2026-03-02 10:05"), False)
    assert (decided.kind.code, decided.occurred_at, decided.day_only) == ("decided", moment("2026-03-20"), True)
    assert (filed.source, filed.source_number, filed.recorded_at) == ("流程系统", "1", NOW)


def test_what_came_in_is_wound_into_clocks(load: Load) -> None:
    load(TWO_CASES)

    wind_pending(at=NOW)

    clock = Clock.objects.get(matter__number="A2", limit__code="decide")
    assert clock.due_on == date(2026, 4, 2)
    assert Matter.objects.get(number="A2").opened_at == moment("2026-03-03")
    assert not PendingWinding.objects.exists()


def test_a_batch_says_what_came_of_it(load: Load, officer: Officer) -> None:
    report = load(TWO_CASES + "A3,X1,立案,2026-02-30,4\n", by=officer)

    batch = Batch.objects.get(pk=report.batch)
    assert (batch.file_name, batch.mapping, batch.source, batch.by) == ("导出.csv", "流程", "流程系统", officer)
    assert (batch.rows_total, batch.rows_read, batch.matters_new, batch.events_new) == (4, 4, 2, 3)
    assert (batch.rows_unchanged, batch.rows_refused, batch.state) == (0, 1, BatchState.LOADED)
    assert batch.digest == report.digest
    assert batch.finished_at is not None
    assert batch.started_at == NOW <= batch.finished_at
    assert set(Event.objects.values_list("batch", "by")) == {(batch.pk, officer.pk)}


def test_a_row_of_a_case_becomes_an_event_for_each_date_it_has(load: Load) -> None:
    report = load(
        """
        编号,单位,立案时间,决定时间,结案时间
        A1,X1,2026-03-02,2026-03-20 16:00,2026-03-25
        A2,X1,2026-03-03,,
        A3,X1,,,
        """,
        CASES,
    )

    assert counts(report) == (3, 0, 0, 0)
    assert (report.matters_new, report.events_new) == (3, 4)
    assert list(Event.objects.order_by("pk").values_list("matter__number", "source_number")) == [
        ("A1", "case:A1:filed"),
        ("A1", "case:A1:decided"),
        ("A1", "case:A1:closed"),
        ("A2", "case:A2:filed"),
    ]


def test_a_row_may_carry_everything_an_event_has(load: Load, bureau: Bureau, officer: Officer) -> None:
    mapping = changed(
        STEPS,
        matter__officer="警号",
        matter__title="名称",
        matter__facts={"expedited": {"column": "快办", "values": {"是": True, "否": None}}, "suspects": "人数"},
        event__kind={"fixed": "longer"},
        event__document_number="文号",
        event__approver="批准人",
        event__ground="理由",
        event__tier="档",
        event__amount="天数",
        event__sets_on="至",
        event__sets_at="至时",
        event__reference="关联",
        event__note="备注",
    )

    report = load(
        """
        编号,单位,警号,名称,快办,人数,时间,流水号,文号,批准人,理由,档,天数,至,至时,关联,备注
        A1,X1,100001,张某案,是,2,2026-03-02,1,某字1号,县局负责人,复杂,long,30,2026-05-01,2026-05-01 10:00,r1,无
        A2,X1,,,否,,2026-03-02,2,,head,,,,,,,
        """,
        mapping,
    )

    assert reasons(report) == []
    matter = Matter.objects.get(number="A1")
    assert (matter.title, matter.officer, matter.facts) == ("张某案", officer, {"expedited": "true", "suspects": "2"})
    event = matter.events.get()
    assert (event.document_number, event.approver, event.ground, event.tier) == ("某字1号", "head", "复杂", "long")
    assert (event.amount, event.sets_on, event.sets_at) == (30, date(2026, 5, 1), moment("2026-05-01 10:00"))
    assert (event.reference, event.note) == ("r1", "无")
    handling = matter.handlings.get()
    assert (handling.officer, handling.role, handling.from_at) == (officer, "officer", moment("2026-03-02"))
    assert Matter.objects.get(number="A2").facts == {}
    assert Handling.objects.count() == 1


def test_matters_of_a_restricted_kind_are_seen_by_their_officer_only(
    load: Load, officer: Officer, legal_officer: Officer
) -> None:
    mapping = changed(
        STEPS, matter__kind={"fixed": "letter"}, matter__officer="警号", event__kind={"fixed": "received"}
    )

    load("编号,单位,警号,时间,流水号\nL1,X1,100001,2026-03-02,1\n", mapping)

    assert Matter.objects.visible_to(officer).filter(number="L1").exists()
    assert not Matter.objects.visible_to(legal_officer).filter(number="L1").exists()


def test_a_spreadsheet_comes_in_like_a_text(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        day = workbook.add_format({"num_format": "yyyy/m/d"})
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADS.split(","))
        sheet.write_row(1, 0, ["A1", "X1", "立案", "", 17])
        sheet.write_datetime(1, 3, datetime(2026, 3, 2), day)  # noqa: DTZ001
        sheet.write_row(2, 0, ["A1", "X1", "决定", "2026-03-20", 123456789012345678])
        sheet.write_row(3, 0, [" ", "", "", "", ""])

    report = load(path)

    assert Event.objects.get().source_number == "17"
    assert reasons(report) == [
        (3, "流水号", f"“{WRITTEN_BY_EXCEL}”被 Excel 存成了数字，超过15位的部分已经丢失。请把该列设为文本后重新导出")
    ]


def test_times_are_taken_in_the_zone_of_the_file_and_days_in_that_of_the_matter(load: Load) -> None:
    MatterKind.objects.filter(code="case").update(zone="Europe/Rome")

    load(f"{HEADS}\nA1,X1,立案,2026-07-01 10:00,1\nA1,X1,决定,2026-07-02,2\n", changed(STEPS, zone="UTC"))

    assert list(Event.objects.order_by("pk").values_list("occurred_at", flat=True)) == [
        datetime(2026, 7, 1, 10, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 22, 0, tzinfo=UTC),
    ]


def test_words_mapped_to_nothing_are_left_out_and_counted(load: Load) -> None:
    report = load(f"{HEADS}\nA1,X1,立案,2026-03-02,1\nA1,X1,回访,2026-03-02,2\n")

    assert counts(report) == (1, 0, 1, 0)
    assert report.ok


def test_leading_noughts_kept_from_excel_are_read_as_text(load: Load) -> None:
    load(f'{HEADS}\n"=""0012""",X1,立案,2026-03-02,1\n'.encode())

    assert Matter.objects.get().number == "0012"


def test_units_the_mapping_states_are_added_and_no_others(load: Load, bureau: Bureau) -> None:
    mapping = changed(
        STEPS, units=[{"code": "X9", "name": "城西派出所", "parent": "X"}, {"code": "X1", "name": "别名"}]
    )

    report = load(f"{HEADS}\nA1,X9,立案,2026-03-02,1\nA2,X8,立案,2026-03-02,2\n", mapping)

    assert report.units_new == ["城西派出所"]
    assert Unit.objects.get(code="X9").county == bureau.county
    assert Unit.objects.get(code="X1").name == "城关派出所"
    assert Matter.objects.get().unit.code == "X9"
    assert reasons(report)[0][:2] == (3, "单位")


@pytest.mark.parametrize(
    ("unit", "why"),
    [
        ({"code": "X9", "name": "城西派出所", "parent": "X8"}, "单位“城西派出所”的上级“X8”不存在"),
        ({"code": "X9", "name": "城西分局", "level": 2, "parent": "X"}, "层级应当低于上级单位"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(load: Load, unit: dict[str, object], why: str) -> None:
    with pytest.raises(IntakeRefused, match=why):
        load(f"{HEADS}\nA1,X9,立案,2026-03-02,1\n", changed(STEPS, units=[unit]))

    assert not Matter.objects.exists()


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A1,X1,立案,2026-02-29,1", "时间", "“2026-02-29”不存在：2026年2月没有29日"),
        ("A1,X1,立案,2026-03-02 24:00,1", "时间", "“2026-03-02 24:00”不存在：一天到23:59为止，24:00应写成次日00:00"),
        ("A1,X1,立案,,1", "时间", "不能为空"),
        ("A1,X1,立案,2026-11-23,1", "时间", "2026-11-23晚于导入时间，不能登记尚未发生的事"),
        ("A1,X1,立案,=TODAY(),1", "时间", "内容以等号开头，是公式而不是值。请粘贴为数值后重新导出"),
        (
            "A1,Z9,立案,2026-03-02,1",
            "单位",
            "没有代码为“Z9”的单位。请先登记单位，或者在对应表的 values 中写明它是哪个单位",
        ),
        ("A1,,立案,2026-03-02,1", "单位", "不能为空"),
        (",X1,立案,2026-03-02,1", "编号", "不能为空"),
        ("=1+1,X1,立案,2026-03-02,1", "编号", "内容以等号开头，是公式而不是值。请粘贴为数值后重新导出"),
        (f"{'A' * 65},X1,立案,2026-03-02,1", "编号", "超过64字"),
        ("A1,X1,立案,2026-03-02,", "流水号", "不能为空"),
        (f"A1,X1,立案,2026-03-02,{'1' * 101}", "流水号", "超过100字"),
        (
            "A1,X1,请示,2026-03-02,1",
            "环节",
            "“请示”不在对应表的对照之内。请在对应表的 values 中写明它是什么，写 null 表示不导入",
        ),
        ("A1,X1,,2026-03-02,1", "环节", "不能为空"),
        ("A1,X1,立案,2026-03-02,1,多", "", "这一行有6列，表头只有5列；内容中的逗号应放在引号里"),
    ],
)
def test_a_wrong_field_refuses_its_row_by_row_field_and_reason(load: Load, row: str, column: str, reason: str) -> None:
    report = load(f"{HEADS}\nB1,X1,立案,2026-03-01,b\n{row}\nB2,X1,立案,2026-03-01,c\n")

    assert counts(report) == (2, 0, 0, 1)
    assert reasons(report) == [(3, column, reason)]
    assert not report.ok
    assert set(Matter.objects.values_list("number", flat=True)) == {"B1", "B2"}
    refusal = Refusal.objects.get()
    assert (refusal.row, refusal.column, refusal.reason) == (3, column, reason)
    assert refusal.content == dict(zip([*HEADS.split(","), "第6列"], row.split(","), strict=False))


def test_a_row_with_several_wrong_fields_is_one_refused_row_with_each_reason(load: Load) -> None:
    report = load(f"{HEADS}\n,Z9,立案,2026-02-29,\n")

    assert report.rows_refused == 1
    assert [column for _, column, _ in reasons(report)] == ["编号", "单位", "时间"]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("officer", "999999", "没有警号为“999999”的民警。请先登记民警，或者在对应表写 if_unknown: blank 留空"),
        ("approver", "局长", "没有“局长”这个批准层级。请在对应表的 values 中写明它是哪一级"),
        ("amount", "三十", "“三十”应为 0 至 32767 的整数"),
        ("amount", "40000", "“40000”应为 0 至 32767 的整数"),
        ("sets_on", "2026-02-30", "“2026-02-30”不存在：2026年2月没有30日"),
        ("sets_at", "2026-03-01", "“2026-03-01”只有日期，应写明时刻"),
        ("title", "长" * 201, "超过200字"),
        ("note", "长" * 301, "超过300字"),
        ("document_number", "=A1", "内容以等号开头，是公式而不是值。请粘贴为数值后重新导出"),
    ],
)
def test_a_wrong_particular_refuses_its_row(load: Load, field: str, value: str, reason: str) -> None:
    section = "matter" if field in ("officer", "title") else "event"

    report = load(f"{HEADS},另\nA1,X1,立案,2026-03-02,1,{value}\n", changed(STEPS, **{f"{section}__{field}": "另"}))

    assert reasons(report) == [(2, "另", reason)]
    assert not Matter.objects.exists()


def test_an_unknown_officer_may_be_left_blank(load: Load) -> None:
    mapping = changed(STEPS, matter__officer={"column": "警号", "if_unknown": "blank"})

    report = load(f"{HEADS},警号\nA1,X1,立案,2026-03-02,1,999999\n", mapping)

    assert report.ok
    assert Matter.objects.get().officer is None


def test_kinds_the_catalogue_lacks_are_told_before_any_row_is_read(load: Load) -> None:
    mapping = changed(STEPS, matter__kind={"fixed": "affair"}, event__kind__values={"立案": "founded"})

    with pytest.raises(IntakeRefused) as refused:
        load(TWO_CASES, mapping)

    assert "matter.kind：没有“affair”这种事项" in str(refused.value)
    assert "event.kind：没有“founded”这种节点" in str(refused.value)
    assert not Batch.objects.exists()


def test_without_a_table_words_are_codes_or_names_of_the_catalogue(load: Load) -> None:
    mapping = changed(STEPS, matter__kind={"column": "种类"}, event__kind={"column": "环节"})

    report = load(
        """
        编号,种类,单位,环节,时间,流水号
        A1,case,X1,filed,2026-03-02,1
        A2,案件,X1,立案,2026-03-02,2
        A3,案卷,X1,立案,2026-03-02,3
        A4,案件,X1,立安,2026-03-02,4
        """,
        mapping,
    )

    assert report.events_new == 2
    assert [reason[:2] for reason in reasons(report)] == [(4, "种类"), (5, "环节")]


def test_a_case_that_closed_before_it_was_filed_is_refused_in_a_row(load: Load) -> None:
    report = load(
        """
        编号,单位,立案时间,决定时间,结案时间
        A1,X1,2026-03-02,,2026-03-01
        A2,X1,2026-03-02,2026-03-01,
        A3,X1,2026-03-02 10:00,,2026-03-02
        """,
        CASES,
    )

    assert reasons(report) == [
        (2, "结案时间", "办结（“结案”，2026-03-01）早于发生（“立案”，2026-03-02）"),
        (3, "决定时间", "2026-03-01早于“立案”的2026-03-02"),
    ]
    assert Matter.objects.get().number == "A3"


@pytest.mark.parametrize("chunk", [1, 5000])
def test_a_case_that_closed_before_it_was_filed_is_refused_in_whichever_order_it_is_told(
    load: Load, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(loading, "CHUNK", chunk)

    report = load(
        f"""
        {HEADS}
        A1,X1,立案,2026-03-02,1
        A1,X1,结案,2026-03-01,2
        A2,X1,结案,2026-03-01,3
        A2,X1,立案,2026-03-02,4
        A3,X1,结案,2026-03-02,5
        A3,X1,立案,2026-03-02 10:00,6
        """
    )

    text = "办结（“结案”，2026-03-01）早于发生（“立案”，2026-03-02）"
    assert reasons(report) == [(3, "时间", text), (5, "时间", text)]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("chunk", [1, 5000])
def test_a_number_that_returns_with_other_content_is_refused_with_both_values(
    load: Load, monkeypatch: pytest.MonkeyPatch, chunk: int, dry_run: bool
) -> None:
    monkeypatch.setattr(loading, "CHUNK", chunk)

    report = load(
        f"""
        {HEADS}
        A1,X1,立案,2026-03-02,1
        A1,X1,立案,2026-03-02,1
        A1,X1,立案,2026-03-03,1
        A1,X1,决定,2026-03-02 10:00,1
        A2,X1,立案,2026-03-02,1
        """,
        dry_run=dry_run,
    )

    assert counts(report) == (1, 1, 0, 3)
    assert reasons(report)[:2] == [
        (4, "流水号", "来源编号重复但内容不同：“1”，发生时间原为“2026-03-02”，本行为“2026-03-03”"),
        (
            5,
            "流水号",
            "来源编号重复但内容不同：“1”，节点原为“立案”，本行为“作出决定”，发生时间原为“2026-03-02”，本行为“2026-03-02 10:00”",
        ),
    ]
    assert "本行为“A2”" in reasons(report)[2][2]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("chunk", [1, 5000])
def test_a_number_with_two_units_or_two_kinds_in_one_file_is_refused(
    load: Load, monkeypatch: pytest.MonkeyPatch, chunk: int, dry_run: bool
) -> None:
    monkeypatch.setattr(loading, "CHUNK", chunk)
    mapping = changed(STEPS, matter__kind={"column": "种类"})

    report = load(
        f"""
        {HEADS},种类
        A1,X1,立案,2026-03-02,1,case
        A1,X2,决定,2026-03-03,2,case
        A1,X1,决定,2026-03-03,3,letter
        A1,X2,立案,2026-03-02,1,case
        """,
        mapping,
        dry_run=dry_run,
    )

    two_units = "同一编号在文件中写了两个办案单位：先为“城关派出所”，本行为“城东派出所”"
    assert reasons(report) == [
        (3, "单位", two_units),
        (4, "种类", "同一编号在文件中写了两种事项：先为“case”，本行为“letter”"),
        (5, "单位", two_units),
    ]


# -- again -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 5000])
def test_the_same_file_again_changes_nothing(load: Load, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(loading, "CHUNK", chunk)
    bad = TWO_CASES + "A3,X1,立案,2026-02-29,4\n"
    load(bad)
    wind_pending(at=NOW)
    before = everything()

    again = load(bad, at=NOW + timedelta(days=1))

    assert counts(again) == (0, 3, 0, 1)
    assert (again.matters_new, again.events_new) == (0, 0)
    assert everything() == before
    assert not PendingWinding.objects.exists()


def test_equal_steps_on_one_day_are_told_apart_by_their_count_and_come_in_once(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    mapping = changed(STEPS, event__source_number=None)
    log = """
        编号,单位,环节,时间
        A1,X1,立案,2026-03-02
        A1,X1,决定,2026-03-20
        A1,X1,决定,2026-03-20 10:05
        A1,X1,决定,2026-03-20
        """

    first = load(log, mapping)
    again = load(log + "A1,X1,决定,2026-03-20\n", mapping)

    assert (first.events_new, again.events_new, again.rows_unchanged) == (4, 1, 4)
    assert list(Event.objects.order_by("pk").values_list("source_number", flat=True)) == [
        "case:A1:filed:20260302:1",
        "case:A1:decided:20260320:1",
        "case:A1:decided:20260320T100500:1",
        "case:A1:decided:20260320:2",
        "case:A1:decided:20260320:3",
    ]


def test_a_composed_number_that_is_too_long_stays_distinct(load: Load) -> None:
    mapping = changed(STEPS, event__source_number=None)
    long = "A" * 63

    report = load(
        f"编号,单位,环节,时间\n{long}1,X1,立案,2026-03-02 10:05:01\n{long}2,X1,立案,2026-03-02 10:05:01\n", mapping
    )

    numbers = set(Event.objects.values_list("source_number", flat=True))
    assert report.ok
    assert len(numbers) == 2
    assert all(len(number) <= 100 for number in numbers)


def test_a_later_export_adds_new_steps_and_contradicts_old_ones(load: Load) -> None:
    heads = "编号,单位,立案时间,决定时间,结案时间"
    load(f"{heads}\nA1,X1,2026-03-02,,\nA2,X1,2026-03-02,,\n", CASES)

    later = load(f"{heads}\nA1,X1,2026-03-02,2026-03-20,\nA2,X1,2026-03-01,2026-03-20,\n", CASES)

    assert counts(later) == (1, 0, 0, 1)
    assert reasons(later) == [
        (
            3,
            "编号",
            "来源编号重复但内容不同：“case:A2:filed”，发生时间原为“2026-03-02”，本行为“2026-03-01”",
        )
    ]
    assert not Event.objects.filter(matter__number="A2", kind__code="decided").exists()


def test_what_was_corrected_by_hand_is_not_brought_back(load: Load, officer: Officer) -> None:
    load(TWO_CASES)
    wrong = Event.objects.get(source_number="2")
    services.void_event(event=wrong, reason="录入错误", by=officer, at=NOW)

    again = load(TWO_CASES)

    assert counts(again) == (0, 3, 0, 0)
    assert not Event.objects.standing().filter(matter__number="A1", kind__code="decided", only_voids=False).exists()


def test_matters_entered_by_hand_are_added_to_and_not_overwritten(load: Load, bureau: Bureau, officer: Officer) -> None:
    matter = services.open_matter(
        kind="case", number="A1", unit=bureau.sibling, officer=officer, title="原名", facts={"expedited": True}
    )
    record(matter, "filed", "2026-03-02")
    mapping = changed(
        STEPS, matter__title="名称", matter__officer="警号", matter__facts={"expedited": "快办", "suspects": "人数"}
    )
    services.add_officer(police_number="100009", name="另一人", unit=bureau.station)

    report = load(
        f"""
        {HEADS},名称,警号,快办,人数
        A1,X1,决定,2026-03-20,1,新名,100009,false,2
        """,
        mapping,
    )

    matter.refresh_from_db()
    assert counts(report) == (1, 0, 0, 0)
    assert matter.events.count() == 2
    assert (matter.title, matter.unit, matter.officer, matter.facts) == (
        "原名",
        bureau.sibling,
        officer,
        {"expedited": True},
    )
    assert [(one.column, one.reason.split("；")[0]) for one in report.kept] == [
        ("单位", "系统内为“城东派出所”，文件中为“城关派出所”"),
        ("名称", "系统内为“原名”，文件中为“新名”"),
        ("警号", "系统内为“100001”，文件中为“100009”"),
        ("快办", "系统内为“true”，文件中为“false”"),
        ("人数", "系统内为“”，文件中为“2”"),
    ]


@pytest.mark.parametrize("chunk", [1, 5000])
def test_later_rows_of_a_file_complete_what_earlier_ones_left_blank(
    load: Load, monkeypatch: pytest.MonkeyPatch, officer: Officer, chunk: int
) -> None:
    monkeypatch.setattr(loading, "CHUNK", chunk)
    mapping = changed(STEPS, matter__title="名称", matter__officer="警号", matter__facts={"suspects": "人数"})

    report = load(
        f"""
        {HEADS},名称,警号,人数
        A1,X1,立案,2026-03-02,1,,,
        A1,X1,决定,2026-03-20,2,张某案,100001,2
        A1,X1,结案,2026-03-21,3,李某案,100001,3
        """,
        mapping,
    )

    matter = Matter.objects.get()
    assert (matter.title, matter.officer, matter.facts) == ("张某案", officer, {"suspects": "2"})
    assert matter.handlings.get().from_at == moment("2026-03-20")
    assert [one.column for one in report.kept] == ["名称", "人数"]


def test_a_matter_handed_over_since_stays_where_it_is(load: Load, bureau: Bureau) -> None:
    load(TWO_CASES)
    matter = Matter.objects.get(number="A1")
    services.transfer_matter(
        matter=matter, to_unit=bureau.sibling, to_officer=None, occurred_at=moment("2026-04-01"), by=None, at=NOW
    )

    again = load(TWO_CASES)

    matter.refresh_from_db()
    assert counts(again) == (0, 3, 0, 0)
    assert matter.unit == bureau.sibling


def test_an_officer_named_by_an_import_can_hand_the_matter_over(load: Load, bureau: Bureau, officer: Officer) -> None:
    load(f"{HEADS},警号\nA1,X1,立案,2026-03-02,1,100001\n", changed(STEPS, matter__officer="警号"))
    matter = Matter.objects.get()

    services.transfer_matter(
        matter=matter, to_unit=bureau.sibling, to_officer=None, occurred_at=moment("2026-04-01"), by=officer, at=NOW
    )

    assert matter.handlings.get().until_at == moment("2026-04-01")


# -- as asked --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 5000])
def test_a_rehearsal_says_what_the_run_then_does_and_writes_nothing(
    load: Load, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(loading, "CHUNK", chunk)
    mapping = changed(STEPS, matter__title="名称", units=[{"code": "X9", "name": "城西派出所"}])
    load(f"{HEADS},名称\nA2,X2,立案,2026-03-03,3,\n", mapping)
    before = [everything(), Batch.objects.count(), Unit.objects.count(), PendingWinding.objects.count()]
    Unit.objects.filter(code="X9").update(code="X8")
    log = f"""
        {HEADS},名称
        A1,X1,立案,2026-03-02 10:05,1,
        A1,X1,决定,2026-03-20,2,张某案
        A1,X1,决定,2026-03-20,2,李某案
        A2,X2,立案,2026-03-03,3,王某案
        A2,X1,决定,2026-03-20,4,
        A3,X9,结案,2026-03-20,5,
        A3,X9,立案,2026-03-21,6,
        A4,X1,回访,2026-03-20,7,
        A5,X1,立案,2026-02-29,8,
        """

    rehearsed = load(log, mapping, dry_run=True)

    assert [everything(), Batch.objects.count(), Unit.objects.count(), PendingWinding.objects.count()] == before
    done = load(log, mapping)
    expected, actual = rehearsed.as_json(), done.as_json()
    for report in (expected, actual):
        del report["batch"], report["dry_run"], report["state"]
    assert expected == actual
    assert counts(done) == (4, 2, 1, 2)
    assert done.units_new == ["城西派出所"]


def test_a_strict_import_with_a_bad_row_loads_nothing_and_keeps_the_reasons(load: Load) -> None:
    report = load(TWO_CASES + "A3,X1,立案,2026-02-29,4\n", strict=True)

    assert not report.ok
    assert report.state == BatchState.FAILED
    assert report.error == "有1行不合格，按 --strict 整批未导入"
    assert not Matter.objects.exists()
    batch = Batch.objects.get()
    assert (batch.state, batch.refusals.get().row) == (BatchState.FAILED, 5)


def test_a_strict_import_of_good_rows_is_an_import(load: Load) -> None:
    report = load(TWO_CASES, strict=True)

    assert report.ok
    assert (counts(report), report.state) == ((3, 0, 0, 0), BatchState.LOADED)
    assert Event.objects.count() == 3


def test_progress_is_told_after_each_chunk(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)
    told: list[tuple[int, int | None, int]] = []

    load(TWO_CASES, progress=lambda read, total: told.append((read, total, Batch.objects.get().rows_read)))

    assert told == [(2, 3, 2), (3, 3, 3)]


# -- interrupted -----------------------------------------------------------------------------------------------------

# Ends itself without a word in the third chunk, between its last write and its commit.
KILLED = """
import os, signal, sys
import django
django.setup()
from cases.intake import load_file, loading, read_mapping
from cases.models import Matter
from django.utils import timezone

loading.CHUNK = 2
written = []

def write_refusals(chunk, outcome, plain=loading._Chunk._write_refusals):
    plain(chunk, outcome)
    written.append(outcome)
    if len(written) == 3:
        assert Matter.objects.count() == 6
        os.kill(os.getpid(), signal.SIGKILL)

loading._Chunk._write_refusals = write_refusals
load_file(sys.argv[1], read_mapping(sys.argv[2]), at=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_in_the_middle_of_a_chunk_leaves_whole_chunks_and_is_taken_up_again(
    bureau: Bureau, catalogue: None, write: Write
) -> None:
    rows = "\n".join(f"A{n},X1,2026-03-02,2026-03-20," for n in range(8))
    path = write(f"编号,单位,立案时间,决定时间,结案时间\n{rows}\n")
    mapping = path.with_name("m.yaml")
    mapping.write_text(
        "intake: {name: 台账, source: 台账系统, rows: matter,"
        " matter: {kind: {fixed: case}, number: 编号, unit: 单位},"
        " events: [{kind: filed, when: 立案时间}, {kind: decided, when: 决定时间}]}",
        encoding="utf-8",
    )

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(mapping)],
        cwd=settings.ROOT,
        env=environment_of_the_test(),
        capture_output=True,
        timeout=60,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert (Matter.objects.count(), Event.objects.count(), PendingWinding.objects.count()) == (4, 8, 4)
    first = Batch.objects.get()
    assert (first.state, first.rows_read) == (BatchState.LOADING, 4)
    report = load_file(path, parse_mapping(CASES), at=NOW)
    assert counts(report) == (4, 4, 0, 0)
    assert (Matter.objects.count(), Event.objects.count(), PendingWinding.objects.count()) == (8, 16, 8)
    first.refresh_from_db()
    assert (first.state, first.error) == (BatchState.FAILED, f"中断，由第{report.batch}批继续")


def test_what_stops_an_import_midway_is_written_on_its_batch(
    load: Load, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 1)
    mapping = changed(STEPS, format="xes", event__kind={"column": "k"}, event__when="t", event__source_number="s")
    event = '<event><string key="编号" value="A1"/><string key="单位" value="X1"/><string key="k" value="立案"/>'
    event += '<string key="t" value="2026-03-02"/><string key="s" value="1"/></event>'
    path = write(f"<log><trace>{event}{'<!-- -->' * (1 << 18)}</trace></lag>".encode(), "a.xes")

    with pytest.raises(IntakeRefused, match="不是合格的 XML"):
        load(path, mapping)

    batch = Batch.objects.get()
    assert batch.state == BatchState.FAILED
    assert "不是合格的 XML" in batch.error
    assert (batch.rows_read, Event.objects.count()) == (1, 1)


def test_an_import_whose_batch_is_undone_meanwhile_stops(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "CHUNK", 2)

    with pytest.raises(IntakeRefused, match="已被撤销"):
        load(TWO_CASES, progress=lambda read, total: undo_batch(Batch.objects.get().pk, at=NOW))

    assert not Event.objects.filter(withdrawn_at=None).exists()
    assert Batch.objects.get().state == BatchState.UNDONE


@pytest.mark.django_db(transaction=True)
def test_a_number_entered_by_somebody_else_at_the_same_moment_makes_the_chunk_begin_again(
    load: Load, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = loading._Chunk._decide
    entered: list[Matter] = []

    def decide_and_be_overtaken(chunk: loading._Chunk, outcome: loading._Outcome) -> None:
        decide(chunk, outcome)
        if not entered:
            # As another process would have it between our look and our write.
            entered.append(services.open_matter(kind="case", number="A1", unit=bureau.station))

    monkeypatch.setattr(loading._Chunk, "_decide", decide_and_be_overtaken)

    report = load(TWO_CASES)

    assert counts(report) == (3, 0, 0, 0)
    assert Event.objects.count() == 3
    assert Matter.objects.filter(number="A1").count() == 1


def test_invisible_characters_of_a_spreadsheet_are_refused_and_do_no_harm(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADS.split(","))
        sheet.write_row(1, 0, ["A\0001", "X1", "立案", "2026-03-02", "1"])
        sheet.write_row(2, 0, ["A2", "X1", "立案", "2026\000", "2"])

    report = load(path)

    assert [reason[:2] for reason in reasons(report)] == [(2, "编号"), (3, "时间")]
    assert Refusal.objects.count() == 2


def test_refused_rows_do_not_fill_the_memory_but_are_all_kept(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.intake.report.NAMED", 3)

    report = load(f"{HEADS}\n" + "A1,X1,立案,2026-02-29,1\n" * 10)

    assert (len(report.refusals), report.rows_refused, Refusal.objects.count()) == (3, 10, 10)
