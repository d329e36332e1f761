"""Open questions about the limits, and the answers a legal department gave to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models.officer import Officer
from cases.statute.questions import Question, parse_question


class OpenQuestion(models.Model):
    """Something the law leaves open that dates depend on (待定问题).

    `definition` is the catalogue row it was loaded from and the whole truth. Without an answer the default stands.
    """

    code = models.CharField("代码", max_length=60, unique=True)
    question = models.CharField("问题", max_length=200)
    order = models.PositiveSmallIntegerField("次序", default=0)
    definition = models.JSONField("定义")

    class Meta:
        verbose_name = "待定问题"
        verbose_name_plural = "待定问题"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.question

    def asked(self) -> Question:
        """The row as the pure core knows it."""
        return parse_question(self.definition)


class Answer(models.Model):
    """An answer given to an open question (答复): which option, decided on what day and ground. Append-only.

    The last one stands; none means that the default does.
    """

    question = models.ForeignKey(OpenQuestion, models.PROTECT, related_name="answers", verbose_name="待定问题")
    option = models.CharField("答复", max_length=60)
    decided_on = models.DateField("决定日期")
    ground = models.CharField("依据", max_length=300)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "待定问题的答复"
        verbose_name_plural = "待定问题的答复"
        ordering = ("question", "id")
        constraints = (
            # An answer says on what ground it was given.
            models.CheckConstraint(condition=~Q(ground=""), name="answer_has_a_ground"),
        )

    def __str__(self) -> str:
        return f"{self.question}：{self.option}"
