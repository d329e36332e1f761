"""What people said of how they were served."""

from django.db import models
from django.db.models import Q

from cases.models.batch import Batch
from cases.models.matter import Matter


class Grade(models.IntegerChoices):
    """Satisfaction in four grades."""

    SATISFIED = 1, "满意"
    BASICALLY = 2, "基本满意"
    DISSATISFIED = 3, "不满意"
    VERY_DISSATISFIED = 4, "很不满意"


class Feedback(models.Model):
    """One rating of one matter (回访评价): grade, channel, valid or not and why not. No row means nobody was asked."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="feedback", verbose_name="事项")
    grade = models.PositiveSmallIntegerField("评价", choices=Grade)
    channel = models.CharField("渠道", max_length=20)
    given_at = models.DateTimeField("评价时间", db_index=True)
    valid = models.BooleanField("有效", default=True)
    invalid_reason = models.CharField("无效原因", max_length=100, blank=True)
    text = models.TextField("意见", blank=True)
    source_number = models.CharField("来源编号", max_length=100, blank=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, verbose_name="导入批次")

    class Meta:
        verbose_name = "回访评价"
        verbose_name_plural = "回访评价"
        constraints = (
            # A rating is taken in once.
            models.UniqueConstraint(
                fields=("channel", "source_number"), condition=~Q(source_number=""), name="feedback_taken_in_once"
            ),
            # A rating that does not count says why.
            models.CheckConstraint(condition=Q(valid=True) | ~Q(invalid_reason=""), name="feedback_invalid_says_why"),
            # And one that counts says nothing of the kind.
            models.CheckConstraint(
                condition=Q(valid=False) | Q(invalid_reason=""), name="feedback_valid_needs_no_reason"
            ),
            # There are four grades.
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=4), name="feedback_grade_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.matter} {self.get_grade_display()}"
