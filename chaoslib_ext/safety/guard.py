"""The one question: may this fault run on this target? Asked by the door before anything is written or touched.

It holds three rules: nothing goes in under a freeze; a fault must make sense on the target as it is; and every policy
that counts must allow it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from chaoslib_ext.errors import BadFile, GuardRefused
from chaoslib_ext.model import Target

from . import freeze, policy_place
from .decision import Around, Ruling, Wish, decide
from .policy_file import PolicyFile, read

__all__ = ["NO_POLICY", "ask", "ask_for_a_run", "others_refused", "policies", "ruling"]

NO_POLICY = Ruling(True, "no policy: everything is allowed")
"""What is answered where there is none and none is required."""


def ask(
    fault: str,
    wish: Wish,
    around: Callable[[PolicyFile], Sequence[Around]],
    *,
    senseless: str | None,
    folders: Iterable[Path] = (),
) -> Ruling:
    """Return the ruling that lets `fault` (in words) go in as `wish`. Raises GuardRefused, naming the rule.

    `senseless` says why the fault would do nothing, or something else than it says, on the target as it is now;
    `folders` are those from which policies are looked for (`policy_place.find`).
    """
    why = freeze.refusal() or senseless
    found = NO_POLICY if why else ruling(wish, around, folders)
    if why or not found.allowed:
        raise GuardRefused(_refusal(fault, wish.target, why or found.says))
    return found


def ruling(wish: Wish, around: Callable[[PolicyFile], Sequence[Around]], folders: Iterable[Path] = ()) -> Ruling:
    """The policies' answer alone, of several the strictest, as of several answers of one by what is `around`; one that
    is required and missing, or there and broken, refuses.
    """
    try:
        files = policies(folders)
    except BadFile as error:
        return Ruling(False, f"(it cannot be asked) {error}")
    rulings = dict.fromkeys(decide(file, wish, one) for file in files for one in around(file))
    return _strictest(list(rulings)) if files else NO_POLICY


def _strictest(rulings: Sequence[Ruling]) -> Ruling:
    """Refused if one of them refuses; it says what each says that counts."""
    if len(rulings) == 1:
        return rulings[0]
    telling = [one for one in rulings if not one.allowed] or rulings
    by = dict.fromkeys(one.approved_by for one in rulings if one.approved_by)
    first = min((one for one in rulings if one.ends), key=lambda one: one.ends or datetime.max, default=telling[0])
    return replace(
        telling[0],
        says="; ".join(one.says for one in telling),
        approved_by=", ".join(by) or None,
        ends=first.ends,
        ends_says=first.ends_says,
        also=tuple(one for one in rulings if one is not telling[0]),
    )


def policies(folders: Iterable[Path] = ()) -> tuple[PolicyFile, ...]:
    """The policies that count (`policy_place.find`); none where there is none and none is required.

    Raises BadFile when one cannot be used: then nothing is allowed.
    """
    places = policy_place.find(folders)
    if places.paths or places.required_by is None:
        return tuple(read(path) for path in places.paths)
    raise BadFile(
        f"{places.required_by} requires a policy and there is none, so nothing is allowed; name it there (`path:`), "
        f"set {policy_place.VARIABLE}, or put {policy_place.NAME} beside your experiments"
    )


def ask_for_a_run(*, other_actions: Iterable[str] = (), folders: Iterable[Path] = ()) -> None:
    """Return if a run may begin at all. Raises GuardRefused under a freeze, when a policy cannot be asked, and for
    `other_actions` where a policy refuses those; they are names.
    """
    why = freeze.refusal()
    if why:
        raise GuardRefused(f"no run may begin: {why}")
    try:
        files = policies(folders)
    except BadFile as error:
        raise GuardRefused(f"no run may begin: {error}") from error
    if why := others_refused(files, other_actions):
        raise GuardRefused(f"no run may begin: {why}")


def others_refused(files: Iterable[PolicyFile], names: Iterable[str]) -> str | None:
    """Why no run may have the actions of these names, of which no rule speaks; None when it may."""
    saying = [str(file.path) for file in files if file.policy.other_actions == "refused"]
    told = ", ".join(dict.fromkeys(names))
    if not saying or not told:
        return None
    return (
        f"actions that are not ours, or that change something besides our faults ({told}), are refused: "
        f"{', '.join(saying)} says `other_actions: refused`; take them out"
    )


def _refusal(fault: str, target: Target, why: str) -> str:
    return f"{fault} on {target.proxy} ({target.server}) is refused: {why}. Nothing was injected"
