"""Letters that are measured, names that are broken where they may be, labels that keep out of each other's way."""

from hypothesis import given
from hypothesis import strategies as st

from supervision.evaluation.drawing.sheet import Box, along, find_room, leader, measure, shorten, wrap

SHEET = Box(0, 0, 400, 300)


def test_a_chinese_letter_is_as_wide_as_high_and_a_digit_six_tenths() -> None:
    assert measure("派出所", 10) == 30
    assert measure("12%", 10) == 18


def test_a_text_that_fits_is_left_whole() -> None:
    assert shorten("城关派出所", 10, 50) == "城关派出所"
    assert wrap("城关派出所", 10, 50) == ["城关派出所"]


def test_a_text_that_does_not_fit_shows_that_it_was_cut() -> None:
    assert shorten("城关派出所", 10, 35) == "城关…"


def test_a_long_name_is_broken_after_the_unit_it_belongs_to() -> None:
    lines = wrap("某某市公安局柳林分局食品药品和环境犯罪侦查大队", 10, 140)

    assert lines == ["某某市公安局柳林分局", "食品药品和环境犯罪侦查大队"]


def test_a_bracket_stays_with_what_it_opens() -> None:
    assert wrap("行政案件结案率（当期受案）", 10, 90) == ["行政案件结案率", "（当期受案）"]


def test_no_letter_is_left_alone_on_its_line() -> None:
    assert wrap("高新技术产业开发区", 10, 80) == ["高新技术", "产业开发区"]


def test_what_two_lines_cannot_hold_is_cut_in_the_last() -> None:
    lines = wrap("某某市公安局柳林分局食品药品和环境犯罪侦查大队", 10, 60)

    assert len(lines) == 2 and lines[-1].endswith("…")


@given(st.text(st.sampled_from("市公安局柳林分（）、ab1"), max_size=40), st.integers(30, 200))
def test_lines_keep_within_their_room_and_lose_nothing_unless_they_say_so(text: str, room: int) -> None:
    lines = wrap(text, 10, room, lines=3)

    assert all(measure(line, 10) <= room for line in lines)
    assert "".join(lines) == text or lines[-1].endswith("…")


def test_a_label_alone_stands_to_the_right_of_its_point_and_needs_no_line() -> None:
    box = find_room(100, 100, "甲所", 10, SHEET, [])

    assert box is not None and box.left > 100
    assert leader(100, 100, box) is None


def test_at_the_right_edge_a_label_stands_to_the_left() -> None:
    box = find_room(395, 100, "甲所", 10, SHEET, [])

    assert box is not None and box.right < 395


def test_labels_of_a_crowd_do_not_lie_on_each_other_or_on_the_points() -> None:
    points = [(150 + 6 * n, 150 + 5 * (n % 3)) for n in range(8)]
    taken = [Box(x - 4, y - 4, 8, 8) for x, y in points]
    placed: list[Box] = []

    for x, y in points:
        others = [box for box in taken if not box.meets(Box(x - 1, y - 1, 2, 2))]
        if (box := find_room(x, y, "某派出所", 9, SHEET, others)) is not None:
            placed.append(box)
            taken.append(box)

    assert len(placed) >= 4
    assert not any(a.meets(b) for n, a in enumerate(placed) for b in placed[n + 1 :])
    assert not any(box.meets(Box(x - 4, y - 4, 8, 8)) for box in placed for x, y in points if not near(box, x, y))


def near(box: Box, x: float, y: float) -> bool:
    """Whether a label may be that point's own: it begins right beside it."""
    return leader(x, y, box) is None


def test_where_everything_is_taken_there_is_no_room() -> None:
    assert find_room(100, 100, "甲所", 10, SHEET, [SHEET]) is None


def test_a_leader_does_not_cross_what_is_taken_unless_it_may() -> None:
    # Walls all around, a little away: every label outside them would be led to across a wall.
    walls = [Box(60, 60, 80, 4), Box(60, 136, 80, 4), Box(60, 60, 4, 80), Box(136, 60, 4, 80)]
    words = "一个很长很长的单位名称"

    assert find_room(100, 100, words, 10, SHEET, walls) is None
    crossing = find_room(100, 100, words, 10, SHEET, walls, crossing=True)
    assert crossing is not None and not any(crossing.meets(wall) for wall in walls)


def test_a_line_as_boxes_leaves_out_its_beginning() -> None:
    boxes = along(0, 0, 40, 0)

    assert min(box.left for box in boxes) >= 7
    assert max(box.right for box in boxes) >= 40
