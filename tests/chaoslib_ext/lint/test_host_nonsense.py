"""[B20, B21, B22] Every nonsense that the host's `chaos validate` lets pass, or stumbles over, is told by `chaos lint`.

The numbers are those of docs/decisions/0010-guests-guards-verdicts.md.
"""

from collections.abc import Callable
from typing import Any

import pytest
from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid

Spoil = Callable[[dict[str, Any]], Any]


def method(**keys: Any) -> Spoil:
    """The first action with these keys."""
    return lambda one: one["method"][0].update(keys)


def provider(**keys: Any) -> Spoil:
    return lambda one: one["method"][0]["provider"].update(keys)


def tolerance(value: Any, **asks: Any) -> Spoil:
    def spoil(one: dict[str, Any]) -> None:
        probe = one["steady-state-hypothesis"]["probes"][0]
        probe.update(tolerance=value, **({"provider": asks} if asks else {}))

    return spoil


def put(**keys: Any) -> Spoil:
    return lambda one: one.update(
        {name.replace("_", "-") if "steady" in name else name: it for name, it in keys.items()}
    )


FOREIGN = {"type": "python", "module": "chaosk8s.node.actions", "func": "cordon_node", "arguments": {"name": "a"}}
HTTP = {"type": "http", "url": "shop/x", "timeout": 3}
ACTION = {"type": "action", "name": "act", "provider": {"type": "process", "path": "true", "timeout": 1}}

PASSES: dict[str, tuple[Spoil, str]] = {
    "the key rollback": (lambda one: one.update(rollback=one.pop("rollbacks")), "misspelt-key"),
    "a ref in the rollbacks": (put(rollbacks=[{"ref": "nobody"}]), "bad-ref"),
    "a strategy": (put(runtime={"rollbacks": {"strategy": "alway"}}), "unknown-word"),
    "a strategy of the hypothesis": (put(runtime={"hypothesis": {"strategy": "befor"}}), "unknown-word"),
    "a variable": (provider(arguments={"proxy": "${nobody}", "latency_ms": 1}), "undefined-variable"),
    "a name twice": (lambda one: one["method"].append(one["method"][0]), "duplicate-name"),
    "an action in the hypothesis": (
        lambda one: one["steady-state-hypothesis"]["probes"].append({**ACTION, "tolerance": 0}),
        "action-in-hypothesis",
    ),
    "a list of one": (tolerance([5], type="python", module="os", func="getpid"), "list-of-one"),
    "a list of one that is no status": (tolerance([5]), "never-met"),
    "a list upside down": (tolerance([9, 1], type="python", module="os", func="getpid"), "never-met"),
    "a list upside down that is no status": (tolerance([9, 1]), "never-met"),
    "a number that is no status": (tolerance(5), "never-met"),
    "a range upside down": (tolerance({"type": "range", "range": [9, 1]}), "never-met"),
    "a negative pause": (method(pauses={"after": -1}), "bad-pause"),
    "tiemout": (method(tiemout=3), "misspelt-key"),
    "backgroud": (method(backgroud=True), "misspelt-key"),
    "a key of nobody": (method(anything=1), "unknown-key"),
    "a type of an argument": (provider(arguments={"proxy": "web", "latency_ms": "slow"}), "argument-type"),
    "an absent control": (
        put(controls=[{"name": "safe", "provider": {"type": "python", "module": "not_installed"}}]),
        "control-not-installed-here",
    ),
    "a url without its scheme": (method(provider=HTTP), "bad-url"),
    "secrets that nobody declared": (provider(secrets=["nobodys"]), "undeclared-secret"),
    "no rollbacks": (
        lambda one: one["method"].append({"type": "action", "name": "c", "provider": FOREIGN}),
        "no-rollbacks",
    ),
    "tags that are a text": (put(tags="nightly"), "wrong-type"),
    "dynamic configuration of nothing": (
        put(configuration={"host": {"type": "probe", "name": "h"}, "wait": 1}),
        "dynamic-without-provider",
    ),
}
STUMBLES: dict[str, tuple[Spoil, str]] = {
    "pauses that are a number": (method(pauses=5), "wrong-type"),
    "extensions that are a mapping": (put(extensions={"name": "x"}), "wrong-type"),
    "a method that is a mapping": (put(method={"a": 1}), "wrong-type"),
    "a hypothesis that is a list": (put(steady_state_hypothesis=[]), "wrong-type"),
    "a float": (tolerance(0.5), "float-tolerance"),
}


@pytest.fixture(autouse=True)
def a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the sound experiment asks the environment for."""
    monkeypatch.setenv("TOKEN", "x")


@pytest.mark.parametrize("name", PASSES)
def test_what_passes_for_valid_is_told(sound: dict[str, Any], found: Any, name: str) -> None:
    """[20] And the host really lets it pass."""
    spoil, rule = PASSES[name]
    spoil(sound)
    ensure_experiment_is_valid(sound)
    assert rule in found(sound)


@pytest.mark.parametrize("name", STUMBLES)
def test_what_the_host_stumbles_over_is_told_like_anything_else(sound: dict[str, Any], found: Any, name: str) -> None:
    """[20] With a traceback, or for the float with words that do not help."""
    spoil, rule = STUMBLES[name]
    spoil(sound)
    with pytest.raises(Exception) as caught:
        ensure_experiment_is_valid(sound)
    assert isinstance(caught.value, ChaosException) == (rule == "float-tolerance")
    assert rule in found(sound)


def test_a_variable_that_a_person_may_give_is_no_mistake_of_the_experiment(
    sound: dict[str, Any], findings: Any
) -> None:
    """[21] `chaos validate` refuses what `chaos run --var host=...` would run."""
    sound["configuration"]["host"] = {"type": "env", "key": "NOT_SET_HERE"}
    (one,) = findings(sound)
    assert one.hit.rule.id == "unset-here"


def test_an_import_that_fails_inside_a_module_is_no_absent_module(
    sound: dict[str, Any], findings: Any, machine_with: Any
) -> None:
    """[22] Nothing is imported, so nothing can be called absent that is there."""
    sound["method"][0]["provider"] = {"type": "python", "module": "broken", "func": "f"}
    on = machine_with({"broken.py": "import not_there_at_all\ndef f():\n    pass\n"})
    assert "not-installed-here" not in {one.hit.rule.id for one in findings(sound, on=on)}
