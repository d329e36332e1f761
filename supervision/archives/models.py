"""What was found in the work of a unit and of its officers, what they say to it, and who read it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q

from cases.models import Clock, Matter, Officer, Role, Unit
from cases.models.scope import below_post, posts_of
from supervision.alerts.models import Alert
from supervision.archives import rules
from supervision.rectification.models import Order
from supervision.returnvisits.models import Check

NOTHING = Q(pk__in=())
# Not the empty condition: that would be lost among alternatives.
EVERYTHING = Q(pk__isnull=False)

# Whose post opens archives: of the bureau to those who supervise it, of a unit to its head.
OF_THE_BUREAU = (Role.LEGAL_OFFICER, Role.INSPECTOR, Role.LEADER)
OF_THE_UNIT = (Role.UNIT_HEAD,)


class Kind(models.TextChoices):
    """What an entry is about. Each kind is read by itself: there is no sum over them, of anybody."""

    ORDER = "order", "整改"
    # Whatever daily supervision found, and so too what a complaint or petition led to: nobody tells them apart.
    FOUND = "found", "日常监督查实"
    RED = "red", "超期预警"
    LATE = "late", "超期办结"
    REVIEW = "review", "案件评查"
    EVALUATION = "evaluation", "群众评价查实"
    PRAISE = "praise", "表扬"
    CLOSED = "closed", "办结"

    @classmethod
    def by_hand(cls) -> tuple[Kind, ...]:
        """What a person may enter; all others come from rows of other rooms."""
        return (cls.PRAISE,)


def below_reading_posts(officer: Officer, roles: tuple[Role, ...], prefix: str = "") -> Q:
    """Rows with unit columns below the posts of these roles that an officer holds; everything for a superuser."""
    if not officer.is_active:
        return NOTHING
    if officer.is_superuser:
        return EVERYTHING
    below = NOTHING
    for role, unit_id, level in posts_of(officer):
        if role in roles:
            below |= below_post(unit_id, level, prefix) or EVERYTHING
    return below


def arose_below(officer: Officer, roles: tuple[Role, ...]) -> Q:
    """Entries of what arose in the units below the posts of these roles that an officer holds.

    The ledger keeps the names of the units that were above it then. A unit that came under others since is seen from
    there: its entries are found by the unit itself. Most houses have none, and the lists keep to one index.
    """
    below = below_reading_posts(officer, roles)
    if below in (NOTHING, EVERYTHING) or not _regrafted(officer):
        return below
    moved = Unit.objects.filter(pk__in=_regrafted(officer))
    here = moved.filter(below_reading_posts(officer, roles))
    return (below & ~Q(unit__in=moved)) | Q(unit__in=here)


def _regrafted(officer: Officer) -> list[int]:
    """Units that came under others since they began; read once for an officer object."""
    known: list[int] | None = officer.__dict__.get("_units_regrafted")
    if known is None:
        rows = Unit.objects.filter(regrafted_at__isnull=False).values_list("pk", flat=True)
        known = officer.__dict__["_units_regrafted"] = list(rows)
    return known


class EntryQuerySet(models.QuerySet["ArchiveEntry"]):
    def visible_to(self, officer: Officer) -> Self:
        """His own; what arose in the units his post opens; and what is about those who serve there now. Of who has left
        the service only those who supervise the bureau read on, and nobody by any other post or none."""
        if not officer.is_active:
            return self.none()
        seen = Q(officer=officer)
        for roles in (OF_THE_BUREAU, OF_THE_UNIT):
            seen |= arose_below(officer, roles)
            of_people = below_reading_posts(officer, roles, "officer__unit__")
            seen |= of_people & Q(officer__is_active=True) if roles == OF_THE_UNIT else of_people
        return self.filter(seen)

    def standing(self) -> Self:
        """Neither corrected since nor a correction."""
        return self.filter(corrects=None, correction=None)


class ArchiveEntry(models.Model):
    """One thing found in the work of an officer, of a unit, or of both (档案记录). Append-only, by database trigger.

    Worded when it was entered. The unit is that of the time and stays when the officer moves. A wrong entry stays too:
    the one that `corrects` it is shown with it. Matter, clock, warning, order and check say where it comes from; the number
    of a source is read there, by whoever may see the source. Nobody in `by`: collected by the system.
    """

    kind = models.CharField("类别", max_length=12, choices=Kind)
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="archive", verbose_name="民警"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="archive", verbose_name="单位"
    )
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    happened_at = models.DateTimeField("发生时间")
    text = models.CharField("内容", max_length=rules.MOST_TEXT)
    article = models.CharField("依据", max_length=200, blank=True)
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="事项")
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="时钟")
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="预警")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="整改")
    check_row = models.ForeignKey(
        Check, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="负面评价核查"
    )
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name="更正哪一条"
    )
    source_key = models.CharField("来源键", max_length=120, unique=True)
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="记入人"
    )
    recorded_at = models.DateTimeField("记入时间")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "档案记录"
        verbose_name_plural = "档案记录"
        constraints = (
            # An entry is about somebody.
            models.CheckConstraint(
                condition=Q(officer__isnull=False) | Q(unit__isnull=False), name="archive_entry_is_about_somebody"
            ),
            # It says something, and says where that comes from.
            models.CheckConstraint(condition=~Q(text="") & ~Q(source_key=""), name="archive_entry_says_something"),
            # A correction is of another entry.
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(corrects=F("id")), name="archive_correction_is_of_another"
            ),
            # The public evaluates how a unit served it, never a person.
            models.CheckConstraint(
                condition=~Q(kind=Kind.EVALUATION) | Q(officer=None), name="archive_evaluation_names_no_officer"
            ),
            # Praise is somebody's.
            models.CheckConstraint(
                condition=~Q(kind=Kind.PRAISE) | Q(by__isnull=False), name="archive_praise_has_a_name"
            ),
            # Nobody writes in his own archive.
            models.CheckConstraint(
                condition=Q(by=None) | Q(officer=None) | ~Q(by=F("officer")), name="archive_entry_by_another"
            ),
        )
        indexes = (
            models.Index(fields=("officer", "kind", "happened_at", "id"), name="archive_of_officer"),
            *(
                models.Index(fields=(level, "kind", "happened_at", "id"), name=f"archive_of_{level}")
                for level in ("city", "county", "station")
            ),
        )
        permissions = (("open_archive", "可以查阅他人和单位的执法档案"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}"


class ArchiveReply(models.Model):
    """What the officer, or the head of the unit, says to an entry (申辩). Append-only, by database trigger.

    No reply: nobody has said anything to it. It stands beside the entry wherever that is shown.
    """

    entry = models.ForeignKey(ArchiveEntry, models.PROTECT, related_name="replies", verbose_name="档案记录")
    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="陈述人")
    at = models.DateTimeField("时间")
    text = models.CharField("陈述、申辩", max_length=rules.MOST_REPLY)

    class Meta:
        verbose_name = "申辩"
        verbose_name_plural = "申辩"
        ordering = ("at", "id")
        constraints = (
            # A reply says something.
            models.CheckConstraint(condition=~Q(text=""), name="archive_reply_says_something"),
        )

    def __str__(self) -> str:
        return f"{self.by} {self.at:%Y-%m-%d}"


class LookQuerySet(models.QuerySet["ArchiveLook"]):
    def visible_to(self, officer: Officer) -> Self:
        """Who looked at his own; at the archives of units he heads; and, for who supervises the bureau, at any there."""
        if not officer.is_active:
            return self.none()
        seen = Q(officer=officer) | below_reading_posts(officer, OF_THE_UNIT, "unit__")
        for prefix in ("unit__", "officer__unit__"):
            seen |= below_reading_posts(officer, OF_THE_BUREAU, prefix)
        return self.filter(seen)


class ArchiveLook(models.Model):
    """One look at somebody else's archive (查阅): who, whose, when and why. Append-only, by database trigger.

    It is written before anything is shown. His own archive an officer opens without one.
    """

    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="查阅人")
    officer = models.ForeignKey(
        Officer,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="archive_looks",
        verbose_name="民警",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="archive_looks", verbose_name="单位"
    )
    looked_at = models.DateTimeField("查阅时间")
    reason = models.CharField("理由", max_length=rules.MOST_REASON)

    objects = LookQuerySet.as_manager()

    class Meta:
        verbose_name = "档案查阅"
        verbose_name_plural = "档案查阅"
        ordering = ("-looked_at", "-id")
        constraints = (
            # One archive is looked at: an officer's or a unit's.
            models.CheckConstraint(
                condition=Q(officer__isnull=False, unit=None) | Q(officer=None, unit__isnull=False),
                name="archive_look_is_at_one",
            ),
            # Nobody looks without saying why.
            models.CheckConstraint(condition=~Q(reason=""), name="archive_look_says_why"),
            # To see his own an officer needs no reason.
            models.CheckConstraint(condition=Q(officer=None) | ~Q(officer=F("by")), name="archive_look_is_at_another"),
        )
        indexes = (
            # Who looked at mine; whether it is still open to who looked.
            models.Index(fields=("officer", "looked_at"), name="archive_looks_at_officer"),
            models.Index(fields=("unit", "looked_at"), name="archive_looks_at_unit"),
        )

    def __str__(self) -> str:
        return f"{self.by} {self.looked_at:%Y-%m-%d}"

    @property
    def whose(self) -> str:
        return str(self.officer or self.unit)
