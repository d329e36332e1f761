"""The sections of a circular, in their order; a section with nothing to say is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cases.audit.queries import Anchor
from supervision.bulletins.composing import wording
from supervision.bulletins.composing.adjusting import adjusted_blocks
from supervision.bulletins.composing.campaigning import campaign_blocks
from supervision.bulletins.composing.charts import bars_of, funnel_of
from supervision.bulletins.composing.draft import Draft, Section
from supervision.bulletins.composing.numbers import points, ratio, told
from supervision.bulletins.composing.reading import Compared, Material
from supervision.bulletins.composing.standing import Around, Named, funnels, named, sentence
from supervision.bulletins.papers.document import (
    NONE,
    Annex,
    Block,
    Cell,
    Column,
    FigureTable,
    ListTable,
    Note,
    Paragraph,
    Row,
)
from supervision.bulletins.rules.life import SECTIONS, Kind

FOUR: Final = "four"
LIMITS: Final = ("on_time", "triage_on_time", "filing_on_time", "expedited")
RECTIFIED: Final = ("rectified_cohort", "rectified_on_time")
FOLLOWED: Final = (
    "followup_complete",
    "petition_resolved",
    "petition_on_time",
    "petition_repeat",
    "complaint_borne_out",
    "mediated",
    "head_appearance",
)
# Pictures of one circular; more would be leafed over.
FUNNELS_DRAWN: Final = 2
HOW_COUNTED: Final = (
    "百分比截取两位小数，不四舍五入；“—”表示没有可算的。基数小的标 *，不作比较。时限只计本机关的义务和措施上限；届满日当天 24 时为限。"
    "变化的 95% 置信区间含零的（Newcombe 1998），注明可能只是偶然波动。上期、上年同期按现有数据重新计算。签发后的变动不改本期，在以后各期说明。"
)
HOW_NAMED: Final = (
    "表扬、批评只点名超出控制限的单位（二项分布精确控制限，Spiegelhalter 2005），基数小的和涉及信访、投诉的不点名。"
)

NOBODY_NAMED: Final = "各单位之间的差异都在偶然差异范围以内，本期不点名表扬、批评。"


def write(material: Material, *, title: str, at: datetime, sealed: Anchor | None = None) -> Draft:
    """The circular in sections; `at` (local) is when it was put together, `sealed` the end of the audit's chain, to be
    printed."""
    around = list(funnels(material)) if material.kind != Kind.DAILY else []
    standing = [one for funnel in around for one in named(funnel)]
    whole = material.kind in (Kind.MONTHLY, Kind.SPECIAL)
    blocks: dict[str, tuple[Block, ...]] = {
        "overall": (*_overall(material), *_sealed(sealed, at)),
        "campaign": tuple(campaign_blocks(material)),
        "rates": tuple(_rates(material, whole)) if material.kind != Kind.DAILY else (),
        "limits": tuple(_limits(material, whole)),
        "rectification": tuple(_group(material, RECTIFIED, "整改情况")),
        "followup": (
            *_group(material, FOLLOWED, "盯办、信访与群众诉求"),
            *_group(material, _others(material), "其他指标"),
        ),
        "standing": tuple(_standing(material, around, standing)),
        "problems": tuple(_problems(material)),
        "due": tuple(_due(material)),
        "adjusted": tuple(adjusted_blocks(material)),
        "next": (),
    }
    return Draft(
        title=title,
        period=f"{wording.days_text(material.span)}，统计截至{wording.moment_text(material.period.cutoff)}",
        headline="".join(run if isinstance(run, str) else run.text for run in wording.headline(material)),
        composed_on=at.date(),
        sections=tuple(Section(code, name, blocks[code]) for code, name in SECTIONS.items()),
        annexes=tuple(_annexes(material)) if whole else (),
    )


def _overall(material: Material) -> Iterator[Block]:
    yield Paragraph(wording.headline(material))
    yield from wording.points(material)
    if not material.period.over:
        yield Note(("本期尚未结束，数字还会变化。",))


def _sealed(sealed: Anchor | None, at: datetime) -> Iterator[Block]:
    """What is on paper cannot be made to fit afterwards: `manage.py verify_seals --anchor` asks for it."""
    if sealed is not None:
        moment = wording.moment_text(sealed.sealed_at.astimezone(at.tzinfo))
        groups = " ".join(sealed.chain[begin : begin + 8] for begin in range(0, len(sealed.chain), 8))
        yield Note((f"审计封存链第 {sealed.number} 条，{moment}封存，链值 {groups}。",))


def _rates(material: Material, whole: bool) -> Iterator[Block]:
    four = material.of_group(FOUR)
    for one in four:
        if (said := wording.trend(one, material.kind)) is not None:
            yield said
    if four:
        yield _compared_table("四率", four, material)
        yield from _by_unit("各单位四率", [one for one in four if not one.indicator.restricted], material)
    if whole and (chart := bars_of(material, "close_adm_cohort")) is not None:
        yield chart


def _compared_table(title: str, rows: list[Compared], material: Material) -> FigureTable:
    before = wording.BEFORE[material.kind]
    # Where nothing is known of a year ago the columns would only hold dashes.
    with_year = any(one.year_ago is not None and one.year_ago.denominator for one in rows)
    columns = [Column("指标", numeric=False), Column("本期", parts=True), Column(before), Column("环比（百分点）")]
    columns += [Column("上年同期"), Column("同比（百分点）")] if with_year else []
    lines = []
    for one in rows:
        key = f"{one.indicator.label}/{material.unit.code}/{material.span.first}/{material.span.last}"
        cells: list[Cell] = [
            one.indicator.name,
            told(one.now, f"{key}/now", one.withheld),
            ratio(one.before) if one.before is not None else NONE,
            points(f"{key}/on_before", one.on_before),
        ]
        if with_year:
            cells.append(ratio(one.year_ago) if one.year_ago is not None else NONE)
            cells.append(points(f"{key}/on_year", one.on_year))
        lines.append(Row(tuple(cells)))
    return FigureTable(title, tuple(columns), tuple(lines))


def _by_unit(title: str, indicators: list[Compared], material: Material) -> Iterator[Block]:
    # What may not be told of the whole says so in the table above, and not once more in every row.
    shown = [one for one in indicators if one.now is not None and material.below.get(one.indicator.code)]
    if not shown or not material.places:
        return
    columns = (Column("单位", numeric=False), *(Column(one.indicator.name, parts=True) for one in shown))
    whole: list[Cell] = [
        told(one.now, f"{one.indicator.label}/{material.unit.code}/now", one.withheld) for one in shown
    ]
    rows = [Row((f"{material.unit}合计", *whole), total=True)]
    for place in material.places:
        found = [material.below[one.indicator.code].get(place.code) for one in shown]
        if any(cell is not None and cell.denominator for cell in found):
            cells = (
                told(cell, f"{one.indicator.label}/{place.code}/now", one.withheld)
                for one, cell in zip(shown, found, strict=True)
            )
            rows.append(Row((str(place), *cells)))
    yield FigureTable(title, columns, tuple(rows))


def _limits(material: Material, whole: bool) -> Iterator[Block]:
    figures, number = material.figures, wording.counts_of(material)
    rates = material.of(*LIMITS)
    if whole:
        for one in rates:
            if (said := wording.trend(one, material.kind)) is not None:
                yield said
    if rates:
        yield _compared_table("期限与快办", rates, material)
        yield from _by_unit("各单位期限", rates, material)
    yield _warnings(material)
    counted = figures.limits_counted()
    limits = [(limit, count) for limit, count in counted if count.missed]
    if limits:
        columns = (Column("时限与依据", numeric=False), *map(Column, ("按期", "超期办结", "届满未办", "按期率")))
        rows = []
        for limit, count in limits:
            rate, key = count.on_time, f"limit/{limit.code}"
            rows.append(
                Row(
                    (
                        f"{limit.name}（{limit.citation}）",
                        number(f"{key}/in_time", count.in_time),
                        number(f"{key}/late", count.late),
                        number(f"{key}/expired", count.expired),
                        number.rate(f"{key}/on_time", rate.numerator, rate.denominator),
                    )
                )
            )
        yield FigureTable("有超期的时限，多的在前（个）", columns, tuple(rows))
    if in_time := len(counted) - len(limits):
        yield Note(
            (f"{'另有' if limits else '办结或届满的'} ", number("limits.all_in_time", in_time), " 种时限全部按期。")
        )
    cells = figures.cells_missed()
    if len(figures.places) > 1 and cells:
        columns = (Column("单位", numeric=False), Column("时限", numeric=False), Column("超期办结"), Column("届满未办"))
        rows = [
            Row(
                (
                    place.name,
                    limit.name,
                    number(f"cell/{place.code}/{limit.code}/late", count.late),
                    number(f"cell/{place.code}/{limit.code}/expired", count.expired),
                )
            )
            for place, limit, count in cells
        ]
        yield ListTable("哪个单位在哪种时限上超期（个）", columns, tuple(rows), name="超期分布")


def _warnings(material: Material) -> FigureTable:
    """Warnings by unit: raised and withdrawn in the period, waiting at its end by the level they had reached."""
    figures, number = material.figures, wording.counts_of(material)
    names = ("新增", "撤销", "待处理", "■ 超期", "◆ 橙", "▲ 黄")
    columns = (Column("单位", numeric=False), *map(Column, names))
    places = [("", f"{material.unit}合计", figures.all_alerts)]
    if len(figures.places) > 1:
        counted = ((place, figures.alerts_of(place)) for place in figures.places)
        places += [(f"{place.code}/", place.name, count) for place, count in counted if not count.nothing]
    rows = []
    for code, name, count in places:
        values = (count.raised, count.withdrawn, count.open, count.open_red, count.open_orange, count.open_yellow)
        keys = ("raised", "withdrawn", "open", "open_red", "open_orange", "open_yellow")
        cells = (number(f"{code}alerts.{key}", value) for key, value in zip(keys, values, strict=True))
        rows.append(Row((name, *cells), total=not code))
    return FigureTable("超期风险预警（起；待处理为期末数，其后分列已到的级别）", columns, tuple(rows))


def _group(material: Material, codes: tuple[str, ...], title: str) -> Iterator[Block]:
    rows = [one for one in material.of(*codes) if one.now is None or one.now.denominator]
    for one in rows:
        if (said := wording.trend(one, material.kind)) is not None:
            yield said
    if rows:
        yield _compared_table(title, rows, material)


def _others(material: Material) -> tuple[str, ...]:
    """What has no place of its own: what a bureau measures besides, and the parts of a rate that is told as a whole."""
    placed = {*LIMITS, *RECTIFIED, *FOLLOWED}
    indicators = [one.indicator for one in material.compared]
    return tuple(one.code for one in indicators if one.group != FOUR and one.code not in placed)


def _standing(material: Material, around: list[Around], standing: list[Named]) -> Iterator[Block]:
    for one in sorted(standing, key=lambda one: (one.good is not True, one.good is None)):
        yield sentence(one)
    if standing:
        outside = {one.cell.indicator.pk for one in standing}
        for funnel in [one for one in around if one.indicator.pk in outside][:FUNNELS_DRAWN]:
            yield funnel_of(material, funnel)
        yield Note((HOW_NAMED,))
    elif around:
        yield Paragraph((NOBODY_NAMED,))


def _problems(material: Material) -> Iterator[Block]:
    overdue, number = material.figures.overdue, wording.counts_of(material)
    if overdue.longest:
        columns = tuple(Column(name, numeric=False) for name in ("事项", "种类", "单位", "时限", "届满", "超期"))
        rows = []
        for row in overdue.longest:
            day = wording.day_text(row.due_on or row.due_at.date(), material.span)
            hour = "" if row.due_on else f" {row.due_at:%H:%M}"
            rows.append(Row((row.number, row.kind, row.unit, row.limit, f"{day}{hour}", row.late_by)))
        yield ListTable("超期最久、仍未办结的时限", columns, tuple(rows), name="超期未办")
        if (left := overdue.count - overdue.restricted - len(rows)) > 0:
            yield Note(("另有 ", number("overdue.not_listed", left), " 项未列出，见系统内的长期超期清单。"))
    if overdue.restricted:
        hidden = number("overdue.restricted", overdue.restricted)
        yield Note((hidden, " 项属仅经办人可见的事项，只计数，不列名。"))
    orders = material.figures.orders
    if orders.longest:
        columns = tuple(Column(name, numeric=False) for name in ("整改号", "问题", "单位", "期限", "超期"))
        listed = tuple(
            Row((row.number, row.problem, row.unit, wording.day_text(row.due_on, material.span), row.late_by))
            for row in orders.longest
        )
        yield ListTable("超期仍未办结的整改", columns, listed, name="整改超期")
        if (left := orders.count - len(listed)) > 0:
            yield Note(("另有 ", number("orders.not_listed", left), " 件未列出。"))


def _due(material: Material) -> Iterator[Block]:
    rows = material.figures.due_next
    if not rows:
        return
    number = wording.counts_of(material)
    whole = number("due_next", sum(count for _, count in rows))
    what = {Kind.DAILY: "今后七天", Kind.WEEKLY: "下周", Kind.MONTHLY: "下月"}.get(material.kind, "下一同长时段")
    yield Paragraph((f"按现在的办理情况，{what}届满的时限 ", whole, " 个，请提前安排。"))
    columns = (Column("时限", numeric=False), Column(f"{what}届满（个）"))
    yield FigureTable(
        f"{what}届满的时限", columns, tuple(Row((name, number(f"due_next/{name}", count))) for name, count in rows)
    )


def _annexes(material: Material) -> Iterator[Annex]:
    if material.compared:
        columns = tuple(Column(name, numeric=False) for name in ("指标", "版本", "分子", "分母"))
        rows = tuple(
            Row(
                (
                    one.indicator.name,
                    f"第{one.indicator.version}版",
                    one.indicator.numerator_words,
                    one.indicator.denominator_words,
                )
            )
            for one in material.compared
        )
        yield Annex("指标口径", (ListTable("本期所用指标", columns, rows, name="指标口径"), Note((HOW_COUNTED,))))
    else:
        yield Annex("统计口径", (Note((HOW_COUNTED,)),))
