"""The activities of an experiment, in order and with what they call."""

from typing import Any

import pytest

from chaoslib_ext.plan.steps import Step, steps

EXPERIMENT: dict[str, Any] = {
    "steady-state-hypothesis": {
        "probes": [{"type": "probe", "name": "up", "provider": {"type": "http", "url": "http://x"}}]
    },
    "method": [
        {"type": "action", "name": "cut", "provider": {"type": "python", "module": "actions.proxies", "func": "down"}},
        {"ref": "up"},
        {"ref": "nobody"},
        None,
    ],
    "rollbacks": [{"ref": "cut"}, {"type": "action", "name": "k", "provider": {"type": "process", "path": "kubectl"}}],
}


def test_they_come_in_order_with_references_followed() -> None:
    found = list(steps(EXPERIMENT))
    assert [(one.part, one.place[-1], one.name) for one in found] == [
        ("steady-state-hypothesis", 0, "up"),
        ("method", 0, "cut"),
        ("method", 1, "up"),
        ("rollbacks", 0, "cut"),
        ("rollbacks", 1, "k"),
    ]
    assert [one.calls for one in found][:2] == ["http GET http://x", "actions.proxies.down"]
    assert found[-1].calls == "process kubectl" and found[-1].is_action and not found[0].is_action


@pytest.mark.parametrize("odd", [{}, {"provider": None}, {"provider": {}}, {"name": ["a"], "provider": {"type": 3}}])
def test_odd_ones_have_a_name_all_the_same(odd: dict[str, Any]) -> None:
    assert Step("method", ("method", 0), odd).name
