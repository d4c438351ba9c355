"""Which findings the host's own check refuses (`chaos validate`, and `chaos run` before it begins): no run comes of it.

Other errors are found in the middle of a run, or never. Source: chaoslib 1.44, `ensure_experiment_is_valid`.
"""

from collections.abc import Iterable

from .finding import Finding, Severity
from .tree import pointer

__all__ = ["refusals"]

_REFUSED = {
    "bad-control-ref",
    "control-without-module",
    "empty-value",
    "missing",
    "missing-argument",
    "not-a-program",
    "ref-in-hypothesis",
    "unknown-argument",
    "unknown-function",
}
_ONLY_HERE = {"import-fails-here", "no-program-here", "not-installed-here"}


def refusals(findings: Iterable[Finding], *, of_this_machine: bool) -> list[str]:
    """What the host would refuse, in words; `of_this_machine`: also what is only not installed here."""
    return [
        f"line {one.place.line}, {pointer(one.hit.path)}: {one.hit.says}; the host refuses that, `chaos lint` says more"
        for one in findings
        if _is_refused(one) or (of_this_machine and one.hit.rule.id in _ONLY_HERE)
    ]


def _is_refused(one: Finding) -> bool:
    rule, path = one.hit.rule.id, one.hit.path
    if one.severity is not Severity.ERROR:
        return False
    if rule == "bad-ref":
        return path[:1] == ("method",)  # among the rollbacks it is not looked at
    if rule == "unknown-word":
        return path[-1:] == ("type",)  # strategies are not looked at
    if rule == "wrong-type":
        return path[-1:] == ("tolerance",)  # others it passes, and stumbles over later
    if rule == "unknown-module":
        return "controls" not in path  # a control that is not there is passed over
    return rule in _REFUSED
