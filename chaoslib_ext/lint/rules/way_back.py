"""The way back: a fault of somebody else's that stays in unless a rollback takes it out, and no rollback is there."""

from collections.abc import Iterator
from typing import Any

from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, mapping, steps_of

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
_NO_FAULT = {
    "add_marker",
    "disable_chaosmonkey",
    "put_metric_data",
    "stop_chaos",
    "stop_experiment",
    "stop_experiments_by_tags",
    "stop_proxy",
}
"""Functions of well-known extensions that begin like a fault, and are a message or the end of one."""

_ENDS_BY_ITSELF = ("duration", "execution_duration")


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
        if verb in _STAYS and not step.is_ours and not _is_taken_back(verb, words, number):
            says = f"{step.provider.get('func')} stays in force, and there are no rollbacks ({_STAYS[verb]})"
            yield NO_ROLLBACKS.at(step.path, says)


def _verb(step: Step) -> str:
    function = step.provider.get("func")
    if step.kind != "python" or not isinstance(function, str) or function in _NO_FAULT:
        return ""
    verb = function.partition("_")[0].lower()
    return "" if any(name in mapping(step.arguments) for name in _ENDS_BY_ITSELF) or _is_a_burst(verb, step) else verb


def _is_a_burst(verb: str, step: Step) -> bool:
    """A machine or an endpoint is stressed for a time, which has a default; Chaos Mesh stresses until it is told."""
    return verb == "stress" and ".chaosmesh." not in str(step.provider.get("module"))


def _is_taken_back(verb: str, words: list[str], number: int) -> bool:
    """Does the method itself do so, by the counterpart, or by the same once more behind it?"""
    return verb in words[number + 1 :] or any(word != verb and word in _STAYS[verb].split() for word in words)
