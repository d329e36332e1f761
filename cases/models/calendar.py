"""The working-day calendar as rows: one a special day, one a year whose notice is in."""

from datetime import time

from django.db import models
from django.db.models import F, Q


class WorkCalendar(models.Model):
    """A calendar that limits are counted by (工作日历); most installations have one.

    `opens` and `closes` are when its working days are worked: people are told things then, and silence counts then. No
    limit depends on them.
    """

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    opens = models.TimeField("上班时间", default=time(9))
    closes = models.TimeField("下班时间", default=time(17, 30))

    class Meta:
        verbose_name = "工作日历"
        verbose_name_plural = "工作日历"
        constraints = (
            # A working day opens before it closes.
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="working_day_opens_before_it_closes",
                violation_error_message="下班时间必须晚于上班时间",
            ),
        )

    def __str__(self) -> str:
        return self.name


class CalendarYear(models.Model):
    """A year whose holiday notice is in (已公布年份). A year without a row here makes every date in it provisional."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="years", verbose_name="日历")
    year = models.PositiveSmallIntegerField("年份")
    notice = models.CharField("通知文号", max_length=200, blank=True)

    class Meta:
        verbose_name = "已公布年份"
        verbose_name_plural = "已公布年份"
        ordering = ("-year",)
        constraints = (
            # A year is announced once.
            models.UniqueConstraint(fields=("calendar", "year"), name="calendar_year_announced_once"),
        )

    def __str__(self) -> str:
        return f"{self.year}年"


class DayOff(models.Model):
    """A day that is not what its weekday says, or a festival (节假日与调休): off or worked, and the notice that set it."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days", verbose_name="日历")
    day = models.DateField("日期")
    working = models.BooleanField("上班", default=False)
    name = models.CharField("名称", max_length=40)
    notice = models.CharField("通知文号", max_length=200, blank=True)

    class Meta:
        verbose_name = "节假日与调休"
        verbose_name_plural = "节假日与调休"
        ordering = ("-day",)
        constraints = (
            # A day is either off or worked, not both.
            models.UniqueConstraint(fields=("calendar", "day"), name="day_off_set_once"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.name}{'上班' if self.working else '放假'}"
