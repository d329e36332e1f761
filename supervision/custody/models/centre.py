"""Centres where cases are handled, and their rooms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Unit
from supervision.custody import rules

MOST_CAPACITY = 50


class RoomKind(models.TextChoices):
    SEARCH = rules.RoomKind.SEARCH.value, "人身检查室"
    COLLECTION = rules.RoomKind.COLLECTION.value, "信息采集室"
    EXAMINATION = rules.RoomKind.EXAMINATION.value, "健康检查室"
    WAITING = rules.RoomKind.WAITING.value, "候问室"
    QUESTIONING = rules.RoomKind.QUESTIONING.value, "询问讯问室"
    SOBERING = rules.RoomKind.SOBERING.value, "约束室"


class Centre(models.Model):
    """A centre where cases are handled (执法办案管理中心), of a bureau or a station. Closed ones stay."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属单位")
    name = models.CharField("名称", max_length=60)
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "办案中心"
        verbose_name_plural = "办案中心"
        ordering = ("unit__path", "name")
        constraints = (
            # A unit calls one centre in use by one name.
            models.UniqueConstraint(
                fields=("unit", "name"), condition=Q(closed_at=None), name="centre_is_named_once_in_a_unit"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A room of a centre (房间): what is done in it, and how many may be in it at once. Closed ones stay."""

    centre = models.ForeignKey(Centre, models.PROTECT, related_name="rooms", verbose_name="办案中心")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("用途", max_length=12, choices=RoomKind)
    capacity = models.PositiveSmallIntegerField("容纳人数")
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "房间"
        verbose_name_plural = "房间"
        ordering = ("centre", "kind", "name")
        constraints = (
            # A centre calls one room in use by one name.
            models.UniqueConstraint(
                fields=("centre", "name"), condition=Q(closed_at=None), name="room_is_named_once_in_a_centre"
            ),
            # A room holds somebody, and not a crowd.
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MOST_CAPACITY), name="room_has_a_capacity"
            ),
        )

    def __str__(self) -> str:
        return self.name
