"""What may not be measured, whatever it is called: numbers that make people refuse reports or pile up penalties.

公通字〔2015〕32号 二(二)3: indicators such as crimes reported and detection rate, which keep cases from being taken in and
filed as they should be, are to be done away with. Provincial rules name fines and confiscations, criminal and
administrative detentions and the returned-for-supplement rate beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

NATIONAL: Final = (
    "公安部《关于改革完善受案立案制度的意见》（公通字〔2015〕32号）二（二）3：坚决取消发案数、破案率等影响依法如实受案立案的"
    "不科学、不合理考评指标"
)
PROVINCIAL: Final = (
    "省级执法质量考核评议细则：不得以罚没款数额、刑事拘留数、行政拘留数、发案数、退查率、破案率等作为考评指标；"
    "另见公通字〔2015〕32号二（二）3"
)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One thing that may not be measured: its name, the basis, and words and codes that give it away."""

    name: str
    basis: str
    words: tuple[str, ...]
    codes: tuple[str, ...]


CRIMES: Final = Forbidden(
    "发案数",
    NATIONAL,
    (r"发案", r"(警情|案件|立案|受案)(总)?(数|量)?(下降|减少|压降)"),
    (r"crimes?_(reported|count|number)", r"(reported|incident)_(number|count|drop)", r"fa_?an"),
)
DETECTION: Final = Forbidden(
    "破案率", NATIONAL, (r"破案", r"侦破", r"命案必破"), (r"detect", r"clear(ance|_up)", r"solved", r"po_?an")
)
FINES: Final = Forbidden(
    "罚没款数额",
    PROVINCIAL,
    (r"罚没", r"罚款(总|金)?(数|额|率)", r"罚款.*(数额|金额|收入|上缴)", r"没收.*(数|额|款)"),
    (r"fine(s|d|_)", r"confiscat", r"fa_?mo"),
)
DETENTIONS: Final = Forbidden(
    "拘留等强制措施数",
    PROVINCIAL,
    (
        r"(行政|刑事|治安)?拘留(人)?(数|量|率|占比)",
        r"刑拘",
        r"行拘",
        r"(逮捕|批捕|提捕|强制措施)(人)?(数|量|率|占比)",
        r"打击(处理)?(人)?(数|率)",
    ),
    (r"detention", r"detain", r"arrest", r"ju_?liu"),
)
RETURNED: Final = Forbidden(
    "退查率",
    PROVINCIAL,
    (r"退查", r"退回补充侦查", r"补充侦查率"),
    (r"return(ed)?_?for_?supplement", r"supplementary_investigation", r"tui_?cha"),
)
ALL: Final = (CRIMES, DETECTION, FINES, DETENTIONS, RETURNED)

_MEASURES: Final = {"coercive_measure", "custody_visit"}
_GOODS: Final = {"seized_item"}
# What asks how something was handled, and not merely how much of it there was.
_OF_HANDLING: Final = {"closed", "expedited", "outcome"}
_REPORTS: Final = {"incident", "criminal_case"}


def forbidden(
    *,
    code: str,
    name: str,
    better: str,
    numerator: Iterable[Mapping[str, Any]],
    denominator: Iterable[Mapping[str, Any]],
) -> Forbidden | None:
    """What an indicator amounts to that may not be measured, or none.

    By its code and name; and by what it counts: coercive measures or seized property of which more (or fewer) were better,
    and mere numbers of reports or criminal cases. Terms are mappings with source, at, where and stock.
    """
    for one in ALL:
        if any(re.search(pattern, name) for pattern in one.words):
            return one
        if any(re.search(rf"(^|_){pattern}", code.lower()) for pattern in one.codes):
            return one
    judged = better != "none"
    for term in numerator:
        kinds = set(term.get("where", {}).get("kind", ()))
        asked = set(term.get("where", {}))
        if term["source"] == "parts" and judged:
            if not kinds or kinds & _MEASURES:
                if not asked & _OF_HANDLING:
                    return DETENTIONS
            elif kinds & _GOODS and not asked & _OF_HANDLING:
                return FINES
        bare = term["source"] == "matters" and not asked & _OF_HANDLING and not term.get("stock")
        if bare and judged and term["at"] == "opened" and (not kinds or kinds & _REPORTS):
            return CRIMES
    return None


def refusal(found: Forbidden) -> str:
    """The sentence that refuses it, with its basis and the way out."""
    return f"不能设置“{found.name}”一类的指标。依据：{found.basis}。可以改为考核办理是否及时、规范，例如按期率、整改率、群众满意率。"
