"""The ledger of signing in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer


class Outcome(models.TextChoices):
    """What came of it, or what was done to the account's way in."""

    SIGNED_IN = "signed_in", "密码正确"
    WRONG_PASSWORD = "wrong_password", "密码错误"
    UNKNOWN_NUMBER = "unknown_number", "没有这个警号"
    SWITCHED_OFF = "switched_off", "账号停用"
    LOCKED_OUT = "locked_out", "输错次数过多，暂停登录"
    OUTSIDE = "outside", "管理员不在允许的网段"
    FACTOR_GIVEN = "factor_given", "二次验证通过"
    CODE_USED = "code_used", "用备用码通过"
    FACTOR_WRONG = "factor_wrong", "二次验证码错误"
    FACTOR_LOCKED = "factor_locked", "二次验证锁定"
    ENROLLED = "enrolled", "启用二次验证"
    CODES_RENEWED = "codes_renewed", "更换备用码"
    FACTOR_RESET = "factor_reset", "重置二次验证"
    PASSWORD_CHANGED = "password_changed", "本人更改密码"
    SIGNED_OUT = "signed_out", "退出"
    ENDED = "ended", "结束其他登录"
    CROWDED_OUT = "crowded_out", "同时登录过多，最早的一个结束"

    @classmethod
    def failures(cls) -> tuple[Outcome, ...]:
        """What somebody who is not the officer would bring about, and the officer wants to hear of."""
        return (
            cls.WRONG_PASSWORD,
            cls.SWITCHED_OFF,
            cls.LOCKED_OUT,
            cls.OUTSIDE,
            cls.FACTOR_WRONG,
            cls.FACTOR_LOCKED,
        )

    @property
    def failed(self) -> bool:
        return self in (*Outcome.failures(), Outcome.UNKNOWN_NUMBER)


class SignIn(models.Model):
    """One thing that happened at the door of an account (登录台账). Append-only, by database trigger.

    `officer` is nobody where the number that was typed is nobody's. `by` is who did it to somebody else's account; nobody:
    the officer himself, or an operator at the server.
    """

    at = models.DateTimeField("时间")
    number = models.CharField("输入的警号", max_length=20)
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="sign_ins", db_index=False, verbose_name="民警"
    )
    outcome = models.CharField("结果", max_length=20, choices=Outcome)
    address = models.CharField("地址", max_length=45, blank=True)
    agent = models.CharField("浏览器", max_length=200, blank=True)
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    text = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "登录台账"
        verbose_name_plural = "登录台账"
        ordering = ("at", "id")
        indexes = (
            models.Index(fields=("at", "id"), name="sign_ins_in_order"),
            models.Index(fields=("officer", "at"), name="sign_ins_of_an_officer"),
        )
        constraints = (
            # Nobody takes his own second factor away.
            models.CheckConstraint(
                condition=~Q(outcome="factor_reset") | Q(by=None) | ~Q(by=F("officer")),
                name="second_factor_reset_by_another",
            ),
            # Only a number that is nobody's has no officer.
            models.CheckConstraint(
                condition=Q(officer__isnull=False) | Q(outcome__in=("unknown_number", "locked_out")),
                name="sign_in_has_an_officer",
            ),
        )

    def __str__(self) -> str:
        return self.get_outcome_display()

    @property
    def failed(self) -> bool:
        return Outcome(self.outcome).failed
