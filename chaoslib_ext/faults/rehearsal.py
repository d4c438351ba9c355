"""A rehearsal: inside it the door only checks, so that an experiment's very calls can be tried without injecting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaoslib_ext.model import Target
    from chaoslib_ext.proxy.state import ProxyState
    from chaoslib_ext.safety.strength import OnLink

    from .fault import Fault
    from .on_link import Ahead

__all__ = ["Rehearsed", "ahead", "is_offline", "is_on", "is_without_server", "rehearsing", "tell"]


@dataclass
class Rehearsed:
    """What was heard at the door: each fault, with the proxies it means (none where no server was asked)."""

    offline: bool = False
    ahead: "Ahead | None" = None
    faults: "list[tuple[Fault, Sequence[tuple[ProxyState, Target]]]]" = field(default_factory=list)


_on: ContextVar[Rehearsed | None] = ContextVar("rehearsal", default=None)


def is_on() -> bool:
    """Are we in one (this thread, this context)?"""
    return _on.get() is not None


def is_without_server() -> bool:
    """Are we in one that must ask no server?"""
    heard = _on.get()
    return heard is not None and heard.offline


def is_offline(fault: "Fault") -> bool:
    """The same; then the fault is told, and that is all there is to do."""
    if is_without_server():
        tell(fault, ())
    return is_without_server()


def tell(fault: "Fault", targets: "Sequence[tuple[ProxyState, Target]]") -> None:
    """Let the rehearsal, if there is one, hear of a fault and of what it means, before anybody may refuse it."""
    heard = _on.get()
    if heard is not None:
        heard.faults.append((fault, targets))


def ahead(target: "Target") -> "tuple[OnLink, ...]":
    """What earlier steps will have put on this link, as far as a rehearsal of several knows."""
    heard = _on.get()
    return heard.ahead.on(target) if heard is not None and heard.ahead is not None else ()


@contextmanager
def rehearsing(*, offline: bool = False, ahead: "Ahead | None" = None) -> Iterator[Rehearsed]:
    """Let every door check and none inject, until the block ends; `offline`: no server is asked either. `ahead`: what
    earlier steps will have put in.
    """
    heard = Rehearsed(offline, ahead)
    token = _on.set(heard)
    try:
        yield heard
    finally:
        _on.reset(token)
