"""Officers, who are the accounts, and the posts they hold."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q

from cases.models.unit import Unit


class Role(models.TextChoices):
    """What a post makes its holder; each role is a group of permissions of the same name."""

    CASE_OFFICER = "case_officer", "办案民警"
    UNIT_HEAD = "unit_head", "办案单位负责人"
    LEGAL_OFFICER = "legal_officer", "法制民警"
    BRANCH_OFFICER = "branch_officer", "专业警种"
    LEADER = "leader", "局领导"
    INSPECTOR = "inspector", "督察"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计员"

    @classmethod
    def sees_subtree(cls) -> tuple["Role", ...]:
        """Roles that see every ordinary matter of their post's unit and below."""
        return (cls.UNIT_HEAD, cls.LEGAL_OFFICER, cls.BRANCH_OFFICER, cls.LEADER, cls.INSPECTOR)

    @classmethod
    def administrators(cls) -> tuple["Role", ...]:
        """The three separated administrators (三员分立), who see no case content at all."""
        return (cls.SYSTEM_ADMIN, cls.SECURITY_ADMIN, cls.AUDITOR)

    def excludes(self, other: str) -> bool:
        """Whether nobody may hold both at once: an administrator is nothing besides."""
        return self != other and bool({self, other} & set(Role.administrators()))


class OfficerManager(BaseUserManager["Officer"]):
    def create_user(
        self, police_number: str, name: str, unit: Unit, password: str | None = None, **extra: Any
    ) -> "Officer":
        """An officer with an account. Without a password the account cannot sign in."""
        officer = self.model(police_number=police_number, name=name, unit=unit, **extra)
        officer.set_password(password)
        officer.save(using=self._db)
        return officer

    def create_superuser(
        self, police_number: str, name: str, unit: Any, password: str | None = None, **extra: Any
    ) -> "Officer":
        """The account that sets a system up."""
        home = unit if isinstance(unit, Unit) else Unit.objects.get(pk=unit)
        return self.create_user(police_number, name, home, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "Officer":
        return self.get(police_number=username)


class Officer(AbstractBaseUser, PermissionsMixin):
    """A person of the service and the user account (民警). The police number is the sign-in name."""

    police_number = models.CharField("警号", max_length=20, unique=True)
    name = models.CharField("姓名", max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="officers", verbose_name="所在单位")
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("在用", default=True)
    is_staff = models.BooleanField("可登录", default=True)
    password_set_at = models.DateTimeField("密码设置时间", null=True, blank=True, editable=False)
    must_change_password = models.BooleanField("登录后须更改密码", default=False, editable=False)

    objects = OfficerManager()

    USERNAME_FIELD = "police_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "unit"]

    class Meta:
        verbose_name = "民警"
        verbose_name_plural = "民警"
        ordering = ("police_number",)

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    def current(self) -> "PostQuerySet":
        return self.filter(until_on=None)


class Post(models.Model):
    """A role an officer holds in a unit, from one day to another (任职); an open end means he holds it now.

    Granted by nobody: it came with the setting up.
    """

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="posts", verbose_name="民警")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="任职单位")
    role = models.CharField("角色", max_length=20, choices=Role)
    from_on = models.DateField("任职自")
    until_on = models.DateField("任职至", null=True, blank=True)
    granted_by = models.ForeignKey(
        Officer,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="登记人",
    )
    ended_by = models.ForeignKey(
        Officer,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="结束登记人",
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ("officer_id", "from_on")
        constraints = (
            # Nobody holds the same role in the same unit twice at once.
            models.UniqueConstraint(
                fields=("officer", "unit", "role"), condition=Q(until_on=None), name="post_held_once"
            ),
            # A post ends after it begins.
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="post_ends_after_it_begins"
            ),
            # Nobody grants himself a post.
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("officer")), name="post_granted_by_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.get_role_display()}"
