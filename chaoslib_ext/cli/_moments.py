"""Times as people type them: `03:12`, `18:30`, `2026-11-24T18:30`, with a zone or in their own.

A time that a change of the clocks leaves out or brings twice has two readings. Each command takes the safe one: a
freeze the later, an approval the earlier, and a look back the last that has passed.
"""

from datetime import MAXYEAR, UTC, datetime, timedelta

import click

__all__ = ["coming", "passed"]


def coming(text: str, now: datetime, option: str, *, latest: bool) -> datetime:
    """The next such moment; of two readings that are yet to come the later (`latest`) or the earlier one.

    Raises click.BadParameter for what is no time, has passed, or lies too far ahead.
    """
    for readings in _days(text, now, option, 1):
        ahead = [one for one in readings if one > now]
        if ahead and ahead[-1].year == MAXYEAR:  # in another zone there may be no such day
            raise click.BadParameter(f"{text} lies too far ahead", param_hint=option)
        if ahead:
            return ahead[-1] if latest else ahead[0]
    raise click.BadParameter(f"{text} has passed", param_hint=option)


def passed(text: str, now: datetime, option: str) -> datetime:
    """The last such moment; `now` is one. Raises click.BadParameter for what is no time, or is yet to come."""
    if text.strip() == "now":
        return now
    for readings in _days(text, now, option, -1):
        behind = [one for one in readings if one <= now]
        if behind:
            return behind[-1]
    raise click.BadParameter(f"{text} is yet to come", param_hint=option)


def _days(text: str, now: datetime, option: str, step: int) -> list[list[datetime]]:
    """The readings of what was typed; of a time of day those of today, then those of the next day or the one before."""
    wanted = text.strip()
    for form in ("%H:%M", "%H:%M:%S"):
        try:
            clock = datetime.strptime(wanted, form)
        except ValueError:
            continue
        today = datetime.combine(now.astimezone().date(), clock.time())
        return [_readings(today), _readings(today + step * timedelta(days=1))]
    try:
        moment = datetime.fromisoformat(wanted)
        return [_readings(moment) if moment.tzinfo is None else [moment.astimezone()]]
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is no time; write 18:30 or 2026-11-24T18:30", param_hint=option) from None


def _readings(naive: datetime) -> list[datetime]:
    """The moments that a time on the wall may mean here, the earlier first; one, but where the clocks change."""
    found = {naive.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    return [one.astimezone() for one in sorted(found)]
