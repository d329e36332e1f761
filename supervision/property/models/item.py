"""What was taken in a case, where it is kept, and how much the case is about."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Matter, Officer, Unit
from supervision.property import rules
from supervision.property.rules import MOST_TEXT


class Side(models.TextChoices):
    """Under which procedure the case is handled."""

    ADMINISTRATIVE = rules.Side.ADMINISTRATIVE.value, "行政"
    CRIMINAL = rules.Side.CRIMINAL.value, "刑事"


class Measure(models.TextChoices):
    """What was done to the item (措施)."""

    SEIZED = rules.Measure.SEIZED.value, "扣押"
    SEALED = rules.Measure.SEALED.value, "查封"
    REGISTERED = rules.Measure.REGISTERED.value, "先行登记保存"
    FROZEN = rules.Measure.FROZEN.value, "冻结"


class Asset(models.TextChoices):
    """What kind of thing the item is, as far as the law tells them apart (财物类别)."""

    GOODS = rules.Asset.GOODS.value, "物品、现金"
    REAL = rules.Asset.REAL.value, "不动产、车船等特定动产"
    DEPOSIT = rules.Asset.DEPOSIT.value, "存款、汇款等资金"
    SECURITIES = rules.Asset.SECURITIES.value, "债券、股票、基金份额"
    EQUITY = rules.Asset.EQUITY.value, "股权、保单权益、投资权益"
    LISTED = rules.Asset.LISTED.value, "上市公司股权"


# What lies in an account and is frozen there.
FREEZABLE = tuple(one.value for one in rules.FREEZABLE)


class Owner(models.TextChoices):
    """Whose it is, as far as is known; nobody is named (权属)."""

    SUSPECT = rules.Owner.SUSPECT.value, "违法犯罪嫌疑人"
    VICTIM = rules.Owner.VICTIM.value, "被侵害人"
    THIRD = rules.Owner.THIRD.value, "善意第三人"
    OUTSIDER = rules.Owner.OUTSIDER.value, "其他案外人"
    UNKNOWN = rules.Owner.UNKNOWN.value, "未查明"


class ItemState(models.TextChoices):
    """What has become of the item."""

    HELD = "held", "在控"
    RETURNED = "returned", "已解除、退还"
    DISPOSED = "disposed", "已处理"

    @property
    def sign(self) -> str:
        return {"held": "●", "returned": "↩", "disposed": "✓"}[self.value]

    @property
    def tone(self) -> str:
        return {"held": "yellow", "returned": "green", "disposed": "grey"}[self.value]


class Place(models.Model):
    """A place where property is kept (保管场所), of a county bureau or of whatever unit keeps it. Closed ones stay."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属单位")
    name = models.CharField("名称", max_length=60)
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "保管场所"
        verbose_name_plural = "保管场所"
        ordering = ("unit__path", "name")
        constraints = (
            # A unit calls one place in use by one name.
            models.UniqueConstraint(
                fields=("unit", "name"), condition=Q(closed_at=None), name="place_is_named_once_in_a_unit"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """What is known of one item (涉案财物) beside its matter: measure, document, who approved it, worth, place, and end.

    The case is the matter's parent. `value` is what it is worth in yuan, of frozen money the sum frozen. `place` is empty
    until it is handed over to the keeper; frozen property has none. `unrelated_on` is the day it was found to have
    nothing to do with the case. A seized item without this row was only imported: the excesses cannot be worked out.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="property_item", verbose_name="事项"
    )
    side = models.CharField("程序", max_length=16, choices=Side)
    measure = models.CharField("措施", max_length=10, choices=Measure)
    asset = models.CharField("财物类别", max_length=10, choices=Asset)
    owner = models.CharField("权属", max_length=10, choices=Owner, default=Owner.UNKNOWN)
    quantity = models.CharField("数量和特征", max_length=200, blank=True)
    value = models.DecimalField("价值或者冻结数额（元）", max_digits=16, decimal_places=2, null=True, blank=True)
    document = models.CharField("决定文书号", max_length=80, blank=True)
    approver = models.CharField("批准层级", max_length=40, blank=True)
    taken_at = models.DateTimeField("采取措施时间")
    on_spot = models.BooleanField("当场采取", default=False)
    reported_at = models.DateTimeField("补办批准时间", null=True, blank=True)
    valuable = models.BooleanField("价值较高或者可能严重影响正常生产经营", default=False)
    necessity = models.BooleanField("生活必需品", default=False)
    held_elsewhere = models.BooleanField("已被其他国家机关查封、冻结", default=False)
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.HELD)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="items", verbose_name="保管场所"
    )
    handed_over_at = models.DateTimeField("移交保管时间", null=True, blank=True)
    unrelated_on = models.DateField("查明与案件无关", null=True, blank=True)
    ended_at = models.DateTimeField("解除、退还、处理时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=MOST_TEXT, blank=True)

    class Meta:
        verbose_name = "涉案财物"
        verbose_name_plural = "涉案财物"
        constraints = (
            # Only what lies in an account is frozen, and nothing else is done to it.
            models.CheckConstraint(
                condition=Q(measure=Measure.FROZEN, asset__in=FREEZABLE)
                | (~Q(measure=Measure.FROZEN) & ~Q(asset__in=FREEZABLE)),
                name="only_accounts_are_frozen",
            ),
            # Evidence is registered in administrative cases only (行政处罚法第五十六条).
            models.CheckConstraint(
                condition=~Q(measure=Measure.REGISTERED) | Q(side=Side.ADMINISTRATIVE),
                name="evidence_registered_in_administrative_cases",
            ),
            # Nothing is worth less than nothing.
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="item_value_is_not_negative"),
            # What lies somewhere was handed over, and has a body that can lie there.
            models.CheckConstraint(
                condition=Q(place=None, handed_over_at=None)
                | (Q(place__isnull=False, handed_over_at__isnull=False) & ~Q(measure=Measure.FROZEN)),
                name="kept_item_was_handed_over",
            ),
            # What is held has no end yet; what is not says when and how it ended.
            models.CheckConstraint(
                condition=Q(state=ItemState.HELD, ended_at=None, outcome="")
                | (~Q(state=ItemState.HELD) & Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="ended_item_says_when_and_how",
            ),
            # Only what was taken on the spot is approved afterwards (公安机关办理行政案件程序规定第五十六条).
            models.CheckConstraint(
                condition=Q(reported_at=None) | Q(on_spot=True), name="only_what_was_taken_on_the_spot_is_reported"
            ),
        )
        indexes = (
            # What the nightly watch looks through.
            models.Index(fields=("matter",), condition=Q(state=ItemState.HELD), name="items_held"),
        )

    def __str__(self) -> str:
        return self.matter.number

    @property
    def stands(self) -> ItemState:
        return ItemState(self.state)

    @property
    def is_held(self) -> bool:
        return self.state == ItemState.HELD

    @property
    def is_frozen(self) -> bool:
        return self.measure == Measure.FROZEN

    @property
    def awaits_keeper(self) -> bool:
        """Whether it is still with those who took it."""
        return self.is_held and not self.is_frozen and self.place_id is None

    @property
    def awaits_report(self) -> bool:
        """Whether its taking on the spot is still to be approved."""
        return self.on_spot and self.reported_at is None

    @property
    def value_words(self) -> str:
        return "" if self.value is None else f"{rules.money(self.value)} 元"


class CaseAmount(models.Model):
    """How much a case is about (涉案金额), as far as is known, in yuan; its absence means that nobody has noted it."""

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="amount_at_issue", verbose_name="案件"
    )
    amount = models.DecimalField("涉案金额（元）", max_digits=16, decimal_places=2)
    basis = models.CharField("依据", max_length=200)
    noted_at = models.DateTimeField("登记时间")
    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = "涉案金额"
        verbose_name_plural = "涉案金额"
        constraints = (
            # No case is about less than nothing.
            models.CheckConstraint(condition=Q(amount__gte=0), name="case_amount_is_not_negative"),
            # It says where the figure comes from.
            models.CheckConstraint(condition=~Q(basis=""), name="case_amount_says_on_what_basis"),
        )

    def __str__(self) -> str:
        return f"{rules.money(self.amount)} 元"
