"""Quiet hours: until when somebody is neither texted nor called, on the clock of where they live."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.phone_questions import QuietHours


def quiet_until(hours: QuietHours | None, now: float) -> float | None:
    """When the quiet hours that hold at ``now`` end (s since the epoch); ``None`` if none do.

    Hours that end when they begin are none. Where the clock is set forward over the end, they end then. A
    zone that is no longer known keeps nobody from being called.
    """
    if hours is None or hours.start == hours.end:
        return None
    try:
        local = datetime.fromtimestamp(now, ZoneInfo(hours.zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    minute = local.hour * 60 + local.minute
    over_midnight = hours.start > hours.end
    begun = minute >= hours.start
    if not ((begun or minute < hours.end) if over_midnight else (begun and minute < hours.end)):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and begun else 0)
    end = datetime(day.year, day.month, day.day, hours.end // 60, hours.end % 60, tzinfo=local.tzinfo)
    return end.timestamp()
