"""Waiting for a descriptor: a pipe that is to say something, a process that is to end."""

import selectors

__all__ = ["is_readable"]


def is_readable(descriptor: int, within: float) -> bool:
    """Has it something to read, or come to its end, within so many seconds? Not by `select.select`, which knows only
    the first 1,024 descriptors of a process.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(within))
