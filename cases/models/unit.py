"""Units and their tree."""

from django.db import models
from django.db.models import F, Q

STEP_WIDTH = 4


class UnitLevel(models.IntegerChoices):
    """Where in the tree a unit stands."""

    PROVINCE = 1, "省级"
    CITY = 2, "市级"
    COUNTY = 3, "县级"
    STATION = 4, "所队"


class UnitKind(models.TextChoices):
    """What a unit is for; approval levels and scope depend on it."""

    BUREAU = "bureau", "公安机关"
    STATION = "station", "派出所"
    SQUAD = "squad", "办案队"
    BRANCH = "branch", "专业警种"
    LEGAL = "legal", "法制部门"


class UnitQuerySet(models.QuerySet["Unit"]):
    def under(self, unit: "Unit") -> "UnitQuerySet":
        """The unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)

    def in_force(self) -> "UnitQuerySet":
        return self.filter(valid_until=None)


class Unit(models.Model):
    """A node of the tree of units (单位).

    `path` is fixed-width, four characters a step, so that the tree itself can be read by prefix. `city`, `county` and
    `station` name the ancestor (or the unit itself) at each level and are copied onto whatever hangs on the unit.
    A unit merged into another stands below it, ended, with its own history; `regrafted_at` is when it last got other
    units above it, empty where it never did (`cases.tree`).
    """

    code = models.CharField("单位代码", max_length=32, unique=True)
    name = models.CharField("单位名称", max_length=100)
    short_name = models.CharField("简称", max_length=30, blank=True)
    kind = models.CharField("类别", max_length=12, choices=UnitKind, default=UnitKind.STATION)
    level = models.PositiveSmallIntegerField("层级", choices=UnitLevel)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    path = models.CharField("路径", max_length=40, unique=True, editable=False)
    city = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="所队"
    )
    valid_from = models.DateField("设立日期", null=True, blank=True)
    valid_until = models.DateField("撤并日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="并入"
    )
    regrafted_at = models.DateTimeField("上级变动时间", null=True, blank=True, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ("path",)
        constraints = (
            # A unit cannot end before it began.
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_from=None) | Q(valid_until__gte=F("valid_from")),
                name="unit_ends_after_it_begins",
                violation_error_message="撤并日期早于设立日期",
            ),
            # A unit is not its own parent.
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_is_not_its_own_parent"),
            # A unit that was merged away has ended.
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(valid_until__isnull=False), name="merged_unit_has_ended"
            ),
            # A unit is not merged into itself.
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="unit_is_not_merged_into_itself"),
        )

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def scope_ids(self) -> dict[str, int | None]:
        """The columns copied onto rows that hang on this unit."""
        return {"unit_id": self.pk, "city_id": self.city_id, "county_id": self.county_id, "station_id": self.station_id}
