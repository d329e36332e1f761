"""Cases under follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cases.models import Matter, Officer, Post, Role, Unit
from cases.models.scope import ScopedQuerySet, held_posts, scope_index
from supervision.followup.models.rule import EntryRule, OutlineTemplate
from supervision.followup.rules import Parties


class Stage(models.TextChoices):
    """Where a followed case stands; the columns of the board, in their order."""

    INCOMPLETE = "incomplete", "待落实"
    MOVING = "moving", "推进中"
    REVIEW = "review", "待法制审核"
    ENDED = "ended", "已办结"

    @classmethod
    def open_stages(cls) -> tuple[Stage, ...]:
        return (cls.INCOMPLETE, cls.MOVING, cls.REVIEW)

    @classmethod
    def worked_on(cls) -> tuple[Stage, ...]:
        """Stages in which the outline is worked on; under review it lies still."""
        return (cls.INCOMPLETE, cls.MOVING)

    @property
    def sign(self) -> str:
        return {"incomplete": "!", "moving": "▶", "review": "◇", "ended": "✓"}[self.value]

    @property
    def tone(self) -> str:
        return {"incomplete": "orange", "moving": "green", "review": "yellow", "ended": "grey"}[self.value]


class FollowedCaseQuerySet(ScopedQuerySet["FollowedCase"]):
    matter_path = "matter"

    def open(self) -> FollowedCaseQuerySet:
        return self.filter(stage__in=Stage.open_stages(), withdrawn=False)

    def stagnant(self) -> FollowedCaseQuerySet:
        return self.open().filter(stagnant_since__isnull=False)

    def _own(self, officer: Officer) -> Q:
        """The cases he has a part in: those he is named for or whose matter he handles, has an item or instruction of, or
        whose responsible party is the unit he answers for."""
        by_part, by_unit = self._parts(officer), self._units(officer)
        # Named one by one, so that each alternative is found by its own index.
        rows = FollowedCase._base_manager.order_by()
        first, *others = (rows.filter(way).values_list("pk", flat=True) for way in by_part)
        own = Q(officer=officer) | Q(pk__in=list(first.union(*others)))
        for way in by_unit:
            own |= way
        return own

    def _ways(self, officer: Officer) -> Sequence[Q]:
        return (Q(officer=officer), *self._parts(officer), *self._units(officer))

    @staticmethod
    def _parts(officer: Officer) -> tuple[Q, ...]:
        from supervision.followup.models.item import Instruction, OutlineItem  # import here: cycle

        items = OutlineItem.objects.order_by().filter(officer=officer).values("case")
        instructions = Instruction.objects.order_by().filter(to=officer).values("case")
        return (Q(matter__officer=officer), Q(pk__in=items), Q(pk__in=instructions))

    @staticmethod
    def _units(officer: Officer) -> tuple[Q, ...]:
        answers_for = (Role.UNIT_HEAD, Role.BRANCH_OFFICER, Role.LEGAL_OFFICER)
        mine = [unit_id for role, unit_id, _, _ in held_posts(officer) if role in answers_for]
        return (Q(main_unit__in=mine), Q(line_unit__in=mine), Q(supervisory_unit__in=mine)) if mine else ()

    def with_officer_there(self) -> FollowedCaseQuerySet:
        """With `officer_there`: whether the named officer has an account in use and holds a post."""
        return self.annotate(officer_there=self._officer_there())

    def attended(self) -> FollowedCaseQuerySet:
        """Whose named officer is there."""
        return self.filter(self._officer_there())

    def deserted(self) -> FollowedCaseQuerySet:
        """That count as followed although the named officer is not there any more."""
        return self.open().exclude(stage=Stage.INCOMPLETE).exclude(self._officer_there())

    @staticmethod
    def _officer_there() -> Exists:
        return Exists(Post.objects.current().filter(officer=OuterRef("officer_id"), officer__is_active=True))

    def _unrestricted(self) -> Q:
        return Q(restricted=False)


class FollowedCase(models.Model):
    """One matter under close follow-up (盯办案件), with its three responsible parties and one named officer.

    Stage is what the last step says. `stagnant_at` is the moment at which it will have stood still too long, set by the
    last progress and empty once told; `stagnant_since` the moment from which it has. No open row: the matter is not
    followed. `officer` is the named officer, who need not be the one who handles the matter. `restricted` and `withdrawn`
    say of the matter what its own row says; the database keeps them so, whoever writes.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="followed", verbose_name="事项")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="办案单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="followed", verbose_name="盯办责任人"
    )
    main_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主体责任单位"
    )
    line_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="条线责任单位"
    )
    supervisory_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="监督责任单位"
    )
    rule = models.ForeignKey(
        EntryRule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="进入规则"
    )
    template = models.ForeignKey(
        OutlineTemplate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提纲模板"
    )
    reason = models.CharField("进入原因", max_length=200)
    entered_at = models.DateTimeField("进入时间")
    entered_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="列入人"
    )
    stage = models.CharField("阶段", max_length=12, choices=Stage)
    stagnation_days = models.PositiveSmallIntegerField("停滞提醒（工作日）")
    last_progress_at = models.DateTimeField("最近进展")
    stagnant_at = models.DateTimeField("将停滞时刻", null=True, blank=True)
    stagnant_since = models.DateTimeField("停滞自", null=True, blank=True)
    asked_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请办结人"
    )
    asked_at = models.DateTimeField("申请办结时间", null=True, blank=True)
    consented_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="同意办结人"
    )
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    restricted = models.BooleanField("仅经办人可见", default=False, editable=False)
    withdrawn = models.BooleanField("事项已撤回", default=False, editable=False)

    objects = FollowedCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "盯办案件"
        verbose_name_plural = "盯办案件"
        constraints = (
            # At most one open follow-up a matter.
            models.UniqueConstraint(
                fields=("matter",), condition=~Q(stage=Stage.ENDED), name="one_open_followup_a_matter"
            ),
            # A case counts as followed only with three parties and a named officer.
            models.CheckConstraint(
                condition=Q(stage=Stage.INCOMPLETE)
                | Q(
                    main_unit__isnull=False,
                    line_unit__isnull=False,
                    supervisory_unit__isnull=False,
                    officer__isnull=False,
                ),
                name="followed_case_is_complete",
            ),
            # Under review somebody has asked; an ended one was asked for and consented to by somebody else.
            models.CheckConstraint(
                condition=Q(
                    stage__in=(Stage.INCOMPLETE, Stage.MOVING),
                    asked_by=None,
                    asked_at=None,
                    consented_by=None,
                    ended_at=None,
                )
                | Q(
                    stage=Stage.REVIEW,
                    asked_by__isnull=False,
                    asked_at__isnull=False,
                    consented_by=None,
                    ended_at=None,
                )
                | (
                    Q(
                        stage=Stage.ENDED,
                        asked_by__isnull=False,
                        asked_at__isnull=False,
                        consented_by__isnull=False,
                        ended_at__isnull=False,
                    )
                    & ~Q(consented_by=F("asked_by"))
                ),
                name="followed_case_ends_by_consent",
            ),
            # What has ended does not stagnate, and what is told to have is not waited for.
            models.CheckConstraint(
                condition=Q(stagnant_at=None) | (~Q(stage=Stage.ENDED) & Q(stagnant_since=None)),
                name="only_open_case_stagnates",
            ),
        )
        indexes = (
            *(scope_index("followed", level, "entered_at") for level in ("city", "county", "station")),
            models.Index(fields=("entered_at", "id"), name="followed_list_of_all"),
            # The board: what has lain longest in a stage.
            *(
                models.Index(
                    fields=(*level, "stage", "last_progress_at", "id"),
                    name=f"followed_board_of_{'_'.join(level) or 'all'}",
                )
                for level in ((), ("city",), ("county",), ("station",))
            ),
            # The watch.
            models.Index(fields=("stagnant_at",), condition=Q(stagnant_at__isnull=False), name="followed_watch"),
        )
        permissions = (
            ("consent_closing", "可以同意盯办办结"),
            ("hand_over", "可以交接盯办"),
        )

    def __str__(self) -> str:
        return f"{self.matter}"

    @property
    def at_stage(self) -> Stage:
        return Stage(self.stage)

    @property
    def is_open(self) -> bool:
        return self.stage in Stage.open_stages()

    def parties(self, *, officer_there: bool) -> Parties:
        """Which parties are named; whether the named officer is there must be asked elsewhere."""
        return Parties(
            main=self.main_unit_id is not None,
            line=self.line_unit_id is not None,
            supervisory=self.supervisory_unit_id is not None,
            officer=self.officer_id is not None,
            officer_there=officer_there,
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still to be named; the row must have been read `with_officer_there`."""
        return self.parties(officer_there=vars(self)["officer_there"]).missing if self.is_open else ()

    def stands_still_at(self, at: datetime) -> bool:
        """Whether it has stood still too long at a moment, even before the watch has come round."""
        return self.stagnant_since is not None or (self.stagnant_at is not None and self.stagnant_at <= at)
