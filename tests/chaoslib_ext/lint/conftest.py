"""A sound experiment to spoil, and what lint finds in a spoilt one."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.lint.finding import Finding
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.linting import lint_text
from chaoslib_ext.lint.modules import Modules

SOUND: dict[str, Any] = {
    "title": "Does the page come?",
    "description": "It should.",
    "configuration": {"host": "127.0.0.1", "wait": 1},
    "secrets": {"mine": {"token": {"type": "env", "key": "TOKEN"}}},
    "steady-state-hypothesis": {
        "title": "The page comes",
        "probes": [
            {
                "type": "probe",
                "name": "page",
                "tolerance": 200,
                "provider": {"type": "http", "url": "http://${host}/", "timeout": 3},
            }
        ],
    },
    "method": [
        {
            "type": "action",
            "name": "slow",
            "provider": {
                "type": "python",
                "module": "actions.toxics",
                "func": "add_latency",
                "arguments": {"proxy": "web", "latency_ms": 100, "duration": "5s"},
            },
            "pauses": {"after": "${wait}"},
        }
    ],
    "rollbacks": [],
}


@pytest.fixture
def sound() -> dict[str, Any]:
    """A copy that may be spoilt."""
    return copy.deepcopy(SOUND)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    """A machine with one variable, on which every program is installed but `nowhere`."""
    environ = {"TOKEN": "x"}
    return Here(tmp_path, environ, lambda name: None if name.startswith("nowhere") else f"/bin/{name}")


@pytest.fixture
def machine_with(here: Here, tmp_path: Path) -> Callable[[dict[str, str]], Here]:
    """The same machine, with Python files installed on it."""

    def made(files: dict[str, str]) -> Here:
        for name, text in files.items():
            file = tmp_path / "lib" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        usual = Modules().top

        def top(name: str) -> Any:
            found = [one for one in (tmp_path / "lib" / name, tmp_path / "lib" / f"{name}.py") if one.exists()]
            return found or usual(name)

        return replace(here, modules=Modules(top))

    return made


@pytest.fixture
def findings(here: Here) -> Callable[..., list[Finding]]:
    """What is found in an experiment, or in a text of YAML."""

    def found(experiment: dict[str, Any] | str, on: Here = here) -> list[Finding]:
        if isinstance(experiment, str):
            return lint_text(experiment.encode(), ".yaml", on)
        return lint_text(json.dumps(experiment).encode(), ".json", on)

    return found


@pytest.fixture
def found(findings: Callable[..., list[Finding]]) -> Callable[..., dict[str, str]]:
    """Rule -> JSON path, of what is found; of two by one rule, the last. Notes on missing timeouts left out."""

    def by_rule(experiment: dict[str, Any] | str, **how: Any) -> dict[str, str]:
        return {one.hit.rule.id: one.as_json()["path"] for one in findings(experiment, **how)}

    return by_rule


@pytest.fixture
def probe_of(sound: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """The sound experiment with another provider or tolerance in its hypothesis."""

    def made(provider: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
        probe = sound["steady-state-hypothesis"]["probes"][0]
        probe.update(keys)
        if provider:
            probe["provider"] = provider
        return sound

    return made
