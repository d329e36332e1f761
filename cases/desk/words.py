"""How moments, days left and states are said on the screens. Always in words and a sign, never by colour alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from cases.models import Clock, ClockState, Level
from cases.statute.workdays import WEEKDAY_NAMES


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clock stands at a moment: a short text, a sign, and the name of the colour that goes with it."""

    text: str
    sign: str
    tone: str
    level: Level | None = None

    def __str__(self) -> str:
        return f"{self.text} {self.sign}"


_TONES = ("green", "yellow", "orange", "red")


def level_at(clock: Clock, at: datetime) -> Level:
    """The level by the clock's own moments, which is right even before the sweep has come round."""
    for moment, level in ((clock.due_at, Level.RED), (clock.orange_at, Level.ORANGE), (clock.yellow_at, Level.YELLOW)):
        if moment is not None and moment <= at:
            return level
    return Level.GREEN


def standing(clock: Clock, at: datetime) -> Standing:
    """How much is left, or how it ended. Days are counted on the calendar; hour limits in hours and minutes."""
    if clock.state == ClockState.PAUSED:
        return Standing("暂停计算", "‖", "grey")
    if clock.state == ClockState.MOOT:
        return Standing("不再需要", "—", "grey")
    if clock.state == ClockState.VOID:
        return Standing("已作废", "×", "grey")
    if clock.state != ClockState.RUNNING or clock.due_at is None:
        if clock.late:
            return Standing(f"{late_by(clock)}办结", "■", "red")
        done = "重新起算" if clock.state == ClockState.RESTARTED else "按期办结"
        return Standing(done, "✓", "grey")
    level = level_at(clock, at)
    return Standing(_left(clock, at), level.sign, _TONES[level.value], level)


def _left(clock: Clock, at: datetime) -> str:
    assert clock.due_at is not None
    if clock.due_on is None:
        left = clock.due_at - at
        return f"剩 {duration(left)}" if left > timedelta(0) else f"超 {duration(-left)}"
    days = (clock.due_on - timezone.localdate(at)).days
    if days < 0:
        return f"超 {-days} 天"
    return "今天届满" if days == 0 else f"剩 {days} 天"


def late_by(clock: Clock) -> str:
    """By how much a clock ended late."""
    if clock.due_at is None or clock.ended_at is None:
        return "超期"
    if clock.due_on is None:
        return f"超 {duration(clock.ended_at - clock.due_at)}"
    return f"超 {(timezone.localdate(clock.ended_at) - clock.due_on).days} 天"


def duration(length: timedelta) -> str:
    """A length in days, hours and minutes; the two largest parts only."""
    minutes = int(length.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "天"), (hours, "小时"), (minutes, "分")]
    while parts and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number) or "不到 1 分"


def hours_words(length: timedelta) -> str:
    """A length of a limit counted in time: whole hours and minutes, however many days they make."""
    hours, minutes = divmod(int(length.total_seconds() // 60), 60)
    return " ".join(f"{number} {unit}" for number, unit in ((hours, "小时"), (minutes, "分")) if number) or "0 分"


def short_moment(moment: datetime | None, at: datetime) -> str:
    """A moment for a narrow column: without its year where that is this year."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{local:%m-%d %H:%M}" if local.year == timezone.localtime(at).year else f"{local:%Y-%m-%d %H:%M}"


def day_words(day: date | None) -> str:
    """A day with its weekday."""
    return "" if day is None else f"{day:%Y-%m-%d}（{WEEKDAY_NAMES[day.weekday()]}）"


def moment_words(moment: datetime | None, zone: ZoneInfo | None = None, *, seconds: bool = False) -> str:
    """A moment to the minute, in the given zone or the page's; with `seconds` to the second where it has any."""
    if moment is None:
        return ""
    local = timezone.localtime(moment, zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if seconds and local.second else f"{local:%Y-%m-%d %H:%M}"


def due_words(clock: Clock, zone: ZoneInfo | None = None) -> str:
    """The due day, or for hour limits the due moment; says so while there is none."""
    if clock.due_on is not None:
        return f"{clock.due_on:%Y-%m-%d}"
    return moment_words(clock.due_at, zone, seconds=True) if clock.due_at is not None else "未定"
