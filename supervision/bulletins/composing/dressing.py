"""What an editor and an office put around what was counted: remarks, what is put right, head, number, day, seal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from supervision.bulletins.composing.draft import Draft
from supervision.bulletins.papers.document import Block, Circular, Heading, Paragraph

NOT_YET_NUMBERED = "（文号签发时编）"


@dataclass(frozen=True, slots=True)
class Dress:
    """Remarks by section; of a correction what it corrects and what was wrong; of an issued one its number and day."""

    body: str
    addressees: str = ""
    copies: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)
    corrected: str = ""
    wrong: str = ""
    number: str = ""
    seal: str = ""
    issued_on: date | None = None


def circular_of(draft: Draft, dress: Dress) -> Circular:
    """The circular as its readers get it, or would."""
    return Circular(
        head=f"{dress.body}执法监督通报",
        number=dress.number or NOT_YET_NUMBERED,
        title=draft.title,
        period=draft.period,
        addressees=_several(dress.addressees) or ("各单位",),
        blocks=tuple(_blocks(draft, dress)),
        issuer=dress.body,
        composed_on=draft.composed_on,
        issued_on=dress.issued_on,
        annexes=draft.annexes,
        headline=draft.headline,
        seal=dress.seal,
        cc=_several(dress.copies),
        printed_by=dress.body,
        printed_on=dress.issued_on,
    )


def _blocks(draft: Draft, dress: Dress) -> Iterator[Block]:
    if dress.corrected:
        yield Paragraph((f"本通报更正{dress.corrected}。{dress.wrong}",))
    for section in draft.sections:
        remark = dress.remarks.get(section.code, "")
        if section.blocks or remark:
            yield Heading(1, section.title)
            yield from section.blocks
            yield from (Paragraph((line,)) for line in remark.splitlines() if line.strip())


def _several(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.replace("，", "、").replace(",", "、").split("、") if name.strip())
