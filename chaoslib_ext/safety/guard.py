"""The one question: may this fault run on this target? Asked by the door before anything is written or touched.

Today it holds two rules (nothing goes in under a freeze; a fault must make sense on the target as it is); policies and
limits join here.
"""

from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.model import Target

from . import freeze

__all__ = ["ask", "ask_for_a_run"]


def ask(fault: str, target: Target, *, senseless: str | None) -> None:
    """Return if `fault` (in words) may be put on `target`. Raises GuardRefused, naming the rule.

    `senseless` says why the fault would do nothing, or something else than it says, on the target as it is now.
    """
    why = freeze.refusal() or senseless
    if why:
        raise GuardRefused(f"{fault} on {target.proxy} ({target.server}) is refused: {why}. Nothing was injected")


def ask_for_a_run() -> None:
    """Return if a run may begin at all, whatever it does. Raises GuardRefused under a freeze."""
    why = freeze.refusal()
    if why:
        raise GuardRefused(f"no run may begin: {why}")
