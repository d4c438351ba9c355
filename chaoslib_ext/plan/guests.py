"""What is known of actions that are not ours: can what they do be taken back, by what, and does a run do it by itself?

A closed list of those that were read (chaostoolkit-kubernetes 0.39; for chaostoolkit-toxiproxy see
`guests/chaostoxi.py`); of any other nothing is known, and that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chaoslib_ext.guests import chaostoxi

from .steps import Step

__all__ = ["Back", "back_of"]

Reversibility = Literal["reversible", "self-healing", "irreversible", "unknown", "harmless"]


@dataclass(frozen=True)
class Back:
    """How an action's doing is taken back, in words."""

    reversibility: Reversibility
    says: str


_INVERSE: dict[str, tuple[str, str]] = {
    "chaosk8s.node.actions.cordon_node": ("chaosk8s.node.actions.uncordon_node", "uncordon the node"),
    "chaosk8s.node.actions.drain_nodes": ("chaosk8s.node.actions.uncordon_node", "uncordon the nodes"),
    "chaosk8s.networking.actions.deny_all_ingress": (
        "chaosk8s.networking.actions.remove_deny_all_ingress",
        "remove the network policy",
    ),
    "chaosk8s.networking.actions.deny_all_egress": (
        "chaosk8s.networking.actions.remove_deny_all_egress",
        "remove the network policy",
    ),
    "chaosk8s.networking.actions.create_network_policy": (
        "chaosk8s.networking.actions.remove_network_policy",
        "remove the network policy",
    ),
    "chaosk8s.deployment.actions.scale_deployment": (
        "chaosk8s.deployment.actions.scale_deployment",
        "scale it to what it was",
    ),
    "chaosk8s.statefulset.actions.scale_statefulset": (
        "chaosk8s.statefulset.actions.scale_statefulset",
        "scale it to what it was",
    ),
}
"""Action -> the action that takes it back, and that in words."""

_HEALING = {
    "chaosk8s.pod.actions.terminate_pods": "their controller makes new pods; a bare pod is gone",
    "chaosk8s.pod.actions.delete_pods": "their controller makes new pods; a bare pod is gone",
    "chaosk8s.deployment.actions.rollout_deployment": "the deployment rolls out again by itself",
}

_FINAL = {
    "chaostoxi.proxy.actions.reset": "every toxic is removed, whoever put it in",
    "chaosk8s.node.actions.delete_nodes": "the node is gone from the cluster",
    **{
        f"chaosk8s.{room}.actions.{name}": "what is deleted is gone"
        for room, name in (
            ("deployment", "delete_deployment"),
            ("statefulset", "remove_statefulset"),
            ("daemonset", "delete_daemon_set"),
            ("replicaset", "delete_replica_set"),
            ("service", "delete_service"),
            ("secret", "delete_secret"),
            ("namespace", "delete_namespace"),
            ("networking", "delete_ingress"),
        )
    },
}


def back_of(step: Step, rollbacks: Sequence[Step]) -> Back:
    """What is known of one action; `rollbacks` are the experiment's own, which always run under our control."""
    if chaostoxi.is_known(*_parts(step)):
        return Back("reversible", "undone by us at the end of the run, however it ends")
    if step.calls == "chaostoxi.toxic.actions.delete_toxic":
        return Back("harmless", "it takes back what others of its kind do")
    if step.calls in _INVERSE:
        inverse, words = _INVERSE[step.calls]
        is_there = any(one.calls == inverse for one in rollbacks)
        by = "the experiment's rollbacks do it" if is_there else f"no rollback does it; by hand: {inverse}"
        return Back("reversible", f"{words} ({by})")
    if any(step.calls == inverse for inverse, _ in _INVERSE.values()):
        return Back("harmless", "it takes back what others of its kind do")
    if step.calls in _HEALING:
        return Back("self-healing", _HEALING[step.calls])
    if step.calls in _FINAL:
        return Back("irreversible", _FINAL[step.calls])
    if _is_question(step.provider):
        return Back("harmless", "it only asks")
    if rollbacks:
        names = ", ".join(one.name for one in rollbacks)
        return Back(
            "unknown",
            f"no undo known; the experiment's own rollbacks, which are always played, are all there is: {names}",
        )
    return Back("unknown", "no undo known, and the experiment has no rollbacks")


def _parts(step: Step) -> tuple[str, str]:
    """Module and function of what it calls."""
    module, _, func = (step.calls or "").rpartition(".")
    return module, func


def _is_question(provider: Mapping[str, object]) -> bool:
    method = str(provider.get("method") or "GET").upper()
    return provider.get("type") == "http" and method in ("GET", "HEAD", "OPTIONS")
