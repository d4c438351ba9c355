"""What is said of actions that are not ours."""

from importlib import import_module
from typing import Any

import pytest

from chaoslib_ext.plan import guests
from chaoslib_ext.plan.guests import back_of
from chaoslib_ext.plan.steps import Step


def step(module: str, func: str) -> Step:
    provider = {"type": "python", "module": module, "func": func}
    return Step("method", ("method", 0), {"type": "action", "name": func, "provider": provider})


DELETE = step("chaostoxi.toxic.actions", "delete_toxic")


UNCORDON = step("chaosk8s.node.actions", "uncordon_node")


def test_one_whose_inverse_is_known_is_reversible_and_who_does_it_is_said() -> None:
    cordon = step("chaosk8s.node.actions", "cordon_node")
    assert back_of(cordon, [UNCORDON]).says == "uncordon the node (the experiment's rollbacks do it)"
    alone = back_of(cordon, [])
    assert alone.reversibility == "reversible"
    assert alone.says == "uncordon the node (no rollback does it; by hand: chaosk8s.node.actions.uncordon_node)"


@pytest.mark.joins("plan", "guests")
def test_one_that_gets_an_undo_of_ours_needs_no_rollback() -> None:
    found = back_of(step("chaostoxi.proxy.actions", "delete_proxy"), [])
    assert (found.reversibility, found.says) == ("reversible", "undone by us at the end of the run, however it ends")


def test_one_that_takes_back_is_said_to() -> None:
    assert back_of(DELETE, []) == guests.Back("harmless", "it takes back what others of its kind do")


def test_pods_heal_themselves_and_what_is_deleted_is_gone() -> None:
    assert back_of(step("chaosk8s.pod.actions", "terminate_pods"), []).reversibility == "self-healing"
    assert back_of(step("chaosk8s.namespace.actions", "delete_namespace"), []).reversibility == "irreversible"


@pytest.mark.parametrize(
    ("provider", "rollbacks", "says"),
    [
        ({"type": "process", "path": "tc"}, [], "no undo known, and the experiment has no rollbacks"),
        (
            {"type": "process", "path": "tc"},
            [DELETE],
            "no undo known; the experiment's own rollbacks, which are always played, are all there is: delete_toxic",
        ),
        ({"type": "http", "url": "http://x"}, [], "it only asks"),
        ({"type": "http", "url": "http://x", "method": "POST"}, [], "no undo known, and"),
    ],
)
def test_of_others_nothing_is_known(provider: dict[str, Any], rollbacks: list[Step], says: str) -> None:
    one = Step("method", ("method", 0), {"type": "action", "name": "x", "provider": provider})
    assert back_of(one, rollbacks).says.startswith(says)


def test_every_action_of_the_kubernetes_extension_in_the_list_is_there() -> None:
    """The list would be of no use with a misspelt name; the other extension is not installed here."""
    named = [*guests._INVERSE, *(inverse for inverse, _ in guests._INVERSE.values()), *guests._HEALING, *guests._FINAL]
    for name in (one for one in named if one.startswith("chaosk8s.")):
        module, _, func = name.rpartition(".")
        assert callable(getattr(import_module(module), func))
