"""What a drawing says to whoever cannot see it."""

from supervision.evaluation.drawing.values import Bar, Bars, days_words
from tests.supervision.evaluation.drawing import examples


def test_a_trend_tells_every_period_with_its_counts_and_where_there_were_few() -> None:
    words = examples.trend().description

    assert words.startswith("2025年：2025年1月 ")
    assert "2025年7月 —；" in words
    assert "（7/8），数量过少" in words


def test_a_funnel_names_only_units_outside_and_says_how_many_there_are() -> None:
    drawing = examples.funnel()

    named = {s.count.key for s in drawing.funnel.outside()}
    words = drawing.description
    assert words.startswith("共 60 个单位，整体 ")
    for name in drawing.names:
        whole_name = any(f"{edge}{name.name}{end}" in words for edge in "：、" for end in "、。")
        assert whole_name is (name.key in named), name.name


def test_a_funnel_says_that_its_limits_were_widened() -> None:
    assert "控制限已放宽到" in examples.funnel(90, spread=0.12).description
    assert "放宽" not in examples.funnel().description


def test_bars_tell_the_whole_and_each_unit_in_the_order_given() -> None:
    drawing = Bars(
        title="整改率",
        bars=(Bar("甲所", 50.0, "50.00%", "1/2", grey=True), Bar("乙所", None)),
        reference=88.4,
        reference_text="整体 88.40%",
    )

    assert drawing.description == "整体 88.40%。甲所 50.00%（1/2），数量过少；乙所 —。"


def test_a_cell_tells_its_unit_its_indicator_and_how_it_compares() -> None:
    drawing = examples.heat()

    assert (
        drawing.cell_words(drawing.rows[1], 0) == "东街派出所 行政案件结案率（当期受案） 62.06%（72/116），明显差于整体"
    )
    assert drawing.description.count("；") == len(drawing.rows) * len(drawing.columns) - 1


def test_a_quantile_that_is_not_reached_is_said_to_be_so() -> None:
    assert days_words(None) == "未达到"
    assert days_words(0) == "0 天"
    assert "九成办结 未达到" in examples.survival(4).description


def test_lights_tell_all_four_levels_of_a_limit() -> None:
    words = examples.lights().description

    assert words.startswith("行政案件办案期限（三十日） 未预警 212 个、黄色预警 14 个、橙色预警 5 个、已超期 2 个；")
