"""The one question: may this fault run on this target? Asked by the door before anything is written or touched.

It holds three rules: nothing goes in under a freeze; a fault must make sense on the target as it is; and the policy, if
there is one, must allow it.
"""

from collections.abc import Callable
from pathlib import Path

from chaoslib_ext.errors import BadFile, GuardRefused
from chaoslib_ext.model import Target

from . import freeze, policy_place
from .decision import Around, Ruling, Wish, decide
from .policy_file import PolicyFile, read

__all__ = ["NO_POLICY", "ask", "ask_for_a_run", "others_refused", "policy", "ruling"]

NO_POLICY = Ruling(True, "no policy: everything is allowed")
"""What is answered where there is none and none is required."""


def ask(
    fault: str,
    wish: Wish,
    around: Callable[[PolicyFile], Around],
    *,
    senseless: str | None,
    start: Path | None = None,
) -> Ruling:
    """Return the ruling that lets `fault` (in words) go in as `wish`. Raises GuardRefused, naming the rule.

    `senseless` says why the fault would do nothing, or something else than it says, on the target as it is now; `start`
    is the folder from which a policy is looked for, the working directory if not given.
    """
    why = freeze.refusal() or senseless
    found = NO_POLICY if why else ruling(wish, around, start)
    if why or not found.allowed:
        raise GuardRefused(_refusal(fault, wish.target, why or found.says))
    return found


def ruling(wish: Wish, around: Callable[[PolicyFile], Around], start: Path | None = None) -> Ruling:
    """The policy's answer alone; a policy that is required and missing, or there and broken, refuses."""
    try:
        file = policy(start)
    except BadFile as error:
        return Ruling(False, f"(it cannot be asked) {error}")
    return decide(file, wish, around(file)) if file else NO_POLICY


def policy(start: Path | None = None) -> PolicyFile | None:
    """The policy that counts here; None when there is none and none is required. Raises BadFile: then it is closed."""
    place = policy_place.find(start)
    if place.path is not None:
        return read(place.path)
    if place.required_by is None:
        return None
    raise BadFile(
        f"{place.required_by} requires a policy and there is none, so nothing is allowed; name it there (`path:`), set "
        f"{policy_place.VARIABLE}, or put {policy_place.NAME} beside your experiments"
    )


def ask_for_a_run(*, other_actions: bool = False) -> PolicyFile | None:
    """Return if a run may begin at all, with the policy that counts. Raises GuardRefused under a freeze, when the
    policy cannot be asked, and for `other_actions` than ours where the policy refuses those.
    """
    why = freeze.refusal()
    if why:
        raise GuardRefused(f"no run may begin: {why}")
    try:
        file = policy()
    except BadFile as error:
        raise GuardRefused(f"no run may begin: {error}") from error
    if other_actions and (why := others_refused(file)):
        raise GuardRefused(f"no run with actions that are not ours may begin: {why}")
    return file


def others_refused(file: PolicyFile | None) -> str | None:
    """Why no run may have actions that are not ours; None when it may."""
    if file is None or file.policy.other_actions == "allowed":
        return None
    return f"{file.path} says `other_actions: refused`; take them out"


def _refusal(fault: str, target: Target, why: str) -> str:
    return f"{fault} on {target.proxy} ({target.server}) is refused: {why}. Nothing was injected"
