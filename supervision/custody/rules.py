"""The rules of a visit to a case-handling centre (入区): its steps, what is missing, and time that nothing accounts for.

No Django. Moments are aware. How long somebody may be kept is counted by the clocks of the catalogue, not here; this file
says only which events start and lengthen them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MOST_TEXT: Final = 500
# No text says how long somebody may be inside with nothing on record; from here on a person is asked to look.
LEAST_GAP: Final = timedelta(minutes=15)


class Basis(StrEnum):
    """By what somebody is in the centre."""

    INQUIRY = "inquiry"
    CONTINUED = "continued"
    SUMMONS = "summons"
    COMPELLED = "compelled"


class Kind(StrEnum):
    """What is done with somebody inside."""

    SEARCH = "search"
    COLLECTION = "collection"
    EXAMINATION = "examination"
    WAITING = "waiting"
    QUESTIONING = "questioning"
    REST = "rest"
    SOBERING = "sobering"


class RoomKind(StrEnum):
    SEARCH = "search"
    COLLECTION = "collection"
    EXAMINATION = "examination"
    WAITING = "waiting"
    QUESTIONING = "questioning"
    SOBERING = "sobering"


# Families of kinds of case in which each basis is lawful, as the catalogue calls them; continued questioning comes before
# any case, so it may have none.
FAMILIES: Final = {
    Basis.INQUIRY: ("行政",),
    Basis.CONTINUED: ("行政", "刑事"),
    Basis.SUMMONS: ("刑事",),
    Basis.COMPELLED: ("刑事",),
}
# The event from which the hours of a basis run.
STARTS: Final = {
    Basis.INQUIRY: "suspect_arrived",
    Basis.CONTINUED: "brought_for_questioning",
    Basis.SUMMONS: "summons_arrived",
    Basis.COMPELLED: "compelled_arrived",
}
PUBLIC_ORDER: Final = "public_order_case"
ROOMS: Final = {
    Kind.SEARCH: (RoomKind.SEARCH,),
    Kind.COLLECTION: (RoomKind.COLLECTION,),
    Kind.EXAMINATION: (RoomKind.EXAMINATION,),
    Kind.WAITING: (RoomKind.WAITING, RoomKind.QUESTIONING),
    Kind.QUESTIONING: (RoomKind.QUESTIONING,),
    Kind.REST: (RoomKind.WAITING, RoomKind.QUESTIONING),
    Kind.SOBERING: (RoomKind.SOBERING,),
}


def suits(basis: Basis, family: str) -> bool:
    """Whether somebody may be brought in on this basis in a case of a family; no family: there is no case yet."""
    return basis == Basis.CONTINUED if not family else family in FAMILIES[basis]


def extensions(basis: Basis, *, case_kind: str, special: bool) -> dict[int, str]:
    """The lengths in hours to which a stay may be lengthened, with the event of each.

    治安管理处罚法第九十七条 (twelve hours in public-order cases only), 公安机关办理行政案件程序规定第六十九条,
    公安机关适用继续盘问规定第十条、第十一条, 公安机关办理刑事案件程序规定第八十条、第二百条.
    """
    if basis == Basis.INQUIRY:
        twelve = {12: "inquiry_extended_to_12h"} if case_kind == PUBLIC_ORDER else {}
        return {**twelve, 24: "inquiry_extended_to_24h"}
    if basis == Basis.CONTINUED:
        # 公安机关适用继续盘问规定第十条：特殊人员四小时以内盘问完毕，没有延长
        return {} if special else {24: "questioning_extended_to_24h", 48: "questioning_extended_to_48h"}
    return {24: "summons_extended_to_24h"}


def may_use(room: RoomKind, kind: Kind) -> bool:
    """Whether a step of a kind is done in a room of a kind."""
    return room in ROOMS[kind]


def kept_out_of_waiting_rooms(basis: Basis, special: bool) -> bool:
    """公安机关适用继续盘问规定第十条：特殊人员不得送入候问室."""
    return basis == Basis.CONTINUED and special


# -- what is missing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: from when, until when (none: it goes on), whether a guard is on record, whether it was recorded."""

    kind: Kind
    begun_at: datetime
    ended_at: datetime | None
    guarded: bool = True
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Over:
    """A limit that ran over: its clock, name, source, and when it ended, in words."""

    clock: int
    name: str
    citation: str
    due: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a visit when it is looked at; without `left_at` it goes on."""

    basis: Basis
    case_kind: str
    entered_at: datetime
    left_at: datetime | None
    stages: tuple[Stage, ...] = ()
    examine: bool = False
    family_told: bool = False
    over: tuple[Over, ...] = ()


class Sort(StrEnum):
    """What kind of fault it is."""

    LIMIT = "limit"
    MISSING = "missing"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: its sort, by which rule of ours, what was seen, by which article, and what is ordered to be put right.

    `computed` ones follow from the data and an article alone; of the others a person judges whether they are faults.
    """

    sort: Sort
    rule: str
    text: str
    citation: str
    problem: str
    computed: bool
    clock: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A step that a visit needs: its name and where that is written; `citation` empty where it was read nowhere."""

    kind: Kind
    name: str
    citation: str


SEARCH_BY: Final = "《公安机关办理行政案件程序规定》第五十三条"
UNREAD: Final = "办案区管理的工作要求，没有读到条文"
_PLACE: Final = {
    Basis.INQUIRY: "《公安机关办理行政案件程序规定》第七十一条",
    Basis.CONTINUED: UNREAD,
    Basis.SUMMONS: "《公安机关办理刑事案件程序规定》第一百九十八条",
    Basis.COMPELLED: "《公安机关办理刑事案件程序规定》第一百九十八条",
}
_ADMINISTRATIVE: Final = (Basis.INQUIRY, Basis.CONTINUED)


def needs(basis: Basis, *, examine: bool) -> tuple[Need, ...]:
    """The steps a visit needs, in their order; `examine`: somebody hurt, ill or drunk is to be looked at."""
    search = Need(Kind.SEARCH, "安全检查", SEARCH_BY if basis in _ADMINISTRATIVE else UNREAD)
    examination = (Need(Kind.EXAMINATION, "健康检查", UNREAD),) if examine else ()
    return (
        search,
        *examination,
        Need(Kind.COLLECTION, "信息采集", UNREAD),
        Need(Kind.QUESTIONING, "询问、讯问", _PLACE[basis]),
    )


def missing(facts: Facts) -> list[Need]:
    """The needed steps that are not on record; while somebody is inside, those still to come."""
    done = {stage.kind for stage in facts.stages}
    return [need for need in needs(facts.basis, examine=facts.examine) if need.kind not in done]


def gaps(facts: Facts, at: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches of a visit of at least `LEAST_GAP` that no step covers, until the exit or `at`, half-open."""
    end = facts.left_at if facts.left_at is not None else at
    found, covered = [], facts.entered_at
    for stage in sorted(facts.stages, key=lambda one: one.begun_at):
        if stage.begun_at - covered >= LEAST_GAP:
            found.append((covered, stage.begun_at))
        covered = max(covered, stage.ended_at if stage.ended_at is not None else end)
    if end - covered >= LEAST_GAP:
        found.append((covered, end))
    return found


def faults(facts: Facts, at: datetime) -> list[Found]:
    """Everything about a visit that is not as it should be at the moment `at`. A step that may still come is no fault: of
    somebody inside only the search is missed, once something else was begun before it."""
    return [*_of_limit(facts), *_of_steps(facts), *_of_gaps(facts, at), *_of_questioning(facts)]


def _of_limit(facts: Facts) -> list[Found]:
    return [
        Found(
            Sort.LIMIT, f"over:{one.clock}", f"{one.name}应当在{one.due}以前结束", one.citation, "inquiry_overlong",
            computed=True, clock=one.clock,
        )
        for one in facts.over
    ]  # fmt: skip


def _of_steps(facts: Facts) -> list[Found]:
    found = []
    gone = facts.left_at is not None
    for need in missing(facts):
        begun = need.kind == Kind.SEARCH and bool(facts.stages)
        if gone or begun:
            text = f"没有{need.name}的记录"
            written = need.citation != UNREAD
            found.append(
                Found(Sort.MISSING, f"no_{need.kind}", text, need.citation, "custody_step_missing", computed=written)
            )
    # 治安管理处罚法第九十七条：及时将传唤的原因和处所通知家属；有没有家属、能不能通知由人判断
    if gone and facts.basis == Basis.INQUIRY and not facts.family_told:
        found.append(
            Found(
                Sort.MISSING, "family_not_told", "没有通知家属的记录", "《治安管理处罚法》第九十七条", "family_not_told",
                computed=False,
            )
        )  # fmt: skip
    searches = [stage.begun_at for stage in facts.stages if stage.kind == Kind.SEARCH]
    others = [stage.begun_at for stage in facts.stages if stage.kind not in (Kind.SEARCH, Kind.SOBERING)]
    if searches and others and min(others) < min(searches):
        found.append(
            Found(
                Sort.MISSING, "search_late", "安全检查不是入区后的第一个环节",
                SEARCH_BY if facts.basis in _ADMINISTRATIVE else UNREAD, "custody_step_missing", computed=False,
            )
        )  # fmt: skip
    return found


def _of_gaps(facts: Facts, at: datetime) -> list[Found]:
    found = gaps(facts, at)
    if not found:
        return []
    minutes = sum(int((ends - begins).total_seconds() // 60) for begins, ends in found)
    ended = facts.left_at is not None or found[-1][1] != at
    text = f"有 {len(found)} 段时间没有环节记录" + (f"，共 {minutes} 分钟" if ended else "，现在仍没有")
    return [Found(Sort.GAP, "gap", text, UNREAD, "custody_gap", computed=False)]


def _of_questioning(facts: Facts) -> list[Found]:
    found = []
    watched = [stage for stage in facts.stages if stage.kind in (Kind.QUESTIONING, Kind.WAITING, Kind.SOBERING)]
    if any(not stage.guarded for stage in watched):
        found.append(
            Found(
                Sort.GAP, "unguarded", "有询问讯问、候问、约束没有记录看管人", UNREAD, "custody_gap", computed=False
            )
        )  # fmt: skip
    asked = [stage for stage in facts.stages if stage.kind == Kind.QUESTIONING and stage.ended_at is not None]
    # 治安管理处罚法第九十七条：在执法办案场所询问的，应当全程同步录音录像
    if facts.case_kind == PUBLIC_ORDER and facts.basis == Basis.INQUIRY and any(not stage.recorded for stage in asked):
        found.append(
            Found(
                Sort.MISSING, "not_recorded", "询问没有同步录音录像的记录", "《治安管理处罚法》第九十七条", "not_recorded",
                computed=True,
            )
        )  # fmt: skip
    return found


# -- names ---------------------------------------------------------------------------------------------------------------


def masked(name: str) -> str:
    """How a person is named here: by the first character alone, as `张*`; empty of nothing."""
    plain = "".join(name.split())
    return f"{plain[0]}*" if plain else ""


def is_identity(reference: str) -> bool:
    """Whether a reference looks like the number of an identity card, which is not kept here."""
    return len(reference) in (15, 18) and reference[:-1].isdigit()
