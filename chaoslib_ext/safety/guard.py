"""The one question: may this fault run on this target? Asked by the door before anything is written or touched.

Today it holds one rule (a fault must make sense on the target as it is); policies and limits join here.
"""

from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.model import Target

__all__ = ["ask"]


def ask(fault: str, target: Target, *, senseless: str | None) -> None:
    """Return if `fault` (in words) may be put on `target`. Raises GuardRefused, naming the rule.

    `senseless` says why the fault would do nothing, or something else than it says, on the target as it is now.
    """
    if senseless:
        raise GuardRefused(f"{fault} on {target.proxy} ({target.server}) is refused: {senseless}. Nothing was injected")
