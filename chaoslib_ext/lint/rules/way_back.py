"""The way back: a fault of somebody else's that stays in unless a rollback takes it out, and no rollback is there."""

from collections.abc import Iterator
from typing import Any

from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, steps_of

__all__ = ["RULES", "check"]

NO_ROLLBACKS = Rule(
    "no-rollbacks",
    Severity.WARNING,
    "An action of somebody else's that stays in force, and not one rollback.",
    "Nothing takes it back: after the run the node is still cordoned, the link still slow. (Faults of ours take "
    "themselves back.)",
    "Add its counterpart to `rollbacks`, and run with `chaos enable`, so that rollbacks always run.",
)
NEVER = Rule(
    "rollbacks-never-run",
    Severity.WARNING,
    "Rollbacks, and the strategy `never`.",
    "They never run.",
    "Take the strategy out, or the rollbacks.",
)
RULES = (NO_ROLLBACKS, NEVER)

_STAYS = {
    "add": "remove or delete",
    "attach": "detach",
    "block": "unblock",
    "change": "change back",
    "cordon": "uncordon",
    "create": "delete",
    "deny": "remove",
    "detach": "attach",
    "disable": "enable",
    "drain": "uncordon",
    "enable": "disable",
    "modify": "put back",
    "put": "put back",
    "scale": "scale back",
    "set": "set back",
    "stop": "start",
    "stress": "delete",
    "suspend": "resume",
    "update": "update back",
}
_OURS = ("actions", "probes", "chaoslib_ext")


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Actions of the method that have a counterpart, where no rollback is."""
    rollbacks, method = steps_of(data, "rollbacks"), steps_of(data, "method")
    runtime = data.get("runtime")
    strategy = runtime.get("rollbacks") if isinstance(runtime, dict) else None
    if rollbacks and isinstance(strategy, dict) and strategy.get("strategy") == "never":
        yield NEVER.at(("runtime", "rollbacks", "strategy"), f"{len(rollbacks)} rollbacks never run")
    actions = [step for step in method if step.data.get("type") == "action"]
    words = [_verb(step) for step in actions]
    if rollbacks or data.get("rollbacks"):
        return
    for number, step in enumerate(actions):
        verb = words[number]
        if verb in _STAYS and not _is_ours(step) and not _is_taken_back(verb, words, number):
            says = f"{step.provider.get('func')} stays in force, and there are no rollbacks ({_STAYS[verb]})"
            yield NO_ROLLBACKS.at(step.path, says)


def _verb(step: Step) -> str:
    function = step.provider.get("func")
    return function.partition("_")[0].lower() if step.kind == "python" and isinstance(function, str) else ""


def _is_taken_back(verb: str, words: list[str], number: int) -> bool:
    """Does the method itself do so, by the counterpart, or by the same once more behind it?"""
    return verb in words[number + 1 :] or any(word != verb and word in _STAYS[verb].split() for word in words)


def _is_ours(step: Step) -> bool:
    module = step.provider.get("module")
    return isinstance(module, str) and module.partition(".")[0] in _OURS
