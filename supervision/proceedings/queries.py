"""What the screens and the bulletins read of disputes, reviews and transfers, cut to what the officer may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Model, Q, QuerySet

from cases.models import Clock, ClockState, Matter, Officer, Unit
from cases.models.limit import LimitNature
from cases.models.matter import MatterQuerySet
from cases.queries import in_unit, matters_of
from supervision.proceedings.models import (
    Direction,
    Dispute,
    DisputeStage,
    Outcome,
    ProceedingStep,
    Review,
    Track,
    Transfer,
    TransferStage,
)
from supervision.proceedings.rules import FEW, Period, rate_words
from supervision.proceedings.tidings import matters_behind, still_stands, untold
from supervision.rectification.models import Order, Source
from supervision.rectification.queries import orders_of

__all__ = ["matters_behind", "still_stands", "untold"]

# A row is found by the matter it is about; a matter has one of them at most.
DETAILS: Final = ("dispute", "review", "transfer")
REGISTERED: Final = Q(dispute__isnull=False) | Q(review__isnull=False) | Q(transfer__isnull=False)


def proceedings_of(officer: Officer) -> MatterQuerySet:
    """The matters an officer may see that are registered here as dispute, review or transfer."""
    return matters_of(officer).filter(REGISTERED)


def row_of(matter: Matter) -> Dispute | Review | Transfer:
    """The dispute, review or transfer of a matter that was read by `proceedings_of`."""
    for name in DETAILS:
        row: Dispute | Review | Transfer | None = getattr(matter, name, None)
        if row is not None:
            return row
    raise LookupError(f"{matter} 没有登记为纠纷、复议诉讼或者移送")


def steps_of(officer: Officer) -> QuerySet[ProceedingStep]:
    """What was done to those matters."""
    return ProceedingStep.objects.filter(matter__in=matters_of(officer))


def steps_on(matter: Matter) -> list[ProceedingStep]:
    """The ledger of one matter, the latest first."""
    rows = ProceedingStep.objects.filter(matter=matter).select_related("by", "event__kind")
    return list(rows.order_by("-at", "-pk"))


def clocks_on(matter: Matter) -> list[Clock]:
    """The clocks of one matter, those that run first; without the void ones."""
    rows = (
        Clock.objects.filter(matter=matter).exclude(state=ClockState.VOID).select_related("limit", "start_event__kind")
    )
    return list(rows.order_by("state", "due_at", "pk"))


def pressing(clocks: Iterable[Clock]) -> Clock | None:
    """Of clocks the running duty of ours that runs out first."""
    ours = LimitNature.counted()
    running = [one for one in clocks if one.state == ClockState.RUNNING and one.limit.nature in ours and one.due_at]
    return min(running, key=lambda one: (one.due_at, one.pk), default=None)


def open_order_on(matter: Matter, officer: Officer) -> Order | None:
    """The order still open that came of this matter from here, if the officer may see it."""
    number = source_number(matter)
    return orders_of(officer).open().filter(source=Source.SUPERVISOR, source_number=number).first()


def source_number(matter: Matter) -> str:
    """Under what number an order on a matter is issued from here; its kind must have been read."""
    return f"{matter.kind.code}:{matter.number}"


# -- figures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure counts: of the rows of a model that `of` and a moment of the period pick out, those that are
    `counted`. `moment` is a column: a moment, or with `is_day` a local day."""

    code: str
    name: str
    model: type[Model]
    moment: str
    is_day: bool
    of: Q
    of_words: str
    counted: Q
    counted_words: str

    def within(self, period: Period) -> Q:
        """The rows of the period, by local days."""
        if self.is_day:
            return Q(**{f"{self.moment}__gte": period.first_on, f"{self.moment}__lte": period.last_on})
        begins, ends = period.moments(ZoneInfo(settings.TIME_ZONE))
        return Q(**{f"{self.moment}__gte": begins, f"{self.moment}__lt": ends})

    def rows(self, period: Period, *, counted: bool) -> QuerySet[Model]:
        """The rows behind the figure: all of them, or those counted."""
        wanted = self.of & self.within(period)
        return self.model._base_manager.filter(wanted & self.counted if counted else wanted)


MEASURES: Final = (
    Measure(
        "disputes_settled",
        "矛盾纠纷调解成功率",
        Dispute,
        "matter__opened_at",
        False,
        Q(),
        "当期登记的矛盾纠纷",
        Q(stage=DisputeStage.SETTLED),
        "其中已化解",
    ),
    Measure(
        "acts_upheld",
        "复议诉讼维持率",
        Review,
        "decided_on",
        True,
        Q(outcome__in=Outcome.decided()),
        "当期作出决定、裁判的复议诉讼",
        Q(outcome__in=Outcome.our_act_stands()),
        "其中维持、驳回请求",
    ),
    Measure(
        "head_appearance",
        "负责人出庭应诉率",
        Review,
        "hearing_on",
        True,
        Q(track=Track.SUIT, hearing_on__isnull=False),
        "当期开庭的行政诉讼",
        Q(head_appeared=True),
        "其中负责人出庭",
    ),
    Measure(
        "transfers_accepted",
        "行政机关移送立案率",
        Transfer,
        "matter__opened_at",
        False,
        Q(direction=Direction.IN),
        "当期收到的移送",
        Q(stage=TransferStage.ACCEPTED),
        "其中已立案",
    ),
    Measure(
        "transfers_out_accepted",
        "公安移送接受率",
        Transfer,
        "matter__opened_at",
        False,
        Q(direction=Direction.OUT),
        "当期移送其他机关",
        Q(stage=TransferStage.ACCEPTED),
        "其中已接受",
    ),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A numerator and a denominator; the rate is derived from them."""

    measure: Measure
    counted: int
    of: int

    @property
    def rate(self) -> str:
        return rate_words(self.counted, self.of)

    @property
    def is_thin(self) -> bool:
        """Too few to say much."""
        return self.of < FEW


def figures(unit: Unit, period: Period, *, seen_by: Officer | None = None) -> list[Figure]:
    """What the measures come to for a unit and everything below it, as the rows stand now; one question a table.

    A matter that was handed over counts where it is now; whatever an undone batch brought does not count. With `seen_by`
    only what that officer may see counts, so that each number is that of the list behind it.
    """
    standing = Matter.objects.standing() if seen_by is None else matters_of(seen_by)
    within = standing.filter(in_unit(unit)).values("pk")
    counts: dict[str, int] = {}
    for model in (Dispute, Review, Transfer):
        asked = {}
        for measure in MEASURES:
            if measure.model is model:
                wanted = measure.of & measure.within(period)
                asked[f"{measure.code}_of"] = Count("pk", filter=wanted)
                asked[f"{measure.code}_counted"] = Count("pk", filter=wanted & measure.counted)
        counts |= model._base_manager.filter(matter__in=within).aggregate(**asked)
    return [Figure(one, counts[f"{one.code}_counted"], counts[f"{one.code}_of"]) for one in MEASURES]


def measure_named(code: str) -> Measure | None:
    return next((one for one in MEASURES if one.code == code), None)


def behind(code: str, period: Period, *, counted: bool) -> QuerySet[Any, dict[str, Any]]:
    """The keys of the matters that a figure counts. Refuses a figure there is not."""
    measure = measure_named(code)
    if measure is None:
        raise LookupError(code)
    return measure.rows(period, counted=counted).values("pk")
