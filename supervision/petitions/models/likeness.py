"""Petitions that may be about the same thing: suggested by the system, decided by a person, never merged."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer
from supervision.petitions.models.petition import Petition


class LikenessGround(models.TextChoices):
    """What two petitions have in common."""

    PERSON = "person", "信访人相同"
    SUBJECT = "subject", "反映事项相近"


class LikenessState(models.TextChoices):
    """What a person made of it."""

    SUGGESTED = "suggested", "待核对"
    REPEAT = "repeat", "重复信访"
    JOINT = "joint", "共同信访"
    DIFFERENT = "different", "不是同一件"


class Likeness(models.Model):
    """Two petitions that may be the same (疑似重复): the later, the earlier, what they share, and what a person decided."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="likenesses", verbose_name="后来的")
    earlier = models.ForeignKey(Petition, models.PROTECT, related_name="later_likenesses", verbose_name="先前的")
    ground = models.CharField("依据", max_length=10, choices=LikenessGround)
    shared = models.FloatField("相同文字的比例", default=0)
    state = models.CharField("结论", max_length=10, choices=LikenessState, default=LikenessState.SUGGESTED)
    decided_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核对人"
    )
    decided_at = models.DateTimeField("核对时间", null=True, blank=True)

    class Meta:
        verbose_name = "疑似重复"
        verbose_name_plural = "疑似重复"
        ordering = ("-shared", "id")
        constraints = (
            # Two petitions are set side by side once.
            models.UniqueConstraint(fields=("petition", "earlier"), name="likeness_suggested_once"),
            # Nothing repeats itself.
            models.CheckConstraint(condition=~Q(petition=F("earlier")), name="likeness_is_of_two"),
            # A decision is somebody's.
            models.CheckConstraint(
                condition=Q(state=LikenessState.SUGGESTED) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="likeness_decided_by_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.petition} / {self.earlier}"
