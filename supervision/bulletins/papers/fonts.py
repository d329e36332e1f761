"""The fonts that PDF is set in: the bureau's licensed ones first, two free ones with every sign of GBK after them.

GB/T 9704-2012 asks for 仿宋, 楷体, 黑体 and 小标宋. None that is free shows every name, so without a folder of licensed
fonts the text stands in Noto Serif SC and the headings in Noto Sans SC; with one, a sign it lacks still comes from Noto.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from supervision.bulletins.papers.lettering import MISSING

log = logging.getLogger(__name__)

# What each face of the standard is called, as foundries name the files that offices own. The first found is taken.
FANGSONG: Final = ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "STFangsong", "FZFangSong-Z02S")
KAITI: Final = ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "FZKai-Z03S")
HEITI: Final = ("黑体", "SimHei", "STHeiti", "FZHei-B01S")
XIAOBIAOSONG: Final = ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "小标宋", "STZhongsong")
SONGTI: Final = ("宋体", "SimSun", "STSong")
SERIF: Final = "Noto Serif SC"
SANS: Final = "Noto Sans SC"
_KINDS: Final = (".ttf", ".otf", ".ttc", ".otc")


@dataclass(frozen=True)
class Type:
    """The fonts at hand: what typst loads, the families of each face, best first, and every sign they can show."""

    loaded: Any
    faces: dict[str, list[str]]
    signs: frozenset[int]

    def shown(self, text: str) -> str:
        """The text with a mark where a sign stood that no font can show: PDF/A may hold no sign without a shape."""
        return "".join(sign if ord(sign) in self.signs or sign in "\u200b\n" else MISSING for sign in text)

    def unshown(self, text: str) -> str:
        """The signs of the text that no font can show, each once."""
        return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in self.signs and sign not in "\u200b\n"))


@lru_cache(maxsize=4)
def type_at_hand(folder: Path | None) -> Type:
    """The licensed fonts of `folder`, if there is one, before the free ones. Read once in the life of a process."""
    # Imported here: only who prints needs them, and a web server that starts does not.
    import typst
    from pylopdf_fonts_zh_cn import sans_path, serif_path

    free = Path(str(serif_path())).parent
    assert free == Path(str(sans_path())).parent
    folders = [place for place in (folder, free) if place is not None]
    loaded = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(place) for place in folders]
    )
    families = {family.casefold(): family for family in loaded.families()}

    def face(names: tuple[str, ...], otherwise: str) -> list[str]:
        found = [families[name.casefold()] for name in names if name.casefold() in families]
        return list(dict.fromkeys([*found[:1], otherwise, SERIF, SANS]))

    faces = {
        "body": face(FANGSONG, SERIF),
        "kai": face(KAITI, SERIF),
        "hei": face(HEITI, SANS),
        "title": face(XIAOBIAOSONG, SERIF),
        "song": face(SONGTI, SERIF),
    }
    files = [file for place in folders for file in sorted(place.rglob("*")) if file.suffix.lower() in _KINDS]
    return Type(loaded, faces, frozenset().union(*(_signs(file) for file in files)))


def _signs(file: Path) -> set[int]:
    """The signs a file can show; none where it is no font, which typst passes over too."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError  # only who prints needs it

    try:
        if file.suffix.lower() in (".ttc", ".otc"):
            with TTCollection(file, lazy=True) as collection:
                return {sign for font in collection.fonts for sign in font.getBestCmap() or {}}
        with TTFont(file, lazy=True) as font:
            return set(font.getBestCmap() or {})
    except TTLibError:
        log.warning("%s is not a font that can be read", file.name)
        return set()
