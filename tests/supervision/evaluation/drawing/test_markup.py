"""The SVG of a page: safe, with its words, and with links that stay in the site."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from supervision.evaluation.drawing.markup import SVG, is_ours
from supervision.evaluation.drawing.rendering import svg
from supervision.evaluation.drawing.values import Bar, Bars
from tests.supervision.evaluation.drawing import examples

KINDS = examples.every_kind()


def tag(name: str) -> str:
    return f"{{{SVG}}}{name}"


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_a_title_and_a_description_that_the_image_is_called_by(kind: str) -> None:
    root = ET.fromstring(svg(KINDS[kind]))

    title, description = root[0], root[1]
    assert (title.tag, title.text) == (tag("title"), KINDS[kind].title)
    assert (description.tag, description.text) == (tag("desc"), KINDS[kind].description)
    image = next(element for element in root.iter() if element.get("role") == "img")
    assert image.get("aria-labelledby") == title.get("id")
    assert image.get("aria-describedby") == description.get("id")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_it_runs_or_reaches_beyond_it(kind: str) -> None:
    root = ET.fromstring(svg(KINDS[kind]))

    assert {element.tag for element in root.iter()} <= {
        tag(name) for name in "svg title desc g a rect path text defs clipPath use pattern".split()
    }
    for element in root.iter():
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        href = element.get("href", "#")
        assert href.startswith("#") or (element.tag == tag("a") and is_ours(href))
        assert "http" not in " ".join(element.attrib.values())


@pytest.mark.parametrize("kind", KINDS)
def test_all_ids_are_its_own_and_every_reference_finds_one(kind: str) -> None:
    text = svg(KINDS[kind])

    root = ET.fromstring(text)
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(identity.startswith(ids[0]) for identity in ids)
    used = {element.get("href", "")[1:] for element in root.iter(tag("use"))}
    assert used <= set(ids)


def test_words_stay_letters_in_the_font_of_the_house_with_others_to_fall_back_on() -> None:
    root = ET.fromstring(svg(examples.bars()))

    written = {element.text: element.get("style", "") for element in root.iter(tag("text"))}
    assert "城关派出所" in written
    assert "'Noto Sans SC', 'Microsoft YaHei'" in written["城关派出所"]
    assert not any("Noto Sans SC', '" not in style for style in written.values())


def test_with_links_the_image_and_its_links_are_a_group_and_without_it_is_an_image() -> None:
    linked = ET.fromstring(svg(examples.trend()))
    plain = ET.fromstring(svg(examples.trend(links=False)))

    assert linked.get("role") == "group"
    image = next(element for element in linked if element.get("role") == "img")
    assert not list(image.iter(tag("a")))
    assert plain.get("role") == "img" and not list(plain.iter(tag("a")))


def test_every_mark_says_what_it_shows_and_leads_to_the_rows_behind() -> None:
    root = ET.fromstring(svg(examples.bars()))

    links = {link.get("href"): link.get("aria-label") for link in root.iter(tag("a"))}
    assert links["/evaluation/units/4/"] == "北关派出所 57.14%（4/7），数量过少"
    touched = [element for element in root if element.tag in (tag("a"), tag("g")) and element.get("role") is None]
    assert len(touched) == len(examples.bars().bars)
    assert all(element[0].tag == tag("title") and element[0].text for element in touched)


def test_a_light_that_nobody_stands_at_leads_nowhere() -> None:
    root = ET.fromstring(svg(examples.lights()))

    labels = [link.get("aria-label", "") for link in root.iter(tag("a"))]
    assert "行政案件办案期限（三十日） 已超期 2 个" in labels
    assert not [label for label in labels if label.endswith(" 0 个")]


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "//elsewhere.example/",
        "https://elsewhere.example/",
        "/\\elsewhere.example",
        "data:x",
        "/a\nb",
    ],
)
def test_a_link_out_of_the_site_is_refused(href: str) -> None:
    drawing = Bars(title="整改率", bars=(Bar("甲所", 1.0, "1.00%", href=href),))

    with pytest.raises(ValueError, match="leads out of the site"):
        svg(drawing)


@pytest.mark.parametrize("href", ["/evaluation/?unit=1&month=2026-04", "?month=2026-04"])
def test_a_link_within_the_site_is_kept(href: str) -> None:
    assert is_ours(href)
    drawing = Bars(title="整改率", bars=(Bar("甲所", 1.0, "1.00%", href=href),))
    assert [a.get("href") for a in ET.fromstring(svg(drawing)).iter(tag("a"))] == [href]


def test_a_name_that_looks_like_markup_or_a_formula_is_only_a_name() -> None:
    name = "<script>alert(1)</script> $x^2$ & 所"
    drawing = Bars(title=name, bars=(Bar(name, 1.0, "1.00%"),))

    text = svg(drawing)

    assert "<script" not in text
    assert name in [element.text for element in ET.fromstring(text).iter(tag("text"))]


def test_two_drawings_in_one_page_share_no_id() -> None:
    first = ET.fromstring(svg(examples.trend()))
    second = ET.fromstring(svg(replace(examples.trend(), note="另一个")))

    ids = [{element.get("id") for element in root.iter() if element.get("id")} for root in (first, second)]
    assert not ids[0] & ids[1]
