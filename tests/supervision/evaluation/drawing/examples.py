"""One drawing of each kind, of a county with names as long as they come."""

from __future__ import annotations

from random import Random

from supervision.evaluation.drawing.values import (
    Bar,
    Bars,
    Drawing,
    FunnelPlot,
    HeatCell,
    HeatRow,
    HeatTable,
    Light,
    LightRow,
    Lights,
    Shade,
    Survival,
    SurvivalLine,
    Trend,
    TrendPoint,
    UnitName,
)
from supervision.evaluation.rates import percent
from supervision.evaluation.rules.durations import Span, kaplan_meier
from supervision.evaluation.rules.funnel import Count, compare
from supervision.evaluation.rules.intervals import wilson

STATIONS = (
    "城关派出所",
    "东街派出所",
    "西街派出所",
    "南关派出所",
    "北关派出所",
    "经济技术开发区派出所",
    "高新技术产业开发区第二派出所",
    "刑事侦查大队",
    "治安管理大队",
    "交通警察大队事故处理中队",
    "河口镇派出所",
    "白水镇派出所",
    "青石乡派出所",
    "某某市公安局柳林分局食品药品和环境犯罪侦查大队",
)


def trend(*, months: int = 12, links: bool = True) -> Trend:
    dice = Random(1)
    points = []
    for n in range(months):
        label = f"{2025 + n // 12}年{n % 12 + 1}月"
        if n == 6:
            points.append(TrendPoint(label, f"{n % 12 + 1}月", None))
            continue
        denominator = 8 if n == 3 else dice.randint(120, 260)
        numerator = int(denominator * dice.uniform(0.86, 0.97))
        interval = wilson(numerator, denominator)
        assert interval is not None
        points.append(
            TrendPoint(
                label,
                f"{n % 12 + 1}月",
                numerator * 100 / denominator,
                percent(numerator, denominator),
                f"{numerator}/{denominator}",
                interval.low * 100,
                interval.high * 100,
                grey=denominator < 10,
                href=f"/evaluation/rows/?month={n + 1}" if links else "",
            )
        )
    return Trend(
        title="行政案件按期办结率：柳林县公安局",
        note="2025年1月至12月，指标“按期率”第 1 版，截止各月末",
        points=tuple(points),
        series="2025年",
        previous=tuple(86 + n * 0.5 if n != 2 else None for n in range(months)),
        previous_series="2024年",
    )


def funnel(units: int = 60, *, spread: float = 0.0, links: bool = True) -> FunnelPlot:
    dice = Random(7)
    counts, names = [], []
    for n in range(units):
        size = dice.choice((6, 9, 25, 40, 60, 90, 140, 220, 300, 380))
        rate = 0.9 + dice.uniform(-spread, spread)
        if n in (3, 11, 20):
            rate = 0.72
        if n in (30, 31):
            rate = 0.99
        numerator = sum(dice.random() < rate for _ in range(size))
        counts.append(Count(f"u{n}", numerator, size))
        name = STATIONS[n % len(STATIONS)] + (f"{n // len(STATIONS) + 1}" if n >= len(STATIONS) else "")
        link = f"/evaluation/units/u{n}/" if links else ""
        names.append(UnitName(f"u{n}", name, percent(numerator, size), link))
    compared = compare(counts)
    assert compared is not None
    return FunnelPlot(
        title="各单位行政案件按期办结率与整体的差异",
        note="2025年度，“按期率”第 1 版，截止 2026年1月1日 00:00",
        funnel=compared,
        names=tuple(names),
        size="当期应当办结的期限数（个）",
        target_text=f"{compared.target * 100:.2f}%",
    )


def bars() -> Bars:
    dice = Random(3)
    rows = []
    for n, name in enumerate(STATIONS):
        denominator = 7 if n == 4 else dice.randint(30, 400)
        numerator = 0 if n == 9 else int(denominator * dice.uniform(0.7, 1.0))
        interval = wilson(numerator, denominator)
        assert interval is not None
        rows.append(
            Bar(
                name,
                numerator * 100 / denominator,
                percent(numerator, denominator),
                f"{numerator}/{denominator}",
                interval.low * 100,
                interval.high * 100,
                grey=denominator < 10,
                href=f"/evaluation/units/{n}/",
            )
        )
    rows.append(Bar("新设单位（尚无数据）", None))
    return Bars(
        title="整改率，各单位",
        note="2025年12月，“整改率”第 2 版",
        bars=tuple(rows),
        reference=88.4,
        reference_text="整体 88.40%",
    )


INDICATORS = ("行政案件结案率（当期受案）", "群众满意率", "负面评价率", "投诉率", "按期率", "整改率", "信访化解率")


def heat() -> HeatTable:
    shades = list(Shade)
    dice = Random(5)
    rows = []
    for n, name in enumerate(STATIONS[:10]):
        cells = []
        for m in range(len(INDICATORS)):
            if (n + m) % 9 == 8:
                cells.append(HeatCell("少于5，不单列", shade=Shade.NOT_COMPARED))
                continue
            size, shade = dice.randint(12, 999), dice.choice(shades)
            numerator = int(size * dice.uniform(0.5, 1))
            link = f"/evaluation/rows/?u={n}&i={m}"
            cells.append(HeatCell(percent(numerator, size), f"{numerator}/{size}", shade, link))
        rows.append(HeatRow(name, tuple(cells)))
    return HeatTable(title="四率及主要指标，各单位", note="2025年12月", columns=INDICATORS, rows=tuple(rows))


def survival(groups: int = 2) -> Survival:
    dice = Random(9)
    lines = []
    for n, (label, mean) in enumerate(
        (("2025年", 24), ("2024年", 40), ("其中：治安管理大队", 70), ("刑事侦查大队", 120))
    ):
        if n >= groups:
            break
        spans = []
        for _ in range(240):
            days, watched = int(dice.expovariate(1 / mean)), dice.randint(20, 180)
            spans.append(Span(min(days, watched), ended=days <= watched))
        lines.append(SurvivalLine(label, kaplan_meier(spans), "/evaluation/rows/?open=1"))
    return Survival(
        title="行政案件办案周期：柳林县公安局", note="自立案至结案，未办结的计至 2026年1月1日", lines=tuple(lines)
    )


def lights() -> Lights:
    rows = (
        ("行政案件办案期限（三十日）", 212, 14, 5, 2),
        ("行政案件受案审查（二十四小时）", 31, 0, 0, 0),
        ("刑事案件立案审查（三日，重大疑难三十日）", 44, 6, 0, 1),
        ("刑事拘留后提请批准逮捕（三日，可延长一至四日）", 9, 3, 2, 0),
        ("信访事项答复", 1204, 0, 12, 35),
    )
    return Lights(
        title="正在计时的期限",
        note="截至 2026年1月5日 08:00",
        rows=tuple(
            LightRow(name, *(Light(count, f"/alerts/?level={n}" if count else "") for n, count in enumerate(counts)))
            for name, *counts in rows
        ),
    )


def every_kind() -> dict[str, Drawing]:
    return {
        "trend": trend(),
        "funnel": funnel(),
        "bars": bars(),
        "heat": heat(),
        "survival": survival(),
        "lights": lights(),
    }
