"""Would a run be let begin here, and would its watchdog outlive it: freeze, policy, crash safety."""

from collections.abc import Iterator

from chaoslib_ext.errors import BadFile
from chaoslib_ext.faults.frozen import of_sources
from chaoslib_ext.safety import freeze, guard
from chaoslib_ext.undo.crash_safety import crash_safety

from .finding import Finding

__all__ = ["check"]

_NAME = "leave"
_AFTER_ALL = "chaos undo --install-service: then what is left is undone at the next start"


def check() -> Iterator[Finding]:
    """What closes the door here, if anything does; what stands above this process, if that ends the watchdog too."""
    for frozen in filter(None, (freeze.refusal(), of_sources())):
        yield Finding(_NAME, "note", frozen)
    try:
        policies = " and ".join(str(file.path) for file in guard.policies())
        yield Finding(_NAME, "ok", f"the policy is {policies}" if policies else guard.NO_POLICY.says)
    except BadFile as error:
        yield Finding(_NAME, "wrong", str(error))
    for why in crash_safety().why:
        yield Finding(_NAME, "note", f"not crash-safe here: {why}", _AFTER_ALL)
