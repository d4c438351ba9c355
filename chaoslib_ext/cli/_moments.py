"""Times as people type them: `03:12`, `18:30`, `2026-11-24T18:30`, with a zone or in their own."""

from datetime import MAXYEAR, datetime, timedelta

import click

__all__ = ["coming", "passed"]


def coming(text: str, now: datetime, option: str) -> datetime:
    """The next such moment. Raises click.BadParameter for what is no time, has passed, or lies too far ahead."""
    when = _moment(text, now, option, past=False)
    if when <= now:
        raise click.BadParameter(f"{text} has passed", param_hint=option)
    if when.year == MAXYEAR:  # in another zone there may be no such day
        raise click.BadParameter(f"{text} lies too far ahead", param_hint=option)
    return when


def passed(text: str, now: datetime, option: str) -> datetime:
    """The last such moment; `now` is one. Raises click.BadParameter for what is no time, or is yet to come."""
    when = now if text.strip() == "now" else _moment(text, now, option, past=True)
    if when > now:
        raise click.BadParameter(f"{text} is yet to come", param_hint=option)
    return when


def _moment(text: str, now: datetime, option: str, *, past: bool) -> datetime:
    for form in ("%H:%M", "%H:%M:%S"):
        try:
            clock = datetime.strptime(text.strip(), form)
        except ValueError:
            continue
        return _nearest(clock, now.astimezone(), past=past)
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is no time; write 18:30 or 2026-11-24T18:30", param_hint=option) from None


def _nearest(clock: datetime, here: datetime, *, past: bool) -> datetime:
    """Today's, or yesterday's or tomorrow's; by the wall, so that a change of the clocks in between is no hour off."""
    naive = here.replace(tzinfo=None)
    when = naive.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0)
    if past and when > naive:
        when -= timedelta(days=1)
    if not past and when <= naive:
        when += timedelta(days=1)
    return when.astimezone()
