"""The ledger of this room."""

from django.db import models

from cases.models import Officer
from supervision.petitions.models.petition import Petition, Stage


class PetitionStep(models.Model):
    """One thing done about a petition (信访台账). Append-only, by database trigger; it never names who asked."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="steps", verbose_name="信访事项")
    act = models.CharField("事由", max_length=40)
    stage = models.CharField("此后阶段", max_length=12, choices=Stage)
    text = models.CharField("内容", max_length=500, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "信访台账"
        verbose_name_plural = "信访台账"
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.act
