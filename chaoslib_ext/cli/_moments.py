"""A moment as a person types it: 18:30 (the next one), or with a day and perhaps a zone."""

from datetime import datetime, timedelta

import click

__all__ = ["moment"]


def moment(text: str, now: datetime, option: str) -> datetime:
    """When that is, in the person's own zone unless it says one. Raises click.BadParameter for what is no time, or has
    passed; `option` is for the message.
    """
    here = now.astimezone()
    try:
        clock = datetime.strptime(text.strip(), "%H:%M")
        when = here.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        return when if when > here else when + timedelta(days=1)
    except ValueError:
        pass  # then it has a day
    try:
        when = datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is no time; write 18:30 or 2026-11-24T18:30", param_hint=option) from None
    if when <= now:
        raise click.BadParameter(f"{text} has passed", param_hint=option)
    return when
