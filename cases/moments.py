"""Moments typed by an operator: ISO text, local time of Shanghai unless it says otherwise."""

from datetime import datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


def read_moment(text: str) -> datetime:
    """An aware moment from ISO text; a bare day is its midnight. Raises ValueError with a Chinese sentence."""
    try:
        moment = parse_datetime(text)
        if moment is None:
            day = parse_date(text)
            zone = timezone.get_current_timezone()
            moment = datetime.combine(day, time.min, tzinfo=zone) if day is not None else None
    except ValueError as error:
        raise ValueError(f"“{text}”不是存在的时间") from error
    if moment is None:
        raise ValueError(f"“{text}”不是时间，应写成 2026-03-25 或 2026-03-25T08:30")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
