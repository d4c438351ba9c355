from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.blackbox.named_probe import named_probe
from chaoslib_ext.errors import BadInput


def test_it_is_named_as_in_an_experiment(tmp_path: Path) -> None:
    ask = named_probe(
        {"type": "python", "module": "probes.files", "func": "exists", "arguments": {"path": str(tmp_path)}}
    )
    assert ask() is True


@pytest.mark.parametrize("module", ["actions.toxics", "chaosk8s.pod.actions", "actions"])
def test_an_action_is_refused_by_its_module(module: str) -> None:
    with pytest.raises(BadInput, match="is an action; only a probe, which changes nothing"):
        named_probe({"module": module, "func": "delete_pods"})


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"module": "os", "func": "kill"}, "os has no probe 'kill'"),
        ({"module": "probes.files", "func": "Lines"}, "has no probe 'Lines'"),
        ({"module": "probes.files"}, "func of the probe must be text"),
        ({}, "module of the probe must be text"),
        ({"module": "probes.files", "func": "exists", "arguments": {"paht": "x"}}, "missing a required argument|paht"),
    ],
)
def test_what_is_no_probe_is_refused(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        named_probe(wrong)
