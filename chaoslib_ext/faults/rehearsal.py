"""A rehearsal: inside it the door only checks, so that an experiment's very calls can be tried without injecting."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["is_on", "rehearsing"]

_on: ContextVar[bool] = ContextVar("rehearsal", default=False)


def is_on() -> bool:
    """Are we in one (this thread, this context)?"""
    return _on.get()


@contextmanager
def rehearsing() -> Iterator[None]:
    """Let every door check and none inject, until the block ends."""
    token = _on.set(True)
    try:
        yield
    finally:
        _on.reset(token)
