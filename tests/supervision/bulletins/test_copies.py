"""A mail that may be a second copy."""

from supervision.bulletins.copies import NOTICE_PLACE, with_notice
from supervision.bulletins.models import Bulletin
from tests.supervision.bulletins.factories import County, issued


def test_a_possible_second_copy_says_so_at_the_top_and_changes_nothing_else(place: County) -> None:
    bulletin: Bulletin = issued(place.county)

    html, text = with_notice(bulletin.html, bulletin.text)

    assert "可能重复" not in bulletin.html + bulletin.text
    assert text.startswith("【这封信可能重复。") and text.endswith(bulletin.text)
    assert html.index("这封信可能重复。") < html.index("<h1")
    assert html.count("可能重复") == 1
    before, after = bulletin.html.split(NOTICE_PLACE)
    assert html.startswith(before) and html.endswith(after)
