"""Circulars to make papers of: a county's month, one with everything hostile, one of nothing, one of very much."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from html import escape

from supervision.bulletins.papers.document import (
    Annex,
    Block,
    Chart,
    Circular,
    Column,
    FigureTable,
    Heading,
    ListTable,
    Note,
    Paragraph,
    Row,
    changed,
    counted,
    rated,
    withheld,
)

STATIONS = (
    *("城关派出所", "东门派出所", "西门派出所", "南湖派出所", "北河派出所", "青山派出所", "白马派出所", "双桥派出所"),
    *("石桥派出所", "柳林派出所", "高庙派出所", "三岔口派出所", "刑事侦查大队", "治安管理大队", "交通管理大队"),
    "经济开发区派出所",
)
HOSTILE = ("<script>alert(1)</script>", "&amp; & <b>", "=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", '#import "x"')
HOSTILE += (
    "$x^2$ *粗* _斜_ \\ `码`",
    "欧阳喆堃昇镕珺璟頔㛃䶮𬬻",
    "甲\x00乙\x0b丙\u202e丁\ud800戊",
    "名" * 300,
    "A" * 300,
    "{{ 7*7 }}{% raw %}",
    "笑😀脸",
)


@lru_cache
def drawn(bars: tuple[tuple[str, int, str], ...]) -> tuple[str, bytes]:
    """Horizontal bars as SVG, and the same as PNG."""
    import typst

    from supervision.bulletins.papers.fonts import type_at_hand

    height = 24 * len(bars) + 30
    rows = "".join(
        f'<text x="150" y="{24 * n + 31}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="156" y="{24 * n + 18}" width="{3 * length}" height="16" fill="#0072b2" stroke="#000000"/>'
        f'<text x="{162 + 3 * length}" y="{24 * n + 31}">{escape(told)}</text>'
        for n, (name, length, told) in enumerate(bars)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="560" height="{height}" viewBox="0 0 560 {height}" '
        f'font-family="Noto Sans SC" font-size="13"><rect width="560" height="{height}" fill="#ffffff"/>{rows}</svg>'
    )
    fonts = type_at_hand(None)
    source = '#set page(width: auto, height: auto, margin: 0pt)\n#image("a.svg")'
    png = typst.compile(
        {"main": source.encode(), "a.svg": fonts.shown(svg).encode()}, format="png", font_paths=fonts.loaded, ppi=150.0
    )
    assert isinstance(png, bytes)
    return svg, png


def chart_of(title: str, rows: tuple[tuple[str, int, int], ...], key: str) -> Chart:
    """A chart of rates."""
    numbers = [rated(f"{key}/{n}", part, whole) for n, (_, part, whole) in enumerate(rows)]
    bars = tuple((name, int(number.value or 0), number.text) for (name, *_), number in zip(rows, numbers, strict=True))
    return Chart(
        title,
        "横条越长按期率越高，右端为按期率。",
        *drawn(bars),
        columns=(Column("单位"), Column("按期率", parts=True)),
        rows=tuple(Row((name, number)) for (name, *_), number in zip(rows, numbers, strict=True)),
    )


def county_month(*, issued: bool = True) -> Circular:
    """江北县's monthly circular: sixteen units, four rates, a chart, the lists."""
    rates = tuple((name, 41 + 7 * n % 23, 46 + 7 * n % 23) for n, name in enumerate(STATIONS))
    whole = (sum(part for _, part, _ in rates), sum(of for *_, of in rates))
    total = rated("on_time/all", *whole)
    rectified = rated("rectified/all", 262, 286)
    blocks: tuple[Block, ...] = (
        Paragraph(
            (
                "2026年5月，全县公安机关办结或届满的时限按期率为",
                total,
                "，比上月",
                changed("on_time/all/month", -1),
                "个百分点；截至期末仍有",
                counted("overdue", 7),
                "个时限超期未办。现将有关情况通报如下。",
            )
        ),
        Heading(1, "总体情况"),
        Heading(2, "时限按期情况"),
        Paragraph(
            (
                "全县办结或届满的时限共",
                counted("due/all", whole[1]),
                "个，按期",
                counted("in_time/all", whole[0]),
                "个，按期率",
                total,
                "。各单位情况见下图、下表。",
            )
        ),
        chart_of("各单位时限按期率", rates, "chart/on_time"),
        FigureTable(
            "各单位时限按期情况",
            (
                Column("单位", numeric=False),
                Column("按期"),
                Column("超期办结"),
                Column("届满未办"),
                Column("按期率", parts=True),
                Column("环比"),
            ),
            (
                Row(
                    (
                        "全县",
                        counted("in_time/all", whole[0]),
                        counted("late/all", 61),
                        counted("expired/all", 19),
                        total,
                        changed("on_time/all/month", -1),
                    ),
                    total=True,
                ),
                *(
                    Row(
                        (
                            name,
                            counted(f"in_time/{n}", part),
                            counted(f"late/{n}", n % 5),
                            counted(f"expired/{n}", n % 3),
                            rated(f"on_time/{n}", part, of),
                            changed(f"change/{n}", n - 7),
                        )
                    )
                    for n, (name, part, of) in enumerate(rates)
                ),
            ),
        ),
        Note(("按期率为按期数除以按期、超期办结、届满未办之和；百分比截取两位小数，不四舍五入，“—”表示分母为零。",)),
        Heading(2, "整改情况"),
        Paragraph(
            (
                "发出整改通知",
                counted("orders/all", 286),
                "件，已整改",
                counted("orders/done", 262),
                "件，整改率",
                rectified,
                "；行政案件快速办理",
                counted("fast", 4057),
                "件，占",
                rated("fast/share", 4057, 16491, decimals=1),
                "。",
            )
        ),
        Heading(3, "整改质量"),
        Paragraph(
            (
                "重复发生的问题",
                counted("repeated", 12),
                "件。",
            )
        ),
        Heading(4, "证据材料"),
        Paragraph(
            (
                "未附证据被退回",
                counted("returned", 9),
                "件。",
            )
        ),
        Heading(1, "突出问题"),
        FigureTable(
            "信访事项化解情况",
            (Column("单位", numeric=False), Column("受理"), Column("化解"), Column("化解率", parts=True)),
            (
                Row(
                    (
                        "全县",
                        counted("petitions", 153),
                        counted("petitions/solved", 103),
                        rated("petitions/rate", 103, 153),
                    ),
                    total=True,
                ),
                Row(
                    (
                        "城关派出所",
                        counted("petitions/1", 8),
                        counted("petitions/solved/1", 6),
                        rated("petitions/rate/1", 6, 8),
                    )
                ),
                Row(
                    (
                        "东门派出所",
                        withheld("petitions/2", "少于5，不单列"),
                        withheld("petitions/solved/2", "少于5，不单列"),
                        rated("petitions/rate/2", 0, 0),
                    )
                ),
            ),
        ),
        Heading(1, "工作要求"),
        Paragraph(
            (
                "各单位要对照清单逐项整改，",
                "6月15日前书面报告整改情况。对超期时间长、同类问题反复发生的，由县局法制大队跟踪督办。",
            )
        ),
    )
    listed = tuple(
        Row(
            (
                f"A3301{n:06d}2026050{n % 9 + 1}",
                ("盗窃案", "故意伤害案", "殴打他人案", "扰乱公共秩序案")[n % 4],
                STATIONS[n % 16],
                "拘留期限" if n % 2 else "询问查证时间",
                "5月12日",
                counted(f"late_by/{n}", n + 1),
            )
        )
        for n in range(24)
    )
    return Circular(
        head="江北县公安局执法监督通报",
        number="江公法监〔2026〕3号",
        title="江北县公安局关于2026年5月\n执法监督情况的通报",
        period="5月1日至5月31日，截止5月31日24时",
        addressees=("各派出所", "机关各大队"),
        blocks=blocks,
        issuer="江北县公安局",
        composed_on=date(2026, 6, 1),
        issued_on=date(2026, 6, 1) if issued else None,
        annexes=(
            Annex(
                "超期未办事项清单",
                (
                    ListTable(
                        "超期未办事项",
                        (
                            Column("事项编号", numeric=False),
                            Column("种类", numeric=False),
                            Column("单位", numeric=False),
                            Column("时限", numeric=False),
                            Column("届满", numeric=False),
                            Column("已超（天）"),
                        ),
                        listed,
                        name="超期清单",
                    ),
                ),
            ),
            Annex(
                "以前各期更正",
                (
                    ListTable(
                        "更正",
                        (Column("期次", numeric=False), Column("原数"), Column("现数"), Column("原因", numeric=False)),
                        (),
                        name="更正",
                        empty="本期没有对以前各期的更正。",
                    ),
                ),
            ),
        ),
        headline="按期率下降，7个时限超期未办。",
        seal="",
        remark="（此件发至各派出所、机关各大队）",
        cc=("市公安局法制支队", "县局领导", "县局纪检监察组"),
        printed_by="江北县公安局法制大队",
        printed_on=date(2026, 6, 1),
    )


def of_hostile_words() -> Circular:
    """Everything that somebody could write, wherever something can be written."""
    rows = tuple(
        Row((word, counted(f"h/{n}", n), rated(f"h/rate/{n}", n, n + 1), word)) for n, word in enumerate(HOSTILE)
    )
    columns = (
        Column("=名称<b>", numeric=False),
        Column("数&量"),
        Column("比=率", parts=True),
        Column("@说明", numeric=False),
    )
    blocks: tuple[Block, ...] = (
        *(Heading(n % 4 + 1, word) for n, word in enumerate(HOSTILE)),
        *(Paragraph((word, counted(f"p/{n}", n * 1000), word)) for n, word in enumerate(HOSTILE)),
        Note((HOSTILE[0], counted("note", 5), HOSTILE[2])),
        FigureTable(HOSTILE[0], columns, rows, empty=HOSTILE[1]),
        chart_of(HOSTILE[8], tuple((word[:20], 20 - n, 20) for n, word in enumerate(HOSTILE)), "c"),
        FigureTable(HOSTILE[2], columns, (), empty=HOSTILE[2]),
    )
    first = HOSTILE[2]
    return Circular(
        head=HOSTILE[0], number=first, title=f"关于{HOSTILE[0]}{HOSTILE[8]}的通报", period=HOSTILE[6], addressees=HOSTILE[:4],
        blocks=blocks, issuer=HOSTILE[1], composed_on=date(2026, 6, 1), issued_on=date(2026, 6, 1),
        annexes=tuple(Annex(word, (ListTable(word, columns, rows, name=word),)) for word in ("[a]:*?/\\", "'x'", "'X'", "History", "名" * 40)[:2]) + (
            Annex("重名", tuple(ListTable(word, columns, tuple(Row((cell.cells[0], *cell.cells[1:])) for cell in rows[:2]), name=word) for word in ("'X'", "History", "名" * 40, "名" * 41, "", "说明"))),
        ),
        headline=HOSTILE[0], seal=HOSTILE[3], remark=HOSTILE[4], cc=HOSTILE[:3], printed_by=HOSTILE[7], printed_on=date(2026, 6, 1),
    )  # fmt: skip


def of_nothing() -> Circular:
    """A draft with a title and no block."""
    return replace(county_month(issued=False), blocks=(), annexes=(), cc=(), printed_by="", remark="", period="")


def of_empty_tables() -> Circular:
    columns = (Column("单位", numeric=False), Column("数量"), Column("比率", parts=True))
    return replace(
        county_month(),
        blocks=(Heading(1, "情况"), FigureTable("空表", columns, ()), Paragraph(("共", counted("none", 0), "件。"))),
        annexes=(Annex("清单", (ListTable("空清单", columns, ()),)),),
    )


def of_long_tables() -> Circular:
    """Tables of two hundred rows, one of them with many columns, and a chart of more data than can be spoken."""
    columns = (Column("单位", numeric=False), *(Column(f"第{n}项指标") for n in range(1, 9)))
    rows = tuple(
        Row((f"第{n}责任区刑侦中队", *(counted(f"w/{n}/{k}", n * k) for k in range(1, 8)), rated(f"w/{n}/8", n, n + 5)))
        for n in range(200)
    )
    return replace(
        county_month(issued=False),
        blocks=(
            Heading(1, "情况"),
            FigureTable("宽表", columns, rows),
            chart_of("多单位按期率", tuple((f"单位{n}", n, 60) for n in range(50)), "many"),
        ),
        annexes=(
            Annex(
                "清单",
                (
                    ListTable(
                        "长清单",
                        (Column("事项", numeric=False), Column("单位", numeric=False), Column("已超（天）")),
                        tuple(Row((f"A33010000002026{n:06d}", "城关派出所", counted(f"l/{n}", n))) for n in range(200)),
                        name="长清单",
                    ),
                ),
            ),
        ),
    )


ALL = {
    "a county's month": county_month,
    "hostile words": of_hostile_words,
    "nothing": of_nothing,
    "empty tables": of_empty_tables,
    "long tables": of_long_tables,
}
