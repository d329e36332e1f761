"""XES logs: events as rows, and documents made to do harm."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from cases.intake import IntakeRefused, parse_mapping
from cases.intake.files import RawRow
from cases.intake.opening import open_table
from tests.cases.intake.conftest import Write

LOG = {
    "name": "日志",
    "source": "日志",
    "rows": "event",
    "matter": {"kind": {"fixed": "case"}, "number": "case:concept:name", "unit": "case:unit"},
    "event": {
        "kind": {"column": "concept:name"},
        "when": "time:timestamp",
        "source_number": ["case:concept:name", "event:index"],
    },
}
MAPPING = parse_mapping(LOG)
TRACE = """
<trace>
  <string key="concept:name" value="A1"/><string key="unit" value="X1"/>
  <event>
    <string key="concept:name" value="filed"><string key="concept:name" value="nested"/></string>
    <date key="time:timestamp" value="2026-03-02T10:05:00.000+08:00"/>
  </event>
  <event><string key="concept:name" value="decided"/><date key="time:timestamp" value="2026-03-20T09:00:00+08:00"/></event>
</trace>
"""


def log(inside: str, before: str = "") -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}<log xmlns="http://www.xes-standard.org/">'
    return f'{head}<string key="concept:name" value="the log"/>{inside}</log>'.encode()


def rows_of(path: Path) -> list[RawRow]:
    return list(open_table(path, MAPPING).rows())


@pytest.mark.parametrize("name", ["a.xes", "a.xes.gz"])
def test_each_event_is_a_row_with_the_attributes_of_its_trace(write: Write, name: str) -> None:
    content = log(TRACE + TRACE.replace("A1", "A2"))
    path = write(gzip.compress(content) if name.endswith("gz") else content, name)

    rows = rows_of(path)

    assert MAPPING.columns() == ["case:concept:name", "case:unit", "concept:name", "event:index", "time:timestamp"]
    assert rows == [
        RawRow(1, ["A1", "X1", "filed", "0", "2026-03-02T10:05:00.000+08:00"]),
        RawRow(2, ["A1", "X1", "decided", "1", "2026-03-20T09:00:00+08:00"]),
        RawRow(3, ["A2", "X1", "filed", "0", "2026-03-02T10:05:00.000+08:00"]),
        RawRow(4, ["A2", "X1", "decided", "1", "2026-03-20T09:00:00+08:00"]),
    ]


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE log SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE log [<!ENTITY % x SYSTEM "http://example.org/x">%x;]>',
        "<!DOCTYPE log>",
    ],
)
def test_document_types_and_entities_are_refused(write: Write, before: str) -> None:
    path = write(log(TRACE, before), "a.xes")

    with pytest.raises(IntakeRefused, match="文档类型或者实体声明"):
        rows_of(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html></html>", "最外层应为 log"),
        (log(TRACE)[:-10], "不完整|不是合格的 XML"),
        (log("<trace>"), "第1行不是合格的 XML"),
        (log("<trace><event>" + "<list>" * 40), "嵌套超过32层"),
        (log("<trace><event>" + "".join(f'<string key="k{n}" value="v"/>' for n in range(1001))), "超过1000个属性"),
        (log(f'<trace><string key="a" value="{"x" * (3 << 20)}"/></trace>'), "超过1048576字节的标签"),
        (log("<trace></trace>"), "只有表头"),
        (b"not xml", "第1行不是合格的 XML"),
        ("<?xml version='1.0' encoding='GBK'?><log>日志</log>".encode("gbk"), "请以 UTF-8 重新导出"),
    ],
    ids=["html", "cut", "unbalanced", "deep", "wide", "endless", "empty", "text", "gbk"],
)
def test_what_is_no_log_is_refused(write: Write, content: bytes, why: str) -> None:
    path = write(content, "a.xes")

    with pytest.raises(IntakeRefused, match=why):
        rows_of(path)


def test_a_broken_archive_is_refused(write: Write) -> None:
    with pytest.raises(IntakeRefused, match="压缩文件已损坏"):
        rows_of(write(gzip.compress(log(TRACE))[:-9], "a.xes.gz"))


def test_memory_does_not_grow_with_the_log(write: Write) -> None:
    path = write(gzip.compress(log(TRACE * 20_000)), "a.xes.gz")
    table = open_table(path, MAPPING)

    tracemalloc.start()
    count = sum(1 for _ in table.rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 40_000
    assert peak < 16 << 20
