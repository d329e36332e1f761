"""What a special bulletin says of the campaign it is about: what was looked at, what came of it by unit, how far it has come.

Units stand in their order and are not ranked: a campaign goes to where there is most to find.
"""

from __future__ import annotations

from collections.abc import Iterator

from supervision.bulletins.composing import wording
from supervision.bulletins.composing.reading import Material, Step
from supervision.bulletins.papers.document import (
    NONE,
    Block,
    Cell,
    Column,
    FigureTable,
    ListTable,
    Note,
    Number,
    Paragraph,
    Row,
    Run,
    rated,
)
from supervision.campaigns.queries import FEW_FOR_A_SHARE, Standing, Standstill, UnitLine

COLUMNS = ("排查事项", "已办结", "有期限超期", "占比", "整改", "已整改", "占比", "整改超期")
HOW = "以编制时的情况为准；整改含专项评查查出的，撤销的不计。单位按建制先后排列，不排名次；不足 {few} 件的不算占比。"


def campaign_blocks(material: Material) -> Iterator[Block]:
    """The section of the campaign; nothing where the bulletin is about none."""
    of = material.campaign
    if of is None:
        return
    campaign, whole, number = of.campaign, of.figures.whole, wording.counts_of(material)
    first, last = (wording.day_text(day, material.span) for day in (campaign.begins_on, campaign.ends_on))
    yield Paragraph((f"“{campaign.title}”由{campaign.unit}部署，自{first}至{last}。排查范围：{of.words}。",))
    said: list[Run] = ["排查 ", number("campaign.matters", whole.matters), " 件"]
    said += ["，已办结 ", number("campaign.closed", whole.closed), " 件"]
    said += ["，有期限超期的 ", number("campaign.late", whole.late), " 件；"]
    if whole.orders:
        said += ["发出整改通知 ", number("campaign.orders", whole.orders), " 件"]
        said += ["，已整改 ", number("campaign.verified", whole.verified), " 件"]
        said += ["，超期未改 ", number("campaign.overdue", whole.overdue), " 件。"]
    else:
        said.append("没有发出整改通知。")
    yield Paragraph(tuple(said))
    if of.figures.units:
        columns = (Column("单位", numeric=False), *map(Column, COLUMNS))
        rows = [_row(material, f"{material.unit}合计", "", whole)]
        rows += [_row(material, line.unit, line.code, line) for line in of.figures.units]
        yield FigureTable("专项整治各单位情况（件）", columns, tuple(rows))
        yield Note((HOW.format(few=FEW_FOR_A_SHARE),))
    if of.figures.kinds:
        columns = (Column("问题类别", numeric=False), Column("件"))
        found = tuple(Row((kind, number(f"campaign.findings/{kind}", count))) for kind, count in of.figures.kinds)
        yield FigureTable("查出的问题", columns, found)
    if of.steps:
        columns = tuple(Column(name, numeric=False) for name in ("工作步骤", "期限", "完成", "进度"))
        yield ListTable(
            "工作步骤",
            columns,
            tuple(
                Row(
                    (
                        step.name,
                        wording.day_text(step.due_on, material.span),
                        "—" if step.done_on is None else wording.day_text(step.done_on, material.span),
                        _standing(step),
                    )
                )
                for step in of.steps
            ),
            name="专项步骤",
        )


def _standing(step: Step) -> str:
    """In words; what was put off says so where its lateness does not."""
    put_off = step.slipped and step.standing not in (Standing.OVER, Standing.DONE_LATE)
    return f"{step.standing.word}{'（已改期）' if put_off else ''}"


def _row(material: Material, name: str, code: str, line: UnitLine) -> Row:
    number, under = wording.counts_of(material), f"{code}/" if code else ""
    # Where only what is over is looked at, its share is all of it and says nothing.
    only_late = material.campaign is not None and material.campaign.campaign.looked_at.standstill == Standstill.OVER

    def share(what: str, part: int, of: int) -> Number | str:
        if of < FEW_FOR_A_SHARE:
            return NONE
        return rated(f"{under}campaign.{what}/{number.where}", part, of)

    cells: list[Cell] = [
        number(f"{under}campaign.matters", line.matters),
        number(f"{under}campaign.closed", line.closed),
        number(f"{under}campaign.late", line.late),
        NONE if only_late else share("late_share", line.late, line.matters),
        number(f"{under}campaign.orders", line.orders),
        number(f"{under}campaign.verified", line.verified),
        share("verified_share", line.verified, line.orders),
        number(f"{under}campaign.overdue", line.overdue),
    ]
    return Row((name, *cells), total=not code)
