"""The SVG of a drawing, made fit to stand inside a page: words for those who cannot see it, links on its marks.

Nothing in it runs: no script, no handler, and links lead only into this site, so it keeps within the content policy of
the pages, which lets the style of its letters and lines pass. It stands in the page itself and not in an <img>, where
its links would be dead.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from supervision.evaluation.drawing.sheet import FONT, Mark

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

# Where the reader's machine lacks our font its own Chinese one serves; letters are equally wide.
FAMILIES = f"'{FONT}', 'Microsoft YaHei', 'SimHei', 'WenQuanYi Micro Hei', 'Noto Sans CJK SC', sans-serif"

_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def is_ours(href: str) -> bool:
    """Whether a link stays in this site: a path from its root, or the same page with another question."""
    if any(letter in href for letter in "\\\r\n\t"):
        return False
    return href.startswith("?") or (href.startswith("/") and not href.startswith("//"))


def to_page(drawn: str, *, name: str, title: str, description: str, marks: Sequence[Mark]) -> str:
    """An <svg> for a page out of what was drawn; `name` begins each id in it, so that several can stand in one page.

    Refuses a mark whose link leaves the site.
    """
    if foreign := [mark.href for mark in marks if mark.href and not is_ours(mark.href)]:
        raise ValueError(f"a mark leads out of the site: {foreign[0]}")
    # What is parsed here is what matplotlib has just written.
    drawn_root = ET.fromstring(drawn)  # nosec B314
    _tidy(drawn_root, name)

    width, height = drawn_root.get("viewBox", "").split()[2:]
    linked = any(mark.href for mark in marks)
    labels = {"aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-desc"}
    root = ET.Element(
        _tag("svg"),
        {
            "id": name,
            "class": "drawing",
            "viewBox": f"0 0 {width} {height}",
            "width": f"{float(width) / 0.75:g}",
            "height": f"{float(height) / 0.75:g}",
            "style": "max-width: 100%; height: auto; background: #ffffff",
            # What lies inside an image is hidden from a screen reader, and links must not be: with links the picture is
            # a group of the image and its links.
            **({"role": "group", "aria-labelledby": f"{name}-title"} if linked else {"role": "img", **labels}),
        },
    )
    ET.SubElement(root, _tag("title"), {"id": f"{name}-title"}).text = title
    ET.SubElement(root, _tag("desc"), {"id": f"{name}-desc"}).text = description
    style = {"style": "stroke-linejoin: round; stroke-linecap: butt"}
    picture = ET.SubElement(root, _tag("g"), {**style, **({"role": "img", **labels} if linked else {})})
    picture.extend(list(drawn_root))
    for mark in marks:
        root.append(_touch(mark))
    return ET.tostring(root, encoding="unicode")


def _touch(mark: Mark) -> ET.Element:
    """A clear rectangle that says what lies below it and leads to its rows."""
    place = {
        "x": f"{mark.box.left:.2f}",
        "y": f"{mark.box.top:.2f}",
        "width": f"{mark.box.width:.2f}",
        "height": f"{mark.box.height:.2f}",
        "fill": "transparent",
    }
    holder = (
        ET.Element(_tag("a"), {"href": mark.href, "aria-label": mark.words}) if mark.href else ET.Element(_tag("g"))
    )
    ET.SubElement(holder, _tag("title")).text = mark.words
    ET.SubElement(holder, _tag("rect"), place)
    return holder


def _tidy(root: ET.Element, name: str) -> None:
    """Ids of our own, plain links to definitions, fonts the reader has; no metadata and no rule for the whole page."""
    for parent in root.iter():
        for child in list(parent):
            if child.tag in (_tag("metadata"), _tag("style")):
                parent.remove(child)
    for element in root.iter():
        if identity := element.get("id"):
            element.set("id", f"{name}-{identity}")
        if target := element.attrib.pop(f"{{{XLINK}}}href", None):
            element.set("href", f"#{name}-{target[1:]}" if target.startswith("#") else target)
        for attribute, value in element.attrib.items():
            if "url(#" in value:
                element.set(attribute, _REFERENCE.sub(rf"url(#{name}-\1)", value))
        if (style := element.get("style")) and FONT in style:
            element.set("style", style.replace(f"'{FONT}'", FAMILIES))


def _tag(name: str) -> str:
    return f"{{{SVG}}}{name}"


ET.register_namespace("", SVG)
