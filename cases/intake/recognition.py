"""Which of several mappings a file was exported for, by looking at its heads."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cases.intake.mapping import IntakeMapping, recognise
from cases.intake.opening import kind_of_file, read_heads
from cases.intake.refused import IntakeRefused

NOT_RECOGNISED = "认不出“{file}”该用哪个对应表：{why}。请用 --mapping 指明一个对应表文件"
NONE_FITS = "没有一个对应表所需的列都在文件的表头之中"
SEVERAL_FIT = "有几个对应表同样合适（{names}）"


def recognise_file(path: Path | str, mappings: Iterable[IntakeMapping]) -> IntakeMapping:
    """The one mapping made for this file; refuses a file that none or several fit, and one that cannot be read.

    An XES log has no heads, so that it is recognised only by being the one format a mapping is for.
    """
    path = Path(path)
    kind = kind_of_file(path)
    layouts: dict[tuple[object, ...], list[IntakeMapping]] = defaultdict(list)
    for mapping in mappings:
        if mapping.format in ("", kind):
            layouts[mapping.sheet, mapping.head_row, mapping.delimiter, mapping.encoding].append(mapping)
    fits: list[IntakeMapping] = []
    faults: list[IntakeRefused] = []
    for group in layouts.values():
        if kind == "xes":
            fits += [mapping for mapping in group if mapping.format == "xes"]
            continue
        try:
            heads = read_heads(path, group[0])
        except IntakeRefused as refused:
            faults.append(refused)
        else:
            fits += [mapping for mapping in group if recognise(heads, [mapping]) is not None]
    if not fits and layouts and len(faults) == len(layouts):
        raise faults[0]
    best = recognise((name for mapping in fits for name in mapping.columns()), fits)
    if best is None:
        names = "、".join(f"“{mapping.name}”" for mapping in fits)
        why = SEVERAL_FIT.format(names=names) if fits else NONE_FITS
        raise IntakeRefused(NOT_RECOGNISED.format(file=path.name, why=why))
    return best
