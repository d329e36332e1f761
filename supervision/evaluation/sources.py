"""What can be counted: the rows of the rooms below, the moments at which they count, and what may be asked of them.

A source is code; what is counted of it (a term) is data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from cases.models import Clock, ClockState, Event, Feedback, Grade, Limit, Matter, MatterKind
from cases.models.limit import LimitNature
from supervision.evaluation.counted import (
    Choices,
    Condition,
    CountedSource,
    Moment,
    failing,
    is_among,
    is_so,
    last_day,
    local_zone,
    was_so,
)
from supervision.followup.models import ItemState, OutlineItem
from supervision.petitions.models import Complaint, ComplaintChannel, Likeness, Petition, Resolution, Verdict
from supervision.proceedings.models import (
    Direction,
    Dispute,
    DisputeStage,
    Outcome,
    Review,
    Risk,
    Track,
    Transfer,
    TransferStage,
)
from supervision.rectification.models import Action, Order, OrderStep, Problem, Source
from supervision.rectification.models import Grade as OrderGrade

# -- choices ---------------------------------------------------------------------------------------------------------


def _kinds(*, restricted: bool) -> Choices:
    return lambda: list(
        MatterKind.objects.filter(restricted=restricted).order_by("order", "code").values_list("code", "name")
    )


def _families() -> Sequence[tuple[str, str]]:
    """Limits by family, under the name of their latest text."""
    rows = Limit.objects.filter(nature__in=LimitNature.counted()).order_by("family", "in_force_from", "code")
    return list(dict(rows.values_list("family", "name")).items())


def _problems() -> Sequence[tuple[str, str]]:
    return list(Problem.objects.order_by("order", "code").values_list("code", "name"))


_KIND = Condition("事项种类", is_among("kind__code"), _kinds(restricted=False))


# -- matters ---------------------------------------------------------------------------------------------------------


def _happened(kind: str) -> Callable[[datetime], Q]:
    """An event of the kind stands on the matter, occurred before the cutoff."""
    return lambda cutoff: Q(
        Exists(
            Event.objects.standing().filter(
                matter=OuterRef("pk"), kind__code=kind, occurred_at__lt=cutoff, only_voids=False
            )
        )
    )


def _expedited(cutoff: datetime) -> Q:
    """By the expedited procedure and not turned into an ordinary case before the cutoff."""
    # A form keeps a fact as it is, an import as its word; the limits take both for the same.
    so = Q(facts__expedited=True) | Q(facts__expedited="true")
    return so & failing(_happened("expedited_ended")(cutoff))


_MATTER_MOMENTS: Final = {
    "opened": Moment("发生（受案、立案、接报）", "opened_at"),
    "closed": Moment("办结", "closed_at"),
}
_MATTER_CONDITIONS: Final = {
    "kind": _KIND,
    "closed": Condition(
        "已经办结", was_so(lambda cutoff: Q(closed_at__isnull=False, closed_at__lt=cutoff)), looks=True
    ),
    "expedited": Condition("按快速办理程序办理", was_so(_expedited), looks=True),
    "not_filed": Condition("决定不予立案", was_so(_happened("case_not_filed")), looks=True),
}


# -- clocks ----------------------------------------------------------------------------------------------------------

_IN_TIME, _LATE, _EXPIRED = "in_time", "late", "expired"
OUTCOMES: Final = ((_IN_TIME, "按期办结"), (_LATE, "超期办结"), (_EXPIRED, "届满时仍未办结"))


def _outcome(wanted: Any, cutoff: datetime) -> Q:
    """How a clock came out at the cutoff, as the bulletins count it. One that ran out and was started anew by the law has
    missed its time."""
    stopped = Q(state=ClockState.STOPPED)
    running_then = Q(state=ClockState.RUNNING) | Q(
        state__in=(ClockState.STOPPED, ClockState.RESTARTED), ended_at__gte=cutoff, late=True
    )
    found = {
        _IN_TIME: stopped & Q(late=False),
        _LATE: stopped & Q(late=True),
        _EXPIRED: running_then | Q(state=ClockState.RESTARTED, late=True),
    }
    any_of = Q(pk__in=())
    for one in wanted:
        any_of |= found[one]
    return any_of


_CLOCK_MOMENTS: Final = {
    "started": Moment("起算", "started_at"),
    "due": Moment("届满", "due_at", closes=True),
    "ended": Moment("办结", "ended_at"),
}


def _clock_conditions(*, restricted: bool) -> dict[str, Condition]:
    return {
        "limit": Condition("时限", is_among("limit__family"), _families),
        "kind": Condition("事项种类", is_among("matter__kind__code"), _kinds(restricted=restricted)),
        "outcome": Condition("结果", _outcome, lambda: OUTCOMES, looks=True),
    }


_COUNTED: Final = Q(limit__nature__in=LimitNature.counted()) & ~Q(state=ClockState.VOID)


# -- orders ----------------------------------------------------------------------------------------------------------


def _stood(action: Action) -> Callable[[datetime], Q]:
    """By the ledger: the order was so ended before the cutoff, and not taken up again before it."""

    def found(cutoff: datetime) -> Q:
        return Q(Exists(_last(action, cutoff)))

    return found


def _last(action: Action, cutoff: datetime) -> QuerySet[OrderStep]:
    again = OrderStep.objects.filter(
        order=OuterRef("order"), action=Action.REOPENED, number__gt=OuterRef("number"), at__lt=cutoff
    )
    return OrderStep.objects.filter(~Exists(again), order=OuterRef("pk"), action=action, at__lt=cutoff)


def _verified_on_time(cutoff: datetime) -> Q:
    return Q(Exists(_last(Action.VERIFIED, cutoff).filter(at__lt=OuterRef("due_at"))))


def _founded(wanted: Any, cutoff: datetime) -> Q:
    """Not withdrawn before the cutoff, or withdrawn."""
    withdrawn = _stood(Action.WITHDRAWN)(cutoff)
    return failing(withdrawn) if wanted else withdrawn


# -- petitions -------------------------------------------------------------------------------------------------------


def _at_rest(cutoff: datetime) -> Q:
    """Put to rest before the cutoff and not reopened before it."""
    rests = Resolution.objects.filter(petition=OuterRef("pk"), resolved_at__lt=cutoff)
    return Q(Exists(rests.filter(Q(reopened_at=None) | Q(reopened_at__gte=cutoff))))


def _repeats(cutoff: datetime) -> Q:
    return Q(Exists(Likeness.objects.filter(petition=OuterRef("pk"), state="repeat", decided_at__lt=cutoff)))


def _borne_out(wanted: Any, cutoff: datetime) -> Q:
    found = Q(verdict__in=Verdict.borne_out())
    return found if wanted else failing(found)


# -- the others ------------------------------------------------------------------------------------------------------


def _item_on_time(cutoff: datetime) -> Q:
    """Done before the cutoff, on its due day at the latest."""
    timely = OutlineItem.objects.annotate(done_on=TruncDate("done_at", tzinfo=local_zone())).filter(
        pk=OuterRef("pk"), state=ItemState.DONE, done_at__lt=cutoff, done_on__lte=OuterRef("due_on")
    )
    return Q(Exists(timely))


def _open_to_all(path: str) -> Q:
    """Rows of matters that stand and that anybody in reach may see; of such as are kept elsewhere nothing is counted."""
    return Q(**{f"{path}__withdrawn_at": None, f"{path}__restricted": False})


_GRADES: Final = tuple((grade.name.lower(), str(grade.label)) for grade in Grade)
_GRADE_OF: Final = {grade.name.lower(): grade.value for grade in Grade}

_ALL: Final = (
    CountedSource(
        "matters",
        "案件、警情等事项",
        Matter,
        "unit",
        _MATTER_MOMENTS,
        _MATTER_CONDITIONS,
        stands=Q(withdrawn_at=None, restricted=False, parent=None),
        matter="pk",
        leaves="closed",
    ),
    CountedSource(
        "parts",
        "案件之下的强制措施、财物、入区",
        Matter,
        "unit",
        _MATTER_MOMENTS,
        {name: _MATTER_CONDITIONS[name] for name in ("kind", "closed")},
        stands=Q(withdrawn_at=None, restricted=False, parent__isnull=False),
        matter="pk",
        leaves="closed",
    ),
    CountedSource(
        "clocks",
        "法定期限",
        Clock,
        "unit",
        _CLOCK_MOMENTS,
        _clock_conditions(restricted=False),
        stands=_COUNTED & Q(restricted=False),
    ),
    CountedSource(
        "petition_clocks",
        "信访、投诉举报的法定期限",
        Clock,
        "unit",
        _CLOCK_MOMENTS,
        _clock_conditions(restricted=True),
        stands=_COUNTED & Q(restricted=True),
        restricted=True,
    ),
    CountedSource(
        "orders",
        "整改通知",
        Order,
        "unit",
        {
            "issued": Moment("下达", "issued_at"),
            "due": Moment("整改期限届满", "due_at", closes=True),
        },
        {
            "founded": Condition("没有撤销", _founded, looks=True),
            "verified": Condition("已经核验", was_so(_stood(Action.VERIFIED)), looks=True),
            "on_time": Condition("期限内核验", was_so(_verified_on_time), looks=True),
            "source": Condition("来源", is_among("source"), Source.told),
            "grade": Condition("等级", is_among("grade"), lambda: OrderGrade.choices),
            "problem": Condition("问题", is_among("problem__code"), _problems),
        },
        stands=Q(restricted=False),
    ),
    CountedSource(
        "ratings",
        "群众评价",
        Feedback,
        "matter__unit",
        {"given": Moment("评价", "given_at")},
        {
            "valid": Condition("有效", is_so("valid")),
            "grade": Condition(
                "评价", lambda wanted, cutoff: Q(grade__in=[_GRADE_OF[one] for one in wanted]), lambda: _GRADES
            ),
            "sampled": Condition("抽样回访所得", is_so("visit__isnull", False)),
            "kind": Condition("事项种类", is_among("matter__kind__code"), _kinds(restricted=False)),
        },
        stands=_open_to_all("matter"),
        matter="matter",
        own_unit="visit__unit",
    ),
    CountedSource(
        "complaints",
        "投诉举报",
        Complaint,
        "accused_unit",
        {"received": Moment("收到", "received_at"), "found": Moment("认定", "found_at")},
        {
            "borne_out": Condition("属实、部分属实", _borne_out),
            "enterprise": Condition("涉企", is_so("enterprise")),
            "channel": Condition("渠道", is_among("channel"), lambda: ComplaintChannel.choices),
        },
        stands=Q(matter__withdrawn_at=None, same_as=None),
        restricted=True,
    ),
    CountedSource(
        "petitions",
        "信访事项",
        Petition,
        "matter__unit",
        {"received": Moment("收到", "received_at")},
        {
            "resolved": Condition("已经化解", was_so(_at_rest), looks=True),
            "repeat": Condition("认定为重复信访", was_so(_repeats), looks=True),
        },
        stands=Q(matter__withdrawn_at=None),
        matter="matter",
        restricted=True,
    ),
    CountedSource(
        "disputes",
        "矛盾纠纷",
        Dispute,
        "matter__unit",
        {"registered": Moment("登记", "matter__opened_at")},
        {
            "settled": Condition(
                "已经化解",
                was_so(
                    lambda cutoff: Q(stage=DisputeStage.SETTLED, ended_on__isnull=False, ended_on__lte=last_day(cutoff))
                ),
                looks=True,
            ),
            "risk": Condition("风险等级", is_among("risk"), lambda: Risk.choices),
        },
        stands=_open_to_all("matter"),
        matter="matter",
    ),
    CountedSource(
        "reviews",
        "复议诉讼",
        Review,
        "matter__unit",
        {
            "received": Moment("收到", "matter__opened_at"),
            "heard": Moment("开庭", "hearing_on", is_day=True),
            "decided": Moment("审结", "decided_on", is_day=True),
        },
        {
            "track": Condition("途径", is_among("track"), lambda: Track.choices),
            "head_appeared": Condition("负责人出庭", lambda wanted, cutoff: Q(head_appeared=wanted)),
            "outcome": Condition("结果", is_among("outcome"), lambda: Outcome.choices),
        },
        stands=_open_to_all("matter"),
        matter="matter",
    ),
    CountedSource(
        "transfers",
        "两法衔接移送",
        Transfer,
        "matter__unit",
        {"received": Moment("移送", "matter__opened_at")},
        {
            "direction": Condition("方向", is_among("direction"), lambda: Direction.choices),
            "accepted": Condition(
                "已经接受",
                was_so(
                    lambda cutoff: Q(
                        stage=TransferStage.ACCEPTED, decided_on__isnull=False, decided_on__lte=last_day(cutoff)
                    )
                ),
                looks=True,
            ),
        },
        stands=_open_to_all("matter"),
        matter="matter",
    ),
    CountedSource(
        "items",
        "盯办提纲事项",
        OutlineItem,
        "case__unit",
        {"due": Moment("完成期限届满", "due_on", is_day=True, closes=True)},
        {
            "struck": Condition("已划去", is_so("state", ItemState.STRUCK)),
            "on_time": Condition("期限内完成", was_so(_item_on_time), looks=True),
        },
        stands=_open_to_all("case__matter"),
    ),
)

SOURCES: Final[Mapping[str, CountedSource]] = {source.name: source for source in _ALL}
