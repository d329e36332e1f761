"""CSV as it comes: encodings, quotes, rows too long and too short, and files that are something else."""

import gzip
from pathlib import Path

import pytest

from cases.intake import IntakeRefused, parse_mapping
from cases.intake.files import RawRow
from cases.intake.opening import open_table
from tests.cases.intake.conftest import STEPS, Write, changed

MAPPING = parse_mapping(STEPS)
HEADS = "编号,单位,环节,时间,流水号"
GOOD = f"{HEADS}\nA1,X1,立案,2026-03-02,1\n"


def rows_of(path: Path, **options: object) -> list[RawRow]:
    return list(open_table(path, changed(STEPS, **options)).rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_a_bureau_exports_is_recognised(write: Write, encoding: str) -> None:
    path = write(GOOD, encoding=encoding)

    table = open_table(path, MAPPING)

    assert table.heads == HEADS.split(",")
    assert [row.cells for row in table.rows()] == [["A1", "X1", "立案", "2026-03-02", "1"]]


def test_gbk_is_recognised_however_late_its_first_chinese_comes(write: Write) -> None:
    ascii_rows = b"".join(b"A%d,X1,x,2026-03-02,%d\r\n" % (n, n) for n in range(60_000))
    assert len(ascii_rows) > 1 << 20
    path = write(b"number,unit,step,when,no\r\n" + ascii_rows + "B,X1,立案,2026-03-02,b\r\n".encode("gbk"))
    mapping = changed(
        STEPS,
        matter__number="number",
        matter__unit="unit",
        event__kind={"column": "step"},
        event__when="when",
        event__source_number="no",
    )

    table = open_table(path, mapping)

    assert list(table.rows())[-1] == RawRow(60_002, ["B", "X1", "立案", "2026-03-02", "b"])
    assert table.total == 60_001


def test_a_file_in_no_encoding_is_refused_naming_byte_and_line(write: Write) -> None:
    path = write(GOOD.encode() + b"A2,X1,\xff\xff,2026-03-02,2\n")

    with pytest.raises(IntakeRefused, match=r"既不是 UTF-8 也不是 GB18030（GBK）编码：第3行（第\d+字节）") as refused:
        open_table(path, MAPPING)
    assert f"第{len(GOOD.encode()) + len('A2,X1,')}字节" in str(refused.value)


def test_a_mapping_may_insist_on_an_encoding(write: Write) -> None:
    path = write(GOOD, encoding="gbk")

    assert rows_of(path, encoding="gbk")
    with pytest.raises(IntakeRefused, match=r"第1行（第0字节）不是 UTF-8 编码"):
        rows_of(path, encoding="utf-8")


def test_a_character_cut_off_at_the_end_is_refused(write: Write) -> None:
    path = write(GOOD.encode() + "A2,X1,立".encode()[:-1])

    with pytest.raises(IntakeRefused, match="第3行"):
        open_table(path, changed(STEPS, encoding="utf-8"))


def test_rows_are_numbered_as_excel_shows_them_though_a_cell_may_have_several_lines(write: Write) -> None:
    path = write(f'{HEADS}\n"A\n1",X1,立案,2026-03-02,1\n\nA2,X1,立案,2026-03-02,2\n'.encode())

    assert [row.number for row in rows_of(path)] == [2, 4]


def test_heads_may_stand_further_down(write: Write) -> None:
    path = write(f"某局台账,,,,\n{GOOD}")

    assert rows_of(path, head_row=2) == [RawRow(3, ["A1", "X1", "立案", "2026-03-02", "1"])]
    with pytest.raises(IntakeRefused, match="没有对应表“流程”所需的列"):
        rows_of(path)
    with pytest.raises(IntakeRefused, match="第9行应为表头"):
        rows_of(path, head_row=9)


def test_missing_columns_are_named_beside_those_there_are(write: Write) -> None:
    path = write("编号,单位,环节\nA1,X1,立案\n")

    with pytest.raises(IntakeRefused) as refused:
        open_table(path, MAPPING)
    assert str(refused.value) == "文件中没有对应表“流程”所需的列：“流水号”、“时间”。文件的表头是：编号、单位、环节"


def test_a_mapped_column_that_is_there_twice_is_refused(write: Write) -> None:
    path = write(f"{HEADS},单位\nA1,X1,立案,2026-03-02,1,X2\n")

    with pytest.raises(IntakeRefused, match="表头“单位”出现了2次"):
        open_table(path, MAPPING)


def test_a_short_row_is_filled_up_and_a_long_one_is_named(write: Write) -> None:
    path = write(f"{HEADS}\nA1,X1,立案\nA2,X1,立案,2026-03-02,2,,\nA3,X1,立案,2026-03-02,3,多,出\n")

    short, blank, long = rows_of(path)

    assert short == RawRow(2, ["A1", "X1", "立案", "", ""])
    assert blank == RawRow(3, ["A2", "X1", "立案", "2026-03-02", "2"])
    assert (long.number, long.problems[0][1]) == (4, "这一行有7列，表头只有5列；内容中的逗号应放在引号里")


def test_broken_quotes_cost_their_own_row_only(write: Write) -> None:
    path = write(f'{HEADS}\nA1,X1,"立"案,2026-03-02,1\nA2,X1,立案,2026-03-02,2\n')

    broken, good = rows_of(path)

    assert broken.number == 2
    assert "引号不成对" in broken.problems[0][1]
    assert good == RawRow(3, ["A2", "X1", "立案", "2026-03-02", "2"])


def test_a_quote_that_is_never_closed_is_told_and_swallows_no_more_than_it_may(write: Write) -> None:
    many = "".join(f"B{n},X1,立案,2026-03-02,{n}\n" for n in range(20_000))
    path = write(f'{HEADS}\nA1,X1,"立案,2026-03-02,1\n{many}'.encode())

    rows = rows_of(path)

    assert "引号不成对" in rows[0].problems[0][1]
    assert rows[-1].cells[0] == "B19999"
    assert sum(bool(row.problems) for row in rows) == 1


def test_other_delimiters_are_named_by_the_mapping(write: Write) -> None:
    path = write(GOOD.replace(",", "\t").encode())

    assert rows_of(path, delimiter="\t")[0].cells[0] == "A1"


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.csv", "文件是空的"),
        (b"", "a.csv.gz", "文件是空的"),
        (gzip.compress(b"", mtime=0), "a.csv.gz", "文件是空的"),
        (HEADS.encode(), "a.csv", "只有表头"),
        (b"\n\n", "a.csv", "第1行应为表头"),
        (b"a,b\0c\n", "a.csv", r"第1行（第3字节）有空字节"),
        (b"PK\x03\x04abcd", "a.csv", "内容却是 ZIP 或者 Excel"),
        (b"\xd0\xcf\x11\xe0abcd", "a.xlsx", "旧版 Excel"),
        (GOOD.encode(), "a.xlsx", "内容却是别的格式"),
        (GOOD.encode(), "a.csv.gz", "内容却是没有压缩的文件"),
        (GOOD.encode(), "a.xls", "不接受“.xls”文件"),
        (GOOD.encode(), "a", "不接受“a”文件"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-12], "a.csv.gz", "压缩文件已损坏或不完整"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-8] + b"\0" * 8, "a.csv.gz", "压缩文件已损坏或不完整"),
        (b"a" * (1 << 20) + b"b\n", "a.csv", "第1行超过1048576字节"),
        (GOOD.encode() + b"a" * (3 << 20), "a.csv", "第3行超过1048576字节"),
    ],
)
def test_what_is_no_table_is_refused_before_anything_is_read(write: Write, content: bytes, name: str, why: str) -> None:
    path = write(content, name)

    with pytest.raises(IntakeRefused, match=why):
        open_table(path, MAPPING)


def test_two_gibibytes_of_nothing_are_refused_at_the_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "大.csv"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)

    with pytest.raises(IntakeRefused, match="有空字节"):
        open_table(path, MAPPING)


def test_an_archive_that_unpacks_without_end_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.intake.files.MOST_UNPACKED", 3 << 20)
    path = write(gzip.compress(b"a,b\n" * (1 << 20)), "a.csv.gz")

    with pytest.raises(IntakeRefused, match="压缩文件解开后超过3 MiB"):
        open_table(path, MAPPING)


def test_a_packed_file_is_the_same_file(write: Write) -> None:
    plain = open_table(write(GOOD), MAPPING)
    packed = open_table(write(gzip.compress(GOOD.replace("\n", "\r\n").encode()), "b.csv.gz"), MAPPING)

    assert list(packed.rows()) == list(plain.rows())
    assert packed.digest == plain.digest


def test_a_mapping_for_another_format_is_refused(write: Write) -> None:
    with pytest.raises(IntakeRefused, match=r"对应表“流程”用于 xlsx 文件，“导出.csv”是 csv 文件"):
        open_table(write(GOOD), changed(STEPS, format="xlsx"))
