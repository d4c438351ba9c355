"""All checks, in the order in which a person would ask."""

from collections.abc import Callable, Iterable, Mapping

from chaoslib_ext.errors import ExtError
from chaoslib_ext.worker import Worker

from . import faces, leave, leftovers, places, records, servers, watch, watchdogs
from .finding import Finding

__all__ = ["look"]

_WITHIN = 20.0
"""Seconds that one check may take."""


def look(controls: Mapping[str, str] | None, settings: str) -> list[Finding]:
    """Every finding; a check that fails itself is one. Never raises."""
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (
        leftovers.check,
        watchdogs.check,
        servers.check,
        records.check,
        places.check,
        faces.check,
        lambda: watch.check(controls, settings),
        leave.check,
    )
    found: dict[str, Finding] = {}  # one cause may stop several checks: it is said once
    for check in checks:
        for one in _made(check):
            found.setdefault(one.says, one)
    return list(found.values())


def _made(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    name = check.__module__.rsplit(".", 1)[-1]
    try:
        return Worker(f"doctor {name}").do(lambda: list(check()), _WITHIN)
    except TimeoutError:
        says = f"the check {name} did not end within {_WITHIN:g} s: a disk or a server hangs"
        return [Finding(name, "wrong", says, "look at the disks of the state folder and the journal (`dmesg`)")]
    except ExtError as error:
        return [Finding(name, "wrong", str(error))]
    except Exception as error:  # who looks for what is wrong must not be stopped by it
        return [Finding(name, "wrong", f"the check failed: {type(error).__name__}: {error}")]
