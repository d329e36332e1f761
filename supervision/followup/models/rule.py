"""Rules by which matters come under follow-up, and the outlines they are followed by: rows that a bureau edits."""

from django.db import models
from django.db.models import Q

from supervision.followup.rules import MOST_WORKING_DAYS, STAGNATION_DAYS


class OutlineTemplate(models.Model):
    """What is to be done in a kind of case, item by item (提纲模板).

    `kinds` are codes of kinds of matter it suits; the first active one by order is taken where a rule names none. With
    no kinds it suits whatever no other suits.
    """

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    kinds = models.JSONField("适用事项种类", default=list, blank=True, help_text='种类代码，如 ["criminal_case"]')
    stagnation_days = models.PositiveSmallIntegerField(
        "停滞提醒（工作日）", default=STAGNATION_DAYS, help_text="这么多个工作日没有进展即提醒"
    )
    order = models.PositiveSmallIntegerField("排序", default=100)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "提纲模板"
        verbose_name_plural = "提纲模板"
        ordering = ("order", "code")
        constraints = (
            # Silence is counted in whole working days, one at least.
            models.CheckConstraint(
                condition=Q(stagnation_days__gte=1, stagnation_days__lte=MOST_WORKING_DAYS),
                name="template_stagnates_after_a_day",
                violation_error_message=f"停滞提醒应为 1 至 {MOST_WORKING_DAYS} 个工作日",
            ),
        )

    def __str__(self) -> str:
        return self.name


class TemplateItem(models.Model):
    """One item of an outline (提纲条目): what is to be done, and in how many working days from entry."""

    template = models.ForeignKey(OutlineTemplate, models.CASCADE, related_name="items", verbose_name="提纲模板")
    order = models.PositiveSmallIntegerField("序号")
    title = models.CharField("事项", max_length=200)
    working_days = models.PositiveSmallIntegerField("办理期限（工作日）")

    class Meta:
        verbose_name = "提纲条目"
        verbose_name_plural = "提纲条目"
        ordering = ("template_id", "order")
        constraints = (
            # Items of an outline stand in one order.
            models.UniqueConstraint(fields=("template", "order"), name="template_item_in_its_place"),
            # Every item has a day by which it is done.
            models.CheckConstraint(
                condition=Q(working_days__gte=1, working_days__lte=MOST_WORKING_DAYS),
                name="template_item_takes_a_day",
                violation_error_message=f"办理期限应为 1 至 {MOST_WORKING_DAYS} 个工作日",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order}．{self.title}"


class EntryRule(models.Model):
    """Which matters come under follow-up by themselves (进入规则): a condition, and what a case that enters is given.

    `told_as` is the reason that everybody who sees the case reads; the name of the rule is for those who keep the rules,
    and of one that asks for petitions no case says even that, as only who handles a petition knows of it
    (信访工作条例第三十条). `line_word` finds the line party: the specialist branch of the county whose name contains it.
    """

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    told_as = models.CharField("写给各方的进入原因", max_length=100)
    condition = models.JSONField("进入条件")
    template = models.ForeignKey(
        OutlineTemplate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提纲模板"
    )
    line_word = models.CharField("条线单位名称含", max_length=30, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=100)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "进入规则"
        verbose_name_plural = "进入规则"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name

    @property
    def silent(self) -> bool:
        """Whether that it asked for a case would say that there is a petition about it: no case names such a rule."""
        return isinstance(self.condition, dict) and bool(self.condition.get("petition"))
